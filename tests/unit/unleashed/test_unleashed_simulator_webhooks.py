"""The simulator of Unleashed: subscriptions, and deliveries signed as the known vector."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from local.simulators.redo.deliveries import Outgoing
from local.simulators.unleashed.webhooks import delivery_signature
from tests.support.unleashed_caller import Account

URL = "https://hub.example.test/webhooks/unleashed"
PATH = "/webhooks/subscriptions"


def wanted(**changes: Any) -> dict[str, Any]:
    events = ["salesorder.updated", "salesorder.created", "salesorder.deleted", "product.updated"]
    return {"description": "hub", "notificationUrl": URL, "eventTypes": events} | changes


def test_the_signature_is_the_known_one() -> None:
    body = (
        b'{"subscriptionId":"11111111-1111-4111-8111-111111111111",'
        b'"eventNotificationId":"22222222-2222-4222-8222-222222222222",'
        b'"eventType":"salesorder.updated","createdOn":"2025-01-02T03:04:05Z",'
        b'"data":"{\\"salesOrderGuid\\":\\"33333333-3333-4333-8333-333333333333\\"}"}'
    )
    made = delivery_signature("webhook-secret-0001", "1735787045", body)
    assert made == "HUUtJOH8bt5eAQH2mAPQM0P+0rs2I5sCg64lzbri/R0="


def test_a_key_is_shown_once_and_there_are_five_at_most() -> None:
    account = Account()
    made = account.post(PATH, wanted())
    assert made["signatureKey"]
    (listed,) = account.get(PATH)["items"]
    assert listed["subscriptionId"] == made["subscriptionId"]
    assert "signatureKey" not in listed
    for _ in range(4):
        account.post(PATH, wanted())
    assert "5" in account.refused("POST", PATH, wanted())
    account.set(webhook_keys="pascal")
    assert len(account.get(PATH)["Items"]) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"notificationUrl": "http://hub.example.test/x"},
        {"notificationUrl": "http://127.0.0.1:80/x"},
        {"eventTypes": []},
        {"eventTypes": ["shipment.created"]},
        {"secret": "mine"},
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any]) -> None:
    account = Account()
    account.refused("POST", PATH, wanted(**changes))
    assert account.get(PATH)["items"] == []


def test_a_change_is_delivered_signed_with_ids_only() -> None:
    account = Account()
    key = account.post(PATH, wanted())["signatureKey"]
    guid = account.admin("place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}})["guid"]
    sent: list[Outgoing] = []

    def post(outgoing: Outgoing) -> int:
        sent.append(outgoing)
        return 200

    assert account.desk.webhooks.deliver_due(post) == 1
    (outgoing,) = sent
    timestamp = outgoing.headers["x-unleashed-timestamp"]
    assert timestamp == str(int(account.clock().timestamp()))
    right = hmac.new(key.encode(), f"{timestamp}.".encode() + outgoing.body, hashlib.sha256)
    given = outgoing.headers["x-unleashed-signature"]
    assert given == base64.b64encode(right.digest()).decode()
    content = json.loads(outgoing.body)
    assert set(content) == {
        "subscriptionId", "eventNotificationId", "eventType", "createdOn", "data"
    }  # fmt: skip
    assert (outgoing.url, content["eventType"]) == (URL, "salesorder.created")
    assert json.loads(content["data"]) == {"salesOrderGuid": guid}


def test_the_data_may_be_an_object_and_only_wanted_events_are_told() -> None:
    account = Account(webhook_data="object")
    account.post(PATH, wanted(eventTypes=["product.deleted"]))
    account.admin("obsolete-product", {"code": "TEE-RED-M"})
    account.admin("place-order", {"customer": "WEBSHOP", "goods": {"JEANS-32": 1}})
    (outgoing,) = account.desk.webhooks.take_due()
    content = json.loads(outgoing.body)
    assert content["data"] == {"productGuid": account.desk.product("TEE-RED-M")}


def test_orders_are_told_of_when_they_are_changed_completed_or_deleted() -> None:
    account = Account()
    account.post(PATH, wanted())
    goods = {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}}
    first = account.admin("place-order", goods)["number"]
    account.admin("edit-order", {"number": first, "goods": {"TEE-RED-M": 2}})
    account.admin("complete-order", {"number": first})
    second = account.admin("place-order", goods)["number"]
    account.admin("delete-order", {"number": second})
    told = [row["event"] for row in account.books()["webhooks"]["deliveries"]]
    assert told == [
        "salesorder.created",
        "salesorder.updated",
        "salesorder.updated",
        "salesorder.created",
        "salesorder.deleted",
    ]


def test_what_is_not_taken_is_sent_again_and_dropped_at_last() -> None:
    account = Account(webhook_retries=[5.0, 30.0])
    account.post(PATH, wanted())
    account.admin("change-product", {"code": "TEE-RED-M", "fields": {"Barcode": "1"}})
    webhooks = account.desk.webhooks
    assert webhooks.deliver_due(lambda _: 500) == 1
    assert webhooks.deliver_due(lambda _: 500) == 0
    account.clock.advance(seconds=5)
    assert webhooks.deliver_due(lambda _: None) == 1
    due = webhooks.next_due()
    assert due is not None
    assert (due - account.clock()).total_seconds() == 30
    account.clock.advance(seconds=30)
    assert webhooks.deliver_due(lambda _: 301) == 1
    (row,) = account.books()["webhooks"]["deliveries"]
    assert (row["state"], row["answers"]) == ("dropped", [500, None, 301])
    assert webhooks.next_due() is None


def test_deliveries_are_lost_and_doubled_on_demand() -> None:
    account = Account(webhook_double=1.0)
    account.post(PATH, wanted())
    account.admin("change-product", {"code": "TEE-RED-M", "fields": {"Barcode": "1"}})
    rows = account.books()["webhooks"]["deliveries"]
    assert len(rows) == 2
    assert len({row["event_id"] for row in rows}) == 1
    account.set(webhook_drop=1.0)
    account.admin("change-product", {"code": "TEE-RED-M", "fields": {"Barcode": "2"}})
    books = account.books()["webhooks"]
    assert (len(books["deliveries"]), books["never_sent"]) == (2, {"product.updated": 1})
