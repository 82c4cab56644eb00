"""Unleashed's door: signed and fresh, taken once, ids alone on the queue."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from returns_hub.errors import Retryable
from returns_hub.flows.receive_webhook import LARGEST_BODY, NO_ENTRY, UNLEASHED_WEBHOOK
from tests.support.unleashed_door import KEY, ORDER, OTHERS_KEY, SECRET, NoticeDoor, notice, signed

QUEUED = (200, {"outcome": "queued"})


@pytest.fixture
def door() -> NoticeDoor:
    return NoticeDoor()


def refused(answered: tuple[int, dict[str, Any]]) -> bool:
    status, problem = answered
    return (status, problem["detail"]) == (401, NO_ENTRY[UNLEASHED_WEBHOOK])


def test_a_delivery_is_one_message_with_ids_alone(door: NoticeDoor) -> None:
    assert door.send(notice(data=json.dumps({"salesOrderGuid": ORDER.upper()}))) == QUEUED

    (text,) = door.sent
    at = door.bench.clock.now().isoformat().replace("+00:00", "Z")
    assert json.loads(text) == {
        "merchant": "example",
        "flow": "orders",
        "asked_at": at,
        "key": ORDER,
    }
    assert door.bench.telemetry.total("Webhooks", merchant="example", outcome="queued") == 1
    assert door.partner_calls() == 0
    watched = door.deliveries.watched("example", "orders")
    assert (watched.delivered, watched.last_at) == (1, door.bench.clock.now())


def test_a_deletion_says_so(door: NoticeDoor) -> None:
    door.send(notice(eventType="product.deleted", data={"productGuid": ORDER}))
    (asked,) = door.asked()
    assert (asked.flow, asked.key, asked.is_deletion) == ("products", ORDER, True)


@pytest.mark.parametrize(
    "how",
    [
        {"key": None},
        {"key": "wrong-" * 4},
        {"key": OTHERS_KEY},
        {"key": ""},
        {"sent_ago": 301},
        {"sent_ago": -302},
        {"headers": {"x-unleashed-timestamp": "soon"}},
        {"headers": {"x-unleashed-timestamp": ""}},
        {"headers": {"x-unleashed-signature": ""}},
        {"headers": {"X-Unleashed-Signature": "twice"}},
        {"merchant": "nobody"},
        {"merchant": "Example"},
        {"merchant": ""},
        {"merchant": "nobody", "key": None, "body": b"[" * 100_000},
        {"key": None, "body": b"x" * (LARGEST_BODY + 1)},
        {"key": None, "headers": {"authorization": f"Bearer {KEY}"}},
    ],
    ids=lambda how: " ".join(f"{k}={str(v)[:30]!a}" for k, v in how.items()),
)
def test_whoever_cannot_prove_it_hears_the_same_words(
    door: NoticeDoor, how: dict[str, Any]
) -> None:
    assert refused(door.send(**how))
    assert door.untouched()
    assert not door.deliveries.taken
    assert door.bench.telemetry.counts == [
        ("WebhookRefused", 1, {}),
        ("WebhookRefused", 1, {"code": "token"}),
    ]


def test_a_body_that_was_altered_on_its_way_is_refused(door: NoticeDoor) -> None:
    event = door.event()
    event["body"] = event["body"].replace("3333", "4444")
    assert door.answer(event)["statusCode"] == 401
    assert door.untouched()


def test_a_delivery_of_299_seconds_ago_is_taken(door: NoticeDoor) -> None:
    assert door.send(sent_ago=299) == QUEUED


def test_a_delivery_that_is_replayed_later_with_its_old_signature_is_refused(
    door: NoticeDoor,
) -> None:
    event = door.event()
    assert door.answer(event)["statusCode"] == 200
    door.bench.clock.advance(seconds=301)
    assert door.answer(event)["statusCode"] == 401
    assert len(door.sent) == 1


def test_each_subscription_has_a_key_and_the_secret_holds_them_all(door: NoticeDoor) -> None:
    door.secrets.values["example", SECRET] = {
        "signature_key": f"another-key-01234567 {KEY}",
        "previous_signature_key": "former-key-01234567",
    }
    for number, key in enumerate((KEY, "another-key-01234567", "former-key-01234567")):
        told = notice(eventNotificationId=f"00000000-0000-4000-8000-00000000000{number}")
        assert door.send(told, key=key) == QUEUED
    assert refused(door.send(key=f"another-key-01234567 {KEY}"))


def test_what_comes_twice_is_taken_once(door: NoticeDoor) -> None:
    assert door.send() == QUEUED
    assert door.send() == (200, {"outcome": "repeated"})
    assert door.send(notice(subscriptionId="another"), sent_ago=20)[1] == {"outcome": "repeated"}
    assert len(door.sent) == 1
    assert door.deliveries.watched("example", "orders").delivered == 1
    assert door.send(merchant="another", key=OTHERS_KEY) == QUEUED


def test_another_event_about_the_same_order_is_taken(door: NoticeDoor) -> None:
    door.send()
    assert door.send(notice(eventNotificationId="00000000-0000-4000-8000-000000000009")) == QUEUED
    assert len(door.sent) == 2


@pytest.mark.parametrize(
    "told",
    [
        notice(eventType="customer.updated", data={"customerGuid": ORDER}),
        notice(eventType="invoice.created", data="whatever"),
        notice(eventType="SalesOrder.Archived.Twice", data={"guid": ORDER}),
    ],
)
def test_an_event_that_no_flow_reads_is_accepted_counted_and_left(
    door: NoticeDoor, told: dict[str, Any]
) -> None:
    assert door.send(told) == (200, {"outcome": "not_needed"})
    assert door.untouched()
    assert door.bench.telemetry.total("Webhooks", outcome="not_needed") == 1


def test_an_event_of_a_flow_that_is_off_is_left(door: NoticeDoor) -> None:
    door.bench.set("orders", mode="off")
    door.apply()
    assert door.send() == (200, {"outcome": "not_needed"})
    assert not door.sent


@pytest.mark.parametrize("change", ["off", "no block", "no secret"])
def test_a_merchant_that_takes_none_is_nobody(door: NoticeDoor, change: str) -> None:
    if change == "off":
        door.bench.file["unleashed"]["webhooks"] = {"enabled": False}
    elif change == "no block":
        del door.bench.file["unleashed"]
    else:
        del door.secrets.values["example", SECRET]
    door.apply()
    assert refused(door.send())
    assert door.untouched()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b" " * (LARGEST_BODY + 1), 413, "webhook.too_large"),
        (b"\xff", 400, "webhook.not_json"),
        (b"[" * 100_000, 400, "webhook.not_json"),
        (b"[]", 200, "webhook.unreadable"),
        (b"{}", 200, "webhook.no_object"),
        (b'{"eventType":"salesorder.updated","data":"{}"}', 200, "webhook.no_object"),
        (b'{"eventType":"product.updated","data":"pat@example.test"}', 200, "webhook.unreadable"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_used_is_kept_without_a_value(
    door: NoticeDoor, body: bytes, status: int, code: str
) -> None:
    assert door.send(body=body)[0] == status
    assert door.send(body=body, sent_ago=9)[0] == status
    (kept,) = door.kept()
    assert (kept.code, kept.flow) == (code, UNLEASHED_WEBHOOK)
    assert "pat@" not in kept.payload + kept.reason
    assert not door.sent


def test_while_a_store_or_the_queue_is_down_nothing_is_lost(door: NoticeDoor) -> None:
    door.deliveries.away = Retryable("dynamodb.away", "down")
    assert door.send()[0] == 503
    door.deliveries.away = None

    def away(_: str) -> None:
        raise Retryable("sqs.away", "down")

    door.publish = away
    assert door.send()[0] == 503
    assert not door.deliveries.taken
    door.publish = door.sent.append
    assert door.send() == QUEUED


def test_the_vector_that_was_worked_out_from_three_clients_opens_the_door(door: NoticeDoor) -> None:
    body = (
        b'{"subscriptionId":"11111111-1111-4111-8111-111111111111",'
        b'"eventNotificationId":"22222222-2222-4222-8222-222222222222",'
        b'"eventType":"salesorder.updated","createdOn":"2025-01-02T03:04:05Z",'
        b'"data":"{\\"salesOrderGuid\\":\\"33333333-3333-4333-8333-333333333333\\"}"}'
    )
    shown = {
        "x-unleashed-timestamp": "1735787045",
        "x-unleashed-signature": "HUUtJOH8bt5eAQH2mAPQM0P+0rs2I5sCg64lzbri/R0=",
    }
    assert signed(body, "1735787045") == shown["x-unleashed-signature"]
    door.bench.clock.moment = datetime.fromtimestamp(1735787045 + 7, UTC)
    event = door.event(body=body, headers=shown)
    assert (door.answer(event)["statusCode"], door.asked()[0].key) == (200, ORDER)
