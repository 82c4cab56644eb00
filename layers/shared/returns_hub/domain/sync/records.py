"""One record that is kept in step: its timeline, and the state that it folds to.

A record is named by the flow that keeps it in step and by its key in the system that it comes
from. The same events always give the same state. Nothing here is personal data: what a step needs
of a person is read from the source when the step is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.facts import Parked, Skipped, Told, WouldSend
from returns_hub.domain.operations import sync_step_key

FLOWS_OF_ORDERS = frozenset(
    {
        "relay.despatches",
        "relay.order_changes",
        "unleashed.credit_notes",
        "unleashed.credits_there",
        "unleashed.despatches",
        "unleashed.dispatched",
        "unleashed.order_export",
        "unleashed.orders",
        "unleashed.shipments",
    }
)
"""Flows whose records are somebody's order, by number: these end when they are long settled
(`domain.personal_data`). A record of goods names no person, and never ends."""
ORDER_RECORD_DAYS = 3650
"""Of a settled record of an order, after its last change: what is kept as long as the books are,
since without it an old order that changes would be made anew."""
LONGEST_KEY = 200
"""Characters of a record's key, and of a version of it."""


class RecordSeen(Told):
    """The source shows this version of the record, changed at this moment of the source's clock."""

    kind: Literal["record_seen"] = "record_seen"
    source_version: str
    changed_at: UtcTime | None = None


class StepPlanned(Told):
    """This step is about to be taken; `told` is what it tells the other side."""

    kind: Literal["step_planned"] = "step_planned"
    step: str
    summary: str
    told: dict[str, Any] = Field(default_factory=dict)
    passing: bool = False


class StepDone(Told):
    """The step is done: the partner's id of what it made, and how we know."""

    kind: Literal["step_done"] = "step_done"
    step: str
    partner_id: str = ""
    how: str


class StepStuck(Told):
    """The step waits for a person: it was refused, or nobody knows whether it was carried out.

    ``abandoned``: it waits no more, since the record does not want it any more and a person looked.
    """

    kind: Literal["step_stuck"] = "step_stuck"
    step: str
    why: Literal["refused", "unknown", "abandoned"]


class StepWithdrawn(Told):
    """The step was not carried out and is not wanted any more; the record changed meanwhile."""

    kind: Literal["step_withdrawn"] = "step_withdrawn"
    step: str


class RecordSettled(Told):
    """Nothing is left to do for this version of the record.

    `memo` is what the flow wants to know of it when it sees the next one; empty: as it was.
    """

    kind: Literal["record_settled"] = "record_settled"
    source_version: str
    outcome: str
    memo: dict[str, Any] = Field(default_factory=dict)


class Unparked(Told):
    """A person had it done again, or took it off the list.

    With `send_again` they vouch that the step whose outcome nobody knew was not carried out.
    """

    kind: Literal["unparked"] = "unparked"
    act: Literal["replayed", "discarded"]
    note: str = ""
    send_again: bool = False


SyncFact = Annotated[
    RecordSeen
    | StepPlanned
    | StepDone
    | StepStuck
    | StepWithdrawn
    | RecordSettled
    | Unparked
    | Parked
    | Skipped
    | WouldSend,
    Field(discriminator="kind"),
]


class SyncEvent(Frozen):
    """One entry of a record's timeline; as `domain.facts.Event`."""

    sequence: int = Field(ge=1)
    at: UtcTime
    actor: str
    rule: str
    config_version: int
    fact: SyncFact


_event = TypeAdapter(SyncEvent)


def sync_event_from_json(text: str) -> SyncEvent:
    """An event as it was stored."""
    return _event.validate_json(text, extra="ignore")


class StepState(Frozen):
    """A step that was planned, and what came of it; open while `how` is empty.

    Args:
        told: What it told the other side.
        turn: Of the version that it told; see `SyncState.turn`.
        partner_id: What it made, in the partner's words.
        how: How we know that it is done.
        passing: It is forgotten when its version is dealt with.
        stuck: Why it is not gone on with. ``abandoned``: a person took it off while nobody knew
            whether it was carried out.
        retry: What was refused, or withdrawn, may be sent.
        attempt: How often a person vouched that it was not carried out.
        looked: A person looked what became of it, and vouched for nothing.
    """

    name: str
    told: dict[str, Any] = Field(default_factory=dict)
    turn: int = 0
    partner_id: str = ""
    how: str = ""
    passing: bool = False
    stuck: Literal["", "refused", "unknown", "withdrawn", "abandoned"] = ""
    retry: bool = False
    attempt: int = 0
    looked: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may have been carried out without our knowing, or is still to be taken."""
        return not self.how and self.stuck in {"", "unknown"}


class SyncState(Frozen):
    """Where the hub stands with a record: the fold of its timeline.

    Args:
        version: How many events are on the timeline.
        source_version: The newest that the source showed.
        changed_at: When the source says that it changed last.
        turn: How many versions were seen.
        began_at: Since when it is in work.
        settled: The source version that was dealt with; empty while the newest one is not.
        outcome: What came of it.
        parked: The id, in the list of parked work, of what a person is asked.
        parked_version: The source version that they are asked about.
        skips: Codes of what was told already.
        memo: What the flow keeps of the version that was dealt with last.
    """

    merchant: MerchantId
    flow: str
    key: str
    version: int = 0
    source_version: str = ""
    changed_at: UtcTime | None = None
    turn: int = 0
    began_at: UtcTime | None = None
    steps: tuple[StepState, ...] = ()
    settled: str = ""
    outcome: str = ""
    parked: str = ""
    parked_version: str = ""
    skips: tuple[str, ...] = ()
    memo: dict[str, Any] = Field(default_factory=dict)

    def step(self, name: str) -> StepState | None:
        """The step with this name."""
        return next((step for step in self.steps if step.name == name), None)

    def done(self, name: str) -> bool:
        """Whether a step was taken to its end."""
        found = self.step(name)
        return found is not None and bool(found.how)

    def partner_id(self, name: str) -> str:
        """What a step made, in the partner's words; empty when it made nothing, or is open."""
        found = self.step(name)
        return found.partner_id if found else ""

    def anew(self, name: str) -> str:
        """The name of a step that versions take anew (``update/3``), since the name of a step is
        for good. While an earlier version's is open it is that one's: it goes on, and tells the
        newest."""
        begun = (step.name for step in self.open_steps if step.name.startswith(f"{name}/"))
        return next(begun, f"{name}/{self.turn}")

    def is_open(self, name: str) -> bool:
        """Whether a step was begun and has no end."""
        found = self.step(name)
        return found is not None and found.is_open

    def operation_key(self, name: str) -> str:
        """The ledger's key of a step's write; what is derived from it (a marker, a Guid) is the
        same whenever the step is tried."""
        found = self.step(name)
        attempt = found.attempt if found else 0
        return sync_step_key(self.merchant, self.flow, self.key, name, attempt)

    @property
    def open_steps(self) -> tuple[StepState, ...]:
        """Steps that were begun and have no end; see `flows.sync.shape.Source.plan`."""
        return tuple(step for step in self.steps if step.is_open)

    @property
    def was_begun(self) -> bool:
        """Whether anything was done at a partner for it, or may have been."""
        return any(step.how or step.is_open for step in self.steps)

    @property
    def in_work(self) -> bool:
        """Whether something was begun and is not at its end, and no person is waited for."""
        return bool(self.version) and not self.parked and self.settled != self.source_version

    @property
    def standing(self) -> str:
        """One word for operators."""
        if self.parked:
            return "parked"
        if self.in_work:
            return "in_work"
        return self.outcome or "not_seen"


