"""Returns of the portal held against the hub's timelines.

Each return that changed in the portal is read from the hub's own table, one request each; the
portal is asked again only about those that seem to differ.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.eligibility import is_the_old_connectors, require_ours
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import DueKind
from returns_hub.domain.returns import UNDER_WAY, PortalReturn, ReturnStatus, ReturnSummary
from returns_hub.domain.shipments import plan_shipments
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    is_stalled,
    is_with_people,
    is_young,
    looked_back_to,
    settings_of,
    timeline_of,
)
from returns_hub.flows.world import World

NO_EXTERNAL_RETURN = "returns.no_external_return"
RECEIVED_NOT_PROCESSED = "returns.received_not_processed"
PROCESSED_NOT_RECEIVED = "returns.processed_not_received"
CLOSED_THERE_OPEN_HERE = "returns.closed_in_portal_open_here"
KINDS = frozenset(
    {
        NO_EXTERNAL_RETURN,
        RECEIVED_NOT_PROCESSED,
        PROCESSED_NOT_RECEIVED,
        CLOSED_THERE_OPEN_HERE,
    }
)
GOODS_LATE = timedelta(days=14)
"""Goods of a return that was paid before they came are on their way for so long."""
UNDONE = frozenset({ReturnStatus.REJECTED, ReturnStatus.DELETED})


def applies(world: DriftWorld) -> bool:
    """Whether returns are compared, and the hub announces any. RMAs have a file of their own."""
    merchant = world.world.live.merchant
    is_on = merchant.flows.create_external_returns.mode is not Mode.OFF
    return settings_of(world).returns and is_on and merchant.portal != "miinto"


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Returns that changed in the portal within the days that are looked back."""
    seen: set[str] = set()
    portal = world.world.portal
    for summary in portal.returns_updated(looked_back_to(world), world.at):
        if summary.id in seen or is_young(summary.updated_at, world):
            continue
        seen.add(summary.id)
        state = world.stores.returns.load(world.merchant, summary.id)
        if not is_with_people(state):
            yield from _of(summary, state, world)


def _of(summary: ReturnSummary, state: ReturnState, world: DriftWorld) -> Iterator[Difference]:
    if summary.status in UNDER_WAY:
        yield from _not_announced(summary, state, world)
        yield from _not_processed(summary, state, world)
    elif summary.status is ReturnStatus.COMPLETE:
        yield from _not_received(summary, state, world)
    elif summary.status in UNDONE:
        yield from _still_open(summary, state, world)


# -- goods on their way that nobody expects ---------------------------------------------------


def _not_announced(
    summary: ReturnSummary, state: ReturnState, world: DriftWorld
) -> Iterator[Difference]:
    if world.world.live.merchant.flows.create_external_returns.mode is not Mode.LIVE:
        return
    unmade = [s for s in state.shipments if s.external_return_id is None and _is_wanted(s)]
    if unmade:
        yield Difference(
            kind=NO_EXTERNAL_RETURN,
            subject=_subject(summary.id),
            says={
                _portal(world): summary.status.value,
                "hub": "planned, not made",
                "mintsoft": "no external return",
            },
            units=sum(line.quantity for s in unmade for line in s.planned.lines),
            since=summary.updated_at,
            cause="the external return could not be made yet; the return's timeline tells why",
            mend=timeline_of(world, summary.id),
        )
    elif not state.shipments:
        yield from _never_planned(summary, state, world)


def _never_planned(
    summary: ReturnSummary, state: ReturnState, world: DriftWorld
) -> Iterator[Difference]:
    """A return that the hub did not see like this, and would announce."""
    known = state.portal_updated_at
    is_seen = known is not None and known >= summary.updated_at
    if is_seen or is_the_old_connectors(summary, state, world.world.live.merchant):
        return
    found = _read(summary.id, world.world)
    if found is None:
        return
    units = _expected_units(found, world.world)
    if not units:
        return
    yield Difference(
        kind=NO_EXTERNAL_RETURN,
        subject=_subject(summary.id),
        says={
            _portal(world): summary.status.value,
            "hub": "never seen" if known is None else "an earlier version seen",
            "mintsoft": "no external return",
        },
        units=units,
        value=found.value_total,
        currency=_currency(found),
        since=summary.updated_at,
        cause="nobody told the hub of the return, and catching up did not find it",
        mend=_backfill(world, summary.id),
    )


def _expected_units(found: PortalReturn, world: World) -> int:
    """Units that the hub would announce; 0 when it would leave the return, or ask about it."""
    merchant = world.live.merchant
    try:
        require_ours(found, merchant, approved_at=found.created_at, is_known=False)
        plan = plan_shipments(found, merchant.mintsoft)
    except (Skip, Permanent):
        return 0
    going = [shipment for shipment in plan.shipments if shipment.warehouse_id is not None]
    return sum(line.quantity for shipment in going for line in shipment.lines)


