"""The warehouse's list: external returns that stay behind after their return was closed (R19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.facts import Event, WithdrawalHandled
from returns_hub.domain.following import DueKind
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.withdraw import LISTED_FOR
from returns_hub.ports import Clock, ReturnsStore

MOST_LISTED = 100_000
"""More returns are never due at once; the list is whole."""


@dataclass(frozen=True)
class WithdrawnLine:
    """One SKU of an external return that stays behind, for the people of the warehouse."""

    merchant: str
    warehouse: int | None
    external_return_id: int
    reference: str
    return_id: str
    status: str
    since: datetime
    sku: str
    quantity: int
    tracking: str
    carrier: str
    note: str


NOT_ARRIVED = "cannot be cancelled by API: see to it in the warehouse"
ARRIVED = "arrived after it was closed: nothing was processed"


def withdrawn_lines(returns: ReturnsStore, merchant: str, now: datetime) -> list[WithdrawnLine]:
    """Every SKU of every withdrawn shipment that nobody has seen to, the longest closed first."""
    # Whatever else a return is due for, its entry here ends no later than this.
    until = now + LISTED_FOR + timedelta(days=1)
    states = [
        returns.load(merchant, return_id)
        for _, return_id in returns.due(merchant, until, MOST_LISTED)
    ]
    listed = [
        row
        for state in states
        for shipment in state.shipments
        if shipment.withdrawn and state.due_of(DueKind.WITHDRAWN, shipment.key) is not None
        for row in _rows(shipment, state)
    ]
    return sorted(listed, key=lambda row: (row.since, row.return_id, row.external_return_id))


def mark_handled(  # noqa: PLR0917 - what of whom was seen to, by whom
    returns: ReturnsStore, clock: Clock, merchant: str, external_return_id: int, who: str, note: str
) -> str:
    """A person saw to a withdrawn external return; the id of its return.

    Raises:
        Permanent: It is not in the list.
        Retryable: Others keep changing the return.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state, shipment = _listed(returns, merchant, external_return_id)
        event = Event(
            sequence=state.version + 1,
            at=clock.now(),
            actor=who,
            rule="by hand",
            config_version=0,
            fact=WithdrawalHandled(shipment=shipment.key, note=note),
        )
        try:
            returns.append(state, [event])
        except Conflict:
            continue
        return state.return_id
    raise Retryable("return.contended", "others keep changing this return", after=10)


def _listed(
    returns: ReturnsStore, merchant: str, external_return_id: int
) -> tuple[ReturnState, ShipmentState]:
    return_id = returns.find(merchant, external_return_id)
    if return_id is not None:
        state = returns.load(merchant, return_id)
        for shipment in state.shipments:
            is_listed = state.due_of(DueKind.WITHDRAWN, shipment.key) is not None
            if shipment.external_return_id == external_return_id and is_listed:
                return state, shipment
    raise Permanent(
        "withdrawn.not_listed", f"external return {external_return_id} is not in the list"
    )


def _rows(shipment: ShipmentState, state: ReturnState) -> Iterator[WithdrawnLine]:
    planned, made, since = shipment.planned, shipment.external_return_id, shipment.withdrawn_at
    if made is None or since is None:  # only what was made is ever withdrawn
        return
    note = ARRIVED if state.receipt(made) is not None else NOT_ARRIVED
    units: dict[str, int] = {}
    for line in planned.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    for sku, quantity in units.items():
        yield WithdrawnLine(
            merchant=state.merchant,
            warehouse=planned.warehouse_id,
            external_return_id=made,
            reference=planned.reference,
            return_id=state.return_id,
            status=shipment.withdrawn,
            since=since,
            sku=sku,
            quantity=quantity,
            tracking=planned.tracking,
            carrier=planned.carrier,
            note=note,
        )
