"""The facts of a return's timeline: what can happen to a return, each in words of its own.

Every event names the rule and the configuration version that decided. Nothing is personal data.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.case import Case, LineToProcess
from returns_hub.domain.matching import Finding
from returns_hub.domain.receipts import Goods
from returns_hub.domain.refunds import Refund
from returns_hub.domain.shipments import LeftOff, PlannedShipment


class Told(Frozen):
    """What every fact can do: tell itself in a line."""

    def in_words(self) -> str:
        """The fact in a line, for an operator."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        details = [
            f"{name.replace('_', ' ')} {value}"
            for name, value in content.items()
            if isinstance(value, str | int) and name not in {"kind", "portal_updated_at"}
        ]
        kind = type(self).model_fields["kind"].default.replace("_", " ")
        return f"{kind}: {', '.join(details)}" if details else kind


class Seen(Told):
    """The return was seen approved for the first time, or again with newer content.

    `value` is what it is worth to the customer in `currency`, where the portal tells both.
    """

    kind: Literal["seen"] = "seen"
    source: str
    return_type: str
    status: str
    portal_updated_at: UtcTime
    order_names: tuple[str, ...] = ()
    value: Decimal | None = None
    currency: str = ""


class ShipmentsPlanned(Told):
    """These external returns are to be made; from here on their lines belong to them."""

    kind: Literal["shipments_planned"] = "shipments_planned"
    shipments: tuple[PlannedShipment, ...] = ()
    left_off: tuple[LeftOff, ...] = ()
    shadow: bool = False


class ExternalReturnMade(Told):
    """The external return of a shipment exists in the warehouse."""

    kind: Literal["external_return_made"] = "external_return_made"
    shipment: str
    external_return_id: int
    how: Literal["sent", "looked_up", "adopted"]


class CommentAdded(Told):
    """The portal's own timeline tells it; with `where` hub the portal takes no comments, and only
    this timeline does."""

    kind: Literal["comment_added"] = "comment_added"
    about: str
    where: Literal["portal", "hub"] = "portal"


class WouldSend(Told):
    """Shadow mode: what would have been sent to a partner, had the flow been live."""

    kind: Literal["would_send"] = "would_send"
    partner: str
    operation: str
    summary: str


class Skipped(Told):
    """Nothing was done, for this reason."""

    kind: Literal["skipped"] = "skipped"
    flow: str
    code: str
    reason: str
    subject: str = ""


class Parked(Told):
    """Set aside for a person, under this id in the list of parked work.

    With `beside` no work waits for the person: the flows go on, and the person has to look.
    """

    kind: Literal["parked"] = "parked"
    flow: str
    parked_id: str
    code: str
    reason: str
    subject: str = ""
    beside: bool = False


class ReceiptTaken(Told):
    """The warehouse confirmed goods; units of each SKU in this version of the external return.

    `policy` names the decision table that gave `decision`, and `case` is all it was made from, so
    that it can be made again with another table.
    """

    kind: Literal["receipt_taken"] = "receipt_taken"
    external_return_id: int
    receipt: str
    units: dict[str, int]
    decision: str
    findings: tuple[Finding, ...] = ()
    note: str = ""
    goods: tuple[Goods, ...] = ()
    policy: str = ""
    case: Case | None = None


class LinesCommitted(Told):
    """These lines are about to be sent to processing; no other call may ever hold them."""

    kind: Literal["lines_committed"] = "lines_committed"
    batch: int
    receipt: str
    lines: tuple[LineToProcess, ...]


class LinesProcessed(Told):
    """The portal took the batch."""

    kind: Literal["lines_processed"] = "lines_processed"
    batch: int
    how: Literal["sent", "looked_up", "already"]


class Flagged(Told):
    """The return was flagged in the portal with this note."""

    kind: Literal["flagged"] = "flagged"
    receipt: str
    note: str


class RefundCommitted(Told):
    """The refund of these positions is about to go home; no other refund may ever hold them.

    `targets` is where it goes. With `shadow` it goes nowhere.
    """

    kind: Literal["refund_committed"] = "refund_committed"
    refund: Refund
    targets: tuple[str, ...] = ()
    shadow: bool = False

    def in_words(self) -> str:
        """The refund in a line."""
        lines = ", ".join(f"{line.quantity} x {line.sku or '?'}" for line in self.refund.lines)
        where = "nowhere (shadow)" if self.shadow else " and ".join(self.targets)
        return f"refund committed: {self.refund.refund_id}: {lines}, to {where}"


class RefundSettled(Told):
    """One target of a refund has it (``sent``), or a person was asked about it (``parked``)."""

    kind: Literal["refund_settled"] = "refund_settled"
    refund_id: str
    target: str
    outcome: Literal["sent", "parked", "again"]
    how: str = ""


