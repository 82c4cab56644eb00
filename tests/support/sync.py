"""Flows that keep records in step: their store in memory, a source and a partner to try them on."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from returns_hub.adapters.dynamodb import sync as rows
from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound, marker_of
from returns_hub.domain.sync.records import StepDone, SyncEvent, SyncState, fold
from returns_hub.errors import Conflict, Permanent, Retryable, Skip, UnknownOutcome, Verdict
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.sync.sync_world import SyncWorld
from tests.support import fakes
from tests.support.bare import bare_world, person_at
from tests.support.fakes import TestClock
from tests.support.worlds import merchant_file

AWAY = Retryable("fake.away", "the partner is away")
REFUSED = Permanent("fake.refused", "the partner does not take it")
LOST = UnknownOutcome("fake.no_answer", "the answer was lost")
Name = tuple[str, str, str]
"""Merchant, flow, key."""


def power_cut(*_: Any) -> Any:
    """Instead of a store's call."""
    raise RuntimeError("cut")


class FakeSyncStore:
    """`ports.sync.SyncStore`; tests/contract holds it to the one in DynamoDB."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.states: dict[Name, SyncState] = {}
        self.events: dict[Name, list[SyncEvent]] = {}
        self.links: dict[Name, str] = {}

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        empty = SyncState(merchant=merchant, flow=flow, key=key)
        return self.states.get((merchant, flow, key), empty)

    def load_many(self, merchant: str, flow: str, keys: Sequence[str]) -> dict[str, SyncState]:
        return {key: self.load(merchant, flow, key) for key in keys}

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        if not events:
            return state
        name = (state.merchant, state.flow, state.key)
        after = fold(state, events)
        for event in events:
            rows.fitting({"event": event.model_dump_json()}, f"an event of {state.key}")
        rows.state_row(after, "", self._clock.now())
        stored = self.states.get(name)
        if (stored.version if stored else 0) != state.version:
            raise Conflict(str(name))
        self.states[name] = after
        self.events.setdefault(name, []).extend(events)
        for event in events:
            if isinstance(event.fact, StepDone) and event.fact.partner_id:
                self.links[state.merchant, state.flow, event.fact.partner_id] = state.key
        return after

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        return tuple(self.events.get((merchant, flow, key), ()))

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        return self.links.get((merchant, flow, partner_id))

    def in_work(
        self, merchant: str, flow: str, limit: int, after: SyncState | None = None
    ) -> tuple[SyncState, ...]:
        mine = [
            state
            for name, state in self.states.items()
            if name[:2] == (merchant, flow) and state.in_work
        ]
        if after is not None:
            mine = [state for state in mine if rows.work_place(state) > rows.work_place(after)]
        return tuple(sorted(mine, key=rows.work_place)[:limit])


@dataclass(frozen=True)
class Row:
    """A record at the fake source.

    `lines` are written one by one after it is made. `skip`, `odd` and `away` are what its plan
    raises; `waits` is until the partner's `ready` has its key.
    """

    value: str
    lines: int = 0
    waits: bool = False
    skip: str = ""
    odd: str = ""
    away: bool = False


class FakePartner:
    """Takes writes. `trouble` is what goes wrong with the next ones, before or after they took
    effect; without `sure` it cannot tell whether one that it does not know was carried out."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.rows: dict[str, str] = {}
        self.lines: list[str] = []
        self.by_marker: dict[str, str] = {}
        self.carried_out: list[tuple[str, str]] = []
        self.looked_up: list[str] = []
        self.trouble: deque[tuple[Literal["before", "after"], Verdict]] = deque()
        self.sure = True
        self.ready: set[str] = set()
        self.seconds = 0.0

    def write(self, operation: str, key: str, step: str, value: str, by: datetime) -> str:
        """Carry one write out."""
        if self._clock.now() > by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        self._clock.left -= self.seconds
        when, verdict = self.trouble.popleft() if self.trouble else ("", None)
        if verdict is not None and when == "before":
            raise verdict
        self.carried_out.append((operation, step))
        if step.startswith("line"):
            self.lines.append(f"{key}/{step}")
        else:
            self.rows[key] = value
        self.by_marker[marker_of(operation)] = made = f"made-{key}-{step}"
        if verdict is not None:
            raise verdict
        return made

    def find(self, operation: str) -> LookUp:
        """By the marker, which is in every record from the moment it is made."""
        self.looked_up.append(operation)
        made = self.by_marker.get(marker_of(operation))
        if made is not None:
            return Found(made)
        return NotFound() if self.sure else Inconclusive("the list does not show markers")

    def twice(self) -> list[str]:
        """Operations that were carried out more than once."""
        counted = Counter(operation for operation, _ in self.carried_out)
        return [operation for operation, times in counted.items() if times > 1]


