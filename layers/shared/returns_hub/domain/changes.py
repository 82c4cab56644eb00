"""What a fact changes in a return's state, where it takes more than a line (see `timeline`)."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.answering import reasons_after
from returns_hub.domain.facts import (
    OperatorActed,
    Parked,
    RefundCommitted,
    RefundSettled,
    Reopened,
    Withdrawn,
)
from returns_hub.domain.following import AFTER_REOPENING, Due, DueKind
from returns_hub.domain.parked_ids import parked_batch_id, parked_receipt_id
from returns_hub.domain.state import (
    BY_HAND,
    DISCARDED,
    BatchState,
    RefundState,
    ReturnState,
    ShipmentState,
    SkipState,
)


def with_shipment(state: ReturnState, key: str, **changes: object) -> dict[str, object]:
    """The shipment with these changes."""
    shipments = tuple(
        found.model_copy(update=changes) if found.key == key else found for found in state.shipments
    )
    return {"shipments": shipments}


def with_batch(state: ReturnState, *numbers: int, **changes: object) -> dict[str, object]:
    """The batches of these numbers with these changes."""
    batches = tuple(
        batch.model_copy(update=changes) if batch.number in numbers else batch
        for batch in state.batches
    )
    return {"batches": batches}


def with_due(state: ReturnState, kind: str, subject: str, at: datetime | None) -> dict[str, object]:
    """What is due of this kind about this subject at another moment; with None, not any more."""
    mine = () if at is None else (Due(kind=kind, subject=subject, at=at),)
    return {"due": (*due_without(state, {(kind, subject)}), *mine)}


def due_without(state: ReturnState, gone: set[tuple[str, str]]) -> tuple[Due, ...]:
    """What is due, without these kinds and subjects."""
    return tuple(due for due in state.due if (due.kind, due.subject) not in gone)


def booked_in(state: ReturnState, external_return_id: int) -> dict[str, object]:
    """Goods that were booked in are not waited for any more."""
    ended: set[tuple[str, str]] = {
        (DueKind.NOT_BOOKED_IN, shipment.key)
        for shipment in state.shipments
        if shipment.external_return_id == external_return_id
    }
    return {"due": due_without(state, ended)}


def withdrawn(state: ReturnState, fact: Withdrawn) -> dict[str, object]:
    """The closing ends the shipment's clock."""
    changed = with_shipment(state, fact.shipment, withdrawn=fact.status, withdrawn_at=fact.at)
    return changed | with_due(state, DueKind.NOT_BOOKED_IN, fact.shipment, None)


def reopened(state: ReturnState, fact: Reopened) -> dict[str, object]:
    """Nothing is withdrawn or flagged any more, and what was left for it is looked at again."""
    shipments = tuple(
        shipment.model_copy(update={"withdrawn": "", "withdrawn_at": None})
        for shipment in state.shipments
    )
    receipts = tuple(
        receipt.model_copy(update={"settled": "", "until": None, "anew": True})
        if receipt.settled in AFTER_REOPENING
        else receipt
        for receipt in state.receipts
    )
    unchecked = (b.number for b in state.batches if b.outcome == "processed" and not b.checked)
    ended: set[tuple[str, str]] = {(DueKind.CHECK_PROCESSING, "")}
    ended |= {(due.kind, due.subject) for due in state.due if due.kind == DueKind.WITHDRAWN}
    return {
        "portal_status": fact.status,
        "flagged": False,
        "reopenings": state.reopenings + 1,
        "shipments": shipments,
        "receipts": receipts,
        "skips": tuple(skip for skip in state.skips if skip.code not in AFTER_REOPENING),
        "due": due_without(state, ended),
        **with_batch(state, *unchecked, checked="reopened"),
    }


def parked(state: ReturnState, fact: Parked) -> dict[str, object]:
    """Where a parked item belongs: beside the work, or to a batch, a shipment or the whole."""
    if fact.beside:
        others = tuple(known for known in state.parked_beside if known != fact.parked_id)
        return {"parked_beside": (*others, fact.parked_id)}
    # By the item's id: a shipment is called what the portal calls it, and may be called as batches
    # are.
    batches = [
        batch.number
        for batch in state.batches
        if fact.parked_id == parked_batch_id(state.return_id, batch.number)
    ]
    if batches:
        return with_batch(state, *batches, outcome="parked")
    if not fact.subject:
        return {"parked": fact.parked_id}
    return with_shipment(state, fact.subject, parked=fact.parked_id)