class OperatorActed(Told):
    """A person took a hand in it; who, says the event.

    `replayed` takes what `subject` names out of the list of parked work and lets the flows go on
    with it; with `send_again` the person vouches that a write without an answer was not carried
    out. `answered` does so too, with what the person decided: line id, or ``*`` for goods beyond
    the lines, -> action; `seen` is what was there of each (`decisions.Case.answered_for`).
    `discarded` takes it out for good. `dead_letter_…` acts are about a message that the queue had
    given up, named by its id; they change nothing in the state.

    `decided` is a person's own word on lines that no question was about: they are processed or
    rejected as `answers` says, and `note` is why.

    `status_change` and `comment` are what a person has the hub do in the portal, named by its
    request; `outcome` is ``asked`` before it is sent, then ``done`` or ``refused``. `before` and
    `status` are the portal's statuses. The comment's text stays in the portal.
    """

    kind: Literal["operator_acted"] = "operator_acted"
    act: Literal[
        "replayed",
        "answered",
        "discarded",
        "decided",
        "dead_letter_replayed",
        "dead_letter_edited",
        "dead_letter_discarded",
        "status_change",
        "comment",
    ]
    subject: str
    note: str = ""
    send_again: bool = False
    answers: dict[str, str] = Field(default_factory=dict)
    seen: dict[str, int] = Field(default_factory=dict)
    outcome: Literal["", "asked", "done", "refused"] = ""
    before: str = ""
    status: str = ""

    def in_words(self) -> str:
        """The act in a line, with what was answered."""
        answers = ", ".join(f"{what}={action}" for what, action in self.answers.items())
        return f"{super().in_words()}: {answers}" if answers else super().in_words()


class ReceiptSettled(Told):
    """Nothing is left to do for this version of the external return, or not before `until`.

    Unless the outcome is one of `STILL_OPEN`, the external return is not looked at again unless
    the warehouse reports a change of its own accord.
    """

    kind: Literal["receipt_settled"] = "receipt_settled"
    external_return_id: int
    receipt: str
    outcome: str
    until: UtcTime | None = None


class CarrierDelivered(Told):
    """The carrier delivered a shipment to the warehouse.

    `source` says whose time it is: the carrier's own word, or the moment at which the hub first
    saw the portal say so.
    """

    kind: Literal["carrier_delivered"] = "carrier_delivered"
    shipment: str
    at: UtcTime
    source: Literal["carrier", "first_seen"]


class ClockRang(Told):
    """Goods were delivered `since` then and are not booked in; this stage of the clock rang."""

    kind: Literal["clock_rang"] = "clock_rang"
    shipment: str
    stage: Literal["warn", "hold", "escalate"]
    since: UtcTime
    note: str


class Withdrawn(Told):
    """The return was closed in the portal, and the warehouse cannot be told by its API.

    `at` is the portal's time of the closing.
    """

    kind: Literal["withdrawn"] = "withdrawn"
    status: str
    at: UtcTime
    shipment: str
    note: str


class WithdrawalHandled(Told):
    """A person saw to a withdrawn shipment; the warehouse's list leaves it out from here on."""

    kind: Literal["withdrawal_handled"] = "withdrawal_handled"
    shipment: str
    note: str


class Reopened(Told):
    """The return is under way again in the portal, after it was closed or flagged.

    Lines that were sent to processing before stay sent: nobody takes a refund back.
    """

    kind: Literal["reopened"] = "reopened"
    was: str
    status: str
    sent_lines: tuple[str, ...] = ()
    note: str = ""


class ProcessingChecked(Told):
    """The portal was read again some time after these batches were processed.

    `lines` are those that were not complete.
    """

    kind: Literal["processing_checked"] = "processing_checked"
    batches: tuple[int, ...]
    outcome: Literal["complete", "closed", "not_completed"]
    lines: tuple[str, ...] = ()


class DueSet(Told):
    """Somebody must look at this return again at this moment; a later one of its kind and subject
    moves it.

    `due_kind` names the handler that looks (see `flows.watch_returns`).
    """

    kind: Literal["due_set"] = "due_set"
    due_kind: str
    subject: str = ""
    at: UtcTime
    why: str = ""


class DueCleared(Told):
    """What was set with `due_set` is not waited for any more."""

    kind: Literal["due_cleared"] = "due_cleared"
    due_kind: str
    subject: str = ""


class PersonalDataForgotten(Told):
    """The person was forgotten: names of orders, tracking numbers and what people wrote are gone
    from the state, and from the entries before this one (docs/privacy.md)."""

    kind: Literal["personal_data_forgotten"] = "personal_data_forgotten"


Fact = Annotated[
    Seen
    | ShipmentsPlanned
    | ExternalReturnMade
    | CommentAdded
    | WouldSend
    | Skipped
    | Parked
    | ReceiptTaken
    | LinesCommitted
    | LinesProcessed
    | Flagged
    | ReceiptSettled
    | OperatorActed
    | CarrierDelivered
    | ClockRang
    | Withdrawn
    | WithdrawalHandled
    | Reopened
    | ProcessingChecked
    | DueSet
    | DueCleared
    | RefundCommitted
    | RefundSettled
    | PersonalDataForgotten,
    Field(discriminator="kind"),
]


class Event(Frozen):
    """One entry of the timeline: what happened, when, by whose hand and which rule."""

    sequence: int = Field(ge=1)
    at: UtcTime
    actor: str
    rule: str
    config_version: int
    fact: Fact


_event = TypeAdapter(Event)


def event_from_json(text: str) -> Event:
    """An event as it was stored; what a later release added to it is passed over."""
    return _event.validate_json(text, extra="ignore")
