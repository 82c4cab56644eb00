"""What is told of a despatch goes out signed, and every answer of a receiver has one meaning."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.relay.errors import require_taken
from returns_hub.adapters.relay.signing import key_of, signed
from returns_hub.domain.relay.counting import despatch_of, digest_of
from returns_hub.domain.relay.despatch import Counted, impersonal
from returns_hub.domain.warehouse_orders import OrderedItem, OrderStage, WarehouseOrder
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ID = "example-despatch-501-r1"


def answer(status: int, content: Any = None, **headers: str) -> Answer:
    body = b"" if content is None else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body)


# -- the signature --------------------------------------------------------------------------------


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    """The test vector that the libraries of Standard Webhooks are held to."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_key_of_another_form_is_taken_as_it_is_and_one_that_is_broken_is_refused() -> None:
    assert key_of("plain") == b"plain"
    with pytest.raises(Misconfigured, match="not base64"):
        key_of("whsec_%%%")
    with pytest.raises(Misconfigured, match="holds no key"):
        key_of("whsec_")


# -- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        answer(200),
        answer(201, {"ok": True}),
        answer(202),
        answer(204),
        Answer(200, {}, b"<html>", complete=False),
        answer(409, {"id": ID}),
        answer(409, {"event": ID, "error": "duplicate"}),
        answer(409, None, **{"Idempotency-Key": ID}),
    ],
)
def test_what_a_receiver_has_is_told(outcome: Outcome) -> None:
    require_taken(outcome, target="channel", event_id=ID, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "verdict", "code"),
    [
        (answer(301), Misconfigured, "relay.redirected"),
        (answer(303), Misconfigured, "relay.redirected"),
        (answer(308), Misconfigured, "relay.redirected"),
        (answer(400), Permanent, "relay.refused"),
        (answer(401), Misconfigured, "relay.not_let_in"),
        (answer(403), Misconfigured, "relay.not_let_in"),
        (answer(404), Misconfigured, "relay.not_let_in"),
        (answer(405), Misconfigured, "relay.not_let_in"),
        (answer(407), Misconfigured, "relay.not_let_in"),
        (answer(408), UnknownOutcome, "relay.no_clear_answer"),
        (answer(409), UnknownOutcome, "relay.no_clear_answer"),
        (answer(409, {"id": f"{ID}0"}), UnknownOutcome, "relay.no_clear_answer"),
        (answer(409, [ID]), UnknownOutcome, "relay.no_clear_answer"),
        (answer(410), Misconfigured, "relay.not_let_in"),
        (answer(413), Permanent, "relay.refused"),
        (answer(415), Permanent, "relay.refused"),
        (answer(422), Permanent, "relay.refused"),
        (answer(425), Retryable, "relay.rate_limited"),
        (answer(429), Retryable, "relay.rate_limited"),
        (answer(500), UnknownOutcome, "relay.no_clear_answer"),
        (answer(503), UnknownOutcome, "relay.no_clear_answer"),
        (answer(101), UnknownOutcome, "relay.no_clear_answer"),
        (answer(600), UnknownOutcome, "relay.no_clear_answer"),
        (NoAnswer(sent=False, why="connection refused"), Retryable, "relay.unreachable"),
        (NoAnswer(sent=False, why="invalid request"), Misconfigured, "relay.cannot_be_sent"),
        (NoAnswer(sent=True, why="read timeout"), UnknownOutcome, "relay.no_answer"),
    ],
)
def test_every_other_answer_is_a_verdict(
    outcome: Outcome, verdict: type[Verdict], code: str
) -> None:
    with pytest.raises(Verdict) as caught:
        require_taken(outcome, target="channel", event_id=ID, now=NOW)
    assert type(caught.value) is verdict
    assert caught.value.code == code
    assert "channel" in caught.value.reason


def reason_of(content: Any) -> str:
    with pytest.raises(Permanent) as caught:
        require_taken(answer(422, content), target="channel", event_id=ID, now=NOW)
    return caught.value.reason


def test_a_receivers_reason_is_told_short_printable_and_without_personal_data() -> None:
    assert reason_of({"message": "no such order"}).endswith("(422): no such order")
    assert reason_of("no such order").endswith("(422): no such order")
    assert reason_of({"errors": {"sku": ["unknown"]}}).endswith("sku: unknown")
    deep: Any = "x"
    for _ in range(100):
        deep = {"sku": [deep]}
    assert reason_of({"errors": deep}).endswith("sku: sku: …")
    assert reason_of({"other": "x"}) == "channel refuses it (422)"
    told = reason_of({"error": "a\x1b[2Jb of pat@example.test " + "x " * 500})
    assert len(told) < 400
    assert told.isprintable()
    assert "pat@" not in told


