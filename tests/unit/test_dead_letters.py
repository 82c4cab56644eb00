"""Dead-letter queues: looking gives everything back, and nothing is deleted before its time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.worlds import MORE_OUTPUTS, OUTPUTS
from returns_hub.adapters.aws import clients
from returns_hub.adapters.queues import dead_letters
from returns_hub.adapters.queues.dead_letters import DeadLetterQueue
from returns_hub.adapters.queues.sqs import Queue
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.dead_letters import FLOWS
from returns_hub.settings import Settings


class Told:
    """A client of SQS that says what it was asked, and fails where it is told to."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[str] = []
        self.broken = ""

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self.calls.append(name)
            if name == self.broken:
                return getattr(self._client, name)(**given | {"QueueUrl": "https://no.such/queue"})
            return getattr(self._client, name)(**given)

        return call


class Bench:
    """A queue and its dead-letter queue in moto."""

    def __init__(self) -> None:
        self.sqs: Any = boto3.client("sqs", region_name="eu-west-1")
        self.source_url = self.sqs.create_queue(QueueName="source")["QueueUrl"]
        self.url = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        self.client = Told(clients(boto3.session.Session(region_name="eu-west-1")).sqs)
        source: Any = self.client
        self.dead = DeadLetterQueue(
            source, "approved-returns", self.url, Queue(source, self.source_url), lambda body: body
        )

    def put(self, count: int) -> list[str]:
        return [
            self.sqs.send_message(QueueUrl=self.url, MessageBody=f"body {number}")["MessageId"]
            for number in range(count)
        ]

    def count(self, url: str) -> tuple[int, int, int]:
        """Messages that are visible, held, and delayed."""
        names = ("", "NotVisible", "Delayed")
        attributes = [f"ApproximateNumberOfMessages{name}" for name in names]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)
        visible, held, delayed = (int(answer["Attributes"][name]) for name in attributes)
        return visible, held, delayed

    def sent(self) -> int:
        return sum(self.count(self.source_url))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Bench()


def test_looking_finds_every_message_over_many_pages_and_gives_all_back(bench: Bench) -> None:
    ids = bench.put(25)
    with bench.dead.round() as found:
        letters = list(found)
        assert bench.count(bench.url) == (0, 25, 0)

    assert sorted(letter.message_id for letter in letters) == sorted(ids)
    assert found.is_whole
    assert bench.count(bench.url) == (25, 0, 0)
    assert {letter.body for letter in letters} == {f"body {number}" for number in range(25)}
    assert {(letter.queue, letter.receives) for letter in letters} == {("approved-returns", 1)}


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_a_look_that_is_broken_off_gives_all_back(
    bench: Bench, ending: type[BaseException]
) -> None:
    bench.put(12)
    with pytest.raises(ending), bench.dead.round() as found:
        for _ in found:
            raise ending

    assert bench.count(bench.url) == (12, 0, 0)


def test_an_empty_queue_is_whole(bench: Bench) -> None:
    with bench.dead.round() as found:
        assert list(found) == []
    assert found.is_whole


def test_a_message_that_comes_twice_is_told_once_and_a_look_ends(bench: Bench) -> None:
    ids = bench.put(4)
    with bench.dead.round(hold=0) as found:
        letters = list(islice(found, 20))

    assert sorted(letter.message_id for letter in letters) == sorted(ids)
    assert not found.is_whole, "it went round and round, so there may be more"


def test_what_is_not_found_because_others_hold_it_is_said(bench: Bench) -> None:
    bench.put(5)
    bench.sqs.receive_message(QueueUrl=bench.url, MaxNumberOfMessages=2, VisibilityTimeout=60)
    with bench.dead.round() as found:
        assert len(list(found)) == 3

    assert found.missing == 2
    assert not found.is_whole
    assert bench.count(bench.url) == (3, 2, 0), "what others hold stays theirs"


