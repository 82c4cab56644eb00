"""A flow that keeps records in step: when it runs, and what it does with its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.errors import Conflict, Misconfigured
from returns_hub.flows.operator import discard
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Change, Plan
from tests.support.fakes import START
from tests.support.sync import REFUSED, Row, SyncBench


@pytest.fixture
def it() -> SyncBench:
    return SyncBench()


def cursor_of(it: SyncBench) -> dict[str, Any]:
    return dict(it.cursors.read("sync/fake.records/example"))


def test_a_change_is_written_once_and_settled(it: SyncBench) -> None:
    it.put("A", lines=2)

    assert it.run() == {"made": 1}

    assert it.written() == ["make", "line/0", "line/1"]
    assert it.state("A").standing == "made"
    assert it.kinds("A") == ["record_seen", *["step_planned", "step_done"] * 3, "record_settled"]
    assert it.records.made_by("example", "fake.records", "made-A-make") == "A"
    assert it.telemetry.total("Synced", flow="fake.records", outcome="made") == 1


def test_a_flow_that_is_off_does_nothing(it: SyncBench) -> None:
    it.put("A")
    it.source.mode = Mode.OFF

    assert it.run() == {"off": 1}
    assert it.source.pulls == []


def test_it_runs_when_its_interval_is_over_or_when_told(it: SyncBench) -> None:
    it.run()
    it.put("A")

    assert it.run(minutes=29) == {"not_due": 1}
    assert it.written() == []
    assert run_sync(it.source, it.world(), now=True) == {"made": 1}
    assert it.run(minutes=29) == {"not_due": 1}
    assert it.run(minutes=1) == {}
    assert len(it.source.pulls) == 3


def test_a_run_that_meets_another_leaves(it: SyncBench) -> None:
    it.put("A")
    lease = it.cursors.acquire("sync/fake.records/example", "other", 7200)

    assert it.run() == {}
    assert it.source.pulls == []
    it.cursors.release(lease)
    assert it.run() == {"made": 1}


def test_its_first_run_looks_back_and_the_next_overlap(it: SyncBench) -> None:
    it.run(minutes=0)
    it.run()

    assert it.source.pulls[0] == START - it.source.first_look_back - it.source.overlap
    assert it.source.pulls[1] == START - it.source.overlap


def test_what_was_dealt_with_is_passed_over_without_a_look_at_its_timeline(it: SyncBench) -> None:
    it.put("A")
    it.run(minutes=1)
    it.source.every = timedelta(0)
    loads: list[str] = []
    load = it.records.load

    def noted(*name: str) -> Any:
        loads.append(name[-1])
        return load(*name)

    it.records.load = noted

    assert it.run(minutes=5) == {}
    assert loads == []
    it.put("A", "b")
    assert it.run(minutes=5) == {"updated": 1}
    assert it.partner.rows == {"A": "b"}


def test_a_version_that_comes_back_is_told_again(it: SyncBench) -> None:
    for value in ("a", "b", "a", "b", "a"):
        it.put("A", value, version=value)
        it.run()
        assert it.partner.rows == {"A": value}

    assert it.written() == ["make", *(f"update/{turn}" for turn in (2, 3, 4, 5))]
    assert it.partner.twice() == []
    assert [step.name for step in it.state("A").steps] == ["make"]


def test_the_cursor_remembers_no_more_than_it_needs(it: SyncBench) -> None:
    for number in range(50):
        it.put(f"k{number}", skip="not ours")
    it.run(minutes=1)
    assert len(cursor_of(it)["seen"]) == 50
    it.put("A")
    it.run()
    it.run()

    assert cursor_of(it)["seen"] == {}


def test_a_surprise_in_one_record_does_not_keep_the_others(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.put("A")
    it.put("B")
    plan = it.source.plan

    def surprised(change: Change[Row], state: Any) -> Plan:
        if change.key == "A":
            raise KeyError("Guid")
        made: Plan = plan(change, state)
        return made

    monkeypatch.setattr(it.source, "plan", surprised)

    assert it.run() == {"parked": 1, "made": 1}
    assert it.parked() == ["sync.surprise"]


def test_a_plan_whose_steps_cannot_be_told_apart_is_not_carried_out(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.put("A")
    plan = it.source.plan

    def twice(change: Change[Row], state: Any) -> Plan:
        steps = plan(change, state).steps
        return Plan([*steps, *steps])

    monkeypatch.setattr(it.source, "plan", twice)

    assert it.run() == {"parked": 1}
    assert it.parked() == ["sync.plan"]
    assert it.written() == []


def test_a_record_that_cannot_be_kept_is_a_persons_question_once(it: SyncBench) -> None:
    it.source.list = [
        Change("", "1", START, Row("a")),
        Change("k" * 201, "1", START, Row("a")),
        Change("B", "", START, Row("a")),
        Change("A", "v" * 5000, START, Row("a")),
    ]
    it.source.every = timedelta(0)

    assert it.run(minutes=1) == {"parked": 3, "made": 1}
    assert it.run(minutes=1) == {}
    assert set(it.parked()) == {"sync.unusable_key"}
    for _ in range(3):
        item = it.parking.list_parked("example")[0]
        assert discard(item, it.desk(), "mended there") == "discarded"
    assert it.parked() == []


def test_what_is_too_large_to_be_kept_is_parked_and_the_rest_goes_on(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.put("A")
    it.put("B")
    step = it.source._step

    def large(name: str, change: Change[Row], state: Any, **more: Any) -> Any:
        made = step(name, change, state, **more)
        return replace(made, told={"note": "x" * 500_000}) if change.key == "A" else made

    monkeypatch.setattr(it.source, "_step", large)

    assert it.run() == {"parked": 1, "made": 1}
    assert it.parked() == ["sync.too_large"]
    assert it.written() == ["make"]
    it.discard()
    assert it.state("A").standing == "discarded"


def test_a_key_that_holds_a_steps_name_is_no_other_records_step(it: SyncBench) -> None:
    it.put("A", lines=1)
    it.put("A/line", "b")
    it.run()
    keys = {it.state("A/line").operation_key("0"), it.state("A").operation_key("line/0")}

    assert len(keys) == 2
    assert it.state("é" * 200).operation_key("make").startswith("sync/fake.records/example/=")


def test_a_source_that_is_cut_off_counts_up_to_there(it: SyncBench) -> None:
    it.put("A")
    it.put("B")
    it.source.cut_after = 1

    assert it.run() == {"made": 1, "cut_off": 1}
    it.source.cut_after = None
    assert it.run(minutes=5) == {"made": 1}
    assert it.source.pulls[0] == it.source.pulls[1] - timedelta(0)
    assert it.run(minutes=5) == {"not_due": 1}
    assert sorted(it.partner.rows) == ["A", "B"]


def test_a_source_that_an_operator_has_to_mend_is_told_of(it: SyncBench) -> None:
    def misconfigured(_: Any) -> Any:
        raise Misconfigured("fake.key", "the key is wrong")

    it.source.pull = misconfigured

    assert it.run() == {"cut_off": 1}
    assert it.telemetry.total("Misconfigured") == 1


def test_a_list_that_lags_or_shows_an_old_page_does_not_undo_what_is_newer(it: SyncBench) -> None:
    it.put("A", "old", version="1")
    old = it.source.known["A"]
    it.clock.advance(minutes=1)
    it.put("A", "new", version="2")
    it.source.list = [it.source.known["A"], old]

    assert it.run() == {"made": 1}
    assert it.run() == {}
    assert it.partner.rows == {"A": "new"}
    assert it.written() == ["make"]


def test_an_old_row_whose_record_is_not_shown_does_not_stop_the_rest(it: SyncBench) -> None:
    it.put("A", "old", version="1")
    old = it.source.known["A"]
    it.clock.advance(minutes=1)
    it.put("A", "new", version="2")
    assert it.run(minutes=1) == {"made": 1}
    it.put("B")
    it.source.list = [old, it.source.known["B"]]
    it.source.read_trouble["A"] = REFUSED

    assert it.run(minutes=30) == {"made": 1}
    assert it.source.reads == ["A"]
    assert it.partner.rows == {"A": "new", "B": "a"}
    assert it.parked() == [], "what is known of it is newer, and dealt with"


def test_a_record_that_others_keep_changing_does_not_stop_the_rest(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.put("A")
    it.put("B")
    append = it.records.append

    def contended(state: Any, events: Any) -> Any:
        if state.key == "A":
            raise Conflict("A")
        return append(state, events)

    monkeypatch.setattr(it.records, "append", contended)
    assert it.run() == {"not_recorded": 1, "made": 1}
    assert cursor_of(it)["whole"] is False, "also where more come back than a cursor holds"
    monkeypatch.undo()

    assert it.run(minutes=1) == {"made": 1}
    assert it.partner.rows == {"A": "a", "B": "a"}
