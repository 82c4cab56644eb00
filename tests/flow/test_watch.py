"""The schedule that looks at what is due: under a lease, bounded, one's trouble is its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from returns_hub.domain.facts import DueCleared, DueSet, Event, Parked
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows import watch_returns as watching
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.watch_returns import HANDLERS, Handler, watch_returns
from returns_hub.flows.world import World
from tests.support.worlds import Bench


class Watching:
    """Returns that are due of a kind "hold", and what was looked at."""

    def __init__(self, *return_ids: str) -> None:
        self.bench = Bench()
        self.looked: list[str] = []
        for number, return_id in enumerate(return_ids):
            self.due(return_id, "hold", minutes=number - 60)

    def due(self, return_id: str, kind: str, subject: str = "", minutes: float = -1) -> None:
        state = self.bench.returns.load("example", return_id)
        at = self.bench.clock.now() + timedelta(minutes=minutes)
        fact = DueSet(due_kind=kind, subject=subject, at=at)
        event = Event(
            sequence=state.version + 1,
            at=self.bench.clock.now(),
            actor="t",
            rule="t",
            config_version=1,
            fact=fact,
        )
        self.bench.returns.append(state, [event])

    def hold(self, state: ReturnState, due: Due, world: World) -> str:
        self.looked.append(state.return_id)
        world.record(state, "t", DueCleared(due_kind=due.kind, subject=due.subject))
        return "done"

    def stuck(self, state: ReturnState, _: Due, __: World) -> str:
        self.looked.append(state.return_id)
        return "not_yet"

    def run(self, **handlers: Handler) -> dict[str, int]:
        return watch_returns(self.bench.world(), handlers)


def test_the_longest_overdue_first_and_each_once() -> None:
    watch = Watching("r1", "r2", "r3")
    assert watch.run(hold=watch.hold) == {"hold.done": 3}
    assert watch.looked == ["r1", "r2", "r3"]
    assert watch.run(hold=watch.hold) == {}
    assert watch.bench.telemetry.total("Watched", outcome="hold.done") == 3


def test_what_is_not_due_yet_is_left() -> None:
    watch = Watching()
    watch.due("r1", "hold", minutes=1)
    assert watch.run(hold=watch.hold) == {}
    watch.bench.clock.advance(minutes=2)
    assert watch.run(hold=watch.hold) == {"hold.done": 1}


def test_everything_that_is_due_of_one_return_is_looked_at() -> None:
    watch = Watching("r1")
    watch.due("r1", "hold", "s2")
    watch.due("r1", "hold", "later", minutes=50)
    assert watch.run(hold=watch.hold) == {"hold.done": 2}


def test_nothing_due_costs_no_lease_and_asks_no_partner() -> None:
    watch = Watching()
    assert watch.run(hold=watch.hold) == {}
    lease = watch.bench.cursors.acquire("watch/example", "t", 60)
    assert lease is not None
    assert lease.fence == 1
    assert not watch.bench.to_redo.requests


def test_a_run_that_overlaps_another_leaves() -> None:
    watch = Watching("r1")
    assert watch.bench.cursors.acquire("watch/example", "other", 60) is not None
    assert watch.run(hold=watch.hold) == {}
    assert watch.looked == []


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [
        (Retryable("x.busy", "busy"), "hold.later"),
        (UnknownOutcome("x.unknown", "who knows"), "hold.later"),
        (Permanent("x.refused", "never"), "hold.parked"),
    ],
)
def test_ones_trouble_does_not_stop_the_others(verdict: Verdict, ending: str) -> None:
    watch = Watching("r1", "r2")

    def hold(state: ReturnState, due: Due, world: World) -> str:
        if state.return_id == "r1":
            raise verdict
        return watch.hold(state, due, world)

    assert watch.run(hold=hold) == {ending: 1, "hold.done": 1}
    assert watch.looked == ["r2"]


def test_what_can_never_succeed_goes_to_a_person_and_is_not_due_any_more() -> None:
    watch = Watching("r1")

    def refuse(*_: object) -> str:
        raise Permanent("x.refused", "the portal does not know it")

    watch.run(hold=refuse)

    (parked,) = watch.bench.parking.list_parked("example")
    assert (parked.parked_id, parked.code) == ("watch_returns/r1/hold", "x.refused")
    assert watch.bench.telemetry.total(OPERATOR_NEEDED) == 1
    state = watch.bench.returns.load("example", "r1")
    assert state.due == ()
    assert state.is_parked
    facts = [event.fact for event in watch.bench.returns.timeline("example", "r1")]
    assert [fact.beside for fact in facts if isinstance(fact, Parked)] == [True]
    assert watch.run(hold=refuse) == {}


def test_a_lost_race_is_decided_again_on_the_new_state() -> None:
    watch = Watching("r1")
    tries: list[int] = []

    def contended(state: ReturnState, due: Due, world: World) -> str:
        tries.append(state.version)
        if len(tries) == 1:
            watch.due("r1", "other", minutes=99)
            raise Conflict("r1")
        return watch.hold(state, due, world)

    assert watch.run(hold=contended) == {"hold.done": 1}
    assert tries == [1, 2]


def test_what_another_run_dealt_with_meanwhile_is_left() -> None:
    watch = Watching("r1")

    def overtaken(state: ReturnState, due: Due, world: World) -> str:
        watch.hold(state, due, world)
        raise Conflict("r1")

    assert watch.run(hold=overtaken) == {"hold.changed": 1}


def test_a_kind_that_nobody_knows_stays_due_and_is_counted() -> None:
    watch = Watching("r1")
    assert watch.run() == {"nobodys": 1}
    assert watch.run(hold=watch.hold) == {"hold.done": 1}


def test_what_cannot_be_done_now_does_not_keep_the_rest_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "MOST_PER_RUN", 2)
    watch = Watching("r1", "r2", "r3")

    watch.run(hold=watch.stuck)
    watch.run(hold=watch.stuck)

    assert watch.looked == ["r1", "r2", "r3", "r1"]


def test_a_run_stops_while_there_is_time_and_the_next_goes_on_there() -> None:
    watch = Watching("r1", "r2", "r3")

    def slow(state: ReturnState, due: Due, world: World) -> str:
        watch.bench.clock.left -= 30
        return watch.stuck(state, due, world)

    watch.bench.clock.left = 80
    assert watch.run(hold=slow) == {"hold.not_yet": 2, "not_started": 1}
    watch.bench.clock.left = 80
    watch.run(hold=slow)
    assert watch.looked == ["r1", "r2", "r3", "r1"]


def test_every_kind_of_the_hubs_own_has_a_handler() -> None:
    assert set(DueKind) <= set(HANDLERS)
