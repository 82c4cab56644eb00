"""An SQS event source mapping, as Lambda runs it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.lambda_host.host import InvokeResult, LambdaHost, Throttled
from local.stack import QueueSource

LONG_POLL_SECONDS = 1
DEFAULT_CONCURRENCY = 5
DELETE_AT_ONCE = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between the tries of a throttled invocation; AWS does not tell its own."""


class SqsSource:
    """Polls a queue, invokes the function with batches, and deletes what succeeded.

    By AWS's rules: without ReportBatchItemFailures a batch succeeds or fails whole; with it, an
    empty, null or missing list means that all succeeded, and a malformed or unknown identifier
    that the whole batch failed. What is not deleted comes back when its visibility ends; the
    queue's own redrive policy moves it to the dead-letter queue. A throttled invocation is tried
    again, with pauses, for as long as its messages are invisible to others.
    """

    def __init__(
        self, source: QueueSource, *, sqs: Any, queue_url: str, queue_arn: str, host: LambdaHost
    ) -> None:
        self._source = source
        self._sqs = sqs
        self._url = queue_url
        self._arn = queue_arn
        self._host = host
        self._stopped = threading.Event()
        self._enabled = threading.Event()
        self._enabled.set()
        self._resting = threading.Event()
        most = source.maximum_concurrency or DEFAULT_CONCURRENCY
        self._slots = threading.Semaphore(most)
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=source.function)
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self.invocations = 0
        self.deleted = 0
        self.received_first = 0
        """Messages that were received for the first time."""
        self.sent_at = 0.0
        """When the oldest message of the newest batch was sent, in seconds since 1970."""

    @property
    def queue(self) -> str:
        """The queue's logical id."""
        return self._source.queue

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def disable(self) -> None:
        """As a mapping that somebody disables: what is being asked for is still taken."""
        self._resting.clear()
        self._enabled.clear()

    def rests(self, within: float) -> bool:
        """Whether it asks for nothing any more, once it was disabled.

        Args:
            within: Seconds that are waited for it at most.
        """
        return self._resting.wait(within)

    def enable(self) -> None:
        """As a mapping that is enabled again."""
        self._enabled.set()

    def stop(self) -> None:
        """Stop polling; what is in work is let finish."""
        self._stopped.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _poll(self) -> None:
        while not self._stopped.is_set():
            if not self._enabled.wait(timeout=0.1):
                self._resting.set()
                continue
            if not self._slots.acquire(timeout=0.1):
                continue
            messages = self._receive()
            if not messages:
                self._slots.release()
                continue
            self._pool.submit(self._work, messages)

    def _receive(self) -> list[Any]:
        try:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(self._source.batch_size, 10),
                WaitTimeSeconds=LONG_POLL_SECONDS,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (ClientError, BotoCoreError):
            self._stopped.wait(0.2)
            return []
        messages: list[Any] = answer.get("Messages", [])
        attributes = [message.get("Attributes", {}) for message in messages]
        self.received_first += sum(a.get("ApproximateReceiveCount") == "1" for a in attributes)
        if messages:
            self.sent_at = min(int(a.get("SentTimestamp", 0)) for a in attributes) / 1000
        return messages

    def _work(self, messages: list[Any]) -> None:
        try:
            result = self._invoke({"Records": [self._record(message) for message in messages]})
            if result is None:
                return
            self.invocations += 1
            failed = failed_ids(
                result,
                {message["MessageId"] for message in messages},
                partial=self._source.reports_item_failures,
            )
            self._delete([m for m in messages if m["MessageId"] not in failed])
        finally:
            self._slots.release()

    def _invoke(self, event: dict[str, Any]) -> InvokeResult | None:
        """The invocation's result; None when it was throttled until the messages came back."""
        received, pause, ends = time.monotonic(), FIRST_PAUSE, 0.0
        while True:
            try:
                return self._host.invoke(self._source.function, event)
            except Throttled:
                ends = ends or received + self._visibility()
            if time.monotonic() + pause >= ends or self._stopped.wait(pause):
                return None
            pause = min(pause * 2, LONGEST_PAUSE)

    def _visibility(self) -> float:
        """For how many seconds a received message is invisible to others."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["VisibilityTimeout"]
        )
        return float(answer["Attributes"]["VisibilityTimeout"])

    def _record(self, message: Any) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": message.get("MessageAttributes", {}),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": "eu-west-1",
        }

    def _delete(self, messages: list[Any]) -> None:
        for start in range(0, len(messages), DELETE_AT_ONCE):
            entries = [
                {"Id": str(position), "ReceiptHandle": message["ReceiptHandle"]}
                for position, message in enumerate(messages[start : start + DELETE_AT_ONCE])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
            self.deleted += len(entries)


def failed_ids(result: InvokeResult, batch: set[str], *, partial: bool) -> set[str]:
    """Ids of the messages that are to come back, by AWS's rules."""
    if result.error:
        return batch
    if not partial or not result.payload:
        return set()
    if not isinstance(result.payload, dict):
        return batch
    rows = result.payload.get("batchItemFailures")
    if not rows:
        return set()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return batch
    ids = {row.get("itemIdentifier") for row in rows}
    return {str(name) for name in ids} if ids <= batch else batch
