"""What the next run of a flow would do, found by the same code in a world that writes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar, cast

from returns_hub.domain.facts import Parked
from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import (
    StepDone,
    StepPlanned,
    StepState,
    SyncEvent,
    SyncFact,
    SyncState,
    fold,
)
from returns_hub.errors import Conflict, Permanent, Skip, Verdict
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.endings import KNOWN, OLDER, PARKED, Ending, parked_id_of
from returns_hub.flows.sync.run import SyncRun
from returns_hub.flows.sync.shape import Change, Source, Step
from returns_hub.flows.sync.sync_world import Draft, SyncWorld
from returns_hub.flows.sync.take import Taking
from returns_hub.ports import Measured, ParkedItem
from returns_hub.ports.sync import SyncStore

if TYPE_CHECKING:
    from returns_hub.ports import Clock, Cursors, Ledger, Parking

Does = Literal["create", "update", "nothing", "wait", "skip", "hold", "later"]
Content = TypeVar("Content")


@dataclass(frozen=True)
class PlannedStep:
    """One write that would be made; see `flows.sync.shape.Step`."""

    name: str
    partner: str
    does: Literal["create", "update"]
    summary: str
    told: Mapping[str, Any]


@dataclass(frozen=True)
class PlannedChange:
    """What would be done about one version of a record.

    Args:
        key: The record.
        version: As the source shows it; empty where it shows none.
        does: ``nothing``: it is in step. ``wait``: for something that changes elsewhere. ``hold``:
            a person is, or would be, asked. ``later``: it cannot be told now.
        steps: The writes, in their order; before a hold there may be some.
        outcome: The record's word at the end.
        code: Of the reason, where it is held, skipped or comes back.
        reason: In a sentence.
    """

    key: str
    version: str
    does: Does
    steps: tuple[PlannedStep, ...] = ()
    outcome: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SyncPlan:
    """What the next run would do.

    Args:
        changes: In the run's order; what is in step and known is left out.
        whole: Whether the source's list came to its end, within the limit.
        why_not: What cut it off.
    """

    changes: tuple[PlannedChange, ...]
    whole: bool
    why_not: str = ""


def plan_sync(source: Source[Any], world: SyncWorld, *, limit: int = 1000) -> SyncPlan:
    """Tell what a live run would do now, and record nothing, whatever the flow's mode.

    No step is sent or looked up. The source should be made with partners that refuse writes all the
    same: its `pull`, `read` and `plan` are called.

    Args:
        source: The flow.
        world: The merchant's; of its stores only reads are used.
        limit: At most so many records.
    """
    found: list[PlannedChange] = []
    telemetry = _Quiet()
    name = cursor_name(source.name, world.merchant)
    cursor = SyncCursor.of(world.stores.cursors.read(name))
    stores = replace(
        world.stores,
        ledger=cast("Ledger", _Refusing()),
        cursors=cast("Cursors", _Refusing()),
        parking=cast("Parking", _Held(found)),
        telemetry=telemetry,
        clock=cast("Clock", _UpTo(world.stores.clock, found, limit)),
    )
    dry = SyncWorld(replace(world.world, stores=stores), _Overlay(world.records))
    run = SyncRun(source, dry, cursor, _Trial(source, dry, found))
    try:
        after = run.run()
    except Verdict as verdict:
        return SyncPlan(tuple(found), whole=False, why_not=verdict.reason)
    why_not = f"more than {limit} records" if "not_started" in run.endings else telemetry.failed
    return SyncPlan(tuple(found), after.whole and not why_not, why_not)


class _Trial(Taking[Content], Generic[Content]):
    """Takes steps by noting them."""

    def __init__(
        self, source: Source[Content], world: SyncWorld, found: list[PlannedChange]
    ) -> None:
        super().__init__(source, world, lambda: True)
        self.mode = Mode.LIVE
        self._found = found
        self._steps: list[Step] = []
        self._why: Verdict | None = None

    def deal_with(self, change: Change[Content], *, of_list: bool = False) -> Ending:
        self._steps, self._why = [], None
        ending = super().deal_with(change, of_list=of_list)
        return self._noted(change.key, change.version, ending)

    def gone(self, key: str, *, told: bool = False) -> Ending:
        self._steps, self._why = [], None
        return self._noted(key, "", super().gone(key, told=told))

    def park_unread(self, key: str, verdict: Permanent) -> Ending:
        self._steps, self._why = [], None
        return self._noted(key, "", super().park_unread(key, verdict))

    def later(self, key: str, verdict: Verdict) -> Ending:
        self._why = verdict
        return super().later(key, verdict)

    def _do(self, step: Step, draft: Draft) -> Ending | None:
        self._steps.append(step)
        told = StepPlanned(step=step.name, summary=step.summary, passing=step.passing)
        draft.note("planned", told, StepDone(step=step.name, how="planned"))
        return None

    def _close(self, step: StepState, draft: Draft) -> Ending:  # noqa: ARG002 - as `Taking`
        raise Permanent(
            "sync.looks_first",
            f"the run first finds out what became of {step.name}, which was begun earlier",
        )

    def _skip(self, draft: Draft, verdict: Skip) -> Ending:
        self._why = verdict
        return super()._skip(draft, verdict)

    def _park(self, draft: Draft, verdict: Permanent, *facts: SyncFact) -> Ending:
        self._why = verdict
        flow, key = self.source.name, draft.state.key
        parked_id = parked_id_of(flow, key)
        parked = Parked(flow=flow, parked_id=parked_id, code=verdict.code, reason=verdict.reason)
        draft.note("a person is asked", *facts, parked)
        draft.write()
        return PARKED

    def _noted(self, key: str, version: str, ending: Ending) -> Ending:
        if ending in {KNOWN, OLDER}:
            return ending
        why = self._why
        steps = tuple(
            PlannedStep(step.name, step.partner, step.does, step.summary, dict(step.told))
            for step in self._steps
        )
        self._found.append(
            PlannedChange(
                key=key,
                version=version,
                does=self._does(key, ending),
                steps=steps,
                outcome=ending.word,
                code=why.code if why else "",
                reason=why.reason if why else "",
            )
        )
        return ending

    def _does(self, key: str, ending: Ending) -> Does:
        if ending is PARKED:
            return "hold"
        if isinstance(self._why, Skip):
            return "skip"
        if ending.comes_back:
            return "later"
        if self._steps:
            creates = any(step.does == "create" for step in self._steps)
            return "create" if creates else "update"
        return "wait" if self.world.load(self.source.name, key).in_work else "nothing"


class _Overlay:
    """`ports.sync.SyncStore` whose appends stay here."""

    def __init__(self, behind: SyncStore) -> None:
        self._behind = behind
        self._states: dict[tuple[str, str, str], SyncState] = {}

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        found = self._states.get((merchant, flow, key))
        return found if found is not None else self._behind.load(merchant, flow, key)

    def load_many(self, merchant: str, flow: str, keys: Sequence[str]) -> dict[str, SyncState]:
        found = self._behind.load_many(merchant, flow, keys)
        return {key: self._states.get((merchant, flow, key), found[key]) for key in found}

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        if self.load(state.merchant, state.flow, state.key).version != state.version:
            raise Conflict(state.key)
        after = fold(state, events)
        self._states[state.merchant, state.flow, state.key] = after
        return after

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        return self._behind.timeline(merchant, flow, key)

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        return self._behind.made_by(merchant, flow, partner_id)

    def in_work(
        self, merchant: str, flow: str, limit: int, after: SyncState | None = None
    ) -> tuple[SyncState, ...]:
        return self._behind.in_work(merchant, flow, limit, after)


class _Quiet:
    """`ports.Telemetry` that keeps why a run failed, and tells nobody."""

    def __init__(self) -> None:
        self.failed = ""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Nothing: nothing happened."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """Nothing, as `count`."""

    def log(self, message: str, **fields: object) -> None:
        if message == "run failed":
            self.failed = str(fields.get("reason", ""))


class _UpTo:
    """`ports.Clock` by which time is over when enough was found."""

    def __init__(self, behind: Clock, found: list[PlannedChange], limit: int) -> None:
        self._behind = behind
        self._found = found
        self._limit = limit

    def now(self) -> datetime:
        return self._behind.now()

    def remaining(self) -> float:
        return math.inf if len(self._found) < self._limit else 0.0


class _Refusing:
    """A store that nobody has to ask anything of while a plan is made."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"a plan writes nothing, and asks for {name}")


class _Held:
    """What a run would park beside its records."""

    def __init__(self, found: list[PlannedChange]) -> None:
        self._found = found

    def park(self, item: ParkedItem) -> None:
        self._found.append(
            PlannedChange(item.parked_id, "", "hold", (), PARKED.word, item.code, item.reason)
        )