def refund_committed(state: ReturnState, fact: RefundCommitted) -> dict[str, object]:
    """A refund more; its targets are open, unless it goes nowhere."""
    open_ones = {} if fact.shadow else dict.fromkeys(fact.targets, "")
    new = RefundState(refund=fact.refund, targets=open_ones, shadow=fact.shadow)
    return {"refunds": (*state.refunds, new)}


def refund_settled(state: ReturnState, fact: RefundSettled) -> dict[str, object]:
    """What became of one target; ``again`` opens it anew, unless the target has the refund."""
    outcome = "" if fact.outcome == "again" else fact.outcome
    return {
        "refunds": tuple(
            known.model_copy(update={"targets": {**known.targets, fact.target: outcome}})
            if known.refund.refund_id == fact.refund_id
            and known.targets.get(fact.target, "sent") != "sent"
            else known
            for known in state.refunds
        )
    }


def after_act(state: ReturnState, fact: OperatorActed, at: datetime) -> dict[str, object]:
    """What a person's replay or discard of one parked item changes, at this moment."""
    replayed = fact.act != "discarded"
    changes: dict[str, object] = {}
    if fact.answers:
        changes["answers"] = {**state.answers, **fact.answers}
        changes["answer_reasons"] = reasons_after(state.answer_reasons, fact.answers, fact.note)
    if fact.seen:
        changes["answered_for"] = {**(state.answered_for or {}), **fact.seen}
    if state.parked == fact.subject:
        changes["parked"] = ""
    beside = tuple(known for known in state.parked_beside if known != fact.subject)
    if beside != state.parked_beside:
        # No work waited for it, so none is done again or given up.
        return {"parked_beside": beside}
    changes["shipments"] = tuple(
        _shipment_after(shipment, fact) if shipment.parked == fact.subject else shipment
        for shipment in state.shipments
    )
    batches = {
        batch.number
        for batch in state.batches
        if fact.subject == parked_batch_id(state.return_id, batch.number)
    }
    changes["batches"] = tuple(
        _batch_after(batch, fact)
        if batch.number in batches and batch.outcome == "parked"
        else batch
        for batch in state.batches
    )
    if replayed and any(b.number in batches and b.receipt == BY_HAND for b in state.batches):
        # It has no receipt with which it would be found again.
        changes |= with_due(state, DueKind.BY_HAND, "", at)
    # A batch is finished while a receipt of its return is dealt with, so a batch that is replayed
    # opens them all again, whatever became of newer versions meanwhile.
    changes["receipts"] = tuple(
        receipt.model_copy(
            update={
                "settled": "" if replayed else "discarded",
                "replays": receipt.replays + (1 if replayed else 0),
                "until": None,
                "anew": fact.act == "answered",
            }
        )
        if (batches and (replayed or receipt.settled == "parked"))
        or fact.subject == parked_receipt_id(state.return_id, receipt.external_return_id)
        else receipt
        for receipt in state.receipts
    )
    if not replayed:
        changes["skips"] = (*state.skips, SkipState(code=DISCARDED, subject=fact.subject))
    return changes


def _shipment_after(shipment: ShipmentState, fact: OperatorActed) -> ShipmentState:
    if fact.act == "discarded":
        return shipment.model_copy(update={"parked": "", "discarded": True})
    attempt = shipment.attempt + (1 if fact.send_again else 0)
    return shipment.model_copy(
        update={"parked": "", "replays": shipment.replays + 1, "attempt": attempt}
    )


def _batch_after(batch: BatchState, fact: OperatorActed) -> BatchState:
    if fact.act == "discarded":
        return batch.model_copy(update={"outcome": "discarded"})
    attempt = batch.attempt + (1 if fact.send_again else 0)
    return batch.model_copy(
        update={"outcome": "", "replays": batch.replays + 1, "attempt": attempt}
    )