def apply(state: SyncState, event: SyncEvent) -> SyncState:
    """The state after one more event.

    Raises:
        ValueError: The event is not the next one of this timeline.
    """
    if event.sequence != state.version + 1:
        raise ValueError(f"event {event.sequence} does not follow version {state.version}")
    return state.model_copy(update={"version": event.sequence, **_changes(state, event)})


def fold(state: SyncState, events: Iterable[SyncEvent]) -> SyncState:
    """The state after these events."""
    for event in events:
        state = apply(state, event)
    return state


def _changes(state: SyncState, event: SyncEvent) -> dict[str, Any]:
    fact = event.fact
    match fact:
        case RecordSeen():
            is_waiting = state.in_work or state.parked
            return {
                "source_version": fact.source_version,
                "changed_at": fact.changed_at or state.changed_at,
                "turn": state.turn + 1,
                "began_at": state.began_at if is_waiting else event.at,
                "settled": "",
                "steps": _each(state, _may_be_sent_anew),
            }
        case StepPlanned():
            before = state.step(fact.step) or StepState(name=fact.step)
            planned = {"told": fact.told, "turn": state.turn, "stuck": ""}
            planned |= {"passing": fact.passing, "looked": False}
            return {"steps": _with(state, before.model_copy(update=planned))}
        case StepDone():
            return _of_step(
                state, fact.step, partner_id=fact.partner_id, how=fact.how, stuck="", retry=False
            )
        case StepStuck():
            return _of_step(state, fact.step, stuck=fact.why)
        case StepWithdrawn():
            return _of_step(state, fact.step, stuck="withdrawn", retry=True)
        case RecordSettled():
            lasting = tuple(step for step in state.steps if not (step.passing and step.how))
            ended = {"settled": fact.source_version, "outcome": fact.outcome, "steps": lasting}
            return ended | {"memo": fact.memo or state.memo}
        case Parked():
            return {"parked": fact.parked_id, "parked_version": state.source_version}
        case Unparked():
            return _unparked(state, fact)
        case Skipped():
            return {"skips": tuple(dict.fromkeys((*state.skips, fact.code)))}
        case WouldSend():
            return {}


def _unparked(state: SyncState, act: Unparked) -> dict[str, Any]:
    if act.act == "replayed":
        steps = _each(state, lambda step: _may_be_sent_anew(_looked_at_again(step, act.send_again)))
        return {"parked": "", "parked_version": "", "steps": steps}
    # A version that came after the one a person was asked about is dealt with as any other.
    dealt_with = {"settled": state.parked_version, "outcome": "discarded"}
    return {"parked": "", "parked_version": "", "steps": _each(state, _abandoned)} | dealt_with


def _may_be_sent_anew(step: StepState) -> StepState:
    if step.stuck != "refused":
        return step
    return step.model_copy(update={"stuck": "", "retry": True})


def _looked_at_again(step: StepState, send_again: bool) -> StepState:
    if step.stuck != "unknown":
        return step
    attempt = step.attempt + int(send_again)
    return step.model_copy(update={"stuck": "", "attempt": attempt, "looked": not send_again})


def _abandoned(step: StepState) -> StepState:
    return step.model_copy(update={"stuck": "abandoned"}) if step.stuck == "unknown" else step


def _each(state: SyncState, change: Callable[[StepState], StepState]) -> tuple[StepState, ...]:
    return tuple(change(step) for step in state.steps)


def _of_step(state: SyncState, name: str, **changes: Any) -> dict[str, Any]:
    found = state.step(name) or StepState(name=name)
    return {"steps": _with(state, found.model_copy(update=changes))}


def _with(state: SyncState, newest: StepState) -> tuple[StepState, ...]:
    others = tuple(step for step in state.steps if step.name != newest.name)
    return (*others, newest)
