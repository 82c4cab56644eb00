"""The door for deliveries in Loop's shape: what they prove, and what becomes of them (X5)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.receive_webhook import NO_ENTRY, NOBODY
from tests.support.doors import (
    OTHERS_TOKEN,
    TOKEN,
    LoopDoorBench,
    delivery,
    loop_delivery,
    signature,
)
from tests.support.loop_worlds import REDO_ID, RETURN, LoopBench, line_item, loop_return

BODY = json.dumps(loop_delivery()).encode()
CANARY = "pat.lee@example.test"


def hexadecimal(body: bytes) -> str:
    return hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()


def signed(text: str) -> dict[str, str]:
    return {"x-loop-signature": text}


# -- who is there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"token": None},
        {"token": ""},
        {"token": "wrong"},
        {"token": OTHERS_TOKEN},
        {"token": TOKEN[:-1]},
        {"token": TOKEN.upper()},
        {"token": NOBODY[0]},
        {"headers": signed("")},
        {"headers": signed("x")},
        {"headers": signed("\ud800" * 44)},
        {"headers": signed(hexadecimal(BODY))},
        {"headers": signed(signature(BODY, TOKEN)[:-1])},
        {"headers": signed(signature(BODY, TOKEN).swapcase())},
        {"headers": signed(f"{signature(BODY, TOKEN)},{signature(BODY, TOKEN)}")},
        {"headers": signed(signature(BODY + b" ", TOKEN))},
        {"headers": signed(signature(BODY.replace(b"1673", b"1674"), TOKEN))},
        {"headers": signed(signature(b"", TOKEN))},
        {"headers": signed(base64.b64encode(hashlib.sha256(BODY).digest()).decode())},
        {"headers": {"X-Loop-Signature": "other"}},
        {"token": None, "headers": {"authorization": f"Bearer {TOKEN}"}},
        {"token": None, "headers": {"x-signature": signature(BODY, TOKEN)}},
        {"merchant": "nobody"},
        {"merchant": "nobody", "token": NOBODY[0]},
        {"merchant": "another"},
        {"merchant": "Example"},
        {"merchant": "../example"},
        {"merchant": "example\n"},
        {"merchant": ""},
        {"merchant": "e" * 5000},
        {"merchant": "nobody", "token": "x", "body": b"x" * 6_000_000},
        {"token": None, "body": b"[" * 100_000},
    ],
    ids=lambda how: " ".join(f"{k}={str(v)[:40]!a}" for k, v in how.items()),
)
def test_whoever_cannot_sign_for_the_merchant_hears_the_same_words(how: dict[str, Any]) -> None:
    door = LoopDoorBench()

    answered = door.answer(door.event(**{"body": BODY} | how))

    told = json.loads(answered["body"])
    assert (answered["statusCode"], told["detail"]) == (401, NO_ENTRY["loop_webhook"])
    assert answered["headers"]["WWW-Authenticate"] == "Bearer"
    assert door.sent == []
    assert door.partner_calls() == 0
    assert door.bench.parking.items == {}
    assert door.bench.telemetry.counts == [
        ("WebhookRefused", 1, {}),
        ("WebhookRefused", 1, {"code": "token"}),
    ]


@pytest.mark.parametrize("place", [0, 1, len(BODY) // 2, len(BODY) - 1])
def test_a_body_that_was_altered_by_one_byte_is_not_taken(place: int) -> None:
    door = LoopDoorBench()
    altered = bytearray(BODY)
    altered[place] ^= 1
    headers = signed(signature(BODY, TOKEN))

    assert door.send(body=BODY, headers=headers)[0] == 202
    assert door.send(body=bytes(altered), headers=headers)[0] == 401


@pytest.mark.parametrize(
    "text",
    [
        b'{"topic":"return", "id":1673, "url":"https:\\/\\/x.example.test\\/a"}\n',
        '{"topic": "return", "id": 1673, "name": "Zoë ünd ☂"}'.encode(),
        b'  {"topic": "return", "id": 1673}  ',
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/vnd.loop+json"])
def test_the_bytes_that_came_are_what_is_signed(text: bytes, kind: str) -> None:
    """The second type comes in base64 from the API."""
    door = LoopDoorBench()
    assert door.send(body=text, headers={"content-type": kind})[0] == 202


def test_a_merchant_of_redos_own_api_takes_none_here_and_the_other_way_round() -> None:
    door = LoopDoorBench()
    content = door.bench.file | {"portal": "redo", "redo": {"store_id": "s"}}
    door.bench.file = content
    door.merchants.files["example"] = door.bench.live()
    assert door.send()[0] == 401


def test_at_redos_host_a_bearer_token_is_what_is_shown() -> None:
    door = LoopDoorBench(LoopBench(host="redo"))
    token = {"authorization": f"Bearer {TOKEN}"}
    door.secrets.values["example", "loop-webhook"] = {"token": TOKEN}

    assert door.send(token=None, headers=token)[0] == 202
    assert door.send()[0] == 401  # a signature alone
    assert door.send(token=None)[0] == 401
    assert door.send(token=None, headers={"authorization": f"Bearer {OTHERS_TOKEN}"})[0] == 401

    door.use(authentication="signature")
    door.secrets.values["example", "loop-webhook"] = {"webhook_secret": TOKEN}
    door.bench.clock.advance(minutes=1)
    assert door.send()[0] == 202
    assert door.send(token=None, headers=token)[0] == 401


def test_several_webhooks_may_have_a_secret_each() -> None:
    door = LoopDoorBench()
    door.secrets.values["example", "loop-webhook"] = {"webhook_secret": f"{'a' * 40} {TOKEN}"}
    assert door.send()[0] == 202
    assert door.send(token="a" * 40)[0] == 202
    assert door.send(token=f"{'a' * 40} {TOKEN}")[0] == 401


def test_a_key_of_the_other_kind_opens_nothing() -> None:
    door = LoopDoorBench()
    door.secrets.values["example", "loop-webhook"] = {"token": TOKEN}
    assert door.send()[0] == 503
    assert door.bench.telemetry.total("Misconfigured", code="webhook.no_token") == 1


# -- what is passed on ----------------------------------------------------------------------------


def test_a_delivery_becomes_a_message_without_anything_of_its_body() -> None:
    door = LoopDoorBench()

    assert door.send() == (202, {"outcome": "queued"})

    content = json.loads(door.sent[0])
    now = door.bench.clock.now().isoformat()
    assert content == {
        "schema": "approved-return/1",
        "merchant": "example",
        "return_id": RETURN,
        "occurred_at": now,
        "source": "webhook-arrival",
    }
    assert CANARY not in str(door.bench.telemetry.lines)
    assert door.partner_calls() == 0
    assert door.bench.telemetry.total("Webhooks", merchant="example", outcome="queued") == 1


@pytest.mark.parametrize(
    "told",
    [
        {"trigger": "return.created"},
        {"trigger": "return.closed"},
        {"trigger": "return.invented"},
        {"topic": "label", "trigger": "label.created", "id": 5, "return_id": 1673},
        {"topic": "label", "trigger": "label.updated", "id": 5, "return_id": "1673"},
        {"topic": "new.topic", "trigger": "x", "id": 5, "return_id": 1673},
        {"trigger": None, "state": {"a": 1}, "line_items": 5},
        {"state": "expired"},
        {"state": "something new"},
    ],
)
def test_what_may_change_a_return_is_passed_on(told: dict[str, Any]) -> None:
    door = LoopDoorBench()
    assert door.send(loop_delivery(**told)) == (202, {"outcome": "queued"})
    assert parse(door.sent[0]).return_id == RETURN


def test_a_trigger_that_we_were_not_told_of_is_not_logged() -> None:
    door = LoopDoorBench()
    assert door.send(loop_delivery(trigger=CANARY))[0] == 202
    assert "'delivered': 'other'" in str(door.bench.telemetry.lines)
    assert CANARY not in str(door.bench.telemetry.lines)


@pytest.mark.parametrize(
    "told",
    [
        {"topic": "giftcard", "trigger": "giftcard.requested"},
        {"topic": "restock", "trigger": "restock.requested"},
        {"topic": "label.request", "trigger": "label.request.cancelled", "return_id": 1673},
        {"topic": "happy.returns.shipment", "trigger": "shipment.processed", "id": None},
    ],
)
def test_what_does_not_is_answered_and_counted(told: dict[str, Any]) -> None:
    """Anything but a 2xx is a failure to Loop, which switches a webhook off that fails often."""
    door = LoopDoorBench()
    assert door.send(loop_delivery(**told)) == (200, {"outcome": "not_needed"})
    assert door.sent == door.kept() == []
    assert door.bench.telemetry.total("Webhooks", outcome="not_needed") == 1


@pytest.mark.parametrize("topic", ["return", "return.processing"])
def test_a_processing_that_failed_is_counted_and_the_return_is_looked_at(topic: str) -> None:
    door = LoopDoorBench()
    told = {"topic": topic, "trigger": "return.processing.failed", "return_id": 1673}
    assert door.send(loop_delivery(**told))[0] == 202
    assert door.bench.telemetry.total("PortalProcessingFailed", merchant="example") == 1
    assert len(door.sent) == 1


@pytest.mark.parametrize(
    "content",
    [
        [],
        5,
        {"topic": "return"},
        {"topic": "return", "id": ""},
        {"topic": "return", "id": True},
        {"topic": "return", "id": "../../admin"},
        {"topic": "return", "id": {"$ne": 1}},
        {"topic": "return", "id": "1" * 65},
        {"topic": "label", "id": 1673},
        {"topic": ["return"], "id": 1673},
        {"topic": "return", CANARY: CANARY, "customer": CANARY},
        delivery(),
    ],
)
def test_what_names_no_return_is_kept_without_its_values(content: Any) -> None:
    door = LoopDoorBench()
    for _ in range(2):
        status, told = door.send(body=json.dumps(content).encode())
        assert (status, told["outcome"]) == (200, "kept")
    (kept,) = door.kept()
    assert (kept.code, kept.flow) == ("webhook.no_return", "loop_webhook")
    assert CANARY not in kept.payload + kept.reason + str(told)
    assert not door.sent


def test_by_redos_id_a_delivery_has_to_name_that() -> None:
    door = LoopDoorBench(LoopBench(host="redo", address_returns_by="redo_return_id"))
    door.secrets.values["example", "loop-webhook"] = {"token": TOKEN}
    token = {"authorization": f"Bearer {TOKEN}"}
    assert door.send(headers=token)[1]["outcome"] == "kept"
    assert door.send(loop_delivery(redo_id=REDO_ID), headers=token)[0] == 202
    assert parse(door.sent[0]).return_id == REDO_ID


# -- order, repetitions, old deliveries -----------------------------------------------------------


def test_without_a_time_a_delivery_is_news_whatever_is_known_already() -> None:
    """The portal's clock is ahead: what is known seems to be newer than what has just come."""
    door = LoopDoorBench()
    ahead = (door.bench.clock.now() + timedelta(minutes=3)).isoformat()
    first = door.tell(updated_at=ahead)
    assert door.bench.approve(first) == "announced"

    door.bench.put(
        loop_return([line_item(1, "TEE"), line_item(2, "MUG")], updated_at=ahead, labels=[])
    )
    door.send()

    assert door.bench.approve(door.sent[-1]) == "announced"
    assert sum(len(made.rows) for made in door.bench.mintsoft.returns.values()) == 2


