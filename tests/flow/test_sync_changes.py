"""A record that changes while it is in work, that waits, or that its source forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.flows.sync.run import run_sync
from tests.support.sync import AWAY, LOST, REFUSED, SyncBench


@pytest.fixture
def it() -> SyncBench:
    return SyncBench()


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