def test_given_back_and_deleted_is_under_the_newest_handle() -> None:
    class Twice:
        """Each message comes twice, as when a hold has ended."""

        def __init__(self) -> None:
            self.answers = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")]
            self.deleted: list[str] = []
            self.given_back: list[str] = []

        def get_queue_attributes(self, **_: Any) -> Any:
            return {"Attributes": {"ApproximateNumberOfMessages": "2"}}

        def receive_message(self, **_: Any) -> Any:
            if not self.answers:
                return {}
            name, handle = self.answers.pop(0)
            attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": "1"}
            row = {"MessageId": name, "ReceiptHandle": handle, "Body": "", "Attributes": attributes}
            return {"Messages": [row]}

        def delete_message(self, **given: Any) -> None:
            self.deleted.append(given["ReceiptHandle"])

        def change_message_visibility_batch(self, **given: Any) -> None:
            self.given_back += [entry["ReceiptHandle"] for entry in given["Entries"]]

    client: Any = Twice()
    dead = DeadLetterQueue(client, "approved-returns", "u", Queue(client, "s"), str)
    with dead.round() as found:
        letters = {letter.message_id: letter for letter in found}
        found.take_out(letters["a"], lambda: None)

    assert client.deleted == ["a2"]
    assert client.given_back == ["b2"]


def test_a_message_is_sent_then_told_then_deleted(bench: Bench) -> None:
    bench.put(1)
    with bench.dead.round() as found:
        (letter,) = found
        bench.client.calls.clear()
        found.send_again(letter, "mended", lambda: bench.client.calls.append("told"))

    assert bench.client.calls == ["send_message", "told", "delete_message"]
    assert bench.count(bench.url) == (0, 0, 0)
    assert bench.count(bench.source_url) == (0, 0, 1)


def test_what_could_not_be_sent_stays(bench: Bench) -> None:
    bench.put(2)
    bench.client.broken = "send_message"
    told: list[str] = []
    with pytest.raises(Misconfigured), bench.dead.round() as found:
        for letter in found:
            found.send_again(letter, letter.body, lambda: told.append("told"))

    assert bench.count(bench.url) == (2, 0, 0)
    assert (bench.sent(), told) == (0, [])


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, Retryable("c", "r")])
def test_ended_between_send_and_delete_it_stays_and_is_sent_by_the_next(
    bench: Bench, ending: Any
) -> None:
    bench.put(1)

    def ends() -> None:
        raise ending

    with pytest.raises(BaseException), bench.dead.round() as found:  # noqa: B017, PT011
        for letter in found:
            found.send_again(letter, letter.body, ends)
    assert bench.sent() == 1
    assert bench.count(bench.url) == (1, 0, 0)

    with bench.dead.round() as found:
        for letter in found:
            found.send_again(letter, letter.body, lambda: None)
    assert bench.sent() == 2
    assert bench.count(bench.url) == (0, 0, 0)


def test_what_was_sent_and_could_not_be_deleted_stays(bench: Bench) -> None:
    bench.put(1)
    bench.client.broken = "delete_message"
    with pytest.raises(Misconfigured), bench.dead.round() as found:
        for letter in found:
            found.send_again(letter, letter.body, lambda: None)

    assert bench.sent() == 1
    assert bench.count(bench.url) == (1, 0, 0)


def test_nothing_is_taken_out_when_what_comes_first_fails(bench: Bench) -> None:
    bench.put(1)

    def fails() -> None:
        raise Retryable("aws.dynamodb.busy", "x")

    with pytest.raises(Retryable), bench.dead.round() as found:
        for letter in found:
            found.take_out(letter, fails)

    assert bench.count(bench.url) == (1, 0, 0)


@pytest.mark.parametrize("call", ["get_queue_attributes", "receive_message"])
def test_a_queue_that_cannot_be_read_is_a_verdict(bench: Bench, call: str) -> None:
    bench.put(1)
    bench.client.broken = call
    with pytest.raises(Misconfigured), bench.dead.round() as found:
        list(found)


def test_what_cannot_be_given_back_does_not_hide_why_the_look_ended(bench: Bench) -> None:
    bench.put(1)
    bench.client.broken = "change_message_visibility_batch"
    with pytest.raises(ZeroDivisionError), bench.dead.round() as found:
        for _ in found:
            raise ZeroDivisionError

    assert bench.count(bench.url) == (0, 1, 0)


def test_the_command_is_told_of_every_dead_letter_queue_and_knows_what_it_holds() -> None:
    """An alarm that names a queue which nobody can look into helps nobody."""
    settings = Settings.model_fields
    urls = [name for name in settings if name.endswith("dead_letter_queue_url")]
    told = {**OUTPUTS, **MORE_OUTPUTS}.values()
    sources = [name.replace("_dead_letter", "") for name in urls]
    assert {name.upper() for name in (*urls, *sources)} <= {*told}
    queues = {name.removesuffix("_dead_letter_queue_url").replace("_", "-") for name in urls}
    assert set(FLOWS) == queues
