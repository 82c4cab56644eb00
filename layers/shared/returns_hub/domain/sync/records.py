"""One record that is kept in step: its timeline, and the state that it folds to.

A record is named by the flow that keeps it in step and by its key in the system that it comes
from. The same events always give the same state. Nothing here is personal data: what a step needs
of a person is read from the source when the step is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.facts import Parked, Skipped, Told, WouldSend

Key = Annotated[str, Field(min_length=1, max_length=200)]


class RecordSeen(Told):
    """The source shows this version of the record."""

    kind: Literal["record_seen"] = "record_seen"
    source_version: str


class StepPlanned(Told):
    """This step is about to be taken; `told` is what it tells the other side."""

    kind: Literal["step_planned"] = "step_planned"
    step: str
    summary: str
    told: dict[str, Any] = Field(default_factory=dict)


class StepDone(Told):
    """The step is done: the partner's id of what it made, and how we know."""

    kind: Literal["step_done"] = "step_done"
    step: str
    partner_id: str = ""
    how: str


class RecordSettled(Told):
    """Nothing is left to do for this version of the record."""

    kind: Literal["record_settled"] = "record_settled"
    source_version: str
    outcome: str


class Unparked(Told):
    """A person had it done again, or took it off the list."""

    kind: Literal["unparked"] = "unparked"
    act: Literal["replayed", "discarded"]
    note: str = ""
    send_again: bool = False


SyncFact = Annotated[
    RecordSeen | StepPlanned | StepDone | RecordSettled | Unparked | Parked | Skipped | WouldSend,
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
    return _event.validate_json(text)


class StepState(Frozen):
    """A step that was planned, and what came of it; open while `how` is empty."""

    name: str
    told: dict[str, Any] = Field(default_factory=dict)
    partner_id: str = ""
    how: str = ""


class SyncState(Frozen):
    """Where the hub stands with a record: the fold of its timeline.

    `attempt` counts how often a person vouched that a step without an answer was not carried out,
    `replays` how often they had it done again.
    """

    merchant: MerchantId
    flow: str
    key: str
    version: int = 0
    source_version: str = ""
    steps: tuple[StepState, ...] = ()
    settled: str = Field(default="", description="the source version that was dealt with")
    outcome: str = ""
    parked: str = ""
    asked: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    replays: int = 0
    attempt: int = 0

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
    return state.model_copy(update={"version": event.sequence, **_changes(state, event.fact)})


def fold(state: SyncState, events: Iterable[SyncEvent]) -> SyncState:
    """The state after these events."""
    for event in events:
        state = apply(state, event)
    return state


def _changes(state: SyncState, fact: SyncFact) -> dict[str, Any]:
    match fact:
        case RecordSeen():
            return {"source_version": fact.source_version}
        case StepPlanned():
            return {"steps": _with(state, StepState(name=fact.step, told=fact.told))}
        case StepDone():
            found = state.step(fact.step) or StepState(name=fact.step)
            done = {"partner_id": fact.partner_id, "how": fact.how}
            return {"steps": _with(state, found.model_copy(update=done))}
        case RecordSettled():
            return {"settled": fact.source_version, "outcome": fact.outcome}
        case Parked(beside=True):
            return {"asked": tuple(dict.fromkeys((*state.asked, fact.parked_id)))}
        case Parked():
            return {"parked": fact.parked_id}
        case Unparked(act="discarded"):
            discarded = {"settled": state.source_version, "outcome": "discarded"}
            return {"parked": "", **discarded}
        case Unparked():
            return {
                "parked": "",
                "replays": state.replays + 1,
                "attempt": state.attempt + int(fact.send_again),
            }
        case Skipped():
            return {"skips": tuple(dict.fromkeys((*state.skips, fact.code)))}
        case WouldSend():
            return {}


def _with(state: SyncState, newest: StepState) -> tuple[StepState, ...]:
    others = tuple(step for step in state.steps if step.name != newest.name)
    return (*others, newest)
