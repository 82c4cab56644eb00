"""hub despatches: what would be told, what waits, the story of one, and once more."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from cli.checks import despatches as area
from cli.checks.model import Finding, Result, Subject
from cli.checks.run import run_checks
from returns_hub.adapters.queues import dead_letters
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.flows.relay import despatches
from returns_hub.runs import Run
from tests.support.relay import SECRET, RelayBench
from tests.support.worlds import KEY
from tests.unit.cli.conftest import Command, Partners


class World:
    """The hub; Mintsoft and the receivers are the simulators of a `RelayBench`."""

    def __init__(self, made: Hub, partners: Partners, *names: str) -> None:
        self.made = made
        self.bench = RelayBench(*names)
        self.bench.clock.moment = made.clock.now()
        partners.cores["http://127.0.0.1:2"] = self.bench.mintsoft
        partners.cores["http://127.0.0.1:9"] = self.bench.channel
        sqs: Any = boto3.client("sqs")
        names_of_queues = ("approved-dead", "poll", "poll-dead", "despatches", "despatches-dead")
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names_of_queues}
        self.sqs, self.urls = sqs, urls
        made.settings = made.settings.model_copy(
            update={
                "approved_returns_dead_letter_queue_url": urls["approved-dead"],
                "poll_mintsoft_queue_url": urls["poll"],
                "poll_mintsoft_dead_letter_queue_url": urls["poll-dead"],
                "despatches_queue_url": urls["despatches"],
                "despatches_dead_letter_queue_url": urls["despatches-dead"],
                "feed_table": "FeedTable",
            }
        )
        made.secrets.write("example", "mintsoft", {"api_key": KEY})
        made.secrets.write("example", "channel", SECRET)
        self.version = 0
        self.apply()

    def apply(self, **block: Any) -> None:
        self.bench.set(**block)
        merchant = Merchant.model_validate(self.bench.file)
        self.made.merchants.apply(merchant, "test", after=self.version)
        self.version += 1

    def run(self) -> dict[str, int]:
        """One run of the flow."""
        return dict(despatches.run(self.made.feeds.world("example"), now=True))

    def queued(self, queue: str = "despatches") -> list[dict[str, Any]]:
        """What the queue holds; it is taken."""
        found = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(
                    QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"]
                )
        return found

    def tell(self, *messages: dict[str, Any]) -> None:
        """The function takes these."""
        for number, message in enumerate(messages):
            record = {"messageId": str(number), "receiptHandle": "x", "body": json.dumps(message)}
            Run(self.made).despatches({"Records": [record]})


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    return World(made, partners)


def test_a_plan_tells_whom_it_would_tell_and_writes_nothing(world: World, command: Command) -> None:
    world.bench.sent("DK-1", ("TEE", 2))
    told = command("despatches", "plan", "example")
    assert told.exit_code == 0, told.output
    assert "relay.despatches (live): 1 create" in told.output
    assert "tell channel that 2 units of DK-1 left" in told.output
    content = json.loads(command("despatches", "plan", "example", "--json").stdout)
    assert content["counts"] == {"create": 1}
    assert world.queued() == []
    assert world.run() == {"told": 1}


def test_what_waits_is_listed(world: World, command: Command) -> None:
    world.bench.sent("DK-1")
    world.bench.channel.settings = type(world.bench.channel.settings)(refuses=("DK-1",))
    world.run()
    world.tell(*world.queued())
    told = command("despatches", "list", "example")
    assert told.exit_code == 0, told.output
    assert "relay.refused: channel refuses it (422): Order DK-1" in " ".join(told.output.split())
    assert "0 wait for a run, 1 for a person" in told.output
    content = json.loads(command("despatches", "list", "example", "--json").stdout)
    assert [item["code"] for item in content["parked"]] == ["relay.refused"]
    assert content["targets"] == ["channel"]

    replayed = command("parked", "replay", "--merchant", "example", "--flow", "relay.tell")
    assert "1 replayed" in replayed.output
    (message,) = world.queued()
    assert (message["retry"], message["send_again"]) == (True, False)
    world.bench.channel.settings = type(world.bench.channel.settings)()
    world.tell(message)
    assert len(world.bench.taken()) == 1


def test_the_story_of_one_is_told_by_its_id_and_by_its_number(
    world: World, command: Command
) -> None:
    made = world.bench.sent("DK-1")
    world.run()
    by_id = command("despatches", "show", "example", str(made))
    assert by_id.exit_code == 0, by_id.output
    assert "not yet" in by_id.output
    world.tell(*world.queued())
    for name in (str(made), "DK-1"):
        (one,) = json.loads(command("despatches", "show", "example", name, "--json").stdout)[
            "despatches"
        ]
        assert one["order"] == made
        assert [(row["target"], row["revision"], row["outcome"]) for row in one["told"]] == [
            ("channel", 1, "confirmed")
        ]
        assert one["timeline"]


def test_a_person_tells_a_target_again_and_what_was_parked_is_closed(
    world: World, command: Command
) -> None:
    made = world.bench.sent("DK-1")
    world.bench.channel.settings = type(world.bench.channel.settings)(refuses=("DK-1",))
    world.run()
    world.tell(*world.queued())
    world.bench.channel.settings = type(world.bench.channel.settings)()

    dry = command("despatches", "again", "example", "DK-1", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "(revision 2)" in dry.output
    assert "nothing was done" in dry.output
    assert world.queued() == []

    told = command("despatches", "again", "example", str(made), "--target", "channel", "--yes")
    assert told.exit_code == 0, told.output
    assert "on the queue" in told.output
    assert world.made.parking.list_parked("example") == ()
    (message,) = world.queued()
    assert message["despatch"]["revision"] == 2
    world.tell(message)
    assert [event["revision"] for event in world.bench.taken()] == [2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("again", "example", "DK-1", "--target", "nobody"), "the file names no target nobody"),
        (("again", "example", "DK-2", "--yes"), "nothing of DK-2 is despatched"),
        (("again", "example", "DK-9", "--yes"), "neither the hub nor Mintsoft knows"),
        (("show", "example", "DK-9"), "neither the hub nor Mintsoft knows"),
        (("show", "example", "77777777"), "neither the hub nor Mintsoft knows"),
        (("plan", "nobody"), "no merchant"),
    ],
)
def test_a_users_mistake_is_answered_in_a_sentence(
    world: World, command: Command, arguments: tuple[str, ...], says: str
) -> None:
    world.bench.sent("DK-1")
    world.bench.order("DK-2")
    result = command("despatches", *arguments)
    assert result.exit_code == 1, result.output
    assert says in result.output


def test_nobody_is_told_again_while_the_relay_is_not_live(world: World, command: Command) -> None:
    world.bench.sent("DK-1")
    world.apply(mode="shadow")
    result = command("despatches", "again", "example", "DK-1", "--yes")
    assert result.exit_code == 1
    assert "despatch_relay.mode is shadow" in result.output


def test_a_merchant_without_targets_says_so(world: World, command: Command) -> None:
    world.apply(mode="off", targets=[])
    result = command("despatches", "list", "example")
    assert result.exit_code == 1
    assert "no despatch_relay.targets" in result.output


# -- dead letters -------------------------------------------------------------------------------


def test_a_dead_letter_is_shown_by_its_envelope_and_replayed(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    monkeypatch.setattr(dead_letters, "SEND_DELAY", 0)
    world.bench.sent("DK-1")
    world.run()
    (message,) = world.queued()
    good, bad = (
        world.sqs.send_message(QueueUrl=world.urls["despatches-dead"], MessageBody=json.dumps(one))
        for one in (message, message | {"target": "No One"})
    )
    rows = json.loads(command("dlq", "list", "--queue", "despatches", "--json").stdout)["messages"]
    assert {row["message_id"]: row["code"] for row in rows} == {
        good["MessageId"]: "readable",
        bad["MessageId"]: "despatch.invalid",
    }
    assert {row["merchant"] for row in rows} == {"example"}
    shown = json.loads(command("dlq", "show", good["MessageId"]).stdout)
    assert shown["envelope"]["target"] == "channel"
    assert "DK-1" not in json.dumps(shown)
    replayed = command("dlq", "replay", good["MessageId"], "--yes")
    assert replayed.exit_code == 0, replayed.output
    assert world.queued() == [message]


# -- the check ----------------------------------------------------------------------------------


def look(made: Hub) -> dict[str, Finding]:
    subject = Subject(
        world=made.world("example"),
        read_secret=lambda name: made.secrets.read("example", name, fresh=True).value,
    )
    return {finding.name: finding for finding in run_checks(subject, (area.AREA,))}


def test_the_check_reads_the_secret_and_asks_no_target(world: World) -> None:
    found = look(world.made)
    assert found["relay"].found == "live; tells channel"
    assert found["target channel"].result is Result.OK
    assert world.bench.channel.calls.counts == {}


@pytest.mark.parametrize(
    ("secret", "result"),
    [
        ({"signing_key": "a-key-of-enough-bytes"}, Result.OK),
        ({"signing_key": "short"}, Result.WARNING),
        ({"token": "channel-token"}, Result.WARNING),
        ({"token": "channel-token\n"}, Result.FAILED),
        ({"signing_key": "whsec_%"}, Result.FAILED),
        ({"other": "zq-81"}, Result.FAILED),
    ],
)
def test_the_check_judges_the_secret_and_shows_none_of_it(
    world: World, secret: dict[str, str], result: Result
) -> None:
    world.made.secrets.write("example", "channel", secret)
    finding = look(world.made)["target channel"]
    assert finding.result is result
    assert all(value.strip() not in finding.found + finding.to_do for value in secret.values())


def test_the_check_says_nothing_where_nobody_is_named_and_skips_what_is_off(world: World) -> None:
    world.apply(mode="off")
    world.made.merchants._cached.clear()
    assert look(world.made)["relay"].result is Result.SKIPPED
    world.apply(mode="off", targets=[])
    world.made.merchants._cached.clear()
    assert look(world.made) == {}


@pytest.mark.parametrize("value", [{"signing_key": "k" * 40}, {"token": "t" * 40}])
def test_the_key_of_a_target_is_a_secret_that_a_person_sets(
    world: World, command: Command, value: dict[str, str]
) -> None:
    result = command(
        "secrets", "set", "example", "channel", "--from-stdin", given=json.dumps(value)
    )

    assert result.exit_code == 0, result.output
    assert "warning" not in result.output
