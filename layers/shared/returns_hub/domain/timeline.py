"""A return's timeline: the events that made its state, in order.

State is what folding the timeline gives, byte for byte. Every event names the rule and the
configuration version that decided. Nothing here is personal data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from returns_hub.domain.changes import (
    after_act,
    booked_in,
    parked,
    refund_committed,
    refund_settled,
    reopened,
    with_batch,
    with_due,
    with_shipment,
    withdrawn,
)
from returns_hub.domain.facts import (
    CarrierDelivered,
    ClockRang,
    CommentAdded,
    DueCleared,
    DueSet,
    Event,
    ExternalReturnMade,
    Fact,
    Flagged,
    LinesCommitted,
    LinesProcessed,
    OperatorActed,
    Parked,
    PersonalDataForgotten,
    ProcessingChecked,
    ReceiptSettled,
    ReceiptTaken,
    RefundCommitted,
    RefundSettled,
    Reopened,
    Seen,
    ShipmentsPlanned,
    Skipped,
    WithdrawalHandled,
    Withdrawn,
    WouldSend,
)
from returns_hub.domain.following import DueKind
from returns_hub.domain.forgetting import forgotten_return
from returns_hub.domain.overview.steps import since_when, step_of
from returns_hub.domain.returns import CLOSED
from returns_hub.domain.state import BatchState, ReceiptState, ReturnState, ShipmentState, SkipState


def apply(state: ReturnState, event: Event) -> ReturnState:
    """The state after one more event.

    Raises:
        ValueError: The event is not the next one of this timeline.
    """
    if event.sequence != state.version + 1:
        raise ValueError(f"event {event.sequence} does not follow version {state.version}")
    changed = _changes(state, event.fact, event.at)
    after = state.model_copy(update={"version": event.sequence, **changed})
    after = after.model_copy(update={"step": step_of(after)})
    return after.model_copy(update={"step_since": since_when(state, after, event.at)})


def fold(merchant: str, return_id: str, events: Iterable[Event]) -> ReturnState:
    """The state that a timeline gives."""
    state = ReturnState(merchant=merchant, return_id=return_id)
    for event in events:
        state = apply(state, event)
    return state


def canonical(state: ReturnState) -> str:
    """The state as JSON: the same state always gives the same bytes."""
    return json.dumps(state.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def _with_receipt(state: ReturnState, newest: ReceiptState) -> dict[str, object]:
    others = tuple(r for r in state.receipts if r.external_return_id != newest.external_return_id)
    return {"receipts": (*others, newest)}


def _worth(seen: Seen) -> dict[str, object]:
    """A reading that tells no worth does not take back what an earlier one told."""
    return {} if seen.value is None else {"value": seen.value, "currency": seen.currency}


def _changes(state: ReturnState, fact: Fact, at: datetime) -> dict[str, object]:  # noqa: PLR0912 - one arm for each kind of fact
    match fact:
        case Seen():
            return {
                "portal_updated_at": fact.portal_updated_at,
                "portal_status": fact.status,
                "flagged": state.flagged and fact.status not in CLOSED,
                "return_type": fact.return_type,
                "order_names": fact.order_names,
                **_worth(fact),
            }
        case ShipmentsPlanned():
            new = tuple(
                ShipmentState(key=planned.key, planned=planned, shadow=fact.shadow)
                for planned in fact.shipments
            )
            shipments = (*state.shipments, *new)
            return {"shipments": shipments, "left_off": fact.left_off, "parked": ""}
        case ExternalReturnMade():
            return with_shipment(
                state,
                fact.shipment,
                external_return_id=fact.external_return_id,
                parked="",
                shadow=False,
            )
        case CommentAdded():
            return with_shipment(state, fact.about, commented=True)
        case Skipped():
            skip = SkipState(code=fact.code, subject=fact.subject)
            return {"skips": (*state.skips, skip), "parked": ""}
        case Parked():
            return parked(state, fact)
        case ReceiptTaken():
            known = state.receipt(fact.external_return_id)
            newest = ReceiptState(
                external_return_id=fact.external_return_id,
                receipt=fact.receipt,
                units=fact.units,
                decision=fact.decision,
                note=fact.note,
                goods=fact.goods,
                replays=known.replays if known and known.receipt == fact.receipt else 0,
            )
            return _with_receipt(state, newest) | booked_in(state, fact.external_return_id)
        case LinesCommitted():
            batch = BatchState(number=fact.batch, receipt=fact.receipt, lines=fact.lines)
            return {"batches": (*state.batches, batch)}
        case LinesProcessed():
            return with_batch(state, fact.batch, outcome="processed", processed_at=at, checked="")
        case Flagged():
            return {"flagged": True}
        case ReceiptSettled():
            known = state.receipt(fact.external_return_id)
            if known is None or known.receipt != fact.receipt:
                return {}
            settled = {"settled": fact.outcome, "until": fact.until}
            held = with_due(state, DueKind.HOLD, str(fact.external_return_id), fact.until)
            return _with_receipt(state, known.model_copy(update=settled)) | held
        case OperatorActed(act="replayed" | "answered" | "discarded"):
            return after_act(state, fact, at)
        case CarrierDelivered():
            return with_shipment(
                state, fact.shipment, delivered_at=fact.at, delivered_source=fact.source
            )
        case ClockRang():
            known_shipment = state.shipment(fact.shipment)
            rung = known_shipment.rung if known_shipment else ()
            return with_shipment(state, fact.shipment, rung=(*rung, fact.stage))
        case Withdrawn():
            return withdrawn(state, fact)
        case WithdrawalHandled():
            return with_due(state, DueKind.WITHDRAWN, fact.shipment, None)
        case Reopened():
            return reopened(state, fact)
        case ProcessingChecked():
            return with_batch(state, *fact.batches, checked=fact.outcome)
        case DueSet():
            return with_due(state, fact.due_kind, fact.subject, fact.at)
        case DueCleared():
            return with_due(state, fact.due_kind, fact.subject, None)
        case RefundCommitted():
            return refund_committed(state, fact)
        case RefundSettled():
            return refund_settled(state, fact)
        case PersonalDataForgotten():
            return forgotten_return(state)
        case WouldSend() | OperatorActed():
            return {}
