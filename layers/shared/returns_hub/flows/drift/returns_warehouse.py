"""External returns of the warehouse held against the hub's timelines.

What changed is found as the hub finds receipts: by the list of returns or the search by date where
`hub check` proved them, else by reading our own open external returns, which shows none that the
hub does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.operations import MARKER
from returns_hub.domain.receipts import Receipt
from returns_hub.domain.state import ReceiptState, ReturnState
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    is_with_people,
    is_young,
    looked_back_to,
    settings_of,
    timeline_of,
)
from returns_hub.flows.find_receipts import choose

UNKNOWN = "returns.external_return_unknown"
UNITS_DIFFER = "returns.units_differ"
NOT_TAKEN = "returns.receipt_not_taken"
KINDS = frozenset({UNKNOWN, UNITS_DIFFER, NOT_TAKEN})
MOST_CALLS = 200
"""Pages of the list of returns in one look."""
MOST_READ = 400
"""Open external returns that are read one by one in a look."""


def applies(world: DriftWorld) -> bool:
    """Whether returns are compared, and the hub takes receipts."""
    merchant = world.world.live.merchant
    modes = [merchant.flows.process_receipts.mode]
    if merchant.miinto is not None:
        modes.append(merchant.miinto.rma.decide.mode)
    return settings_of(world).returns and any(mode is not Mode.OFF for mode in modes)


def differences(world: DriftWorld) -> Iterator[Difference]:
    """External returns that changed within the days that are looked back."""
    seen: set[str] = set()
    for receipt in _receipts(world):
        if receipt.key in seen or is_young(receipt.updated_at, world):
            continue
        seen.add(receipt.key)
        return_id = world.stores.returns.find(world.merchant, receipt.external_return_id)
        if return_id is None:
            yield from _unknown(receipt)
        elif receipt.confirmed:
            yield from _of(receipt, return_id, world)


def _receipts(world: DriftWorld) -> Iterator[Receipt]:
    """What changed.

    Raises:
        Retryable: There is more than a look reads.
    """
    warehouse, since = world.world.warehouse, looked_back_to(world)
    strategy = world.world.live.merchant.flows.process_receipts.strategy
    match choose(strategy, world.stores.capabilities.get(world.merchant)):
        case ReceiptStrategy.LIST:
            page = warehouse.list_updated_since(since, MOST_CALLS)
            yield from page.receipts
            _require_whole(page.complete)
        case ReceiptStrategy.BY_DATE:
            day = since
            while day.date() <= (world.at + timedelta(hours=14)).date():
                page = warehouse.search_by_date(day)
                yield from page.receipts
                _require_whole(page.complete)
                day += timedelta(days=1)
        case _:
            yield from _open_ones(world)


def _open_ones(world: DriftWorld) -> Iterator[Receipt]:
    found = world.stores.returns.open_external_returns(world.merchant, 0, MOST_READ + 1)
    for external_return_id, _ in found[:MOST_READ]:
        receipt = world.world.warehouse.read_external_return(external_return_id)
        if receipt is not None:
            yield receipt
    _require_whole(len(found) <= MOST_READ)


def _require_whole(is_whole: bool) -> None:
    if not is_whole:
        raise Retryable(
            "drift.long_list", "more external returns changed in Mintsoft than one look reads"
        )


def _unknown(receipt: Receipt) -> Iterator[Difference]:
    """A record that carries a marker of a hub's, and is on no timeline of this one."""
    if not any(MARKER.search(text) for text in receipt.markers):
        return
    units = sum(receipt.units().values())
    yield Difference(
        kind=UNKNOWN,
        subject=f"external return {receipt.external_return_id}",
        says={
            "mintsoft": "received" if receipt.confirmed else "expected",
            "hub": "no return of it",
        },
        units=units,
        since=receipt.updated_at,
        cause="another stack of the hub made it for the same client, or the hub's table was "
        "restored to an earlier time",
        mend="see to it in Mintsoft; its comment names the return",
    )


def _of(receipt: Receipt, return_id: str, world: DriftWorld) -> Iterator[Difference]:
    state = world.stores.returns.load(world.merchant, return_id)
    known = state.receipt(receipt.external_return_id)
    if is_with_people(state) or _is_left(receipt, state):
        return
    if known is None:
        if world.world.live.merchant.of_return(return_id).flows.process_receipts.mode is Mode.OFF:
            return
        yield Difference(
            kind=NOT_TAKEN,
            subject=_subject(receipt, return_id),
            says={"mintsoft": f"{sum(receipt.units().values())} received", "hub": "not taken"},
            units=sum(receipt.units().values()),
            since=receipt.updated_at,
            cause="the run that finds receipts did not find it, or does not come to its end",
            mend=f"hub check {world.merchant} --area receipts",
        )
    elif known.units != receipt.units():
        yield _differing(receipt, known, return_id, world)


def _differing(
    receipt: Receipt, known: ReceiptState, return_id: str, world: DriftWorld
) -> Difference:
    here, there = known.units, receipt.units()
    skus = sorted(
        sku for sku in here.keys() | there.keys() if here.get(sku, 0) != there.get(sku, 0)
    )
    return Difference(
        kind=UNITS_DIFFER,
        subject=_subject(receipt, return_id),
        says={"mintsoft": _units(there, skus), "hub": _units(here, skus)},
        units=sum(abs(there.get(sku, 0) - here.get(sku, 0)) for sku in skus),
        since=receipt.updated_at,
        cause="the warehouse changed the record after the hub had dealt with it",
        mend=timeline_of(world, return_id),
    )


def _is_left(receipt: Receipt, state: ReturnState) -> bool:
    """Whether nothing is to be done for its shipment: it is withdrawn, or was given up."""
    of = (s for s in state.shipments if s.external_return_id == receipt.external_return_id)
    return any(bool(s.withdrawn) or s.discarded or s.shadow for s in of)


def _units(units: dict[str, int], skus: list[str]) -> str:
    return ", ".join(f"{units.get(sku, 0)} x {sku}" for sku in skus)


def _subject(receipt: Receipt, return_id: str) -> str:
    return f"return {return_id}, external return {receipt.external_return_id}"


COMPARISON = Comparison(
    "returns.warehouse", KINDS, applies, differences, looks_back_to=looked_back_to
)
