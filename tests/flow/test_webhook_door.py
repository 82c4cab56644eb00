"""The webhook's door keeps out what is not the portal's, and says no more than it must (X1)."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from returns_hub.domain.webhooks import SHORTEST_SIGNING_SECRET, SHORTEST_TOKEN
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.receive_webhook import LARGEST_BODY, NO_ENTRY, NOBODY
from tests.support import fakes
from tests.support.doors import OTHERS_TOKEN, TOKEN, DoorBench, LoopDoorBench, delivery
from tests.support.worlds import item, redo_return

CANARY = "pat.lee@example.test"


@pytest.fixture(params=[DoorBench, LoopDoorBench], ids=["redo", "loop"])
def door(request: pytest.FixtureRequest) -> DoorBench:
    """Both doors: what is asked of one is asked of the other."""
    made: DoorBench = request.param()
    return made


def no_entry(door: DoorBench) -> dict[str, Any]:
    """The only words for whoever is not let in."""
    return {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": NO_ENTRY[door.flow],
    }


def untouched(door: DoorBench) -> bool:
    """Whether no queue, no partner and no list of parked work heard of it."""
    return not (door.sent or door.partner_calls() or door.bench.parking.items)


# -- who is there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"token": None},
        {"token": ""},
        {"token": "wrong"},
        {"token": OTHERS_TOKEN},
        {"token": TOKEN[:-1]},
        {"token": TOKEN + "x"},
        {"token": TOKEN.upper()},
        {"token": "tökén" * 8},
        {"token": "\ud800" * 40},
        {"token": "\x00" * 32},
        {"token": f"{TOKEN},Bearer {TOKEN}"},
        {"token": None, "headers": {"authorization": f"Basic {TOKEN}"}},
        {"token": None, "headers": {"authorization": TOKEN}},
        {"token": None, "headers": {"x-authorization": f"Bearer {TOKEN}"}},
        {"headers": {"Authorization": "Bearer other"}},
        {"merchant": "nobody"},
        {"merchant": "nobody", "token": NOBODY[0]},
        {"merchant": "another"},
        {"merchant": "Example"},
        {"merchant": "../example"},
        {"merchant": "example/../example"},
        {"merchant": "example\n"},
        {"merchant": "#merchants"},
        {"merchant": ""},
        {"merchant": "e" * 5000},
        {"merchant": "nobody", "token": "x", "body": b"x" * 6_000_000},
        {"merchant": "nobody", "token": None, "body": b"[" * 100_000},
    ],
    ids=lambda how: " ".join(f"{k}={str(v)[:30]!a}" for k, v in how.items()),
)
def test_whoever_has_no_token_of_the_merchant_hears_the_same_words(how: dict[str, Any]) -> None:
    door = DoorBench()

    answered = door.answer(door.event(**how))

    assert (answered["statusCode"], json.loads(answered["body"])) == (401, no_entry(door))
    assert answered["headers"]["WWW-Authenticate"] == "Bearer"
    assert answered["headers"]["Content-Type"] == "application/problem+json"
    assert untouched(door)
    assert door.bench.telemetry.counts == [
        ("WebhookRefused", 1, {}),
        ("WebhookRefused", 1, {"code": "token"}),
    ]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    door = DoorBench()
    headers = {"authorization": f"{scheme}  {TOKEN} "}
    assert door.send(token=None, headers=headers)[0] == 202


def test_a_merchant_whose_webhook_secret_was_never_made_takes_no_deliveries(
    door: DoorBench,
) -> None:
    del door.secrets.values["example", door.secret]
    assert door.send() == (401, no_entry(door))
    assert untouched(door)


def test_the_secret_is_the_one_that_the_file_names(door: DoorBench) -> None:
    door.use(secret="uk-webhook")
    assert door.send()[0] == 401
    door.secrets.values["example", "uk-webhook"] = {door.field: TOKEN}
    door.bench.clock.advance(minutes=1)
    assert door.send()[0] == 202


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"token": ""},
        {"previous_token": TOKEN},
        {"token": "t" * 15},
        {"token": TOKEN, "previous_token": "short"},
        {"api_token": TOKEN},
    ],
)
def test_a_secret_that_cannot_be_used_makes_the_portal_come_again(
    door: DoorBench, secret: dict[str, str]
) -> None:
    door.secrets.values["example", door.secret] = {
        name.replace("token", door.field): key for name, key in secret.items()
    }

    answered = door.answer(door.event())

    assert answered["statusCode"] == 503
    assert answered["headers"]["Retry-After"] == "30"
    assert untouched(door)
    assert door.refused("unavailable") == 1
    assert door.bench.telemetry.total("Misconfigured") == 1
    assert TOKEN not in answered["body"] + str(door.bench.telemetry.lines)


def test_a_short_token_opens_nothing_though_it_is_the_right_one(door: DoorBench) -> None:
    shortest = SHORTEST_TOKEN if door.field == "token" else SHORTEST_SIGNING_SECRET
    short = "t" * (shortest - 1)
    door.secrets.values["example", door.secret] = {door.field: short}
    assert door.send(token=short)[0] == 503
    door.secrets.values["example", door.secret] = {door.field: f"{short}t"}
    assert door.send(token=f"{short}t")[0] == 202


# -- changing the token ---------------------------------------------------------------------------


def test_while_the_token_is_changed_both_open(door: DoorBench) -> None:
    new = "n" * SHORTEST_TOKEN
    assert door.send(token=TOKEN)[0] == 202
    door.secrets.values["example", door.secret] = {
        door.field: new,
        f"previous_{door.field}": TOKEN,
    }
    door.bench.clock.advance(seconds=6)

    assert door.send(token=new)[0] == 202
    assert door.send(token=TOKEN)[0] == 202
    door.secrets.values["example", door.secret] = {door.field: new}
    door.bench.clock.advance(seconds=31)
    assert door.send(token=TOKEN)[0] == 401
    assert door.send(token=new)[0] == 202


def test_known_tokens_are_not_read_again_for_every_delivery(door: DoorBench) -> None:
    for _ in range(50):
        door.send()
    assert door.secrets.fetches == 1


def test_wrong_tokens_do_not_make_the_store_of_secrets_work(door: DoorBench) -> None:
    for _ in range(100):
        door.send(token="wrong-" * 8)
        door.bench.clock.advance(seconds=0.1)
    assert door.secrets.fetches <= 3


def test_made_up_merchants_do_not_fill_the_memory(door: DoorBench) -> None:
    for number in range(1200):
        door.send(merchant=f"nobody-{number}")
    assert len(door.keys._known) <= 500
    assert door.send()[0] == 202


# -- stores that are down -------------------------------------------------------------------------


def down(*_: object, **__: object) -> Any:
    raise Retryable("aws.secretsmanager.busy", "secretsmanager answered ThrottlingException")


def test_while_the_secrets_cannot_be_read_known_tokens_are_believed_for_a_while(
    door: DoorBench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert door.send()[0] == 202
    monkeypatch.setattr(door.secrets, "find", down)
    door.bench.clock.advance(minutes=10)
    assert door.send()[0] == 202
    assert door.send(token="wrong" * 8)[0] == 401
    door.bench.clock.advance(minutes=6)
    assert door.send()[0] == 503
    assert door.send(merchant="another", token=OTHERS_TOKEN)[0] == 503


def test_when_the_merchants_cannot_be_read_the_portal_comes_again(
    door: DoorBench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door.merchants, "live", down)
    assert door.send()[0] == 503
    assert untouched(door)


@pytest.mark.parametrize(
    "verdict",
    [Retryable("aws.sqs.busy", "sqs is busy"), Misconfigured("aws.sqs.refused", "not allowed")],
)
def test_when_the_queue_does_not_take_it_the_portal_comes_again(
    door: DoorBench, verdict: Retryable
) -> None:
    def refuse(_: str) -> None:
        raise verdict

    door.publish = refuse
    assert door.send()[0] == 503
    assert door.bench.telemetry.total("Webhooks") == 0
    assert door.refused("unavailable") == 1
    assert not door.kept()


def test_what_cannot_be_kept_is_not_answered_as_if_it_were(
    door: DoorBench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door.bench.parking, "park", down)
    assert door.send({"return": {}})[0] == 503


# -- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post ", ""])
def test_only_POST(door: DoorBench, method: str) -> None:
    answered = door.answer(door.event(method=method))
    assert answered["statusCode"] == 405
    assert answered["headers"]["Allow"] == "POST"
    assert door.refused("method") == 1
    assert untouched(door)


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("status", "code", "how"),
    [
        (413, "webhook.too_large", {"body": b" " * (LARGEST_BODY + 1)}),
        (415, "webhook.content_type", {"headers": {"content-type": "text/html"}}),
        (415, "webhook.content_type", {"headers": {"content-type": "application/xml"}}),
        (
            415,
            "webhook.content_type",
            {"headers": {"content-type": "application/x-www-form-urlencoded"}},
        ),
        (400, "webhook.not_json", {"body": b""}),
        (400, "webhook.not_json", {"body": CANARY.encode()}),
        (400, "webhook.not_json", {"body": b"[" * 100_000}),
        (400, "webhook.not_json", {"body": b'{"a":' * 50_000}),
        (400, "webhook.not_json", {"body": b'{"return": NaN}'}),
        (400, "webhook.not_json", {"body": b'{"return": 1e999999999}'}),
        (400, "webhook.not_json", {"body": b'{"return": "\xff\xfe"}'}),
        (400, "webhook.not_json", {"body": json.dumps(delivery()).encode("utf-16")}),
        (400, "webhook.not_json", {"body": json.dumps(delivery()).encode("utf-8-sig")}),
        (400, "webhook.not_json", {"body": json.dumps(delivery()).encode()[:-1]}),
    ],
)
def test_whoever_has_the_token_is_told_what_is_wrong_and_it_is_kept(
    door: DoorBench, status: int, code: str, how: dict[str, Any]
) -> None:
    first, again = door.answer(door.event(**how)), door.answer(door.event(**how))

    told = json.loads(first["body"])
    assert (first["statusCode"], told["status"]) == (status, status)
    assert first["headers"]["Content-Type"] == "application/problem+json"
    assert CANARY not in first["body"]
    assert again["body"] == first["body"]
    assert not door.sent
    assert door.partner_calls() == 0
    (kept,) = door.kept()
    assert kept.code == code
    assert CANARY not in kept.payload + kept.reason
    assert door.refused(code) == 2


@pytest.mark.parametrize(
    "content",
    [
        [],
        "text",
        5,
        {"type": "updated"},
        {"return": None},
        {"return": []},
        {"return": {}},
        {"return": {"id": None}},
        {"return": {"id": 5}},
        {"return": {"id": ""}},
        {"return": {"id": "../../admin"}},
        {"return": {"id": "a" * 65}},
        {"return": {"id": "a\n"}},
        {"return": {"id": {"$ne": ""}}},
        {"return": {"source": {"emailAddress": CANARY, CANARY: 1}}},
        {"topic": "return", "trigger": "return.updated", "id": 5, "customer": CANARY},
    ],
)
def test_what_names_no_return_is_kept_without_its_values_and_not_asked_for_again(
    content: Any,
) -> None:
    door = DoorBench()

    for _ in range(3):
        status, told = door.send(body=json.dumps(content).encode())
        assert (status, told["outcome"]) == (200, "kept")

    (kept,) = door.kept()
    assert (kept.code, kept.flow, kept.subject) == ("webhook.no_return", "redo_webhook", "")
    assert CANARY not in kept.payload + kept.reason + str(told)
    assert set(json.loads(kept.payload)) == {"sha256", "bytes", "outline"}
    assert not door.sent
    assert door.refused("webhook.no_return") == 3
    assert door.bench.telemetry.total("OperatorNeeded") == 3


def test_the_outline_shows_what_is_there_instead() -> None:
    door = DoorBench()
    door.send({"return": {"id": 5, "items": [{"sku": "TEE"}], "closed": True, "x": None}})
    assert json.loads(door.kept()[0].payload)["outline"] == {
        "return": {"id": "number", "items": ["object"], "closed": "boolean", "x": None}
    }


def test_a_key_that_stands_twice_counts_once_and_as_it_stands_last() -> None:
    door = DoorBench()
    last = json.dumps(redo_return([item(1, "TEE")]))
    body = f'{{"return": {{"id": "other"}}, "order": {{"id": "o"}}, "return": {last}}}'
    assert door.send(body=body.encode())[0] == 202
    assert len(door.sent) == 1
    assert json.loads(door.sent[0])["return_id"] == "66aa01f0c0ffee0000000001"
    assert door.sent[0].count('"return":') == 1


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.redo+json", ""]
)
def test_json_by_its_other_names(door: DoorBench, kind: str) -> None:
    assert door.send(headers={"content-type": kind})[0] == 202


def test_the_largest_body_is_answered_by_work_that_grows_as_it_does() -> None:
    door = DoorBench()

    def calls(size: int) -> int:
        """Calls that answering a body of this many bytes takes; seconds would be the machine's."""
        rows = b",".join([b'{"a":{"b":[1]}}'] * (size // 17))
        count = 0

        def call(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(call)
        try:
            answered = door.send(body=b'{"return":{"items":[' + rows + b"]}}")
        finally:
            sys.setprofile(None)
        assert answered[0] == 200
        return count

    small = calls(LARGEST_BODY // 8)
    assert calls(LARGEST_BODY) < 8.5 * small


def test_nothing_of_an_event_has_to_be_there(door: DoorBench) -> None:
    odd: tuple[dict[str, Any], ...] = (
        {},
        {"headers": None, "requestContext": [], "pathParameters": "x", "body": 5},
    )
    for event in odd:
        assert door.answer(event)["statusCode"] == 405
    whole = door.event()
    for name in ("headers", "pathParameters", "requestContext"):
        answered = door.answer({k: v for k, v in whole.items() if k != name})
        assert answered["statusCode"] in {401, 405}
    assert untouched(door)


def test_the_keys_are_read_once_for_a_merchant_that_is_none(door: DoorBench) -> None:
    asked: list[str] = []
    live = door.merchants.live

    def count(merchant: str) -> Any:
        asked.append(merchant)
        return live(merchant)

    door.merchants.live = count  # type: ignore[method-assign]
    for _ in range(20):
        door.send(merchant="nobody")
    assert asked == ["nobody"]
    assert isinstance(door.secrets, fakes.Secrets)
    assert door.secrets.fetches == 0
