"""What benches of flows have in common: the hub's own stores, a person, a line to a simulator."""

from __future__ import annotations

from typing import Any, cast

from requests.adapters import BaseAdapter

from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.plain_session import PlainSession
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.flows.operator import Desk
from returns_hub.flows.world import Stores, World
from returns_hub.ports import Clock, ReturnsPortal, Telemetry, Warehouse
from tests.support import fakes


def bare_world(bench: Any, file: dict[str, Any]) -> World:
    """The next run's world of a bench that has a ledger, cursors, parking, a clock and telemetry;
    no partner of returns is in it."""
    bench.runs += 1
    stores = Stores(
        ledger=bench.ledger,
        returns=fakes.Returns(),
        cursors=bench.cursors,
        parking=bench.parking,
        catalogue=fakes.Catalogue(),
        capabilities=fakes.CapabilitiesStore(),
        clock=bench.clock,
        telemetry=bench.telemetry,
        owner=f"run-{bench.runs}",
    )
    live = LiveMerchant(
        version=1,
        applied_at=bench.clock.now(),
        applied_by="test",
        merchant=Merchant.model_validate(file),
    )
    return World(live, stores, cast(Warehouse, None), cast(ReturnsPortal, None))


def person_at(bench: Any, **more: Any) -> Desk:
    """A person at a bench's list of parked work, whose acts wake no flow but those in `more`."""

    def nothing_else(_: str) -> None:
        raise AssertionError("it wakes no other flow")

    return Desk(
        who="pat",
        returns=getattr(bench, "returns", None) or fakes.Returns(),
        parking=bench.parking,
        clock=bench.clock,
        send_return=nothing_else,
        send_receipt=nothing_else,
        **more,
    )


def line_to(
    base_url: str,
    adapter: BaseAdapter,
    partner: str,
    *,
    clock: Clock,
    telemetry: Telemetry,
    rate: float = 100_000,
) -> PartnerHttp:
    """Requests to a simulator in this process, without waiting for a turn."""

    def session() -> PlainSession:
        made = PlainSession()
        made.trust_env = False
        for scheme in ("http://", "https://"):
            made.mount(scheme, adapter)
        return made

    return PartnerHttp(
        base_url,
        partner=partner,
        gate=Pace(rate, clock),
        clock=clock,
        telemetry=telemetry,
        spent=PartnerTime(),
        new_session=session,
    )
