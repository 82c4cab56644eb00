"""Batches: one record's trouble is its own."""

from __future__ import annotations

from typing import Any

import pytest

from local.lambda_host.host import InvokeResult
from local.sources.sqs import failed_ids
from returns_hub.adapters.queues.sqs import LONGEST_DELAY, run_batch
from returns_hub.errors import Retryable, UnknownOutcome
from tests.support.fakes import Telemetry, TestClock


class RecordingQueue:
    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[tuple[str, int]] = []
        self.postponed: list[tuple[str, int]] = []
        self._broken = broken

    def send_again(self, body: str, delay: int) -> None:
        if self._broken:
            raise Retryable("aws.sqs.busy", "x")
        self.sent.append((body, delay))

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        if self._broken:
            raise Retryable("aws.sqs.busy", "x")
        self.postponed.append((receipt_handle, seconds))


def record(name: str, receives: int = 1) -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": f"handle-{name}",
        "body": name,
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }


def batch(
    records: list[dict[str, Any]], queue: RecordingQueue, left: float = 60.0
) -> tuple[list[str], list[str]]:
    """Ids that come back, and bodies that were worked on."""
    clock = TestClock()
    clock.left = left
    worked: list[str] = []

    def handle(body: str) -> None:
        worked.append(body)
        match body:
            case "later":
                raise Retryable("c", "r", after=100)
            case "unknown":
                raise UnknownOutcome("c", "r")
            case "never":
                raise Retryable("c", "r", after=1e9)
            case "bug":
                raise ZeroDivisionError

    queue_: Any = queue
    answer = run_batch(
        {"Records": records},
        handle,
        queue=queue_,
        clock=clock,
        telemetry=Telemetry(),
        worst_case=15,
    )
    return [row["itemIdentifier"] for row in answer["batchItemFailures"]], sorted(worked)


def test_good_records_are_done_and_the_others_come_back() -> None:
    queue = RecordingQueue()
    failed, worked = batch([record(n) for n in ("a", "later", "b", "unknown", "bug")], queue)

    assert failed == ["later", "unknown", "bug"]
    assert worked == ["a", "b", "bug", "later", "unknown"]
    delays = dict(queue.postponed)
    assert 100 <= delays["handle-later"] <= 121
    assert 190 <= delays["handle-unknown"] <= 229


def test_a_delay_is_bounded() -> None:
    queue = RecordingQueue()
    batch([record("never")], queue)

    assert queue.postponed == [("handle-never", LONGEST_DELAY)]


def test_a_long_outage_goes_on_as_a_fresh_copy_and_never_to_the_dead_letter_queue() -> None:
    queue = RecordingQueue()
    failed, _ = batch([record("later", receives=10)], queue)

    assert failed == []
    assert queue.sent[0][0] == "later"


def test_a_fault_of_ours_is_never_copied_so_that_it_ends_in_the_dead_letter_queue() -> None:
    queue = RecordingQueue()
    failed, _ = batch([record("bug", receives=15)], queue)

    assert failed == ["bug"]
    assert not queue.sent


def test_when_sqs_is_unwell_the_message_still_comes_back() -> None:
    for receives in (1, 12):
        failed, _ = batch([record("later", receives)], RecordingQueue(broken=True))
        assert failed == ["later"]


def test_with_little_time_left_nothing_is_begun() -> None:
    failed, worked = batch([record("a"), record("b")], RecordingQueue(), left=10)

    assert (failed, worked) == (["a", "b"], [])


def test_an_empty_batch_is_a_whole_success() -> None:
    assert batch([], RecordingQueue()) == ([], [])


@pytest.mark.parametrize(
    ("payload", "error", "failed"),
    [
        ({"batchItemFailures": []}, "", set()),
        (None, "", set()),
        ({}, "", set()),
        ({"batchItemFailures": None}, "", set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, "", {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": "nobody"}]}, "", {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, "", {"a", "b"}),
        ({"batchItemFailures": ["a"]}, "", {"a", "b"}),
        ("text", "", {"a", "b"}),
        ({"batchItemFailures": []}, "Unhandled", {"a", "b"}),
    ],
)
def test_the_local_event_source_follows_awss_rules(
    payload: Any, error: str, failed: set[str]
) -> None:
    result = InvokeResult(payload, error, 1.0, cold=False)
    assert failed_ids(result, {"a", "b"}, partial=True) == failed
