"""Where a return waits on its way: the steps of the money line, in their order."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from returns_hub.domain.following import DueKind, is_awaited
from returns_hub.domain.returns import CLOSED, ReturnStatus

if TYPE_CHECKING:
    from returns_hub.domain.state import ReceiptState, ReturnState, ShipmentState


class Step(StrEnum):
    """What a return waits for. A return that waits for nothing is at no step.

    ``announce``: approved, not all of its external returns are made and told.
    ``transit``: announced; the parcel is on its way, as far as anybody knows.
    ``booking_in``: the carrier delivered, the warehouse has not confirmed.
    ``decision``: the warehouse confirmed, and what it confirmed is held or not decided.
    ``processing``: lines are committed, and the portal has not taken them.
    ``checking``: the portal took them; it has not been read again to see whether all is complete.
    ``person``: something about it is parked or flagged, or it was closed while its goods were
    expected and nobody has seen to them: nothing goes on by itself.
    """

    ANNOUNCE = "announce"
    TRANSIT = "transit"
    BOOKING_IN = "booking_in"
    DECISION = "decision"
    PROCESSING = "processing"
    CHECKING = "checking"
    PERSON = "person"

    @property
    def in_words(self) -> str:
        """What the return waits for, for an operator."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Step.ANNOUNCE: "to be announced",
    Step.TRANSIT: "on its way",
    Step.BOOKING_IN: "delivered, not booked in",
    Step.DECISION: "confirmed, not decided",
    Step.PROCESSING: "being processed",
    Step.CHECKING: "processed, not checked",
    Step.PERSON: "a person",
}
_UNDECIDED = frozenset({"held", "waiting"})
_IN_PART = "processed_in_part"


def step_of(state: ReturnState) -> Step | None:
    """The step at which a return waits; None when it waits for nothing.

    A return of several shipments may wait for several things. Then the one that presses most
    counts: a person before all; after that what the hub owes (money, then an announcement, then a
    decision); after that the warehouse, the carrier, and last the portal's word. So a return that
    the portal holds until its other parcel came waits for that parcel.

    What is parked beside the work (`facts.Parked`) stops nothing, so it counts only where nothing
    else is waited for. A return that was closed waits for nothing, but for what is parked, for
    lines that were committed before, and while nobody has seen to its goods in the warehouse.
    """
    if _stops_for_person(state):
        return Step.PERSON
    if any(not batch.outcome for batch in state.batches):
        return Step.PROCESSING
    step = None if _is_closed(state) else _step_of_open(state)
    if step is None and state.parked_beside:
        return Step.PERSON
    return step


def delivered_since(state: ReturnState) -> datetime | None:
    """When the first of the shipments was delivered that nobody has booked in; None for none."""
    if _is_closed(state):
        return None
    times = [s.delivered_at for s in state.shipments if is_awaited(s, state)]
    return min((at for at in times if at is not None), default=None)


def since_when(before: ReturnState, after: ReturnState, at: datetime) -> datetime | None:
    """Since when a return waits at the step of `after`, which an event at that moment led to.

    Goods that were delivered wait since their delivery, whenever the hub came to know of it.
    """
    if after.step is None:
        return None
    if after.step is Step.BOOKING_IN and (delivered := delivered_since(after)) is not None:
        return delivered
    return before.step_since if before.step is after.step else at


def _stops_for_person(state: ReturnState) -> bool:
    if state.flagged or state.parked_ids - set(state.parked_beside):
        return True
    if any(due.kind == DueKind.WITHDRAWN for due in state.due):
        return True
    ours = any(not shipment.shadow for shipment in state.shipments)
    return ours and state.portal_status == ReturnStatus.FLAGGED


def _is_closed(state: ReturnState) -> bool:
    return state.portal_status in CLOSED or any(shipment.withdrawn for shipment in state.shipments)


def _step_of_open(state: ReturnState) -> Step | None:
    if not state.shipments:
        is_new = state.portal_updated_at is not None and not state.skips
        return Step.ANNOUNCE if is_new else None
    mine = [s for s in state.shipments if not (s.shadow or s.discarded)]
    if any(s.external_return_id is None or not s.commented for s in mine):
        return Step.ANNOUNCE
    if any(_is_undecided(receipt, state) for receipt in state.receipts):
        return Step.DECISION
    if delivered_since(state) is not None or any(_lacks_goods(s, state) for s in mine):
        return Step.BOOKING_IN
    if any(is_awaited(shipment, state) for shipment in mine):
        return Step.TRANSIT
    is_checked_later = state.due_of(DueKind.CHECK_PROCESSING) is not None
    return Step.CHECKING if is_checked_later else None


def _is_undecided(receipt: ReceiptState, state: ReturnState) -> bool:
    """Whether what the warehouse confirmed is held, or nothing was decided of it yet."""
    if receipt.settled:
        is_held = receipt.settled == _IN_PART and receipt.until is not None
        return receipt.settled in _UNDECIDED or is_held
    return receipt.anew or all(batch.receipt != receipt.receipt for batch in state.batches)


def _lacks_goods(shipment: ShipmentState, state: ReturnState) -> bool:
    """Whether a part of the shipment was booked in and processed, and the rest is not there."""
    made = shipment.external_return_id
    receipt = None if made is None else state.receipt(made)
    if receipt is None or receipt.settled != _IN_PART:
        return False
    return not state.committed_lines.issuperset(line.line_id for line in shipment.planned.lines)
