"""Amazon SQS: batches in, partial failures out, and work sent."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.errors import Retryable, UnknownOutcome, Verdict
from returns_hub.ports import Clock, Telemetry

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
FAULT_DELAY = 60.0
COPY_FROM_RECEIVE = 10
"""From this receive on a delayed message goes on as a fresh copy, so that a partner's long outage
never uses up the receives that lead to the dead-letter queue."""
DEPTH_LASTS = 30.0
"""Seconds that a container keeps the queue's depth in mind."""
CALLS_EACH = 2.0
"""About how many turns of one partner a message takes."""
LONGEST_DELAY = 900
"""Seconds; the most that a fresh copy can be delayed."""


class Queue:
    """One queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url
        self._depth = 0
        self._looked_at = float("-inf")

    def share_of_wait(self, rate: float, clock: Clock) -> float:
        """How long a message should stay away while many wait for `rate` turns a second.

        Drawn by lot, so that all that wait are spread over a part of the time they need together.
        Coming back all at once they would find no turn again, and cost a receive each time.
        """
        now = clock.monotonic()
        if now - self._looked_at > DEPTH_LASTS:
            self._looked_at = now
            with suppress(Verdict):
                self._depth = self.depth()
        whole = self._depth * CALLS_EACH / rate
        return min(random.uniform(0.1, 0.6) * whole, float(LONGEST_DELAY))  # noqa: S311 - no secret

    def send(self, body: str, delay: int = 0) -> None:
        """Send one message, to be delivered after `delay` seconds (at most 900).

        Raises:
            Retryable: SQS cannot be asked now.
        """
        self.send_again(body, delay)

    def send_again(self, body: str, delay: int) -> None:
        """Send a message that came, as it came: what its sender put into it is not ours to judge.

        Raises:
            Retryable: SQS cannot be asked now.
        """
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error

    def depth(self) -> int:
        """About how many messages wait, delayed and in work included.

        Raises:
            Retryable: SQS cannot be asked now.
        """
        names: list[Any] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        try:
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error
        return sum(int(answer["Attributes"].get(name, 0)) for name in names)

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        """Have a received message come back after so many seconds."""
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error


class MerchantQueue:
    """`ports.WorkQueue` on one queue."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, merchant: str) -> None:
        """See `ports.WorkQueue.send`."""
        self._queue.send(json.dumps({"merchant": merchant}))


def run_batch(
    event: dict[str, Any],
    handle: Callable[[str], object],
    *,
    queue: Queue,
    clock: Clock,
    telemetry: Telemetry,
    worst_case: float,
) -> dict[str, Any]:
    """Handle the records of one SQS event side by side; report those that are to come back.

    A record that raises `Retryable` or `UnknownOutcome` comes back after the time it asks for.
    One that raises anything else is a fault of ours: it comes back too, and after the queue's
    limit of receives it is in the dead-letter queue. A record that would not end in time
    (`worst_case` seconds) is not begun.

    Returns:
        The partial batch response: ``{"batchItemFailures": [{"itemIdentifier": …}]}``.
    """

    def one(record: dict[str, Any]) -> str | None:
        if clock.remaining() < worst_case:
            return str(record["messageId"])
        try:
            handle(record["body"])
        except (Retryable, UnknownOutcome) as verdict:
            after = verdict.after
            if isinstance(verdict, Retryable) and verdict.rate is not None:
                after = max(after, queue.share_of_wait(verdict.rate, clock))
            telemetry.log("comes back", code=verdict.code, reason=verdict.reason, after=after)
            return _later(record, after, queue=queue, telemetry=telemetry)
        except Exception as error:  # noqa: BLE001 - the rest of the batch goes on
            telemetry.count("Faults")
            telemetry.log("fault", message_id=record["messageId"], fault=type(error).__name__)
            return _later(record, FAULT_DELAY, queue=queue, telemetry=telemetry, copy=False)
        return None

    records = event["Records"]
    if len(records) == 1:
        failed = [message_id for message_id in map(one, records) if message_id]
    else:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            failed = [message_id for message_id in pool.map(one, records) if message_id]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _later(
    record: dict[str, Any],
    after: float,
    *,
    queue: Queue,
    telemetry: Telemetry,
    copy: bool = True,
) -> str | None:
    """Have a message come back; its id when it is to be reported as failed."""
    jittered = int(after * random.uniform(1.0, 1.2)) + 1  # noqa: S311 - spreads load, no secret
    delay = min(jittered, LONGEST_DELAY)
    receives = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
    telemetry.count("Postponed")
    # When SQS is unwell, or refuses because another run has ended the message meanwhile, the
    # queue's own visibility timeout brings it back, if it is still there.
    with suppress(Verdict):
        if copy and receives >= COPY_FROM_RECEIVE:
            queue.send_again(record["body"], delay)
            return None
        queue.postpone(record["receiptHandle"], delay)
    return str(record["messageId"])
