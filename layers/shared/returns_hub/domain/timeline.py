"""A return's timeline: the events that made its state, in order.

State is what folding the timeline gives, byte for byte. Every event names the rule and the
configuration version that decided. Nothing here is personal data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.changes import (
    booked_in,
    parked,
    reopened,
    with_batch,
    with_due,
    with_shipment,
    withdrawn,
)
from returns_hub.domain.decisions import LineToProcess
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
    ProcessingChecked,
    ReceiptSettled,
    ReceiptTaken,
    Reopened,
    Seen,
    ShipmentsPlanned,
    Skipped,
    WithdrawalHandled,
    Withdrawn,
    WouldSend,
)
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.receipts import Goods
from returns_hub.domain.returns import CLOSED
from returns_hub.domain.shipments import LeftOff, PlannedShipment

DISCARDED = "operator.discarded"
STILL_OPEN = frozenset({"waiting", "held", "processed_in_part"})
"""Outcomes of a receipt after which the external return may yet be confirmed again with more."""


class ShipmentState(Frozen):
    """A shipment of the return and its external return.

    `replays` counts how often a person had it done again; `attempt` how often with the word that
    an earlier write was not carried out. `withdrawn` is the status with which the portal closed the
    return while the goods were expected, at `withdrawn_at`; empty again when it is reopened.
    """

    key: str
    planned: PlannedShipment
    shadow: bool = False
    external_return_id: int | None = None
    commented: bool = False
    parked: str = ""
    discarded: bool = False
    replays: int = 0
    attempt: int = 0
    delivered_at: UtcTime | None = None
    delivered_source: Literal["", "carrier", "first_seen"] = ""
    rung: tuple[str, ...] = ()
    withdrawn: str = ""
    withdrawn_at: UtcTime | None = None


class BatchState(Frozen):
    """Lines committed to one process call; `checked` is what a later reading of the portal gave."""

    number: int
    receipt: str
    lines: tuple[LineToProcess, ...]
    outcome: Literal["", "processed", "parked", "discarded"] = ""
    replays: int = 0
    attempt: int = 0
    processed_at: UtcTime | None = None
    checked: str = ""


class ReceiptState(Frozen):
    """The newest version of one external return's receipt; settled at most to `until`.

    `anew`: it is to be decided on again, though lines were processed for it.
    """

    external_return_id: int
    receipt: str
    units: dict[str, int]
    decision: str
    note: str = ""
    settled: str = ""
    replays: int = 0
    goods: tuple[Goods, ...] = ()
    until: UtcTime | None = None
    anew: bool = False


class SkipState(Frozen):
    """Left undone on purpose; `subject` is a shipment, or empty for the whole return."""

    code: str
    subject: str = ""


class ReturnState(Frozen):
    """Where the hub stands with one return: the fold of its timeline.

    `portal_status` is the portal's status when the return was seen last; `parked_beside` are ids of
    parked items that no work waits for; `reopenings` counts how often the return was reopened.
    """

    merchant: MerchantId
    return_id: str
    version: int = 0
    portal_updated_at: UtcTime | None = None
    return_type: str = ""
    order_names: tuple[str, ...] = ()
    shipments: tuple[ShipmentState, ...] = ()
    left_off: tuple[LeftOff, ...] = ()
    batches: tuple[BatchState, ...] = ()
    receipts: tuple[ReceiptState, ...] = ()
    skips: tuple[SkipState, ...] = ()
    flagged: bool = False
    parked: str = ""
    answers: dict[str, str] = Field(default_factory=dict)
    answered_for: dict[str, int] | None = None
    portal_status: str = ""
    parked_beside: tuple[str, ...] = ()
    reopenings: int = 0
    due: tuple[Due, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """The earliest moment at which somebody must look at this return again."""
        return min((due.at for due in self.due), default=None)

    def due_of(self, kind: str, subject: str = "") -> Due | None:
        """What is due of this kind about this subject."""
        return next((due for due in self.due if (due.kind, due.subject) == (kind, subject)), None)

    @property
    def planned_lines(self) -> frozenset[str]:
        """Ids of lines that belong to an external return, made or about to be."""
        return frozenset(
            line.line_id for shipment in self.shipments for line in shipment.planned.lines
        )

    @property
    def committed_lines(self) -> frozenset[str]:
        """Ids of lines that a process call was or will be made for."""
        return frozenset(line.line_id for batch in self.batches for line in batch.lines)

    @property
    def is_announced(self) -> bool:
        """Whether every planned shipment has its external return and its comment."""
        return bool(self.shipments) and all(
            shipment.shadow
            or shipment.discarded
            or (shipment.external_return_id is not None and shipment.commented)
            for shipment in self.shipments
        )

    def shipment(self, key: str) -> ShipmentState | None:
        """The shipment with this key."""
        return next((found for found in self.shipments if found.key == key), None)

    def received_goods(self, but: int) -> tuple[Goods, ...]:
        """Goods of the newest version of every receipt, but of this external return; oldest first.

        What was taken before conditions were kept counts as good.
        """
        return tuple(
            goods
            for receipt in self.receipts
            if receipt.external_return_id != but
            for goods in receipt.goods
            or (Goods(sku=sku, units=units) for sku, units in receipt.units.items())
        )

    def receipt(self, external_return_id: int) -> ReceiptState | None:
        """The newest receipt of this external return."""
        matches = (r for r in self.receipts if r.external_return_id == external_return_id)
        return next(matches, None)

    @property
    def parked_ids(self) -> frozenset[str]:
        """Ids, in the list of parked work, of what waits for a person."""
        batches = (
            parked_batch_id(self.return_id, batch.number)
            for batch in self.batches
            if batch.outcome == "parked"
        )
        receipts = (
            parked_receipt_id(self.return_id, receipt.external_return_id)
            for receipt in self.receipts
            if receipt.settled == "parked"
        )
        shipments = (shipment.parked for shipment in self.shipments)
        beside = self.parked_beside
        return frozenset({self.parked, *shipments, *batches, *receipts, *beside} - {""})

    @property
    def is_parked(self) -> bool:
        """Whether any part of the return waits for a person."""
        return bool(self.parked_ids)

    def skipped(self, code: str, subject: str = "") -> bool:
        """Whether this skip is on the timeline already."""
        return SkipState(code=code, subject=subject) in self.skips

    @property
    def outcome(self) -> str:
        """One word for operators: where this return stands."""
        if self.is_parked:
            return "parked"
        if any(shipment.withdrawn for shipment in self.shipments):
            return "withdrawn"
        if self.flagged:
            return "flagged"
        if any(batch.outcome == "processed" for batch in self.batches):
            return "processed"
        if any(skip.code == DISCARDED for skip in self.skips):
            return "discarded"
        if any(not skip.subject or not self.shipments for skip in self.skips):
            return "skipped"
        if self.shipments and all(shipment.shadow for shipment in self.shipments):
            return "shadow"
        if self.is_announced:
            return "announced"
        return "in_work" if self.shipments or self.portal_updated_at else "not_seen"


def apply(state: ReturnState, event: Event) -> ReturnState:
    """The state after one more event.

    Raises:
        ValueError: The event is not the next one of this timeline.
    """
    if event.sequence != state.version + 1:
        raise ValueError(f"event {event.sequence} does not follow version {state.version}")
    changed = _changes(state, event.fact, event.at)
    return state.model_copy(update={"version": event.sequence, **changed})


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


def _after_act(state: ReturnState, fact: OperatorActed) -> dict[str, object]:
    """What a person's replay or discard of one parked item changes."""
    replayed = fact.act != "discarded"
    changes: dict[str, object] = {}
    if fact.answers:
        changes["answers"] = {**state.answers, **fact.answers}
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


def parked_shipment_id(return_id: str, shipment: str) -> str:
    """The id, in the list of parked work, of a shipment that was not announced."""
    return f"create_external_return/{return_id}/{shipment}"


def parked_receipt_id(return_id: str, external_return_id: int) -> str:
    """The id, in the list of parked work, of a receipt that was not dealt with."""
    return f"process_receipts/{return_id}/{external_return_id}"


def parked_batch_id(return_id: str, batch: int) -> str:
    """The id, in the list of parked work, of a process call that nobody knows the end of."""
    return f"process_receipts/{return_id}/batch-{batch}"


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


def _changes(state: ReturnState, fact: Fact, at: datetime) -> dict[str, object]:  # noqa: PLR0912 - one arm for each kind of fact
    match fact:
        case Seen():
            return {
                "portal_updated_at": fact.portal_updated_at,
                "portal_status": fact.status,
                "flagged": state.flagged and fact.status not in CLOSED,
                "return_type": fact.return_type,
                "order_names": fact.order_names,
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
            return _with_receipt(state, known.model_copy(update=settled))
        case OperatorActed(act="replayed" | "answered" | "discarded"):
            return _after_act(state, fact)
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
        case WouldSend() | OperatorActed():
            return {}
