"""Some minutes after lines were processed the portal is read again (R18)."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.redo.simulator import Settings
from returns_hub.domain.facts import ProcessingChecked
from returns_hub.domain.timeline import canonical, fold
from returns_hub.flows.parked import OPERATOR_NEEDED
from tests.support.worlds import RETURN_ID, Bench, item, redo_return


def processed(
    *items: dict[str, Any], seconds: float = 1, goods: Any = (), **settings: Any
) -> Bench:
    """A return whose goods were confirmed and sent to processing."""
    bench = Bench()
    bench.redo.settings = Settings(processing_seconds=seconds)
    bench.file["flows"]["process_receipts"] |= settings
    bench.put(redo_return(list(items) or [item(1, "TEE")]))
    assert bench.approve() == "announced"
    bench.receive(41, *goods)
    assert bench.poll() in ({"processed": 1}, {"processed_in_part": 1})
    return bench


def after(bench: Bench, **time: float) -> dict[str, int]:
    bench.clock.advance(**time)
    return bench.watch()


def outcomes(bench: Bench) -> list[str]:
    return [fact.outcome for fact in bench.facts(ProcessingChecked)]


def test_a_return_that_completed_is_noted_once() -> None:
    bench = processed()
    assert after(bench, minutes=9) == {}

    assert after(bench, minutes=2) == {"check_processing.complete": 1}

    assert outcomes(bench) == ["complete"]
    assert bench.state().batches[0].checked == "complete"
    assert bench.state().due == ()
    assert after(bench, hours=5) == {}
    assert bench.telemetry.total(OPERATOR_NEEDED) == 0


def test_what_does_not_complete_is_tried_until_then_and_raised_with_its_lines() -> None:
    bench = processed(item(1, "TEE"), item(2, "MUG"), seconds=10**6)
    version = bench.state().version

    assert after(bench, minutes=11) == {"check_processing.not_yet": 1}
    assert after(bench, minutes=48) == {"check_processing.not_yet": 1}
    assert bench.state().version == version
    assert after(bench, minutes=2) == {"check_processing.not_completed": 1}

    (parked,) = bench.parking.list_parked("example")
    assert (parked.flow, parked.code) == ("check_processing", "return.not_completed")
    assert "TEE (line item1, open), MUG (line item2, open)" in parked.reason
    assert "the return is open" in parked.reason
    assert bench.facts(ProcessingChecked)[0].lines == ("item1", "item2")
    assert bench.telemetry.total(OPERATOR_NEEDED) == 1
    assert after(bench, hours=5) == {}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_only_the_lines_that_are_not_done_are_named() -> None:
    bench = processed(item(1, "TEE"), item(2, "MUG"), seconds=10**6)
    bench.redo.returns[RETURN_ID]["items"][0]["status"] = "complete"
    bench.redo.returns[RETURN_ID]["items"][1]["status"] = "pending"
    after(bench, minutes=61)

    (parked,) = bench.parking.list_parked("example")
    assert "MUG (line item2, submitted)" in parked.reason
    assert "TEE" not in parked.reason


def test_a_return_that_stays_open_though_every_line_is_done_is_raised() -> None:
    bench = processed(seconds=10**6)
    bench.redo.returns[RETURN_ID]["items"][0]["status"] = "complete"
    assert after(bench, minutes=11) == {"check_processing.not_yet": 1}
    after(bench, minutes=50)

    (parked,) = bench.parking.list_parked("example")
    assert "every line" in parked.reason
    assert "still open" in parked.reason


def test_lines_that_wait_for_the_rest_of_the_return_are_no_fault() -> None:
    """Redo holds a part until the rest arrives; that is documented."""
    bench = processed(item(1, "TEE"), item(2, "MUG"), goods=(("TEE", 1),))

    assert after(bench, minutes=11) == {"check_processing.held": 1}
    assert after(bench, days=3) == {}
    assert outcomes(bench) == []
    bench.receive(41, ("TEE", 1), ("MUG", 1))
    bench.poll()
    assert after(bench, minutes=11) == {"check_processing.complete": 1}

    assert bench.facts(ProcessingChecked)[0].batches == (1, 2)
    assert not bench.parking.list_parked("example")


def test_lines_that_wait_for_a_week_are_raised() -> None:
    bench = processed(item(1, "TEE"), item(2, "MUG"), goods=(("TEE", 1),))
    after(bench, minutes=11)

    assert after(bench, days=7) == {"check_processing.not_completed": 1}

    (parked,) = bench.parking.list_parked("example")
    assert parked.code == "return.held_too_long"
    assert "held lines for 7 days" in parked.reason
    assert "TEE (line item1, open)" in parked.reason


def test_a_green_line_keeps_nothing_waiting() -> None:
    bench = processed(
        item(1, "TEE"), item(2, "MUG", greenReturn=True), seconds=10**6, goods=(("TEE", 1),)
    )
    assert after(bench, minutes=11) == {"check_processing.not_yet": 1}


@pytest.mark.parametrize("status", ["rejected", "deleted"])
def test_a_return_that_the_team_closed_meanwhile_is_left_to_them(status: str) -> None:
    bench = processed(seconds=10**6)
    bench.redo.change_status(RETURN_ID, status)
    assert after(bench, minutes=11) == {"check_processing.closed": 1}
    assert outcomes(bench) == ["closed"]
    assert not bench.parking.list_parked("example")


def test_a_return_that_was_reopened_is_not_taken_for_one_that_did_not_complete() -> None:
    bench = processed()
    bench.clock.advance(minutes=2)
    bench.redo.all_books()
    bench.approve()
    bench.changes("open")

    assert "check_processing.not_completed" not in after(bench, hours=2)
    assert [p.code for p in bench.parking.list_parked("example")] == ["return.reopened"]


def test_it_can_be_switched_off() -> None:
    bench = processed(seconds=10**6, check_after_minutes=0)
    assert bench.state().due == ()
    assert after(bench, hours=9) == {}


def test_a_portal_that_cannot_be_read_is_asked_again() -> None:
    bench = processed()
    bench.clock.advance(minutes=11)
    bench.to_redo.refuse = True
    assert bench.watch() in ({"check_processing.later": 1}, {"failed": 1})
    bench.to_redo.refuse = False

    assert after(bench, minutes=5) == {"check_processing.complete": 1}


def test_the_state_is_still_the_fold_of_its_timeline() -> None:
    bench = processed(item(1, "TEE"), item(2, "MUG"), goods=(("TEE", 1),))
    after(bench, minutes=11)
    after(bench, days=7)
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state())
