"""What Lambda, SQS and API Gateway publish by themselves, for the local world.

Sources: "Types of metrics for Lambda functions", "Available CloudWatch metrics for Amazon SQS",
"Working with metrics for HTTP APIs". As there: a throttled request is no invocation; `Errors` is 0
or 1 for each invocation, so that its average is the rate of errors; a queue is told of once a
minute; what is redriven does not count as sent; the age of a message that was received three times
and is still there is not told, except of dead letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from local.cloudwatch.metrics import Metric, MetricStore
from local.lambda_host.host import Observed
from local.sources.sqs import SqsSource

MOST_LOOKED_INTO = 100
"""Messages of a queue that are looked at one by one; of more, only how many there are."""
MOST_MINUTES = 60
"""Minutes that one look tells of: while a clock is fast, what was seen holds until it is looked."""
RECEIVES_OF_THE_BACK = 3
"""From so many receives on a message is at the back of its queue, and its age is not told."""
DEPTHS = {
    "ApproximateNumberOfMessages": "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
"""Attribute of a queue -> its metric."""


class Time(Protocol):
    """The world's time; see `clock.WorldTime`."""

    def moment(self) -> float: ...
    def of(self, wall: float) -> float: ...


class OfLambda:
    """Publishes each invocation; `publish` is a watcher of `LambdaHost`."""

    def __init__(self, metrics: MetricStore, time: Time) -> None:
        self._metrics = metrics
        self._time = time

    def publish(self, seen: Observed) -> None:
        """One invocation, at the moment that it began."""
        at = self._time.of(seen.at)
        values = {"Throttles": (float(seen.throttled), "Count")}
        if not seen.throttled:
            values |= {
                "Invocations": (1.0, "Count"),
                "Errors": (float(seen.failed), "Count"),
                "Duration": (seen.duration_ms, "Milliseconds"),
            }
        for name, (value, unit) in values.items():
            metric = Metric.of("AWS/Lambda", name, {"FunctionName": seen.function})
            self._metrics.put(metric, at, value, unit=unit)


class OfHttpApis:
    """Publishes each answer; `publish` is a watcher of `HttpSource`."""

    def __init__(self, metrics: MetricStore, time: Time) -> None:
        self._metrics = metrics
        self._time = time

    def publish(self, api: str, status: int, milliseconds: float) -> None:
        """One answer, at the moment that it was given."""
        values = {
            "Count": (1.0, "Count"),
            "4xx": (float(400 <= status < 500), "Count"),
            "5xx": (float(status >= 500), "Count"),
            "Latency": (milliseconds, "Milliseconds"),
        }
        for name, (value, unit) in values.items():
            metric = Metric.of("AWS/ApiGateway", name, {"ApiId": api})
            self._metrics.put(metric, self._time.moment(), value, unit=unit)


@dataclass
class _Queue:
    """A queue, and what was seen of it: `seen` is message id -> when it came, in the world."""

    name: str
    url: str
    takes_dead_letters: bool
    source: SqsSource | None
    seen: dict[str, float] = field(default_factory=dict)
    sent: int = 0
    deleted: int = 0
    oldest: float | None = None


@dataclass(frozen=True)
class _Seen:
    """Of one look: depths by metric, and of messages that could be looked into, which are new."""

    depths: dict[str, float]
    waiting: int
    new: int


