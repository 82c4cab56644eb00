"""hub unleashed webhooks, and what hub check says of them: the key is stored and never shown."""

from __future__ import annotations

import json

import pytest

from cli.checks.model import Result
from returns_hub.bootstrap import Hub
from returns_hub.domain.unleashed.notices import EVENTS
from returns_hub.errors import Retryable
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

DOOR = "https://hub.example.test/webhooks/unleashed"
SECRET = "unleashed-webhook"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    found = World(made, partners)
    made.settings = made.settings.model_copy(update={"unleashed_webhook_url": DOOR})
    found.apply(webhooks={"enabled": True}, orders={"mode": "shadow"})
    return found


def subscriptions(world: World) -> list[dict[str, object]]:
    found = world.bench.desk_there.webhooks.subscriptions
    return [{"key": row.key, "url": row.url, "events": row.events} for row in found.values()]


def keys(world: World) -> list[str]:
    content = world.made.secrets.find("example", SECRET)
    return content.value["signature_key"].split() if content else []


def test_a_subscription_is_made_and_its_key_stored_and_not_shown(
    world: World, command: Command
) -> None:
    done = command("unleashed", "webhooks", "example", "subscribe", "--yes")

    assert done.exit_code == 0, done.output
    (row,) = subscriptions(world)
    assert (row["url"], row["events"]) == (f"{DOOR}/example", list(EVENTS))
    assert keys(world) == [row["key"]]
    assert str(row["key"]) not in done.output

    again = command("unleashed", "webhooks", "example", "subscribe", "--yes")
    assert (again.exit_code, "already" in again.output) == (0, True)
    assert len(subscriptions(world)) == 1


def test_a_further_key_stands_beside_the_ones_before(world: World, command: Command) -> None:
    world.made.secrets.write("example", SECRET, {"signature_key": "first-key-0123456789"})
    command("unleashed", "webhooks", "example", "subscribe", "--yes")
    (row,) = subscriptions(world)
    assert keys(world) == ["first-key-0123456789", row["key"]]


def test_one_that_was_taken_off_in_unleashed_is_made_anew(world: World, command: Command) -> None:
    command("unleashed", "webhooks", "example", "subscribe", "--yes")
    world.bench.desk_there.webhooks.subscriptions.clear()

    assert command("unleashed", "webhooks", "example", "subscribe", "--yes").exit_code == 0
    assert len(subscriptions(world)) == 1
    assert len(keys(world)) == 2


def test_one_whose_key_is_not_known_here_is_a_persons(world: World, command: Command) -> None:
    world.bench.account.post(
        "/webhooks/subscriptions",
        {"description": "x", "notificationUrl": f"{DOOR}/example", "eventTypes": [EVENTS[0]]},
    )
    done = command("unleashed", "webhooks", "example", "subscribe", "--yes")
    assert (done.exit_code, "shows once" in done.output) == (1, True)
    assert len(subscriptions(world)) == 1


def test_no_room_is_told_before_anything_is_sent(world: World, command: Command) -> None:
    for number in range(5):
        world.bench.account.post(
            "/webhooks/subscriptions",
            {
                "description": "x",
                "notificationUrl": f"https://{number}.example.test/",
                "eventTypes": [EVENTS[0]],
            },
        )
    done = command("unleashed", "webhooks", "example", "subscribe", "--yes")
    assert (done.exit_code, "5 subscriptions" in done.output) == (1, True)


def test_a_key_that_cannot_be_stored_is_told_and_not_lost_in_silence(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> str:
        raise Retryable("secretsmanager.away", "down")

    monkeypatch.setattr(world.made.secrets, "write", away)
    done = command("unleashed", "webhooks", "example", "subscribe", "--yes")
    assert done.exit_code == 1
    (row,) = subscriptions(world)
    assert "take the subscription off" in done.output
    assert str(row["key"]) not in done.output


def test_the_list_tells_what_is_missing(world: World, command: Command) -> None:
    before = command("unleashed", "webhooks", "example", "list")
    assert (before.exit_code, "nothing delivers salesorder.created" in before.output) == (1, True)
    command("unleashed", "webhooks", "example", "subscribe", "--yes", "--event", EVENTS[0])
    after = command("unleashed", "webhooks", "example", "list", "--json")
    assert after.exit_code == 1
    told = json.loads(after.stdout)
    assert told["missing_events"] == list(EVENTS[1:])
    assert [row["ours"] for row in told["subscriptions"]] == [True]
    assert told["last_delivery"] == {"orders": None, "products": None}


def test_without_an_address_nothing_is_made(world: World, command: Command) -> None:
    world.made.settings = world.made.settings.model_copy(update={"unleashed_webhook_url": ""})
    done = command("unleashed", "webhooks", "example", "subscribe", "--yes")
    assert (done.exit_code, "UnleashedWebhookUrl" in done.output) == (1, True)


# -- hub check ---------------------------------------------------------------------------------


def test_a_missing_secret_and_a_missing_subscription_fail(world: World) -> None:
    found = world.look()
    assert found[f"webhook secret {SECRET}"].result is Result.FAILED
    assert found["webhook subscription"].result is Result.FAILED
    assert found["webhook orders"].result is Result.OK


def test_what_is_set_up_is_in_order(world: World, command: Command) -> None:
    command("unleashed", "webhooks", "example", "subscribe", "--yes")
    world.made.deliveries().missed("example", "orders", 3)

    found = world.look()

    assert found[f"webhook secret {SECRET}"].result is Result.OK
    assert found["webhook subscription"].result is Result.OK
    assert found["webhook orders"].result is Result.WARNING
    assert "3 changes by polling alone" in found["webhook orders"].found
    world.made.deliveries().remember("example", "orders", "d1", world.made.clock.now())
    assert world.look()["webhook orders"].result is Result.OK


def test_off_is_told_as_off(world: World) -> None:
    world.apply(orders={"mode": "shadow"})
    assert world.look()["webhook"].result is Result.SKIPPED


def test_a_short_key_is_refused_when_it_is_set(world: World, command: Command) -> None:
    done = command(
        "secrets", "set", "example", SECRET, "--from-stdin", given='{"signature_key": "short"}'
    )
    assert (done.exit_code, "16 characters" in done.output) == (1, True)
