"""One run of a flow that keeps records in step.

Works under the lease of the flow's cursor. The cursor moves only behind what is on a timeline;
what could not be done is remembered by its own timeline, which the next run walks. Changes overlap
and are told apart by key and version, never by time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from returns_hub.domain.facts import Parked, Skipped, WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import (
    RecordSeen,
    RecordSettled,
    StepDone,
    StepPlanned,
    SyncFact,
    SyncState,
)
from returns_hub.errors import Conflict, Permanent, Retryable, Skip, UnknownOutcome, Verdict
from returns_hub.flows.sync.shape import Change, Plan, Source, Step
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports import Lease

LEASE_MARGIN_SECONDS = 30.0
WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
TRIES_AGAINST_OTHERS = 5
MOST_SEEN = 4000
"""Changes of the overlap that a cursor remembers; beyond them timelines are read again."""
IN_WORK_PER_RUN = 500

Content = TypeVar("Content")


def run_sync(source: Source[Any], world: SyncWorld, *, now: bool = False) -> dict[str, int]:
    """Keep one merchant's records of one flow in step.

    Args:
        source: The flow.
        world: The merchant's.
        now: Though the flow's interval is not over.

    Returns:
        How many records ended in which way. Empty when another run holds the lease.
    """
    if source.mode is Mode.OFF:
        return {"off": 1}
    stores = world.stores
    name = f"sync/{source.name}/{world.merchant}"
    lease = stores.cursors.acquire(
        name, stores.owner, stores.clock.remaining() + LEASE_MARGIN_SECONDS
    )
    if lease is None:
        stores.telemetry.log("another run holds the lease", cursor=name)
        return {}
    try:
        cursor = SyncCursor.of(lease.value)
        if not now and not cursor.is_due(source, stores.clock.now()):
            return {"not_due": 1}
        return _Run(source, world, lease, cursor).run()
    except Verdict as verdict:
        world.world.run_failed(verdict, flow=source.name)
        return {"failed": 1}
    finally:
        stores.cursors.release(lease)


@dataclass(frozen=True)
class SyncCursor:
    """Where the run before ended.

    Args:
        began: When the newest whole reading of the source began; the next reads from there on.
        ran: When the newest run began.
        seen: Key -> version that is dealt with, of the overlap.
        mode: Of the newest run; a flow that goes live reads again what its shadow passed.
    """

    began: datetime | None = None
    ran: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    mode: str = ""

    @staticmethod
    def of(value: Mapping[str, Any]) -> SyncCursor:
        """The cursor as it was stored."""
        began, ran = value.get("began"), value.get("ran")
        return SyncCursor(
            began=datetime.fromisoformat(began) if began else None,
            ran=datetime.fromisoformat(ran) if ran else None,
            seen=dict(value.get("seen", {})),
            mode=value.get("mode", ""),
        )

    def to_json(self) -> dict[str, Any]:
        """The cursor to be stored."""
        newest = dict(list(self.seen.items())[-MOST_SEEN:])
        return {
            "began": self.began.isoformat() if self.began else None,
            "ran": self.ran.isoformat() if self.ran else None,
            "seen": newest,
            "mode": self.mode,
        }

    def is_due(self, source: Source[Any], now: datetime) -> bool:
        """Whether the flow's interval is over."""
        return self.ran is None or now - self.ran >= source.every


