"""A flow that keeps records in step: what a run does with what its source shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Change, Plan
from tests.support.fakes import START
from tests.support.sync import Row, SyncBench

AWAY = Retryable("fake.away", "the partner is away")
REFUSED = Permanent("fake.refused", "the partner does not take it")
LOST = UnknownOutcome("fake.no_answer", "the answer was lost")


@pytest.fixture
def it() -> SyncBench:
    return SyncBench()


def cursor_of(it: SyncBench) -> dict[str, Any]:
    return dict(it.cursors.read("sync/fake.records/example"))


# -- when it runs ----------------------------------------------------------------------------------


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


# -- trouble ---------------------------------------------------------------------------------------


def test_what_was_not_done_comes_back_at_the_next_tick_without_the_list(it: SyncBench) -> None:
    it.put("A")
    it.put("B")
    it.partner.trouble.append(("before", AWAY))

    assert it.run() == {"later": 1, "made": 1}
    assert it.run(minutes=5) == {"made": 1}
    assert it.run(minutes=5) == {"not_due": 1}
    assert len(it.source.pulls) == 1
    assert it.source.reads == ["A"]
    assert it.partner.rows == {"A": "a", "B": "a"}


def test_what_cannot_be_told_now_is_told_later(it: SyncBench) -> None:
    it.put("A", away=True)
    assert it.run() == {"later": 1}
    it.put("A")

    assert it.run() == {"made": 1}


@pytest.mark.parametrize("sure", [True, False])
def test_an_answer_that_was_lost_is_looked_up_and_found(it: SyncBench, sure: bool) -> None:
    it.put("A")
    it.partner.sure = sure
    it.partner.trouble.append(("after", LOST))

    assert it.run() == {"later": 1}
    assert it.run(seconds=1) == {"later": 1}, "the claim's lease is not over"
    assert it.run() == {"made": 1}
    assert it.written() == ["make"]
    assert it.state("A").step("make").how == "looked_up"  # type: ignore[union-attr]


def test_a_request_that_was_not_carried_out_is_sent_when_the_look_up_tells(it: SyncBench) -> None:
    it.put("A")
    it.partner.trouble.append(("before", LOST))

    assert it.run() == {"later": 1}
    assert it.run() == {"made": 1}
    assert it.written() == ["make"]


def lost_for_good(it: SyncBench) -> None:
    """A request without an answer whose end no look-up tells."""
    it.put("A")
    it.partner.sure = False
    it.partner.trouble.append(("before", LOST))
    it.run()
    for _ in range(5):
        if it.parked():
            break
        it.run(hours=8)
    assert it.parked() == ["operation.unknown_outcome"]
    assert it.state("A").standing == "parked"


def test_what_nobody_can_know_goes_to_a_person_and_is_not_sent(it: SyncBench) -> None:
    lost_for_good(it)

    assert it.run(days=2) == {}
    it.replay()
    assert it.run(days=2) == {"parked": 1}
    assert it.written() == []


def test_a_person_who_looked_has_it_sent_once(it: SyncBench) -> None:
    lost_for_good(it)

    it.replay(send_again=True)
    assert it.run() == {"made": 1}
    assert it.written() == ["make"]
    assert it.state("A").operation_key("make").endswith("/A+1/make")


def test_who_vouches_for_nothing_that_was_asked_has_nothing_sent_again(it: SyncBench) -> None:
    it.put("A", lines=1)
    it.partner.trouble.append(("after", LOST))
    it.run()
    it.put("A", odd="makes no sense")
    it.run()

    it.replay(send_again=True)
    it.put("A", lines=1)
    it.run()
    assert it.run() == {}
    assert it.written() == ["make", "line/0"]
    assert it.partner.twice() == []


def test_what_is_refused_goes_to_a_person_and_is_sent_when_they_say(it: SyncBench) -> None:
    it.put("A")
    it.put("B")
    it.partner.trouble.append(("before", REFUSED))

    assert it.run() == {"parked": 1, "made": 1}
    assert it.run() == {}
    (item,) = it.parking.list_parked("example")
    assert (item.parked_id, item.subject) == ("fake.records/A", "sync/fake.records/A")
    it.replay()
    assert it.run() == {"made": 1}
    assert sorted(it.partner.rows) == ["A", "B"]


def test_what_a_person_takes_off_is_not_done_until_it_changes(it: SyncBench) -> None:
    it.put("A")
    it.partner.trouble.append(("before", REFUSED))
    it.run()

    it.discard()
    assert it.state("A").standing == "discarded"
    assert it.run() == {}
    it.put("A", "b")
    assert it.run() == {"made": 1}
    assert it.partner.rows == {"A": "b"}


def test_a_version_that_came_after_the_question_is_not_taken_off_with_it(it: SyncBench) -> None:
    it.put("A", odd="makes no sense")
    it.run()
    it.put("A", "b")
    assert it.run() == {"parked": 1}

    it.discard("not this one")
    assert it.run() == {"made": 1}
    assert it.partner.rows == {"A": "b"}


def test_a_replay_and_a_discard_that_were_cut_can_be_repeated(it: SyncBench) -> None:
    it.put("A", odd="makes no sense")
    it.run()
    close = it.parking.close
    for act in (it.replay, it.discard):
        it.parking.close = _power_cut
        with pytest.raises(RuntimeError):
            act()
        it.parking.close = close
        version = it.state("A").version
        act()
        assert it.state("A").version == version
        it.run()
    assert it.state("A").standing == "discarded"


def _power_cut(*_: Any) -> Any:
    raise RuntimeError("cut")


def test_what_makes_no_sense_is_a_persons_question_and_what_is_not_ours_is_told_once(
    it: SyncBench,
) -> None:
    it.put("A", odd="two lines of one product")
    it.put("B", skip="another warehouse's")

    assert it.run() == {"parked": 1, "skipped": 1}
    assert it.parked() == ["fake.odd"]
    it.put("B", "b", skip="another warehouse's")
    assert it.run() == {"skipped": 1}
    assert it.kinds("B").count("skipped") == 1


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
        from returns_hub.flows.operator import discard

        assert discard(item, it.desk(), "mended there") == "discarded"
    assert it.parked() == []


def test_what_is_too_large_to_be_kept_is_parked_and_the_rest_goes_on(
    it: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.put("A")
    it.put("B")
    step = it.source._step

    def large(name: str, change: Change[Row], state: Any, **more: Any) -> Any:
        from dataclasses import replace

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
    monkeypatch.undo()

    assert it.run(minutes=1) == {"made": 1}
    assert it.partner.rows == {"A": "a", "B": "a"}


# -- a change while it is in work ------------------------------------------------------------------


def test_a_change_while_it_is_in_work_tells_the_newest(it: SyncBench) -> None:
    it.put("A", "a")
    it.partner.trouble.append(("before", AWAY))
    it.run()
    it.put("A", "b")

    assert it.run() == {"made": 1}
    assert it.partner.rows == {"A": "b"}
    assert it.state("A").step("make").told == {"value": "b"}  # type: ignore[union-attr]


def test_a_change_after_a_request_without_an_answer_follows_it(it: SyncBench) -> None:
    it.put("A", "a")
    it.partner.trouble.append(("after", LOST))
    it.run()
    it.put("A", "b")

    assert it.run() == {"updated": 1}
    assert it.state("A").step("make").told == {"value": "a"}  # type: ignore[union-attr]
    assert it.written() == ["make", "update/2"]
    assert it.partner.rows == {"A": "b"}
    assert it.partner.twice() == []


def test_an_update_that_was_begun_goes_on_and_tells_the_newest(it: SyncBench) -> None:
    it.put("A", "a")
    it.run()
    it.put("A", "b")
    it.partner.trouble.append(("before", AWAY))
    it.run()
    it.put("A", "c")

    assert it.run() == {"updated": 1}
    assert it.written() == ["make", "update/2"]
    assert it.partner.rows == {"A": "c"}


def begun_update(it: SyncBench, when: Any, verdict: Exception) -> None:
    """A second version whose write went wrong, and a third one, of which the source's plan does not
    go on with that write."""
    it.source.forgetful = True
    it.put("A", "a")
    it.run()
    it.put("A", "b")
    it.partner.trouble.append((when, verdict))
    assert it.run() == {"later": 1}
    it.put("A", "c")


def test_a_step_that_is_not_wanted_any_more_and_was_not_sent_is_withdrawn(it: SyncBench) -> None:
    begun_update(it, "before", AWAY)

    assert it.run() == {"updated": 1}
    assert it.written() == ["make", "update/3"]
    assert "step_withdrawn" in it.kinds("A")
    (row,) = [row for key, row in it.ledger.rows.items() if key.endswith("update/2")]
    assert row.settled.code == "operation.withdrawn"


def test_a_step_that_may_have_been_carried_out_is_a_persons_question_first(it: SyncBench) -> None:
    begun_update(it, "after", LOST)
    it.partner.sure = False

    assert it.run() == {"parked": 1}
    assert it.parked() == ["sync.step_left"]
    assert it.written() == ["make", "update/2"]
    it.replay(send_again=True)
    assert it.run() == {"updated": 1}
    assert it.partner.rows == {"A": "c"}
    assert it.partner.twice() == []


def test_a_person_who_takes_that_question_off_is_not_asked_again(it: SyncBench) -> None:
    begun_update(it, "after", LOST)
    it.run()
    it.discard("it was carried out")
    it.put("A", "d")

    assert it.run() == {"updated": 1}
    assert it.partner.rows == {"A": "d"}
    assert it.parked() == []


def test_a_step_that_is_withdrawn_can_be_wanted_again(it: SyncBench) -> None:
    it.put("A", "a")
    it.partner.trouble.append(("before", AWAY))
    it.run()
    it.put("A", "a", skip="cancelled")
    assert it.run() == {"skipped": 1}
    assert it.written() == []

    it.put("A", "b")
    assert it.run() == {"made": 1}
    assert it.partner.rows == {"A": "b"}


def test_what_is_carried_out_by_another_run_meanwhile_is_not_done_again(it: SyncBench) -> None:
    it.put("A", "a")
    other = it.world()
    write = it.partner.write

    def overtaken(*arguments: Any) -> str:
        it.partner.write = write
        made: str = write(*arguments)
        it.clock.advance(hours=2)
        assert run_sync(it.source, other) == {"made": 1}
        return made

    it.partner.write = overtaken

    assert it.run() in ({"later": 1}, {"made": 1}, {})
    it.run(hours=3)
    assert it.written() == ["make"]
    assert it.state("A").standing == "made"
    assert any(line == "the lease was lost; another run goes on" for line, _ in it.telemetry.lines)


# -- records that wait, and that are forgotten -----------------------------------------------------


def test_a_record_that_waits_is_looked_at_in_every_run(it: SyncBench) -> None:
    it.put("A", waits=True)

    assert [it.run() for _ in range(3)] == [{"waiting": 1}] * 3
    assert it.kinds("A") == ["record_seen"]
    it.partner.ready.add("A")
    assert it.run() == {"made": 1}
    assert it.run() == {}


def test_a_record_that_the_source_forgets_is_at_its_end_when_nothing_was_begun(
    it: SyncBench,
) -> None:
    it.put("A", waits=True)
    it.put("B", waits=True, version="1")
    it.run()
    forgotten = it.source.known.pop("B")
    del it.source.known["A"]

    assert it.run() == {"gone": 2}
    assert it.run() == {}
    it.source.list = [forgotten]
    it.source.known["B"] = forgotten
    it.partner.ready.add("B")
    it.source.overlap = timedelta(days=9)
    assert it.run() == {"made": 1}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_record_that_the_source_forgets_midway_is_a_persons_question(
    it: SyncBench, when: Any
) -> None:
    it.put("A", lines=1)
    it.partner.trouble.append((when, LOST))
    it.run()
    del it.source.known["A"]

    assert it.run() == {"parked": 1}
    assert it.parked() == ["sync.gone"]
    it.discard()
    assert it.run() == {}


def test_a_record_that_the_source_refuses_to_show_is_a_persons_question(it: SyncBench) -> None:
    it.put("A", waits=True)
    it.put("B", waits=True)
    it.run()
    it.source.read_trouble = {"A": REFUSED, "B": AWAY}

    assert it.run() == {"parked": 1, "later": 1}
    it.source.read_trouble = {}
    it.replay()
    assert it.run() == {"waiting": 2}


# -- shadow ----------------------------------------------------------------------------------------


def test_a_shadow_tells_what_it_would_do_and_writes_nothing(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A", lines=60)
    it.put("B", skip="not ours")

    assert it.run() == {"shadow": 1, "skipped": 1}
    assert it.run() == {}
    assert it.kinds("A") == ["record_seen", *["would_send"] * 61, "record_settled"]
    assert it.written() == []
    assert it.ledger.rows == {}


def test_live_reads_again_and_does_what_the_shadow_would_have(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A")
    for _ in range(5):
        it.run(days=1)
    it.put("B")
    it.run(days=1)
    it.source.mode = Mode.LIVE
    it.source.cut_after = 1

    assert it.run(minutes=1) == {"made": 1, "cut_off": 1}
    it.source.cut_after = None
    assert it.run(minutes=1) == {"made": 1}
    assert it.run() == {}
    assert it.partner.rows == {"A": "a", "B": "a"}


def test_what_is_not_done_at_once_after_the_switch_is_not_lost(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A")
    it.run()
    it.source.mode = Mode.LIVE
    it.partner.trouble.append(("before", AWAY))

    assert it.run() == {"later": 1}
    assert it.run(days=3) == {"made": 1}


def test_what_live_began_waits_while_a_shadow_runs(it: SyncBench) -> None:
    it.put("A")
    it.put("B", away=True)
    it.put("C", waits=True)
    it.partner.trouble.append(("after", LOST))
    it.run()
    it.source.mode = Mode.SHADOW
    it.source.known["B"] = Change("B", *_rest(it, "B"), Row("a"))

    assert it.run(days=3) == {"waits_for_live": 1, "shadow": 1, "waiting": 1}
    it.run(days=3)
    it.source.mode = Mode.LIVE
    it.partner.ready.add("C")
    assert it.run() == {"made": 3}
    assert sorted(it.partner.rows) == ["A", "B", "C"]
    assert it.partner.twice() == []


def _rest(it: SyncBench, key: str) -> tuple[str, Any]:
    change = it.source.known[key]
    return change.version, change.at


# -- much of it ------------------------------------------------------------------------------------


def test_who_is_out_of_time_goes_on_at_the_next_tick(it: SyncBench) -> None:
    for number in range(10):
        it.put(f"k{number}")
    it.clock.left, it.partner.seconds = 60.0, 10.0

    assert it.run() == {"made": 2, "not_started": 1}
    it.clock.left = 60.0
    assert it.run(minutes=5) == {"made": 2, "not_started": 1}
    it.clock.left = 600.0
    assert it.run(minutes=5) == {"made": 6}
    assert it.run(minutes=5) == {"not_due": 1}
    assert it.partner.twice() == []


def test_a_record_of_many_steps_goes_on_where_it_was(it: SyncBench) -> None:
    it.put("A", lines=5)
    it.clock.left, it.partner.seconds = 65.0, 10.0

    assert it.run() == {"later": 1, "not_started": 1}
    assert it.written() == ["make", "line/0", "line/1"]
    it.clock.left = 600.0
    assert it.run(minutes=5) == {"in_step": 1}
    assert it.written() == ["make", *(f"line/{n}" for n in range(5))]


def test_many_that_wait_keep_nothing_new_from_being_done_and_each_gets_its_turn(
    it: SyncBench,
) -> None:
    for number in range(600):
        it.put(f"w{number}", waits=True)
    it.run(minutes=1)
    read = it.source.read

    def slowly(key: str) -> Any:
        it.clock.left -= 1.0
        return read(key)

    it.source.read = slowly
    for turn in range(5):
        it.put(f"new{turn}")
        it.clock.left = 300.0
        assert it.run()["made"] == 1
    assert {key for key in it.source.reads if key.startswith("w")} == {f"w{n}" for n in range(600)}


def test_five_thousand_changes_take_some_ticks_and_each_is_made_once(it: SyncBench) -> None:
    for number in range(5000):
        it.put(f"k{number}")
    it.partner.seconds = 0.1
    it.source.times = False
    loads = 0
    load = it.records.load

    def counted(*name: str) -> Any:
        nonlocal loads
        loads += 1
        return load(*name)

    it.records.load = counted
    ticks = 0
    while True:
        it.clock.left = 200.0
        ticks += 1
        if "not_started" not in it.run(minutes=5):
            break

    assert ticks == 4
    assert len(it.partner.rows) == 5000
    assert it.partner.twice() == []
    assert loads < 6000
    assert len(str(cursor_of(it))) < 200_000


# -- a process that ends anywhere ------------------------------------------------------------------


def test_every_call_can_be_its_last_and_nothing_is_lost_or_twice() -> None:
    from tests.support.power import Mains, Power, PowerCut

    calls: dict[str, tuple[str, ...]] = {
        "records": ("load", "append", "in_work"),
        "ledger": (),
        "cursors": (),
        "parking": (),
        "partner": ("write", "find"),
    }

    def life(cut_at: int | None) -> int:
        it = SyncBench()
        whole = {name: getattr(it, name) for name in calls}
        power = Power(10**9 if cut_at is None else cut_at)
        for name, of in calls.items():
            setattr(it, name, Mains(whole[name], power, *of))
        it.source.partner = it.partner
        it.put("A", lines=1)
        it.put("B", odd="makes no sense")
        it.put("C", skip="not ours")
        for tick in range(6):
            if tick == 1:
                it.put("A", "b", lines=1)
                it.put("B", "b")
            for act in (it.run, it.replay_all):
                try:
                    act()
                except PowerCut:
                    # The process is gone; another one begins.
                    power.left = 10**9
        used, power.left = 10**9 - power.left, 10**9
        assert whole["partner"].rows == {"A": "b", "B": "b"}, cut_at
        assert whole["partner"].lines == ["A/line/0"], cut_at
        assert whole["partner"].twice() == [], cut_at
        assert {it.state(key).in_work for key in "ABC"} == {False}, cut_at
        assert it.parked() == [], cut_at
        return used

    steps = life(None)
    assert steps > 60
    for cut_at in range(steps):
        life(cut_at)