# -- goods that came, and nobody is paid ------------------------------------------------------


def _not_processed(
    summary: ReturnSummary, state: ReturnState, world: DriftWorld
) -> Iterator[Difference]:
    if world.world.live.merchant.flows.process_receipts.mode is not Mode.LIVE:
        return
    unsent = [batch for batch in state.batches if not batch.outcome]
    undecided = [receipt for receipt in state.receipts if not receipt.settled]
    if not unsent and not undecided:
        return
    units = sum(sum(receipt.units.values()) for receipt in state.receipts)
    yield Difference(
        kind=RECEIVED_NOT_PROCESSED,
        subject=_subject(summary.id),
        says={
            _portal(world): summary.status.value,
            "hub": "lines are not sent" if unsent else "not decided",
            "mintsoft": f"{units} received",
        },
        units=units,
        since=summary.updated_at,
        cause="the goods came and the portal does not take the lines; see what the run says",
        mend=timeline_of(world, summary.id),
    )


# -- paid, and no goods -----------------------------------------------------------------------


def _not_received(
    summary: ReturnSummary, state: ReturnState, world: DriftWorld
) -> Iterator[Difference]:
    late = [s for s in _awaited(state) if _is_late(s, summary.updated_at, world)]
    if not late:
        return
    found = _read(summary.id, world.world)
    for shipment in late:
        yield Difference(
            kind=PROCESSED_NOT_RECEIVED,
            subject=_subject(summary.id, shipment),
            says={_portal(world): summary.status.value, "mintsoft": "nothing booked in"},
            units=sum(line.quantity for line in shipment.planned.lines),
            value=_value_of(shipment, found),
            currency=_currency(found) if found is not None else "",
            since=shipment.delivered_at or summary.updated_at,
            cause="delivered, and not booked in by the warehouse"
            if shipment.delivered_at
            else "paid before the goods came, and they did not come",
            mend=f"hub returns show {shlex.quote(summary.id)} --merchant {world.merchant}",
        )


def _is_late(shipment: ShipmentState, closed_at: datetime, world: DriftWorld) -> bool:
    if shipment.delivered_at is not None:
        return is_stalled(shipment.delivered_at, world)
    return world.at - closed_at >= GOODS_LATE


# -- closed there, and expected here ----------------------------------------------------------


def _still_open(
    summary: ReturnSummary, state: ReturnState, world: DriftWorld
) -> Iterator[Difference]:
    for shipment in _awaited(state):
        if shipment.withdrawn:
            continue  # it is on the list of the warehouse's people
        yield Difference(
            kind=CLOSED_THERE_OPEN_HERE,
            subject=_subject(summary.id, shipment),
            says={
                _portal(world): summary.status.value,
                "hub": state.portal_status or "announced",
                "mintsoft": "still expected",
            },
            units=sum(line.quantity for line in shipment.planned.lines),
            since=summary.updated_at,
            cause="nobody told the hub that the return was closed",
            mend=_backfill(world, summary.id),
        )


def _awaited(state: ReturnState) -> Iterator[ShipmentState]:
    """Shipments that the warehouse expects, of which nothing came and that nobody has seen to."""
    for shipment in state.shipments:
        made = shipment.external_return_id
        if made is None or not _is_wanted(shipment) or state.receipt(made) is not None:
            continue
        seen_to = shipment.withdrawn and state.due_of(DueKind.WITHDRAWN, shipment.key) is None
        if not seen_to:
            yield shipment


def _is_wanted(shipment: ShipmentState) -> bool:
    return not (shipment.shadow or shipment.discarded or shipment.parked)


def _read(return_id: str, world: World) -> PortalReturn | None:
    """The return as it stands; None when it makes no sense, or is gone by now."""
    try:
        return world.portal.read_return(return_id)
    except Permanent:
        return None


def _value_of(shipment: ShipmentState, found: PortalReturn | None) -> Decimal | None:
    """What the customer got for the shipment's lines, as far as each is told."""
    if found is None:
        return None
    ids = {line.line_id for line in shipment.planned.lines}
    values = [line.value for line in found.lines if line.id in ids]
    told = [value for value in values if value is not None]
    return sum(told, Decimal()) if told and len(told) == len(values) else None


def _currency(found: PortalReturn) -> str:
    return found.currency or ""


def _backfill(world: DriftWorld, return_id: str) -> str:
    return f"hub backfill --merchant {world.merchant} --ids {shlex.quote(return_id)} --dry-run"


def _subject(return_id: str, shipment: ShipmentState | None = None) -> str:
    made = f", external return {shipment.external_return_id}" if shipment is not None else ""
    return f"return {return_id}{made}"


def _portal(world: DriftWorld) -> str:
    return world.world.live.merchant.portal


COMPARISON = Comparison("returns.portal", KINDS, applies, differences, looks_back_to=looked_back_to)
