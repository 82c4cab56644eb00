"""A company at Unleashed for the fuzzing: real answers to begin with, and a scripted one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import requests
from pydantic import BaseModel

from local.simulators.unleashed.hands_goods import Hands
from local.simulators.wire import Core
from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.erp import erp_of
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.ports.erp import Erp
from tests.fuzz.mutations import CANARIES
from tests.fuzz.replies import ScriptedPartner
from tests.fuzz.targets import Wrong, checked_reason, without_canaries
from tests.support import fakes
from tests.support.erp_worlds import ErpBench
from tests.support.in_process import InProcess
from tests.support.unleashed_wire import CallCounts, Guids

PERSON = {
    "DeliveryName": "Patricia Sample",
    "DeliveryStreetAddress": CANARIES[2],
    "DeliveryCity": "Leeds",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
    "Comments": f"{CANARIES[0]} {CANARIES[1]}",
}
TEE, CAP = "TEE-RED-M", "CAP-BLACK"
MOST_DIGITS = 60


def company(*, management: bool = True, **block: Any) -> ErpBench:
    """A merchant with one of each document, open."""
    bench = ErpBench(management=management, **block)
    hands = Hands(bench.desk_there)
    bench.clock.advance(minutes=1)
    order = hands.place_order("WEBSHOP", {TEE: 2, CAP: 1}, charges={"Postage": 4}, fields=PERSON)
    hands.place_order("WEBSHOP", {TEE: 1}, status="Backordered", fields=PERSON)
    hands.ship(order["number"], {TEE: 1} if management else None)
    supplier = next(iter(bench.desk_there.company.all("Suppliers").values()))["SupplierCode"]
    hands.place_purchase(supplier, {TEE: 5, CAP: 2}, fields={"Comments": CANARIES[0]})
    hands.park_transfer("MAIN", "3PL", {TEE: 2}, comments=CANARIES[1])
    bills = bench.desk_there.company.all("BillOfMaterials").values()
    products = bench.desk_there.company.all("Products")
    for bill in list(bills)[:1]:
        hands.park_assembly(products[bill["Product"]]["ProductCode"], 1)
    return bench


@cache
def answer(path: str, query: str = "") -> Any:
    """What Unleashed's simulator answers to a read."""
    account = company().account
    target = f"{path}?{query}" if query else path
    return json.loads(account.call("GET", target).body)


@cache
def first_of(resource: str) -> Any:
    """The first row of a list, read by itself."""
    row = answer(f"/{resource}/1")["Items"][0]
    return answer(f"/{resource}/{row['Guid']}")


class Scripting(ScriptedPartner):
    """Unleashed, with answers about one resource from a script; all others are real."""

    def __init__(self, core: Core, resource: str) -> None:
        super().__init__()
        self._real, self._resource = InProcess(core), resource

    def send(
        self, request: requests.PreparedRequest, *more: Any, **named: Any
    ) -> requests.Response:
        path = request.path_url.partition("?")[0].split("/")
        if path[1] == self._resource:
            return super().send(request, *more, **named)
        self._real.requests.clear()
        return self._real.send(request, *more, **named)


class QuickBench(ErpBench):
    """`ErpBench` that reads its merchant's file once."""

    def __init__(self, **more: Any) -> None:
        self._live: LiveMerchant | None = None
        super().__init__(**more)
        # It was asked for before the file was whole.
        self._live = None

    def live(self) -> LiveMerchant:
        if self._live is None or self._live.version != self.version:
            self._live = super().live()
        return self._live


@cache
def _bench() -> ErpBench:
    return QuickBench(management=True, batches_and_serials=True)


def scripted_erp() -> tuple[Erp, ScriptedPartner]:
    """The adapters of `scripted_account`."""
    account, partner = scripted_account()
    return erp_of(account), partner


def scripted_account() -> tuple[UnleashedAccount, ScriptedPartner]:
    """An account that answers from a script; calls are limited as in a run."""
    bench, partner = _bench(), ScriptedPartner()
    bench.to_unleashed = partner
    bench.telemetry = fakes.Telemetry()
    bench.counts, bench.guids, bench._client = CallCounts(), Guids(), None
    most = bench.connection.calls_per_run
    return bench.unleashed_account().counted_as(CallClass.REGULAR, at_most=most), partner


def scripted_flow(flow: FlowName, resource: str, **settings: Any) -> tuple[ErpBench, Scripting]:
    """A flow whose resource answers from a script."""
    bench = QuickBench(management=flow == "shipments")
    bench.set(flow, **settings)
    bench.clock.left = 600.0
    partner = Scripting(bench.unleashed, resource)
    bench.to_unleashed = partner
    return bench, partner


def held(bench: ErpBench) -> None:
    """What holds after every run: what is kept can be written down, and tells of nobody."""
    for item in bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(f"{item.reason} {item.payload} {item.parked_id}", item.code)
    without_canaries(str(bench.telemetry.lines), "log line")
    for state in bench.records.states.values():
        without_canaries(state.model_dump_json(), "state")
    for events in bench.records.events.values():
        for event in events:
            without_canaries(event.model_dump_json(), "timeline")


def usable(value: object) -> None:
    """Whatever comes of an answer can be written down: no surrogates, no endless numbers.

    Raises:
        Wrong: It cannot.
    """
    for part in _parts(value):
        if isinstance(part, str):
            try:
                part.encode()
            except UnicodeEncodeError:
                raise Wrong("a value holds what is no text", ascii(part)[:100]) from None
        elif isinstance(part, Decimal) and (
            # What cannot be read is marked as no number.
            part.is_infinite() or (part.is_finite() and abs(part.adjusted()) > MOST_DIGITS)
        ):
            raise Wrong("a value holds what is no number", ascii(part)[:100])


def _parts(value: object) -> Iterator[object]:
    yield value
    inner: Sequence[object] = ()
    if isinstance(value, BaseModel):
        inner = [getattr(value, name) for name in type(value).model_fields]
    elif is_dataclass(value):
        inner = [getattr(value, one.name) for one in fields(value)]
    elif isinstance(value, Mapping):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    for one in inner:
        yield from _parts(one)