def test_the_same_delivery_a_hundred_times_writes_once() -> None:
    door = LoopDoorBench()
    for _ in range(100):
        door.tell()
    for text in door.sent:
        door.bench.approve(text)
        door.bench.clock.advance(seconds=1)
    assert len(door.bench.mintsoft.returns) == 1
    assert len(door.bench.comments()) == 1


def test_an_old_delivery_that_is_played_again_changes_nothing() -> None:
    door = LoopDoorBench()
    event = door.event()
    for text in (door.tell(), door.tell(state="closed", updated_at="2026-03-02T08:55:00Z")):
        door.bench.approve(text)
    before = door.bench.books(), dict(door.bench.mintsoft.returns)  # type: ignore[attr-defined]
    door.bench.clock.advance(hours=30)

    assert door.answer(event)["statusCode"] == 202
    assert door.bench.approve(door.sent[-1]) == "skipped"
    assert (door.bench.books(), dict(door.bench.mintsoft.returns)) == before  # type: ignore[attr-defined]


def test_with_a_time_an_old_version_asks_no_partner() -> None:
    door = LoopDoorBench()
    door.bench.approve(door.tell())
    before = door.partner_calls()

    door.send(loop_delivery(updated_at="2026-03-02T08:40:00Z"))
    assert parse(door.sent[-1]).source == "webhook"
    assert door.bench.approve(door.sent[-1]) == "skipped"
    assert door.partner_calls() == before


@pytest.mark.parametrize(
    "moment", [5, "yesterday", "", None, "0001-01-01T00:00:00+23:00", "2999-01-01T00:00:00Z", [1]]
)
def test_a_time_that_cannot_be_read_or_believed_is_the_arrivals(moment: Any) -> None:
    door = LoopDoorBench()
    assert door.send(loop_delivery(updated_at=moment))[0] == 202
    event = parse(door.sent[0])
    assert (event.occurred_at, event.source) == (door.bench.clock.now(), "webhook-arrival")


def test_a_zone_that_is_none_stops_no_delivery() -> None:
    door = LoopDoorBench(LoopBench(time_zone="Mars/Olympus"))
    assert door.send(loop_delivery(updated_at="2026-03-02 08:40:00"))[0] == 202
    assert parse(door.sent[0]).source == "webhook-arrival"


def test_a_return_made_before_the_switch_is_left() -> None:
    door = LoopDoorBench()
    door.bench.file["live_from"] = "2026-03-02T08:30:00Z"
    assert door.bench.live().merchant.flows.create_external_returns.mode is Mode.LIVE
    assert door.bench.approve(door.tell()) == "skipped"
    assert not door.bench.mintsoft.returns
