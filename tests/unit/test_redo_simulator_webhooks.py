"""The simulator of Redo's webhook: as its description says, and wrong as its settings say."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from local.simulators.clock import SetClock
from local.simulators.redo.deliveries import Outgoing
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START
from tests.support.worlds import item, redo_return

STORE = "/v2.2/stores/store/webhooks"
URL = "https://hub.example.test/webhooks/redo/example"
TOKEN = "the-token-of-deliveries"


class Shop:
    """A simulator, a receiver that answers as told, and what it received."""

    def __init__(self, *scopes: str, **settings: Any) -> None:
        self.clock = SetClock(START)
        self.redo = RedoSimulator(self.clock, dice=random.Random(7))
        scopes = scopes or ("webhooks_read", "webhooks_write", "returns_write")
        self.redo.seed({"store_id": "store", "tokens": {"api": list(scopes)}})
        self.deliveries = self.redo.webhooks.deliveries
        self.deliveries.settings = replace(self.deliveries.settings, **settings)
        self.answers: list[int | None] = []
        self.received: list[Outgoing] = []

    def call(self, method: str, path: str, content: Any = None) -> Reply:
        headers = {"authorization": "Bearer api"}
        body = b"" if content is None else json.dumps(content).encode()
        return self.redo.handle(Request(method, path, {}, headers, body))

    def create(self, **changes: Any) -> Reply:
        return self.call("POST", STORE, {"webhook": webhook(**changes)})

    def put(self, name: str = "r1", **changes: Any) -> None:
        self.redo.put(redo_return([item(1, "TEE")], id=name, **changes), [])

    def post(self, outgoing: Outgoing) -> int | None:
        self.received.append(outgoing)
        return self.answers.pop(0) if self.answers else 200

    def deliver(self, **later: float) -> list[dict[str, Any]]:
        """What is received now, or so much later."""
        if later:
            self.clock.advance(**later)
        before = len(self.received)
        self.deliveries.deliver_due(self.post)
        return [json.loads(outgoing.body) for outgoing in self.received[before:]]


def webhook(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "topic": "return",
        "kind": "redo",
        "externalId": "ours",
        "backfill": False,
        "callback": {"url": URL, "auth": {"bearer": {"token": TOKEN}}},
    }
    return content | changes


def body_of(reply: Reply) -> Any:
    return json.loads(reply.body)


def test_create_is_an_upsert_by_external_id() -> None:
    shop = Shop()
    first = shop.create()
    shop.clock.advance(minutes=1)
    again = shop.create(callback={"url": f"{URL}/2", "auth": None})

    assert (first.status, again.status) == (201, 200)
    one, two = body_of(first)["webhook"], body_of(again)["webhook"]
    assert one["id"] == two["id"]
    assert one["callback"] == webhook()["callback"]
    assert two["callback"] == {"url": f"{URL}/2", "auth": None}
    assert two["updatedAt"] > two["createdAt"] == one["createdAt"]
    assert {"externalId", "kind", "topic"} <= set(two)


def test_without_an_external_id_each_create_makes_another() -> None:
    shop = Shop()
    statuses = [shop.create(externalId=None).status for _ in range(2)]

    assert statuses == [201, 201]
    assert len(body_of(shop.call("GET", STORE))["webhooks"]) == 2


@pytest.mark.parametrize(
    "content",
    [
        {"url": URL, "secret": TOKEN, "topics": ["return.created"]},
        {"webhook": webhook(topic="return.created")},
        {"webhook": webhook(kind="other")},
        {"webhook": webhook(backfill="yes")},
        {"webhook": webhook(externalId=5)},
        {"webhook": webhook(secret="x")},
        {"webhook": webhook(callback={"url": URL})},
        {"webhook": webhook(callback={"url": URL, "auth": {"token": TOKEN}})},
        {"webhook": webhook(callback={"url": "http://hub.example.test", "auth": None})},
        {"webhook": webhook(callback={"url": "http://127.0.0.1:1/x", "auth": None})},
    ],
)
def test_what_the_description_does_not_take_is_refused(content: Any) -> None:
    shop = Shop(*("webhooks_read", "webhooks_write"))

    assert shop.call("POST", STORE, content).status == 400
    assert shop.redo.webhooks.subscriptions == {}


@pytest.mark.parametrize(
    ("url", "status"),
    [
        pytest.param(
            "http://127.0.0.1:9/x",
            201,
            marks=pytest.mark.off_contract("an address of this machine, without https"),
        ),
        ("http://127.0.0.1.example.test", 400),
        (URL, 201),
    ],
)
def test_this_machine_is_taken_only_where_it_is_allowed(url: str, status: int) -> None:
    shop = Shop(loopback=True)
    assert shop.create(callback={"url": url, "auth": None}).status == status


def test_put_changes_the_callback_alone_and_delete_removes() -> None:
    shop = Shop()
    one = f"/v2.2/webhooks/{body_of(shop.create())['webhook']['id']}"
    callback = {"url": f"{URL}/2", "auth": {"bearer": {"token": "another"}}}

    assert shop.call("PUT", one, {"webhook": {"callback": callback, "kind": "loop"}}).status == 400
    changed = shop.call("PUT", one, {"webhook": {"callback": callback}})
    assert (changed.status, changed.body) == (204, b"")
    read = body_of(shop.call("GET", one))["webhook"]
    assert (read["callback"], read["externalId"]) == (callback, "ours")
    assert shop.call("DELETE", one).status == 204
    assert [shop.call(m, one).status for m in ("GET", "DELETE", "PUT")] == [404, 404, 404]


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("webhooks_write", "GET", STORE),
        ("webhooks_read", "POST", STORE),
        ("webhooks_read", "DELETE", "/v2.2/webhooks/x"),
        ("webhooks_read", "POST", "/v2.2/webhooks/x/replay"),
        ("webhooks_read", "GET", "/v2.2/stores/store/invoices"),
        ("webhooks_read", "GET", "/v2.2/invoices/pending/items.csv"),
    ],
)
def test_each_call_needs_its_scope(scope: str, method: str, path: str) -> None:
    reply = Shop(scope).call(method, path, {"webhook": webhook()})

    assert reply.status == 403
    assert body_of(reply)["type"] == "com.getredo.api:scope/forbidden"


def test_a_change_is_told_with_the_token_and_the_whole_state() -> None:
    shop = Shop()
    shop.put("before")
    shop.create()
    shop.put("r1")
    shop.clock.advance(minutes=1)
    shop.redo.set_status("r1", "flagged")

    created, updated = shop.deliver()
    assert (created["type"], created["return"]["id"]) == ("created", "r1")
    assert (updated["type"], updated["return"]["status"]) == ("updated", "flagged")
    assert set(updated) == {"type", "at", "merchantName", "return", "order"}
    assert updated["return"]["updatedAt"] > created["return"]["updatedAt"]
    assert {o.headers["Authorization"] for o in shop.received} == {f"Bearer {TOKEN}"}
    assert {o.url for o in shop.received} == {URL}
    assert shop.redo.all_books()["webhooks"]["states"] == {"delivered": 2}


def test_every_change_has_a_later_time_and_tells_of_the_lines_as_they_are() -> None:
    shop = Shop()
    shop.create()
    shop.put()
    for content in ({"status": "flagged"}, {"status": "complete"}):
        shop.call("PUT", "/v2.2/returns/r1/status", content)
    shop.put(status="open")

    told = shop.deliver()
    times = [row["return"]["updatedAt"] for row in told]
    assert [row["return"]["status"] for row in told] == ["open", "flagged", "complete", "open"]
    assert len(set(times)) == 4
    assert times[1:] == sorted(times[1:])
    assert told[2]["return"]["items"][0]["status"] == "complete"


def test_processing_that_ends_later_is_told() -> None:
    shop = Shop()
    shop.put()
    shop.create()
    products = [{"_id": "item1", "processInput": {"restock": True}}]
    shop.call("POST", "/v2.2/returns/r1/process", {"products": products})

    assert shop.deliver() == []
    (told,) = shop.deliver(seconds=5)
    assert (told["type"], told["return"]["status"]) == ("updated", "complete")


def test_what_is_not_answered_well_is_sent_again_and_then_dropped() -> None:
    shop = Shop(retries=(10.0, 60.0))
    shop.create()
    shop.answers = [500, None, 302]
    shop.put()

    assert len(shop.deliver()) == 1
    assert shop.deliver(seconds=9) == []
    assert shop.deliveries.next_due() is not None
    assert len(shop.deliver(seconds=1)) == 1
    assert len(shop.deliver(seconds=60)) == 1
    assert shop.deliver(hours=1) == []
    books = shop.redo.all_books()["webhooks"]
    assert books["states"] == {"dropped": 1}
    assert books["deliveries"][0]["answers"] == [500, None, 302]


def test_one_return_is_told_of_in_order_and_holds_up_no_other() -> None:
    shop = Shop(retries=(10.0,))
    shop.create()
    shop.answers = [500]
    shop.put("r1")
    shop.redo.set_status("r1", "flagged")
    shop.put("r2")

    assert [row["return"]["id"] for row in shop.deliver()] == ["r1", "r2"]
    late = shop.deliver(seconds=10)
    assert [row["return"]["status"] for row in late] == ["open", "flagged"]


def test_a_delivery_under_way_is_not_taken_twice() -> None:
    shop = Shop()
    shop.create()
    shop.put()
    (outgoing,) = shop.deliveries.take_due()

    assert shop.deliveries.take_due() == []
    shop.deliveries.answered(outgoing.number, 200)
    assert shop.redo.all_books()["webhooks"]["states"] == {"delivered": 1}


def test_a_deleted_subscription_is_owed_nothing() -> None:
    shop = Shop()
    name = body_of(shop.create())["webhook"]["id"]
    shop.put("r1")
    shop.put("r2")
    (under_way,) = shop.deliveries.take_due(1)
    shop.redo.webhooks.remove(name)
    shop.deliveries.answered(under_way.number, 500)

    assert shop.deliver(hours=1) == []
    assert shop.redo.all_books()["webhooks"]["states"] == {"cancelled": 2}


@pytest.mark.parametrize("how", ["replay", "create"])
def test_a_replay_and_a_backfill_tell_of_what_is_there(how: str) -> None:
    shop = Shop()
    shop.put("old", updatedAt="2026-03-01T08:00:00Z")
    shop.put("new", updatedAt="2026-03-02T08:00:00Z")
    reply = shop.create(backfill=how == "create")
    one = f"/v2.2/webhooks/{body_of(reply)['webhook']['id']}/replay"
    if how == "replay":
        assert shop.call("POST", one, {"startTime": "2026-03-02T00:00:00Z"}).status == 400
        assert shop.call("POST", one, {"start": "soon"}).status == 400
        assert shop.call("POST", one, {"start": "2026-03-02T00:00:00Z"}).status == 202

    told = [(row["type"], row["return"]["id"]) for row in shop.deliver()]
    assert told == [("backfill", "old"), ("backfill", "new")][1 if how == "replay" else 0 :]


def test_a_burst_of_old_updates_may_come_with_a_new_subscription() -> None:
    shop = Shop(burst_days=11)
    shop.put("older", updatedAt="2026-02-01T08:00:00Z")
    shop.put("old", updatedAt="2026-02-25T08:00:00Z")
    shop.create()

    assert [(r["type"], r["return"]["id"]) for r in shop.deliver()] == [("updated", "old")]


def test_deliveries_go_wrong_as_the_settings_say() -> None:
    dropped = Shop(drop=1.0)
    dropped.create()
    dropped.put()
    assert dropped.deliver(days=1) == []
    assert dropped.redo.all_books()["webhooks"]["never_sent"] == {"created": 1}

    doubled = Shop(double=1.0)
    doubled.create()
    doubled.put()
    one, two = doubled.deliver()
    assert one == two

    delayed = Shop(delay=1.0, delay_seconds=60)
    delayed.create()
    delayed.put()
    assert delayed.deliver() == []
    assert len(delayed.deliver(seconds=60)) == 1

    stale = Shop(stale=1.0)
    stale.create()
    stale.put()
    stale.redo.set_status("r1", "flagged")
    assert [row["return"]["status"] for row in stale.deliver()] == ["open", "flagged", "open"]


def test_the_books_hold_no_token_and_no_body() -> None:
    shop = Shop()
    shop.create()
    shop.put()
    shop.deliver()
    books = json.dumps(shop.redo.all_books()["webhooks"])

    assert TOKEN not in books
    assert "pat@example.test" not in books


@pytest.mark.parametrize(
    "echo",
    [
        pytest.param("left_out", marks=pytest.mark.off_contract("a subscription without `auth`")),
        "masked",
    ],
)
def test_the_token_may_not_be_shown(echo: str) -> None:
    shop = Shop(echo=echo)
    shop.create()
    assert TOKEN not in shop.call("GET", STORE).body.decode()
