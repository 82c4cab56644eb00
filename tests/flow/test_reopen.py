"""A return that is under way again after it was closed or flagged (R19)."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.facts import LinesCommitted, Parked, ReceiptTaken, Reopened, Withdrawn
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Conflict
from returns_hub.flows.operator import Desk, discard
from returns_hub.flows.parked import OPERATOR_NEEDED
from tests.support.worlds import RETURN_ID, Bench, announced, item, redo_return


def folds(bench: Bench) -> None:
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state())


@pytest.mark.parametrize("status", ["rejected", "deleted", "complete"])
def test_nothing_is_announced_twice_and_what_arrives_then_is_processed(status: str) -> None:
    bench = announced()
    bench.changes(status)

    assert bench.changes("open") == "announced"
    assert bench.state().outcome == "announced"
    assert len(bench.external_returns()) == 1
    bench.receive(41)

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1}
    (fact,) = bench.facts(Reopened)
    assert (fact.was, fact.sent_lines) == (status, ())
    assert not bench.parking.list_parked("example")
    folds(bench)


def test_a_question_that_nobody_answered_is_still_told_of_after_it() -> None:
    bench = Bench()
    bench.file["flows"]["process_receipts"]["policy"] = {"preset": "ask"}
    bench.put(redo_return([item(1, "TEE", 2)]))
    bench.approve()
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"parked": 1}

    for status in ("rejected", "open"):
        bench.changes(status)
        assert bench.state().outcome == "parked"
    assert [parked.code for parked in bench.parking.list_parked("example")] == ["decision.ask"]
    folds(bench)


def test_goods_that_were_confirmed_while_it_was_closed_are_dealt_with_after_it() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.receive(41)
    assert bench.poll() == {"skipped_closed": 1}
    assert bench.poll() == {}

    bench.changes("open")

    assert bench.returns.open_external_returns("example", 0, 9) == ((41, RETURN_ID),)
    assert bench.watch() == {"reopened.looked_at": 1}
    assert bench.submissions() == {"item1": 1}
    assert [f.decision for f in bench.facts(ReceiptTaken)] == ["skip_closed", "process"]
    assert bench.state().due_of("reopened") is None
    assert bench.poll() == {}
    folds(bench)


def test_they_are_found_by_the_ordinary_walk_too() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.receive(41)
    bench.poll()
    bench.changes("open")

    assert bench.poll() == {"processed": 1}
    assert bench.watch() == {"reopened.looked_at": 1}
    assert bench.submissions() == {"item1": 1}


def test_a_look_that_cannot_be_done_comes_back() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.receive(41)
    bench.poll()
    bench.changes("open")
    bench.to_mintsoft.refuse = True
    assert "reopened.looked_at" not in bench.watch()
    bench.to_mintsoft.refuse = False
    bench.clock.advance(minutes=5)

    assert bench.watch() == {"reopened.looked_at": 1}
    assert bench.submissions() == {"item1": 1}


def test_lines_that_were_paid_before_are_never_sent_again_and_a_person_is_told_which() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41)
    bench.poll()
    bench.clock.advance(minutes=15)
    assert bench.watch() == {"check_processing.complete": 1}
    bench.approve()

    bench.changes("open")
    bench.receive(41)
    bench.poll()
    bench.watch()
    bench.poll()

    assert bench.submissions() == {"item1": 1, "item2": 1}
    assert bench.redo.all_books()["payments"] == {f"{RETURN_ID}/item1": 1, f"{RETURN_ID}/item2": 1}
    (parked,) = bench.parking.list_parked("example")
    assert (parked.flow, parked.code) == ("follow_return", "return.reopened")
    assert "complete then: TEE (line item1), MUG (line item2)" in parked.reason
    assert bench.state().outcome == "parked"
    assert bench.telemetry.total(OPERATOR_NEEDED) == 1
    folds(bench)


def test_lines_that_were_never_sent_go_on_beside_those_that_were() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"processed_in_part": 1}
    bench.changes("rejected")
    bench.changes("open")
    (parked,) = bench.parking.list_parked("example")
    assert "whether paid has to be looked up: TEE (line item1)" in parked.reason
    assert "MUG" not in parked.reason

    bench.receive(41, ("TEE", 1), ("MUG", 1))
    bench.poll()

    assert bench.submissions() == {"item1": 1, "item2": 1}
    lines = [line.line_id for fact in bench.facts(LinesCommitted) for line in fact.lines]
    assert lines == ["item1", "item2"]


def test_a_person_who_saw_to_it_closes_the_item_and_the_return_is_not_parked_any_more() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    bench.poll()
    bench.changes("rejected")
    bench.changes("open")
    (parked,) = bench.parking.list_parked("example")
    nothing: list[str] = []
    desk = Desk("pat", bench.returns, bench.parking, bench.clock, nothing.append, nothing.append)

    assert discard(parked, desk, "paid by hand") == "discarded"

    assert bench.state().parked_ids == frozenset()
    assert bench.state().outcome == "processed"
    bench.receive(41, ("TEE", 1), ("MUG", 1))
    bench.poll()
    assert bench.submissions() == {"item1": 1, "item2": 1}
    folds(bench)


def test_reopened_twice_is_told_twice_with_an_item_each() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    bench.poll()
    for _ in range(2):
        bench.changes("complete")
        bench.changes("open")

    assert len(bench.facts(Reopened)) == 2
    ids = {fact.parked_id for fact in bench.facts(Parked)}
    assert ids == {f"follow_return/{RETURN_ID}/reopened-{n}" for n in (1, 2)}
    assert bench.submissions() == {"item1": 1}


def test_withdrawn_reopened_and_withdrawn_again_is_told_for_each_closing() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.changes("open")
    bench.changes("rejected")

    assert len(bench.facts(Withdrawn)) == 2
    assert len([text for text in bench.comments() if "cannot cancel it" in text]) == 2
    assert bench.telemetry.total("Withdrawn") == 2


def test_closed_and_reopened_before_anybody_told_of_it_a_person_is_asked_in_the_end() -> None:
    """The hub never sees it closed; that nothing completes is seen by the check."""
    bench = announced()
    bench.receive(41)
    bench.poll()
    bench.clock.advance(minutes=1)
    assert bench.redo.all_books()["returns"][RETURN_ID] == "complete"
    first = bench.message()
    bench.redo.change_status(RETURN_ID, "open")
    bench.clock.advance(minutes=1)
    bench.approve()
    bench.approve(first)

    for _ in range(14):
        bench.clock.advance(minutes=5)
        bench.watch()
        bench.poll()

    assert bench.submissions() == {"item1": 1}
    assert [item.code for item in bench.parking.list_parked("example")] == ["return.not_completed"]


def test_the_same_reopening_told_twice_is_one() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.changes("open")
    bench.approve()
    bench.clock.advance(minutes=1)
    bench.approve()
    assert len(bench.facts(Reopened)) == 1


def test_a_run_that_dies_between_asking_and_recording_asks_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    bench.poll()
    bench.changes("rejected")
    append = bench.returns.append

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench.returns, "append", die)
    with pytest.raises(KeyboardInterrupt):
        bench.changes("open")
    monkeypatch.setattr(bench.returns, "append", append)
    assert not bench.facts(Reopened)
    bench.approve()

    assert len(bench.facts(Reopened)) == 1
    assert len(bench.parking.list_parked("example")) == 1


def test_a_lost_race_is_decided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = announced()
    bench.changes("rejected")
    append = bench.returns.append
    lost: list[Any] = []

    def lose_once(*given: Any) -> Any:
        if not lost:
            lost.append(given)
            raise Conflict("another")
        return append(*given)

    monkeypatch.setattr(bench.returns, "append", lose_once)

    assert bench.changes("open") == "announced"
    assert len(bench.facts(Reopened)) == 1


def test_a_line_that_joined_while_it_was_closed_is_announced_after_the_reopening() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.redo.returns[RETURN_ID]["items"].append(item(2, "MUG"))

    assert bench.changes("open") == "announced"
    assert len(bench.external_returns()) == 2


# -- flags --------------------------------------------------------------------------------------


def flagged() -> Bench:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1), ("CAP", 1))
    assert bench.poll() == {"flagged": 1}
    bench.clock.advance(minutes=1)
    assert bench.approve() == "skipped"
    assert bench.state().portal_status == "flagged"
    return bench


def test_a_flag_that_was_taken_back_is_looked_at_again_and_not_set_twice() -> None:
    bench = flagged()

    bench.changes("open")
    assert not bench.state().flagged
    assert bench.watch() == {"reopened.looked_at": 1}

    assert bench.redo.books.statuses[RETURN_ID] == ["flagged", "open"]
    assert len([text for text in bench.comments() if "could not be matched" in text]) == 1
    assert not bench.submissions()


def test_what_the_team_mended_meanwhile_is_processed() -> None:
    bench = flagged()
    bench.redo.returns[RETURN_ID]["items"][1]["sku"] = "CAP"

    bench.changes("open")
    bench.watch()

    assert bench.submissions() == {"item1": 1, "item2": 1}
    assert not bench.parking.list_parked("example")


def test_a_reading_from_before_the_flag_takes_nothing_back() -> None:
    bench = announced(item(1, "TEE"))
    before = dict(bench.redo.returns[RETURN_ID])
    bench.receive(41, ("CAP", 1))
    bench.poll()
    bench.clock.advance(minutes=1)
    bench.approve()
    real = bench.redo.returns[RETURN_ID]
    bench.redo.returns[RETURN_ID] = before
    bench.clock.advance(minutes=1)
    bench.approve()
    bench.redo.returns[RETURN_ID] = real

    assert not bench.facts(Reopened)
    assert bench.state().flagged