class OfSqs:
    """Looks at every queue and publishes how many messages it has, and how old the oldest is.

    Args:
        queues: By logical id: name, URL, and whether other queues redrive to it.
        sources: What takes from them.
        sqs: A client.
        endpoint: The emulator, which shows messages without receiving them.
    """

    def __init__(
        self,
        queues: Mapping[str, tuple[str, str, bool]],
        *,
        sources: tuple[SqsSource, ...],
        sqs: Any,
        endpoint: str,
        metrics: MetricStore,
        time: Time,
    ) -> None:
        taken = {source.queue: source for source in sources}
        self._queues = [
            _Queue(name, url, dead, taken.get(logical))
            for logical, (name, url, dead) in queues.items()
        ]
        self._sqs = sqs
        self._address = f"{endpoint}/_ministack/sqs/messages"
        self._http = requests.Session()
        self._metrics = metrics
        self._time = time
        self._looked = time.moment()

    def publish(self) -> None:
        """Look at every queue; what is seen is told of each minute since the last look."""
        now = self._time.moment()
        for queue in self._queues:
            # Before the look: what is taken meanwhile would be counted as waiting, and as taken.
            taken = queue.source.received_first if queue.source else 0
            seen = self._look(queue, now)
            age = max(0.0, now - queue.oldest) if queue.oldest is not None else 0.0
            gauges = {**seen.depths, "ApproximateAgeOfOldestMessage": age}
            self._put(queue, gauges, self._counts(queue, seen, taken), now)
        self._looked = now

    def _put(
        self, queue: _Queue, gauges: Mapping[str, float], counts: Mapping[str, float], now: float
    ) -> None:
        first = max(self._looked // 60 + 1, now // 60 - MOST_MINUTES)
        for name, value in gauges.items():
            unit = "Seconds" if name.endswith("OldestMessage") else "Count"
            metric = Metric.of("AWS/SQS", name, {"QueueName": queue.name})
            for minute in range(int(first), int(now // 60) + 1):
                self._metrics.put(metric, minute * 60, value, unit=unit)
        for name, value in counts.items():
            metric = Metric.of("AWS/SQS", name, {"QueueName": queue.name})
            self._metrics.put(metric, now, value, unit="Count")

    def _look(self, queue: _Queue, now: float) -> _Seen:
        answer = self._sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=list(DEPTHS))
        found = answer["Attributes"]
        depths = {metric: float(found.get(name, 0)) for name, metric in DEPTHS.items()}
        depth = sum(depths.values())
        if not depth:
            queue.oldest, queue.seen = None, {}
            return _Seen(depths, 0, 0)
        if depth <= MOST_LOOKED_INTO:
            return self._look_into(queue, depths, now)
        if queue.source is not None and queue.source.sent_at:
            queue.oldest = min(now, self._time.of(queue.source.sent_at))
        queue.oldest = now if queue.oldest is None else queue.oldest
        in_work = depths["ApproximateNumberOfMessagesNotVisible"]
        return _Seen(depths, int(depth - in_work), 0)

    def _look_into(self, queue: _Queue, depths: dict[str, float], now: float) -> _Seen:
        """Each message's age; in a dead-letter queue from when it came there."""
        rows = self._messages(queue.url)
        before = queue.seen
        queue.seen = {
            row["MessageId"]: before.get(
                row["MessageId"],
                now if queue.takes_dead_letters else min(now, self._time.of(row["SentTimestamp"])),
            )
            for row in rows
        }
        told = {
            row["MessageId"]
            for row in rows
            if queue.takes_dead_letters or row["ReceiveCount"] < RECEIVES_OF_THE_BACK
        }
        queue.oldest = min((queue.seen[name] for name in told), default=None)
        waiting = sum(not row["ReceiveCount"] for row in rows)
        return _Seen(depths, waiting, len(queue.seen.keys() - before.keys()))

    def _messages(self, url: str) -> list[Any]:
        """What the emulator shows of a queue, without receiving it."""
        answer = self._http.get(self._address, params={"QueueUrl": url}, timeout=5)
        answer.raise_for_status()
        content = answer.json()
        regions = [
            region for account in content["messages"].values() for region in account.values()
        ]
        return [row for queues in regions for rows in queues.values() for row in rows]

    @staticmethod
    def _counts(queue: _Queue, seen: _Seen, taken: int) -> dict[str, float]:
        """Since the last look. Without a source that counts, what came and went between two looks
        is not seen."""
        if queue.takes_dead_letters:
            return {}
        if queue.source is None:
            return {"NumberOfMessagesSent": float(seen.new)}
        sent = taken + seen.waiting
        deleted = queue.source.deleted
        counts = {
            "NumberOfMessagesSent": float(max(0, sent - queue.sent)),
            "NumberOfMessagesDeleted": float(deleted - queue.deleted),
        }
        queue.sent, queue.deleted = max(sent, queue.sent), deleted
        return counts
