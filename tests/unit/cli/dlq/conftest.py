"""Dead letters of a hub, for tests of hub dlq."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from returns_hub.adapters.queues import dead_letters
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import Event, OperatorActed, Skipped
from returns_hub.domain.merchant import Merchant
from tests.support.fakes import START
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_messages import GOOD

PAT = "arn:aws:iam::1:user/pat"
PRIVATE = "Erika Mustermann, Heidestr. 17"
WITH_BODIES = GOOD | {"return": {"name": PRIVATE}, "order": {"address": PRIVATE}}
INVALID = GOOD | {"return_id": "r2", "extra": PRIVATE}


class Letters:
    """The hub's queues and their dead-letter queues."""

    def __init__(self, made: Hub) -> None:
        self.sqs: Any = boto3.client("sqs")
        urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("approved-dead", "poll", "poll-dead")
        }
        made.settings = made.settings.model_copy(
            update={
                "poll_mintsoft_queue_url": urls["poll"],
                "approved_returns_dead_letter_queue_url": urls["approved-dead"],
                "poll_mintsoft_dead_letter_queue_url": urls["poll-dead"],
            }
        )
        self.urls = urls | {"approved": made.settings.approved_returns_queue_url}

    def put(self, content: Any, queue: str = "approved-dead") -> str:
        """Put a dead letter there; its id."""
        body = content if isinstance(content, str) else json.dumps(content)
        sent = self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)
        return str(sent["MessageId"])

    def count(self, queue: str) -> tuple[int, int]:
        """Messages that are visible, and those that somebody holds."""
        names = [f"ApproximateNumberOfMessages{name}" for name in ("", "NotVisible")]
        found = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=names)
        visible, held = (int(found["Attributes"][name]) for name in names)
        return visible, held

    def bodies(self, queue: str) -> list[str]:
        """The bodies that wait in a queue, at most ten."""
        found = self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def letters(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Letters:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    monkeypatch.setattr(dead_letters, "SEND_DELAY", 0)
    return Letters(made)


@pytest.fixture
def known(made: Hub) -> Hub:
    """The hub knows the merchant, and the returns r1 and r9."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    for return_id in ("r1", "r9"):
        fact = Skipped(flow="announce", code="type.off", reason="x")
        event = Event(sequence=1, at=START, actor="hub", rule="r", config_version=1, fact=fact)
        made.returns.append(made.returns.load("example", return_id), [event])
    return made


def acts(made: Hub, return_id: str = "r1") -> list[tuple[str, str, str, str]]:
    """Persons' acts on a return's timeline: (act, subject, note, who)."""
    return [
        (event.fact.act, event.fact.subject, event.fact.note, event.actor)
        for event in made.returns.timeline("example", return_id)
        if isinstance(event.fact, OperatorActed)
    ]


def listed(command: Command, *arguments: str) -> set[str]:
    rows = json.loads(command("dlq", "list", "--json", *arguments).stdout)["messages"]
    return {row["message_id"] for row in rows}
