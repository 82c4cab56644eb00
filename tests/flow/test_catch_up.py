"""Returns that nobody told the hub of are found."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.facts import Withdrawn
from returns_hub.errors import Retryable
from returns_hub.flows.catch_up import MISSED, catch_up
from returns_hub.flows.catch_up_counts import DayCounts, report
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.way import Way
from tests.support.worlds import RETURN_ID, Bench, item, redo_return


class Net:
    """A bench whose catch-up is on; what it sends is kept."""

    def __init__(self, **changes: Any) -> None:
        self.bench = Bench()
        self.bench.file["flows"]["catch_up"] = {"enabled": True, **changes}
        self.sent: list[str] = []
        self.waiting = 0

    def run(self) -> dict[str, int]:
        return catch_up(self.bench.world(), Way(self.sent.append, lambda: self.waiting))

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
    assert catch_up(bench.world(), Way(print, int)) == {}
    assert bench.to_redo.requests == []


def test_only_what_is_under_way_and_was_made_after_the_switch() -> None:
    net = Net()
    net.put("done", status="complete")
    net.put("asked", status="needs_review")
    net.put("old", createdAt="2025-12-01T00:00:00Z")
    net.put("new")

    assert net.run() == {"not_under_way": 2, "before_live_from": 1, "sent": 1}
    assert net.told() == ["new"]


def test_an_old_return_that_changes_after_the_switch_is_not_announced_again() -> None:
    net = Net()
    old: Any = {"createdAt": "2025-12-01T00:00:00Z"}
    net.put(minutes_ago=60, **old)
    approved = net.bench.message(occurred_at="2025-12-02T00:00:00Z")
    assert net.bench.approve(approved) == "skipped"
    net.put(**old)

    assert net.run() == {"before_live_from": 1}
    assert net.bench.external_returns() == []


def test_an_old_return_that_was_approved_after_the_switch_is_followed() -> None:
    net = Net()
    old: Any = {"createdAt": "2025-12-01T00:00:00Z"}
    net.put(minutes_ago=60, **old)
    assert net.bench.approve() == "announced"
    net.put(**old)

    assert net.run() == {"sent": 1}


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
    net = Net()
    net.put()

    def refuse(_: str) -> None:
        raise Retryable("aws.sqs.busy", "sqs is busy")

    assert catch_up(net.bench.world(), Way(refuse, int)) == {"failed": 1}
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


# -- what the webhook missed ------------------------------------------------------------------


def counted(net: Net, days: int = 14) -> dict[str, tuple[int, int, int, int]]:
    """Days on which anything changed: read, known, queued, missed."""
    found = report(net.bench.cursors, "example", days=days, now=net.bench.clock.now())
    return {
        str(day): (counts.read, counts.known, counts.queued, counts.missed)
        for day, counts in found.days
        if counts.read
    }


def begun(**changes: Any) -> Net:
    """A net whose first run is over, so that it counts."""
    net = Net(**changes)
    net.run()
    net.bench.clock.advance(minutes=5)
    return net


def test_what_was_known_and_what_was_missed_is_counted_once_by_day() -> None:
    net = begun()
    net.put("told", minutes_ago=3)
    net.bench.approve(net.bench.message(return_id="told"))
    net.put("untold", minutes_ago=3)
    net.put("closed", minutes_ago=3, status="complete")
    for _ in range(5):
        net.run()
        net.bench.clock.advance(minutes=1)

    assert counted(net) == {"2026-03-02": (3, 1, 0, 1)}
    assert net.bench.telemetry.total("WebhookMissed", merchant="example") == 1
    assert net.told() == ["untold"]


@pytest.mark.parametrize("enabled", [True, False])
def test_what_a_webhook_should_have_told_is_counted_over_all_merchants(enabled: bool) -> None:
    net = begun()
    net.bench.file["redo"]["webhook"] = {"enabled": enabled}
    net.put("untold", minutes_ago=3)
    net.run()

    over_all = [found for name, _, found in net.bench.telemetry.counts if name == MISSED]
    assert over_all == [{"merchant": "example"}, *([{}] if enabled else [])]


def test_what_was_approved_before_the_first_run_was_nobodys_to_tell_and_is_not_counted() -> None:
    net = Net()
    net.put(minutes_ago=30)

    assert net.run() == {"sent": 1}
    assert counted(net) == {}


def test_counts_are_of_the_day_of_the_change_in_UTC() -> None:
    net = begun()
    net.bench.clock.advance(hours=14, minutes=50)
    net.run()
    net.put("before midnight", minutes_ago=0)
    net.bench.clock.advance(minutes=20)
    net.put("after midnight", minutes_ago=3)

    assert net.run() == {"sent": 2}
    assert counted(net) == {"2026-03-02": (1, 0, 0, 1), "2026-03-03": (1, 0, 0, 1)}
    assert counted(net, days=1) == {"2026-03-03": (1, 0, 0, 1)}


def test_a_message_that_may_still_be_in_the_queue_is_not_called_missed() -> None:
    net = begun()
    for number in range(3):
        net.put(f"r{number}", minutes_ago=3)
    net.waiting = 2

    assert net.run() == {"sent_again": 2, "sent": 1}
    assert counted(net) == {"2026-03-02": (3, 0, 2, 1)}


def test_when_the_queue_cannot_be_asked_all_goes_on_and_nothing_is_called_missed() -> None:
    net = begun()
    net.put(minutes_ago=3)

    def silent() -> int:
        raise Retryable("aws.sqs.busy", "sqs is busy")

    assert catch_up(net.bench.world(), Way(net.sent.append, silent)) == {"sent_again": 1}
    assert counted(net) == {"2026-03-02": (1, 0, 1, 0)}


def test_a_run_that_fails_in_the_midst_counts_nothing_twice_and_sends_nothing_again() -> None:
    net = begun()
    for number in range(201):
        net.put(f"r{number}", minutes_ago=3)
    net.bench.approve(net.bench.message(return_id="r200"))
    net.bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="stores", after=1))

    assert net.run() == {"failed": 1}
    assert len(net.sent) == 199
    assert net.run() == {"sent_before": 199, "known": 1, "sent": 1}
    assert len(set(net.told())) == len(net.sent) == 200
    assert counted(net) == {"2026-03-02": (201, 1, 0, 200)}


def test_a_closing_that_a_failed_run_sent_is_counted_once() -> None:
    net = begun()
    net.put(minutes_ago=4)
    net.bench.approve()
    net.put("untold", minutes_ago=4)
    net.bench.redo.change_status(RETURN_ID, "rejected")
    net.bench.clock.advance(minutes=3)

    def full(text: str) -> None:
        if net.sent:
            raise Retryable("aws.sqs.busy", "sqs is busy")
        net.sent.append(text)

    assert catch_up(net.bench.world(), Way(full, lambda: 0)) == {"failed": 1}
    net.bench.approve(net.sent[0])
    assert net.run() == {"sent_before": 1, "sent": 1}
    assert counted(net) == {"2026-03-02": (2, 0, 0, 2)}


def test_whoever_lost_the_lease_counts_nothing() -> None:
    net = begun()
    net.put(minutes_ago=3)

    def lose(text: str) -> None:
        net.sent.append(text)
        if len(net.sent) == 1:
            net.bench.clock.advance(minutes=10)
            assert net.run() == {"sent": 1}

    catch_up(net.bench.world(), Way(lose, int))
    assert counted(net) == {"2026-03-02": (1, 0, 0, 1)}


def test_a_return_that_was_skipped_and_told_of_again_is_known() -> None:
    net = begun()
    net.put(type="claim", minutes_ago=3)
    assert net.bench.approve() == "skipped"
    net.bench.clock.advance(minutes=5)
    net.put(type="claim", minutes_ago=3)
    assert net.bench.approve() == "skipped"

    assert net.run() == {"known": 1}
    assert net.bench.kinds() == ["seen", "skipped", "seen"]


def test_while_nothing_is_announced_nothing_is_called_missed() -> None:
    net = begun()
    net.bench.file["flows"]["create_external_returns"]["mode"] = "off"
    net.put(minutes_ago=3)

    assert net.run() == {"sent": 1}
    assert counted(net) == {}
    assert net.bench.telemetry.total("WebhookMissed") == 0


def test_counts_are_kept_for_thirteen_months_and_then_go() -> None:
    net = begun()
    net.put("old", minutes_ago=3)
    net.run()
    net.bench.clock.advance(days=396)
    net.put("new", minutes_ago=3)
    while net.run().get("sent") != 1:
        net.bench.clock.advance(seconds=1)
    assert list(counted(net, days=500)) == ["2027-04-02", "2026-03-02"]

    net.bench.clock.advance(days=5)
    assert list(counted(net, days=500)) == ["2027-04-02"]


def test_a_merchant_that_never_caught_up_has_no_counts() -> None:
    net = Net()
    found = report(net.bench.cursors, "example", days=14, now=net.bench.clock.now())

    assert (found.caught_up_to, found.counted_from, found.days) == (None, None, ())
    assert found.total.missed_percent is None


def test_the_share_that_was_missed_is_of_what_was_to_be_told() -> None:
    assert DayCounts(read=9, known=6, queued=1, missed=1).missed_percent == 12.5


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
