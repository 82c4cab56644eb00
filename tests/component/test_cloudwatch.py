"""What the local world publishes by itself: by real invocations, a real queue, and real logs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from local.aws import LocalAws
from local.cloudwatch.clock import WorldTime
from local.cloudwatch.emf import LogFollower
from local.cloudwatch.metrics import Metric, MetricStore
from local.cloudwatch.of_aws import MOST_LOOKED_INTO, OfHttpApis, OfLambda, OfSqs
from local.lambda_host.host import LambdaHost, Throttled
from local.sources.http import HttpSource
from local.sources.sqs import LONG_POLL_SECONDS, SqsSource
from local.stack import FunctionSpec, HttpRoute, QueueSource

APP = """
import time
from aws_lambda_powertools.metrics import MetricUnit, single_metric
def handler(event, context):
    unit = MetricUnit.Count
    with single_metric(name="Worked", unit=unit, value=2, namespace="ReturnsHub") as blob:
        blob.add_dimension(name="partner", value="redo")
    if event.get("rawQueryString") == "fail" or event.get("fail"):
        raise ValueError("broken on purpose")
    time.sleep(event.get("seconds", 0))
"""
SPEED = 30


class Published:
    """Metrics of one test, in a world that is thirty times as fast."""

    def __init__(self) -> None:
        self.metrics = MetricStore()
        self.time = WorldTime(SPEED)

    def sum(self, namespace: str, name: str, **dimensions: str) -> float | None:
        return self.value("Sum", namespace, name, **dimensions)

    def value(self, statistic: str, namespace: str, name: str, **dimensions: str) -> float | None:
        metric = Metric.of(namespace, name, dimensions)
        now = self.time.moment()
        return self.metrics.statistic(metric, statistic, now - 86400, now + 86400)


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LambdaHost]:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    variables = {"POWERTOOLS_SERVICE_NAME": "returns-hub"}
    specs = {
        name: FunctionSpec(name, tmp_path, "app.handler", 20.0, 256, limit, variables)
        for name, limit in (("F", 1), ("Unlimited", None))
    }
    made = LambdaHost(specs, layer=tmp_path, extra_environment={}, logs=tmp_path / "logs")
    yield made
    made.close()


def test_invocations_errors_durations_and_throttles_as_lambda_counts_them(
    host: LambdaHost, published: Published
) -> None:
    host.watched_by(OfLambda(published.metrics, published.time).publish)
    for event in ({}, {"fail": True}, {}):
        host.invoke("F", event)
    taken = host._take("F")
    with pytest.raises(Throttled):
        host.invoke("F", {})
    host._give_back("F", taken)

    of = {"FunctionName": "F"}
    assert published.sum("AWS/Lambda", "Invocations", **of) == 3
    assert published.value("Average", "AWS/Lambda", "Errors", **of) == pytest.approx(1 / 3)
    assert published.value("SampleCount", "AWS/Lambda", "Duration", **of) == 3
    assert published.sum("AWS/Lambda", "Throttles", **of) == 1


def test_metrics_of_a_real_function_come_from_its_log(
    host: LambdaHost, published: Published, tmp_path: Path
) -> None:
    follower = LogFollower(tmp_path / "logs", published.metrics, published.time.of)
    host.invoke("F", {})
    host.invoke("F", {"fail": True})
    follower.read(time.time())
    worked = published.sum("ReturnsHub", "Worked", partner="redo", service="returns-hub")
    assert worked == 4
    assert follower.problems == {}


def test_answers_of_an_http_api(host: LambdaHost, published: Published) -> None:
    route = HttpRoute("Api", "POST", "/hook", "F", 10.0, 1000.0, 1000)
    source = HttpSource([route], host=host)
    source.watched_by(OfHttpApis(published.metrics, published.time).publish)
    source.start()
    try:
        for target in ("/hook", "/hook?fail", "/missing"):
            requests.post(source.url + target, data=b"{}", timeout=20).close()
    finally:
        source.stop()
    of = {"ApiId": "Api"}
    assert [published.sum("AWS/ApiGateway", name, **of) for name in ("Count", "4xx", "5xx")] == [
        *(3, 1, 1),
    ]


class Queues:
    """A queue that gives up to another, and what takes from it."""

    def __init__(
        self,
        aws: LocalAws,
        published: Published,
        host: LambdaHost,
        name: str,
        *,
        receives: int = 1,
    ) -> None:
        self.sqs = aws.client("sqs")
        self.dead = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        policy = json.dumps(
            {"deadLetterTargetArn": self._arn(self.dead), "maxReceiveCount": receives}
        )
        self.url = self.sqs.create_queue(
            QueueName=name, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "60"}
        )["QueueUrl"]
        mapping = QueueSource("F", "Work", 10, 2, reports_item_failures=True)
        self.source = SqsSource(
            mapping, sqs=self.sqs, queue_url=self.url, queue_arn=self._arn(self.url), host=host
        )
        self.published = published
        self.name = name
        self.of_sqs = OfSqs(
            {"Work": (name, self.url, False), "Dead": (f"{name}-dead", self.dead, True)},
            sources=(self.source,),
            sqs=self.sqs,
            endpoint=aws.url,
            metrics=published.metrics,
            time=published.time,
        )

    def _arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def send(self, count: int) -> None:
        for start in range(0, count, 10):
            entries = [{"Id": str(n), "MessageBody": "{}"} for n in range(min(10, count - start))]
            self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def look(self, until: Callable[[], bool]) -> None:
        """Look as the world does, until this holds."""
        ends = time.monotonic() + 20
        while not until() and time.monotonic() < ends:
            self.published.time.go_on(minutes=1)
            self.of_sqs.publish()
        assert until()

    def newest(self, metric: str, queue: str = "") -> float | None:
        of = Metric.of("AWS/SQS", metric, {"QueueName": f"{self.name}{queue}"})
        now = self.published.time.moment()
        minute = now - now % 60
        told = self.published.metrics.statistic(of, "Maximum", minute, now + 60)
        if told is None:  # The minute has just begun.
            told = self.published.metrics.statistic(of, "Maximum", minute - 60, minute)
        return told


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as started:
        yield started


def test_depth_and_age_of_a_queue_and_what_was_sent_and_deleted(
    aws: LocalAws, host: LambdaHost, published: Published
) -> None:
    queues = Queues(aws, published, host, "work")
    queues.look(lambda: queues.newest("ApproximateNumberOfMessagesVisible") == 0)
    assert queues.newest("ApproximateAgeOfOldestMessage") == 0
    queues.send(12)
    queues.look(lambda: queues.newest("ApproximateNumberOfMessagesVisible") == 12)
    published.time.go_on(minutes=30)
    queues.of_sqs.publish()
    assert 1800 <= (queues.newest("ApproximateAgeOfOldestMessage") or 0) < 2400
    queues.source.start()
    queues.look(lambda: queues.source.deleted == 12)
    queues.source.stop()
    # What was deleted since the last look is told by the next.
    published.time.go_on(minutes=1)
    queues.of_sqs.publish()
    assert queues.newest("ApproximateNumberOfMessagesVisible") == 0
    assert published.sum("AWS/SQS", "NumberOfMessagesSent", QueueName="work") == 12
    assert published.sum("AWS/SQS", "NumberOfMessagesDeleted", QueueName="work") == 12
    assert queues.newest("ApproximateAgeOfOldestMessage") == 0


def test_what_is_taken_while_the_queue_is_looked_into_is_counted_once(
    aws: LocalAws, host: LambdaHost, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = Queues(aws, published, host, "meanwhile")
    queues.send(3)
    really = queues.of_sqs._messages

    def looked_into(url: str) -> list[Any]:
        rows = really(url)
        while queues.source._receive():
            pass
        return rows

    monkeypatch.setattr(queues.of_sqs, "_messages", looked_into)
    for _ in range(2):
        published.time.go_on(minutes=1)
        queues.of_sqs.publish()
    assert published.sum("AWS/SQS", "NumberOfMessagesSent", QueueName="meanwhile") == 3


def test_a_dead_letters_age_counts_from_when_it_came_there(
    aws: LocalAws, host: LambdaHost, published: Published
) -> None:
    queues = Queues(aws, published, host, "failing")
    queues.send(1)
    published.time.go_on(hours=5)
    for _ in range(2):
        queues.sqs.receive_message(QueueUrl=queues.url, VisibilityTimeout=0)
    queues.look(lambda: queues.newest("ApproximateNumberOfMessagesVisible", "-dead") == 1)
    published.time.go_on(minutes=10)
    queues.of_sqs.publish()
    assert 600 <= (queues.newest("ApproximateAgeOfOldestMessage", "-dead") or 0) < 1200
    assert published.sum("AWS/SQS", "NumberOfMessagesSent", QueueName="failing-dead") is None


def test_the_age_of_what_comes_back_again_and_again_is_not_told(
    aws: LocalAws, host: LambdaHost, published: Published
) -> None:
    """From the third receive on; it is at the back of the queue, and the next one's age is told."""
    queues = Queues(aws, published, host, "again", receives=20)
    queues.send(1)
    queues.of_sqs.publish()
    ages = []
    for _ in range(3):
        queues.sqs.receive_message(QueueUrl=queues.url, VisibilityTimeout=0)
        published.time.go_on(hours=1)
        queues.of_sqs.publish()
        ages.append((queues.newest("ApproximateAgeOfOldestMessage") or 0) // 3600)
    assert ages == [1, 2, 0]
    queues.send(1)
    queues.of_sqs.publish()
    published.time.go_on(minutes=30)
    queues.of_sqs.publish()
    assert 1800 <= (queues.newest("ApproximateAgeOfOldestMessage") or 0) < 2400


def test_what_reads_a_queue_can_be_disabled_and_enabled_again(
    aws: LocalAws, host: LambdaHost, published: Published
) -> None:
    queues = Queues(aws, published, host, "disabled")
    queues.source.start()
    queues.source.disable()
    try:
        assert queues.source.rests(10 * LONG_POLL_SECONDS)
        queues.send(1)
        time.sleep(2 * LONG_POLL_SECONDS)
        queues.of_sqs.publish()
        published.time.go_on(hours=4)
        queues.of_sqs.publish()
        assert (queues.newest("ApproximateAgeOfOldestMessage") or 0) >= 4 * 3600
        queues.source.enable()
        queues.look(lambda: queues.newest("ApproximateAgeOfOldestMessage") == 0)
    finally:
        queues.source.stop()
    assert queues.source.deleted == 1


def test_a_long_queue_is_counted_without_looking_into_it(
    aws: LocalAws, host: LambdaHost, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = Queues(aws, published, host, "long")
    queues.send(MOST_LOOKED_INTO + 10)

    def refused(_self: Any, _url: str) -> None:
        raise AssertionError("a long queue was looked into")

    monkeypatch.setattr(OfSqs, "_messages", refused)
    queues.look(
        lambda: queues.newest("ApproximateNumberOfMessagesVisible") == MOST_LOOKED_INTO + 10
    )
    published.time.go_on(minutes=10)
    queues.of_sqs.publish()
    assert (queues.newest("ApproximateAgeOfOldestMessage") or 0) >= 600


def test_what_was_seen_holds_for_every_minute_until_the_next_look(
    aws: LocalAws, host: LambdaHost, published: Published
) -> None:
    queues = Queues(aws, published, host, "held")
    queues.send(3)
    queues.of_sqs.publish()
    published.time.go_on(minutes=20)
    queues.of_sqs.publish()
    depth = Metric.of("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "held"})
    now = published.time.moment()
    minutes = published.metrics.series(depth, "Maximum", 60, now - 1200, now + 60)
    assert 20 <= len(minutes) <= 25
    assert [later - at for (at, _), (later, _) in pairwise(minutes)] == [60] * (len(minutes) - 1)
    assert {value for _, value in minutes} == {3}
