"""Messages about one record, in the function: with its own composition, stores and policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.unleashed.hands import SalesHands
from returns_hub.adapters.dynamodb.deliveries import DynamoDbDeliveries
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.beside import SILENT, STALE
from returns_hub.flows.unleashed.turns import AT_ONCE, turn_name
from returns_hub.ports.deliveries import Watched
from tests.simulation.permissions import permissions_of
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.erp_hub import ErpHub
from tests.support.erp_orders import ADDRESS, FLOW, TEE
from tests.support.unleashed_door import KEY, SECRET, NoticeDoor, notice

NOBODY = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def it() -> ErpHub:
    found = ErpHub(webhooks={"enabled": True}, orders={"mode": "live"})
    found.apply()
    found.tick()
    found.take()
    return found


def place(it: ErpHub) -> str:
    made = SalesHands(it.bench.desk_there).place_order("WEBSHOP", {TEE: 1}, fields=ADDRESS)
    return str(made["guid"])


def message(it: ErpHub, key: str, **more: Any) -> dict[str, Any]:
    at = it.clock.now().isoformat()
    return {"merchant": "example", "flow": "orders", "asked_at": at, "key": key, **more}


def outcome(it: ErpHub, key: str) -> str:
    return it.hub.sync_records().load("example", FLOW, key).outcome


def test_a_message_about_a_record_is_dealt_with(it: ErpHub) -> None:
    guid = place(it)
    assert it.deliver(message(it, guid)) == {"failed": []}
    assert outcome(it, guid) == "imported"
    assert it.deliver(message(it, guid)) == {"failed": []}


def test_what_does_not_show_yet_comes_back_and_ends(it: ErpHub) -> None:
    told = message(it, NOBODY)
    for _ in range(5):
        assert it.deliver(told)["failed"]
        it.bench.clock.advance(seconds=24)
    it.bench.clock.advance(seconds=24)
    assert it.deliver(told) == {"failed": []}


def test_a_deletion_is_not_waited_for(it: ErpHub) -> None:
    assert it.deliver(message(it, NOBODY, is_deletion=True)) == {"failed": []}


@pytest.mark.parametrize("held", ["the flow", "every turn"])
def test_while_others_are_at_work_it_is_left_to_the_next_tick(it: ErpHub, held: str) -> None:
    guid = place(it)
    names = [turn_name(number, "example") for number in range(1, AT_ONCE + 1)]
    for name in names if held == "every turn" else [cursor_name(FLOW, "example")]:
        assert it.hub.cursors.acquire(name, "another", 60)

    assert it.deliver(message(it, guid)) == {"failed": []}
    assert outcome(it, guid) == ""

    assert it.tick()["example"]["orders"] == {FLOW: {"imported": 1}}
    assert outcome(it, guid) == "imported"


@pytest.mark.parametrize(
    "changes",
    [{"key": "7"}, {"key": NOBODY.upper() + "x"}, {"key": "../SalesOrders"}, {"flow": "customer"}],
)
def test_a_message_that_is_none_is_counted_and_dropped(it: ErpHub, changes: dict[str, str]) -> None:
    before = it.telemetry.total("RunsFailed", code="unleashed.no_flow")
    assert it.deliver(message(it, NOBODY) | changes) == {"failed": []}
    assert it.telemetry.total("RunsFailed", code="unleashed.no_flow") == before + 1


def test_a_merchant_that_is_gone_drops_the_message(it: ErpHub) -> None:
    assert it.deliver(message(it, NOBODY) | {"merchant": "nobody"}) == {"failed": []}


def test_calls_about_what_was_told_are_urgent_ones(it: ErpHub) -> None:
    before = it.hub.erp.account(it.hub.merchants.live("example")).client.meter.usage()
    it.deliver(message(it, place(it)))
    used = it.hub.erp.account(it.hub.merchants.live("example")).client.meter.usage()
    assert used.urgent > before.urgent
    assert used.regular == before.regular


def test_a_silent_webhook_is_told_of_by_the_tick_once_a_day(it: ErpHub) -> None:
    it.tick(minutes=1)
    place(it)
    for _ in range(2 * 24 * 4):
        it.tick(minutes=15)
    assert it.telemetry.total(SILENT, flow="orders", merchant="example") == 1


def test_polling_that_stands_still_is_seen_though_deliveries_come(it: ErpHub) -> None:
    for _ in range(8):
        it.tick(minutes=15)
        guid = place(it)
        it.deliver(message(it, guid))
        assert outcome(it, guid) == "imported"
    assert it.telemetry.total(STALE) == 0
    # Somebody holds the lease whenever the tick comes.
    for _ in range(8):
        guid = place(it)
        it.deliver(message(it, guid))
        assert outcome(it, guid) == "imported"
        it.bench.clock.advance(minutes=14)
        lease = it.hub.cursors.acquire(cursor_name(FLOW, "example"), "another", 90)
        it.tick(minutes=1)
        assert lease is not None
        it.hub.cursors.release(lease)

    assert it.telemetry.total(STALE, flow=FLOW, merchant="example") >= 3


# -- the door ----------------------------------------------------------------------------------


def test_the_function_of_the_door_takes_a_delivery_by_its_own_policy() -> None:
    it = ErpHub(
        function="UnleashedWebhookFunction",
        webhooks={"enabled": True},
        orders={"mode": "live"},
    )
    it.apply()
    it.set_secret("example", SECRET, {"signature_key": KEY})
    door = NoticeDoor(it.bench)
    it.calls.clear()

    answers = []
    for event in (door.event(), door.event(), door.event(notice(), body=b"{}")):
        with it.invocation() as run:
            answers.append(run.unleashed_webhook(event)["statusCode"])

    assert answers == [200, 200, 200]
    (sent,) = it.take()
    assert sent["flow"] == "orders"
    # The version of what is stored and the merchant's file once, each delivery's own row twice.
    assert it.calls.count("get_item") == 4
    assert it.telemetry.total("Webhooks", outcome="repeated") == 1


def test_the_door_may_not_read_a_partners_key() -> None:
    policy = permissions_of("UnleashedWebhookFunction", "hub")
    policy.require_secret("get_secret_value", "hub/example/unleashed-webhook")
    with pytest.raises(AssertionError):
        policy.require_secret("get_secret_value", "hub/example/unleashed")


# -- its store ---------------------------------------------------------------------------------


def test_what_was_counted_begins_again_once(it: ErpHub) -> None:
    tables: InMemoryDynamoDb = it.tables
    store = DynamoDbDeliveries(tables, "SyncTable")  # type: ignore[arg-type]
    now = it.clock.now()
    assert store.watched("m", "orders") == Watched()
    assert store.begin("m", "orders", Watched(), now)
    assert not store.begin("m", "orders", Watched(), now)
    store.remember("m", "orders", "d1", now)
    store.missed("m", "orders", 2)
    store.missed("m", "orders", 1)
    found = store.watched("m", "orders")
    assert found == Watched(since=now, delivered=1, missed=3, last_at=now)
    assert store.is_known("m", "d1")
    assert not store.is_known("n", "d1")
    assert not store.is_known("m", "d2")
    later = now + timedelta(days=1)
    assert store.begin("m", "orders", found, later)
    assert not store.begin("m", "orders", found, later)
    assert store.watched("m", "orders") == Watched(since=later, last_at=now)
