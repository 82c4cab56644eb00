"""Returns that nobody told the hub of are found."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.facts import Withdrawn
from returns_hub.flows.catch_up import catch_up
from returns_hub.flows.receive_approved_return import parse
from tests.support.worlds import RETURN_ID, Bench, item, redo_return


class Net:
    """A bench whose catch-up is on; what it sends is kept."""

    def __init__(self, **changes: Any) -> None:
        self.bench = Bench()
        self.bench.file["flows"]["catch_up"] = {"enabled": True, **changes}
        self.sent: list[str] = []

    def run(self) -> dict[str, int]:
        return catch_up(self.bench.world(), self.sent.append)

    def put(self, return_id: str = RETURN_ID, minutes_ago: float = 5, **changes: Any) -> None:
        at = self.bench.clock.now() - timedelta(minutes=minutes_ago)
        body = {"id": return_id, "updatedAt": at.isoformat(), "createdAt": at.isoformat()}
        self.bench.put(redo_return([item(1, "TEE")], **(body | changes)))

    def facts_of_closing(self) -> list[Withdrawn]:
        return self.bench.facts(Withdrawn)

    def told(self) -> list[str]:
        return [json.loads(text)["return_id"] for text in self.sent]


def test_what_nobody_told_of_is_sent_once_and_announced() -> None:
    net = Net()
    net.put()

    assert net.run() == {"sent": 1}
    event = parse(net.sent[0])
    assert (event.source, event.portal_return) == ("catch-up", None)
    assert net.bench.approve(net.sent[0]) == "announced"
    net.bench.clock.advance(minutes=5)
    assert net.run() in ({"sent_before": 1}, {"known": 1})
    assert len(net.sent) == 1


def test_what_was_told_of_is_known() -> None:
    net = Net()
    net.put()
    net.bench.approve()
    assert net.run() == {"known": 1}


def test_a_line_that_was_added_later_is_found_though_the_return_was_announced() -> None:
    net = Net()
    net.put()
    net.bench.approve()
    at = net.bench.clock.now().isoformat()
    lines = [item(1, "TEE"), item(2, "MUG")]
    net.bench.put(redo_return(lines, updatedAt=at))
    net.bench.clock.advance(minutes=5)

    assert net.run() == {"sent": 1}
    net.bench.approve(net.sent[0])
    assert len(net.bench.external_returns()) == 2


def test_off_by_default() -> None:
    bench = Bench()
    assert catch_up(bench.world(), print) == {}
    assert bench.to_redo.requests == []


def test_only_what_is_under_way_and_was_made_after_the_switch() -> None:
    net = Net()
    net.put("done", status="complete")
    net.put("asked", status="needs_review")
    net.put("old", createdAt="2025-12-01T00:00:00Z")
    net.put("new")

    assert net.run() == {"not_under_way": 2, "before_live_from": 1, "sent": 1}
    assert net.told() == ["new"]


def test_a_return_skipped_or_parked_is_not_sent_again_and_again() -> None:
    net = Net()
    body = redo_return([item(1, "UNHEARD-OF")], updatedAt="2026-03-02T08:50:00Z")
    net.bench.put(body)
    assert net.bench.approve() == "parked"
    assert net.run() == {"known": 1}


def test_a_failed_run_moves_nothing_and_the_next_finds_it() -> None:
    net = Net()
    net.put()
    net.bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="stores"))

    assert net.run() == {"failed": 1}
    net.bench.clock.advance(minutes=5)
    assert net.run() == {"sent": 1}


def test_a_queue_that_refuses_keeps_the_cursor_behind() -> None:
    from returns_hub.errors import Retryable

    net = Net()
    net.put()

    def refuse(_: str) -> None:
        raise Retryable("aws.sqs.busy", "sqs is busy")

    assert catch_up(net.bench.world(), refuse) == {"failed": 1}
    assert net.run() == {"sent": 1}


def test_a_long_gap_is_read_in_windows_and_the_cursor_follows() -> None:
    net = Net(first_look_back_hours=24)
    net.put("early", minutes_ago=23 * 60)
    net.put("late", minutes_ago=10)
    net.bench.clock.left = 75.0

    assert net.run() == {"sent": 2}
    listed = [r for r in net.bench.to_redo.requests if r.path.endswith("/returns")]
    assert len(listed) == 4


def test_with_too_little_time_the_rest_is_left_for_the_next_run() -> None:
    net = Net()
    net.put()
    net.bench.clock.left = 50.0
    assert net.run() == {"not_started": 1}
    net.bench.clock.left = 120.0
    assert net.run() == {"sent": 1}


def test_a_run_that_overlaps_another_leaves() -> None:
    net = Net()
    net.put()
    assert net.bench.cursors.acquire("catch-up/example", "other", 60) is not None
    assert net.run() == {}


@pytest.mark.parametrize("minutes", [1, 0.5])
def test_what_changed_a_moment_ago_is_left_to_its_own_message(minutes: float) -> None:
    net = Net()
    net.put(minutes_ago=minutes)
    assert net.run() == {}
    net.bench.clock.advance(minutes=5)
    assert net.run() == {"sent": 1}


@pytest.mark.parametrize("status", ["rejected", "deleted", "complete", "flagged"])
def test_what_became_of_a_return_of_ours_is_heard_of_without_a_message(status: str) -> None:
    net = Net()
    net.put()
    net.bench.approve()
    net.bench.redo.change_status(RETURN_ID, status)
    net.bench.clock.advance(minutes=5)

    assert net.run() == {"sent": 1}
    net.bench.approve(net.sent[0])
    assert net.bench.state().portal_status == status
    assert net.run() in ({"sent_before": 1}, {"not_under_way": 1})
    assert len(net.facts_of_closing()) == (0 if status == "flagged" else 1)


def test_a_closing_that_was_told_is_not_sent_again() -> None:
    net = Net()
    net.put()
    net.bench.approve()
    net.bench.changes("rejected")
    net.bench.clock.advance(minutes=5)
    assert net.run() == {"not_under_way": 1}
    assert net.sent == []


def test_a_reopening_is_heard_of_without_a_message() -> None:
    net = Net()
    net.put()
    net.bench.approve()
    net.bench.changes("rejected")
    net.bench.redo.change_status(RETURN_ID, "open")
    net.bench.clock.advance(minutes=5)

    assert net.run() == {"sent": 1}
    assert net.bench.approve(net.sent[0]) == "announced"
    assert net.bench.state().outcome == "announced"
