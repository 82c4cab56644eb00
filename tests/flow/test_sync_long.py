"""A flow that keeps records in step, over a list that takes more than one run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.errors import Conflict
from returns_hub.flows.sync.shape import Change, Coming, Reached
from returns_hub.flows.sync.take import AHEAD_LASTS, Taking
from tests.support.fakes import START
from tests.support.sync import FakeSource, Row, SyncBench

PAGE = 10


class PagedSource(FakeSource):
    """Its list comes in pages by key; a place is the number of the page that was given last."""

    basis = "one"
    first_look_back = timedelta(days=30)

    def __init__(self, clock: Any, partner: Any) -> None:
        super().__init__(clock, partner)
        self.places: list[str] = []
        self.given: list[int] = []

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[Row] | Reached | Coming]:
        self.pulls.append(since)
        self.places.append(place)
        rows = [self.known[key] for key in sorted(self.known)]
        changed = [row for row in rows if row.at is None or row.at >= since]
        for number in range(int(place or 0), len(changed) // PAGE + 1):
            self.given.append(number)
            yield from changed[number * PAGE : (number + 1) * PAGE]
            yield Reached(str(number))


@pytest.fixture
def it() -> SyncBench:
    it = SyncBench()
    it.source = PagedSource(it.clock, it.partner)
    for number in range(100):
        it.put(f"k{number:02}")
    it.partner.seconds = 1.0
    return it


def cursor_of(it: SyncBench) -> dict[str, Any]:
    return dict(it.cursors.read("sync/fake.records/example"))


def run_for(it: SyncBench, seconds: float, **later: float) -> dict[str, int]:
    it.clock.left = seconds + 45.0
    return it.run(**(later or {"minutes": 5}))


def test_a_list_that_takes_several_runs_goes_on_where_it_was(it: SyncBench) -> None:
    runs = [run_for(it, 25.5) for _ in range(4)]

    assert [run["made"] for run in runs] == [26, 26, 26, 22]
    assert it.source.places == ["", "1", "4", "6"]
    # Read again: the page that a run ended in, and the last whole one, onto which rows may move.
    assert len(it.source.given) == 11 + 2 * 3
    assert len(it.partner.rows) == 100
    assert it.partner.twice() == []
    assert run_for(it, 100) == {"not_due": 1}


def test_what_changes_behind_the_place_is_in_the_next_reading(it: SyncBench) -> None:
    run_for(it, 35.5)
    it.put("k05", "b")
    it.put("k00-new")
    while not cursor_of(it)["whole"]:
        run_for(it, 35.5)

    assert it.partner.rows["k05"] == "a"
    assert cursor_of(it)["began"] == (START + timedelta(minutes=5)).isoformat()
    assert run_for(it, 500, hours=1) == {"updated": 1, "made": 1}
    assert it.partner.rows["k05"] == "b"
    assert cursor_of(it)["at"] == ""


def test_what_could_not_be_recorded_is_not_left_behind(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = it.records.append

    def contended(state: Any, events: Any) -> Any:
        if state.key == "k15":
            raise Conflict(state.key)
        return append(state, events)

    monkeypatch.setattr(it.records, "append", contended)
    assert run_for(it, 500) == {"made": 99, "not_recorded": 1}
    assert cursor_of(it)["at"] == "0"
    it.source.known["k15"] = Change("k15", "x", START, Row("a"))
    monkeypatch.undo()

    assert run_for(it, 500) == {"made": 1}
    assert it.source.places == ["", "0"]


def test_time_is_looked_at_between_places_where_nothing_changed(it: SyncBench) -> None:
    pull = it.source.pull_from

    def slowly(since: datetime, place: str) -> Any:
        for told in pull(since, place):
            it.clock.left -= 1.0
            if isinstance(told, Reached):
                yield told

    it.source.pull_from = slowly
    assert run_for(it, 50.5) == {"not_started": 1}
    assert cursor_of(it)["at"] == "4"


def test_another_basis_begins_again_as_the_first_run(it: SyncBench) -> None:
    run_for(it, 500)
    assert run_for(it, 500) == {"not_due": 1}
    it.source.basis = "two"
    it.source.known = {k: Change(k, f"2-{c.version}", c.at, c.content) for k, c in _all(it)}

    assert run_for(it, 55.5) == {"in_step": 100}
    assert it.source.pulls[-1] == START + timedelta(minutes=15) - timedelta(days=30, minutes=10)
    assert run_for(it, 500) == {"not_due": 1}


def test_another_basis_in_the_middle_leaves_the_place(it: SyncBench) -> None:
    run_for(it, 25.5)
    it.source.basis = "two"
    run_for(it, 25.5)

    assert it.source.places == ["", ""]


def test_live_begins_again_at_the_front_of_what_a_shadow_was_reading(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    plan = it.source.plan

    def slowly(change: Any, state: Any) -> Any:
        it.clock.left -= 1.0
        return plan(change, state)

    it.source.plan = slowly
    assert run_for(it, 25.5)["shadow"] == 26
    assert cursor_of(it)["at"] == "1"
    it.source.mode = Mode.LIVE
    it.source.plan = plan

    assert run_for(it, 500) == {"made": 100}


def test_however_many_runs_it_takes_each_record_is_loaded_once(it: SyncBench) -> None:
    """Else the first reading of a large catalogue would cost the square of its size."""
    it.source.known = {}
    it.partner.seconds = 0.0
    for number in range(3000):
        it.put(f"k{number:05}", skip="not ours")
    loads = 0
    load = it.records.load

    def counted(*name: str) -> Any:
        nonlocal loads
        loads += 1
        it.clock.left -= 1.0
        return load(*name)

    it.records.load = counted
    runs = 0
    while runs == 0 or not cursor_of(it)["whole"]:
        run_for(it, 300.5)
        runs += 1

    assert runs == 10
    assert loads == 3000
    assert len(it.source.given) <= 301 + 2 * runs


def _all(it: SyncBench) -> Any:
    return it.source.known.items()


# -- what is known of a page is read at once ---------------------------------------------------


class AnnouncingSource(PagedSource):
    """It says which records come next."""

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[Row] | Reached | Coming]:
        yield Coming(tuple(sorted(self.known)))
        yield from super().pull_from(since, place)


@pytest.fixture
def announcing(it: SyncBench) -> SyncBench:
    rows = it.source.known
    it.source = AnnouncingSource(it.clock, it.partner)
    it.source.known = rows
    it.partner.seconds = 0.0
    return it


def loads(it: SyncBench) -> list[str]:
    """Notes every record that is read alone."""
    load, alone = it.records.load, list[str]()

    def noted(merchant: str, flow: str, key: str) -> Any:
        alone.append(key)
        return load(merchant, flow, key)

    it.records.load = noted
    it.records.load_many = lambda m, f, keys: {key: load(m, f, key) for key in keys}
    return alone


def test_what_is_known_of_the_records_that_come_is_read_at_once(announcing: SyncBench) -> None:
    alone = loads(announcing)

    assert announcing.run() == {"made": 100}

    assert alone == []
    assert announcing.partner.twice() == []


def test_what_was_read_ahead_counts_for_a_moment_only(
    announcing: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = announcing.partner.write

    def slow(*arguments: Any) -> Any:
        announcing.clock.advance(seconds=1)
        return write(*arguments)

    monkeypatch.setattr(announcing.partner, "write", slow)
    alone = loads(announcing)

    assert announcing.run() == {"made": 100}

    # The first when nothing of its second is over, the last of them when all are.
    assert len(alone) == 100 - 1 - AHEAD_LASTS.seconds


def test_a_record_that_another_run_took_since_is_read_again(announcing: SyncBench) -> None:
    it = announcing
    read = it.records.load_many

    def then(merchant: str, flow: str, keys: Any) -> Any:
        found = read(merchant, flow, keys)
        it.records.load_many = read
        other = Taking(it.source, it.world(), lambda: True)
        assert other.deal_with(it.source.known["k05"]).word == "made"
        return found

    it.records.load_many = then

    assert it.run() == {"made": 99}

    assert it.partner.twice() == []
    assert it.kinds("k05").count("record_settled") == 1
    assert it.parked() == []
