"""The local SQS mapping: what it does with a function that has no environment free."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from local.lambda_host.host import InvokeResult, LambdaHost, Throttled
from local.sources.sqs import SqsSource
from local.stack import QueueSource

PATIENCE = 30.0
MESSAGE = {"MessageId": "m", "ReceiptHandle": "r", "Body": "{}", "MD5OfBody": "x"}


class OneMessage:
    """A queue of one message, received once."""

    def __init__(self, visibility: int) -> None:
        self.visibility = visibility
        self._left = [MESSAGE]
        self._again = threading.Event()
        self.received_again = threading.Event()
        self.deleted: list[str] = []
        self.is_deleted = threading.Event()

    def receive_message(self, **_: object) -> dict[str, Any]:
        if self._left:
            return {"Messages": [self._left.pop()]}
        self.received_again.set()
        self._again.wait(0.01)
        return {}

    def get_queue_attributes(self, **_: object) -> dict[str, Any]:
        return {"Attributes": {"VisibilityTimeout": str(self.visibility)}}

    def delete_message_batch(self, **given: Any) -> None:
        self.deleted += [entry["ReceiptHandle"] for entry in given["Entries"]]
        self.is_deleted.set()


class BusyHost:
    """A host whose environments are all busy so many times."""

    def __init__(self, times: int) -> None:
        self._times = times
        self.asked = 0
        self.was_asked = threading.Event()

    def invoke(self, *_: object) -> InvokeResult:
        self.asked += 1
        self.was_asked.set()
        if self.asked <= self._times:
            raise Throttled("F")
        return InvokeResult(None, "", 1.0, cold=False)


@contextmanager
def polling(queue: OneMessage, host: BusyHost) -> Iterator[SqsSource]:
    mapping = QueueSource("F", "Queue", 10, 1, reports_item_failures=True)
    source = SqsSource(
        mapping,
        sqs=cast("Any", queue),
        queue_url="http://queue.example.test",
        queue_arn="arn:aws:sqs:eu-west-1:000000000000:queue",
        host=cast("LambdaHost", host),
    )
    source.start()
    try:
        yield source
    finally:
        source.stop()


def test_a_throttled_invocation_is_tried_again_while_its_messages_are_invisible() -> None:
    queue, host = OneMessage(visibility=360), BusyHost(2)
    with polling(queue, host) as source:
        assert queue.is_deleted.wait(PATIENCE)

    assert queue.deleted == ["r"]
    assert (host.asked, source.invocations) == (3, 1)


def test_it_is_left_alone_once_its_messages_may_be_anothers() -> None:
    queue, host = OneMessage(visibility=0), BusyHost(1)
    with polling(queue, host):
        # Its slot, the only one, is free again.
        assert queue.received_again.wait(PATIENCE)

    assert queue.deleted == []
    assert host.asked == 1


def test_a_source_that_is_stopped_does_not_wait_for_a_busy_function() -> None:
    queue, host = OneMessage(visibility=360), BusyHost(1_000_000)
    ends = SimpleNamespace(reached=False)
    with polling(queue, host) as source:
        assert host.was_asked.wait(PATIENCE)
        stopping = threading.Thread(target=source.stop, daemon=True)
        stopping.start()
        stopping.join(PATIENCE)
        ends.reached = not stopping.is_alive()
        host.asked = 1_000_000  # else this test would never end where it does not hold

    assert ends.reached
    assert queue.deleted == []