class _Run(Generic[Content]):
    """One run under the lease."""

    def __init__(
        self, source: Source[Content], world: SyncWorld, lease: Lease, cursor: SyncCursor
    ) -> None:
        self._source = source
        self._world = world
        self._lease = lease
        self._cursor = cursor
        self._endings: dict[str, int] = {}
        self._looked_at: set[str] = set()

    def run(self) -> dict[str, int]:
        clock, source = self._world.stores.clock, self._source
        began = clock.now()
        to_live = source.mode is Mode.LIVE and self._cursor.mode == Mode.SHADOW.value
        known = {} if to_live else dict(self._cursor.seen)
        start = None if to_live else self._cursor.began
        since = (start or began - source.first_look_back) - source.overlap
        whole = self._walk_in_work() and self._walk_changes(since, known)
        cursor = SyncCursor(
            began=began if whole else self._cursor.began,
            ran=began,
            seen=known,
            mode=source.mode.value if whole else self._cursor.mode,
        )
        try:
            self._world.stores.cursors.advance(self._lease, cursor.to_json())
        except Conflict:
            telemetry = self._world.stores.telemetry
            telemetry.log("the lease was lost; another run goes on", cursor=self._lease.name)
        self._tell()
        return self._endings

    def _walk_in_work(self) -> bool:
        """Go on with what earlier runs began; whether there was time for all of it."""
        states = self._world.records.in_work(
            self._world.merchant, self._source.name, IN_WORK_PER_RUN
        )
        for state in states:
            if not self._has_time():
                return False
            self._looked_at.add(state.key)
            try:
                change = self._source.read(state.key)
            except (Retryable, UnknownOutcome) as verdict:
                self._later(state.key, verdict)
                continue
            self._count(self._deal_with(change) if change else self._gone(state))
        return True

    def _walk_changes(self, since: datetime, known: dict[str, str]) -> bool:
        """Deal with what changed; whether the list came to its end and there was time for all."""
        try:
            for change in self._source.pull(since):
                if known.get(change.key) == change.version or change.key in self._looked_at:
                    continue
                if not self._has_time():
                    return False
                ending = self._deal_with(change)
                self._count(ending)
                # What comes back is on its timeline, and the walk over those finds it.
                known.pop(change.key, None)
                if ending != "not_recorded":
                    known[change.key] = change.version
                else:
                    return False
        except Retryable as verdict:
            self._world.world.run_failed(verdict, flow=self._source.name)
            self._endings["cut_off"] = 1
            return False
        return True

    def _deal_with(self, change: Change[Content]) -> str:
        for _ in range(TRIES_AGAINST_OTHERS):
            state = self._world.records.load(self._world.merchant, self._source.name, change.key)
            if self._is_known(state, change):
                return "known"
            try:
                return self._take(change, state)
            except Conflict:
                continue
        return "not_recorded"

    def _is_known(self, state: SyncState, change: Change[Content]) -> bool:
        """Whether this version was dealt with to its end; a shadow's end is none for a live run."""
        if not state.version or state.settled != change.version:
            return False
        was_shadow = state.outcome == "shadow" and self._source.mode is Mode.LIVE
        return state.source_version == change.version and not was_shadow

    def _take(self, change: Change[Content], state: SyncState) -> str:
        """Plan and take the steps of one version of a record."""
        state = self._seen(change, state)
        if state.parked:
            return "parked"
        try:
            plan = self._source.plan(change, state)
        except Skip as verdict:
            return self._skip(change, state, verdict)
        except Permanent as verdict:
            return self._park(state, verdict)
        except (Retryable, UnknownOutcome) as verdict:
            return self._later(change.key, verdict)
        if self._source.mode is Mode.SHADOW:
            return self._shadow(change, state, plan)
        for step in plan.steps:
            if state.done(step.name):
                continue
            if not self._has_time():
                return "later"
            try:
                state = self._do(step, state)
            except Permanent as verdict:
                return self._park(state, verdict)
            except (Retryable, UnknownOutcome) as verdict:
                return self._later(change.key, verdict)
        if plan.again:
            return plan.outcome
        settled = RecordSettled(source_version=change.version, outcome=plan.outcome)
        self._record(state, "in step", settled)
        return plan.outcome

    def _do(self, step: Step, state: SyncState) -> SyncState:
        if state.step(step.name) is None:
            planned = StepPlanned(step=step.name, summary=step.summary, told=dict(step.told))
            state = self._record(state, "planned", planned)
        world = self._world.world
        again = f"/again-{state.attempt}" if state.attempt else ""
        operation = world.operation(
            f"sync/{self._source.name}/{world.merchant}/{state.key}/{step.name}{again}",
            settle=step.settle,
            give_up=step.give_up,
            retry_rejected=state.replays > 0,
        )
        done = world.run(operation, send=step.send, look_up=step.look_up)
        fact = StepDone(step=step.name, partner_id=done.partner_id, how=done.how)
        world.stores.telemetry.count(
            "SyncSteps", flow=self._source.name, merchant=world.merchant, outcome=done.how
        )
        return self._record(state, "done", fact)

    def _seen(self, change: Change[Content], state: SyncState) -> SyncState:
        if state.version and state.source_version == change.version:
            return state
        return self._record(state, "seen", RecordSeen(source_version=change.version))

    def _skip(self, change: Change[Content], state: SyncState, verdict: Skip) -> str:
        told = Skipped(flow=self._source.name, code=verdict.code, reason=verdict.reason)
        settled = RecordSettled(source_version=change.version, outcome="skipped")
        facts: list[SyncFact] = [] if verdict.code in state.skips else [told]
        self._record(state, verdict.code, *facts, settled)
        return "skipped"

    def _shadow(self, change: Change[Content], state: SyncState, plan: Plan) -> str:
        would = [
            WouldSend(partner=step.partner, operation=step.name, summary=step.summary)
            for step in plan.steps
            if not state.done(step.name)
        ]
        settled = RecordSettled(source_version=change.version, outcome="shadow")
        self._record(state, "shadow", *would, settled)
        return "shadow"

    def _gone(self, state: SyncState) -> str:
        settled = RecordSettled(source_version=state.source_version, outcome="gone")
        try:
            self._record(state, "the source does not know it any more", settled)
        except Conflict:
            return "later"
        return "gone"

    def _park(self, state: SyncState, verdict: Permanent) -> str:
        name = self._source.name
        parked_id = f"{name}/{state.key}"
        payload = state.model_dump_json(include={"flow", "key", "source_version"})
        self._world.world.park(name, parked_id, verdict, subject=state.key, payload=payload)
        parked = Parked(flow=name, parked_id=parked_id, code=verdict.code, reason=verdict.reason)
        self._record(state, "a person is asked", parked)
        return "parked"

    def _later(self, key: str, verdict: Verdict) -> str:
        world = self._world.world
        world.tell_if_misconfigured(verdict)
        world.stores.telemetry.log(
            "record comes back",
            flow=self._source.name,
            key=key,
            code=verdict.code,
            reason=verdict.reason,
        )
        return "later"

    def _record(self, state: SyncState, rule: str, *facts: SyncFact) -> SyncState:
        return self._world.record(state, rule, *facts)

    def _has_time(self) -> bool:
        if self._world.stores.clock.remaining() >= WORST_CASE_SECONDS:
            return True
        self._endings["not_started"] = 1
        return False

    def _count(self, ending: str) -> None:
        if ending != "known":
            self._endings[ending] = self._endings.get(ending, 0) + 1

    def _tell(self) -> None:
        telemetry, name = self._world.stores.telemetry, self._source.name
        for ending, count in self._endings.items():
            telemetry.count(
                "Synced", count, flow=name, merchant=self._world.merchant, outcome=ending
            )
        telemetry.log("sync run", flow=name, **self._endings)