def test_a_receiver_is_given_the_time_that_it_asks_for_within_bounds() -> None:
    for status, asked, least, most in (
        (429, "120", 120, 120),
        (429, "1e9", 900, 900),
        (429, "", 5, 5),
        (503, "600", 600, 600),
        (503, "1", 190, 190),
    ):
        kind = Retryable if status == 429 else UnknownOutcome
        with pytest.raises(kind) as caught:
            outcome = answer(status, None, **{"Retry-After": asked})
            require_taken(outcome, target="channel", event_id=ID, now=NOW)
        found = caught.value
        assert isinstance(found, Retryable | UnknownOutcome)
        assert least <= found.after <= most, (status, asked)


# -- the contract ---------------------------------------------------------------------------------


def order(number: int = 501, **changes: Any) -> WarehouseOrder:
    content: dict[str, Any] = {
        "order_id": number,
        "number": "DK-1",
        "stage": OrderStage.DESPATCHED,
        "status_word": "DESPATCHED",
        "version": "v1",
        "updated_at": NOW,
        "items": (OrderedItem("TEE", 2), OrderedItem(" TEE", 1), OrderedItem("", 1)),
        "despatched_at": NOW,
        "courier": "DHL",
        "tracking_number": "TR-1",
    }
    return WarehouseOrder(**content | changes)


def test_rows_of_one_sku_are_one_line_and_a_line_without_a_sku_is_told_too() -> None:
    event = despatch_of("example", order(), (), 1, {})
    assert [(line.sku, line.despatched) for line in event.lines] == [("", 1), ("TEE", 3)]
    assert event.parts_counted == 1


def test_parts_without_a_time_of_leaving_come_last_and_no_unit_is_counted_twice() -> None:
    parts = tuple(
        order(500 + part, part=part, parts=3, despatched_at=at, items=(OrderedItem("TEE", part),))
        for part, at in ((1, None), (2, NOW), (3, None))
    )
    so_far = {
        part.order_id: despatch_of("example", part, parts, 1, {}).lines[0].despatched_so_far
        for part in parts
    }
    assert so_far == {502: 2, 501: 3, 503: 6}


def test_fewer_parts_than_the_order_has_are_told_as_such() -> None:
    event = despatch_of("example", order(part=2, parts=3), (order(part=2, parts=3),), 1, {})
    assert (event.parts, event.parts_counted) == (3, 1)


@pytest.mark.parametrize(
    ("change", "is_news"),
    [
        ({"tracking_number": "TR-2"}, True),
        ({"tracking_url": "https://track.example.test/1"}, True),
        ({"courier": "GLS"}, True),
        ({"despatched_at": NOW + timedelta(minutes=1)}, True),
        ({"items": (OrderedItem("TEE", 9),)}, True),
        ({"version": "v2", "updated_at": NOW + timedelta(days=1)}, False),
        ({"parts": 7}, False),
        ({"status_word": "INVOICED"}, False),
        ({"parcels": 3}, False),
    ],
)
def test_only_what_is_told_is_news(change: dict[str, Any], is_news: bool) -> None:
    assert (digest_of(order(**change)) != digest_of(order())) is is_news


@pytest.mark.parametrize(
    "change",
    [
        {"ordered": 4},
        {"left": -1, "ordered": 2},
        {"despatched": 4},
        {"ordered": True},
    ],
)
def test_counts_that_do_not_add_up_are_refused(change: dict[str, Any]) -> None:
    good = {"sku": "A", "ordered": 5, "despatched": 1, "despatched_so_far": 3, "cancelled": 1}
    assert Counted.model_validate(good | {"left": 1}).left == 1
    with pytest.raises(ValidationError):
        Counted.model_validate(good | {"left": 1} | change)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://track.example.test/a?ref=1", "https://track.example.test/a?ref=1"),
        (
            "https://track.example.test/a?ref=1&postcode=AB1+2CD",
            "https://track.example.test/a?ref=1",
        ),
        ("https://track.example.test/a?Post_Code=AB1", "https://track.example.test/a"),
        (
            "https://track.example.test/a?email=x%40example.test&n=2",
            "https://track.example.test/a?n=2",
        ),
        ("https://track.example.test/a#postcode=AB1", "https://track.example.test/a"),
        ("https://track.example.test/a#results", "https://track.example.test/a#results"),
        ("https://track.example.test/a?no=1;postcode=AB1", "https://track.example.test/a?no=1"),
        ("https://track.example.test/a?ref=pat@example.test", "https://track.example.test/a"),
        ("https://track.example.test/a?recipientEmail=1&n=2", "https://track.example.test/a?n=2"),
        ("https://track.example.test/a?deliveryPostcode=AB1", "https://track.example.test/a"),
        ("https://track.example.test/a?customer_name=Pat", "https://track.example.test/a"),
        (
            "https://track.example.test/a?courier_name=dhl&x=%20",
            "https://track.example.test/a?courier_name=dhl&x=%20",
        ),
        ("https://track.example.test/pat%40example.test/1", ""),
        ("javascript:alert(1)", ""),
        ("https://user@track.example.test/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_a_tracking_address_tells_nothing_of_the_recipient(url: str, told: str) -> None:
    assert impersonal(url) == told