class FakeSource:
    """`flows.sync.shape.Source`: what is changed here is written to the partner."""

    name = "fake.records"
    overlap = timedelta(minutes=10)
    first_look_back = timedelta(days=1)

    def __init__(self, clock: TestClock, partner: Any) -> None:
        self._clock = clock
        self.partner = partner
        self.mode = Mode.LIVE
        self.every = timedelta(minutes=30)
        self.known: dict[str, Change[Row]] = {}
        self.list: list[Change[Row]] | None = None
        self.cut_after: int | None = None
        self.pulls: list[datetime] = []
        self.reads: list[str] = []
        self.read_trouble: dict[str, Verdict] = {}
        self.times = True
        self.forgetful = False

    def put(self, key: str, row: Row, version: str = "") -> Change[Row]:
        """The record as it is from now on."""
        now = self._clock.now()
        version = version or now.isoformat()
        self.known[key] = Change(key, version, now if self.times else None, row)
        return self.known[key]

    def pull(self, since: datetime) -> Iterator[Change[Row]]:
        self.pulls.append(since)
        changes = list(self.known.values()) if self.list is None else self.list
        for count, change in enumerate(changes):
            if self.cut_after is not None and count >= self.cut_after:
                raise Retryable("fake.cut_off", "the list was cut off")
            if change.at is None or change.at >= since:
                yield change
        if self.cut_after is not None:
            raise Retryable("fake.cut_off", "the list was cut off")

    def read(self, key: str) -> Change[Row] | None:
        self.reads.append(key)
        if key in self.read_trouble:
            raise self.read_trouble[key]
        return self.known.get(key)

    def plan(self, change: Change[Row], state: SyncState) -> Plan:
        row = change.content
        if row.away:
            raise Retryable("fake.away", "cannot be told now")
        if row.odd:
            raise Permanent("fake.odd", row.odd)
        if row.skip:
            raise Skip("fake.skip", row.skip)
        if row.waits and change.key not in self.partner.ready:
            return Plan(outcome="waiting", again=True)
        if not state.done("make"):
            make = self._step("make", change, state, does="create")
            lines = [self._step(f"line/{n}", change, state) for n in range(row.lines)]
            return Plan([make, *lines], outcome="made")
        lines = [self._step(f"line/{n}", change, state) for n in range(row.lines)]
        name = f"update/{state.turn}" if self.forgetful else state.anew("update")
        is_open = state.is_open(name)
        if self.partner.rows.get(change.key) != row.value or is_open:
            update = self._step(name, change, state, passing=True)
            return Plan([*lines, update], outcome="updated")
        return Plan(lines)

    def _step(self, name: str, change: Change[Row], state: SyncState, **more: Any) -> Step:
        operation = state.operation_key(name)
        key, value = change.key, change.content.value
        return Step(
            name=name,
            partner="fake",
            summary=f"{name} of {key}",
            send=lambda by: self.partner.write(operation, key, name, value, by),
            look_up=lambda _: self.partner.find(operation),
            told={"value": value},
            **more,
        )


class SyncBench:
    """Everything a test of a flow that keeps records in step holds in its hands."""

    def __init__(self) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.ledger: Any = fakes.Ledger(self.clock)
        self.cursors: Any = fakes.Cursors(self.clock)
        self.parking: Any = fakes.Parking()
        self.records: Any = FakeSyncStore(self.clock)
        self.partner: Any = FakePartner(self.clock)
        self.source: Any = FakeSource(self.clock, self.partner)
        self.runs = 0

    def world(self) -> SyncWorld:
        world = bare_world(self, merchant_file())
        return SyncWorld(world, self.records)

    # -- what happens in it -----------------------------------------------------------------

    def run(self, **later: float) -> dict[str, int]:
        """One tick, an hour later unless it is said."""
        self.clock.advance(**(later or {"hours": 1}))
        return run_sync(self.source, self.world())

    def put(self, key: str, value: str = "a", version: str = "", **row: Any) -> None:
        """The source changes a record."""
        self.source.put(key, Row(value, **row), version)

    def desk(self) -> Desk:
        """A person at the list of parked work."""
        return person_at(self, records=lambda: self.records)

    def replay(self, *, send_again: bool = False) -> None:
        """A person has the only parked item done again."""
        (item,) = self.parking.list_parked("example")
        assert replay(item, self.desk(), send_again=send_again) == "replayed"

    def replay_all(self) -> None:
        """A person has whatever is parked done again."""
        for item in self.parking.list_parked("example"):
            assert replay(item, self.desk()) == "replayed"

    def discard(self, note: str = "seen to") -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked("example")
        assert discard(item, self.desk(), note) == "discarded"

    # -- what came of it --------------------------------------------------------------------

    def state(self, key: str) -> SyncState:
        found: SyncState = self.records.load("example", self.source.name, key)
        return found

    def kinds(self, key: str) -> list[str]:
        events = self.records.timeline("example", self.source.name, key)
        return [event.fact.kind for event in events]

    def parked(self) -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked("example")]

    def written(self) -> list[str]:
        """Names of the steps that were carried out, in order."""
        return [step for _, step in self.partner.carried_out]
