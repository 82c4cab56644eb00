"""A flow that keeps records in step: writes that fail, and what a person does about them."""

from __future__ import annotations

import pytest

from tests.support.sync import AWAY, LOST, REFUSED, SyncBench, power_cut


@pytest.fixture
def it() -> SyncBench:
    return SyncBench()


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
        it.parking.close = power_cut
        with pytest.raises(RuntimeError):
            act()
        it.parking.close = close
        version = it.state("A").version
        act()
        assert it.state("A").version == version
        it.run()
    assert it.state("A").standing == "discarded"


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
