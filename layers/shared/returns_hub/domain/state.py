"""Where the hub stands with one return: what folding its timeline gives (see `timeline`)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.following import Due
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.parked_ids import parked_batch_id, parked_receipt_id
from returns_hub.domain.receipts import Goods
from returns_hub.domain.refunds import Refund
from returns_hub.domain.shipments import LeftOff, PlannedShipment

DISCARDED = "operator.discarded"
BY_HAND = "by hand"
"""The receipt of a batch that a person committed without one."""
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


class RefundState(Frozen):
    """A refund of the return that goes home; target -> what became of it, empty at first."""

    refund: Refund
    targets: dict[str, str] = Field(default_factory=dict)
    shadow: bool = False

    @property
    def open_targets(self) -> tuple[str, ...]:
        """Targets that nobody knows to have it."""
        return tuple(target for target, outcome in self.targets.items() if not outcome)


class ReturnState(Frozen):
    """Where the hub stands with one return: the fold of its timeline.

    `portal_status` is the portal's status when the return was seen last; `parked_beside` are ids of
    parked items that no work waits for; `reopenings` counts how often the return was reopened.
    `step` is where it waits (`steps.step_of`), and `step_since` since when. `value` is what it is
    worth to the customer in `currency`, by the portal's last word on it; None when it told none.
    `forgotten`: its person was forgotten, so that names of its orders are not kept again.
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
    answer_reasons: dict[str, str] = Field(default_factory=dict)
    portal_status: str = ""
    parked_beside: tuple[str, ...] = ()
    reopenings: int = 0
    due: tuple[Due, ...] = ()
    refunds: tuple[RefundState, ...] = ()
    step: Step | None = None
    step_since: UtcTime | None = None
    value: Decimal | None = None
    currency: str = ""
    forgotten: bool = False

    @property
    def refunded_lines(self) -> frozenset[str]:
        """Ids of lines whose refund went home, or is about to, or would have in shadow mode."""
        return frozenset(line.position for known in self.refunds for line in known.refund.lines)

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
