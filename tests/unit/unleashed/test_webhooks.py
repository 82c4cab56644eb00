"""Unleashed's deliveries: whose they are, how old, and which object to read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.unleashed.webhooks import dedupe_key, is_genuine, read_notice
from returns_hub.errors import Permanent

KEY = "webhook-secret-0001"
STAMP = "1735787045"
BODY = (
    b'{"subscriptionId":"11111111-1111-4111-8111-111111111111",'
    b'"eventNotificationId":"22222222-2222-4222-8222-222222222222",'
    b'"eventType":"salesorder.updated","createdOn":"2025-01-02T03:04:05Z",'
    b'"data":"{\\"salesOrderGuid\\":\\"33333333-3333-4333-8333-333333333333\\"}"}'
)
SIGNATURE = "HUUtJOH8bt5eAQH2mAPQM0P+0rs2I5sCg64lzbri/R0="
AT = datetime.fromtimestamp(int(STAMP), UTC)
ORDER = "33333333-3333-4333-8333-333333333333"


def genuine(**how: Any) -> bool:
    body = how.pop("body", BODY)
    known: dict[str, Any] = {"timestamp": STAMP, "signature": SIGNATURE, "keys": [KEY], "now": AT}
    return is_genuine(body, **(known | how))


def signed(body: bytes, stamp: str = STAMP) -> str:
    digest = hmac.new(KEY.encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def test_the_vector() -> None:
    assert genuine()
    assert signed(BODY) == SIGNATURE


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY + b" "},
        {"timestamp": "1735787046"},
        {"timestamp": ""},
        {"timestamp": "1735787045.0"},
        {"timestamp": "-1735787045"},
        {"timestamp": "soon"},
        {"signature": ""},
        {"signature": SIGNATURE.lower()},
        {"signature": "é" + SIGNATURE},
        {"signature": "\ud800"},
        {"keys": []},
        {"keys": [""]},
        {"keys": ["another"]},
        {"now": AT + timedelta(seconds=301)},
        {"now": AT - timedelta(seconds=301)},
    ],
)
def test_what_is_not_unleasheds_or_too_old(changed: dict[str, Any]) -> None:
    assert not genuine(**changed)


def test_either_key_opens_while_one_is_changed_and_300_seconds_are_not_too_old() -> None:
    assert genuine(keys=["another", KEY])
    assert genuine(keys=[KEY, "another"])
    assert genuine(now=AT + timedelta(seconds=300))
    assert genuine(timestamp=f" {STAMP} ", signature=f"{SIGNATURE} ")


def test_an_empty_key_opens_nothing() -> None:
    empty = base64.b64encode(hmac.new(b"", f"{STAMP}.".encode() + BODY, hashlib.sha256).digest())
    assert not genuine(keys=[""], signature=empty.decode())


def test_what_it_tells() -> None:
    notice = read_notice(BODY)

    assert notice.delivery == "22222222-2222-4222-8222-222222222222"
    assert (notice.event, notice.subject, notice.guid) == (
        "salesorder.updated",
        "salesorder",
        ORDER,
    )
    assert notice.subscription == "11111111-1111-4111-8111-111111111111"
    assert notice.created_at == AT
    assert dedupe_key(notice) == "unleashed-webhook/22222222-2222-4222-8222-222222222222"


def body(**changed: Any) -> bytes:
    return json.dumps({**json.loads(BODY), **changed}).encode()


@pytest.mark.parametrize(
    "data",
    [
        {"salesOrderGuid": ORDER},
        {"SalesOrderGuid": ORDER.upper()},
        json.dumps({"salesOrderGuid": ORDER}),
        {"salesOrderGuid": ORDER, "customerGuid": "44444444-4444-4444-8444-444444444444"},
        {"guid": ORDER, "customerGuid": "44444444-4444-4444-8444-444444444444"},
        {"orderGuid": ORDER},
    ],
)
def test_ids_as_text_or_object_in_any_case(data: Any) -> None:
    assert read_notice(body(data=data)).guid == ORDER


@pytest.mark.parametrize(
    "data",
    [None, "", "no json", "[]", [], {}, {"salesOrderGuid": "7"}, {"name": ORDER},
     {"aGuid": ORDER, "bGuid": "44444444-4444-4444-8444-444444444444"}, {"salesOrderGuid": None}],
)  # fmt: skip
def test_one_that_names_no_object_is_told(data: Any) -> None:
    with pytest.raises(Permanent) as raised:
        read_notice(body(data=data))
    assert raised.value.code.startswith("webhook.")
    assert ORDER not in raised.value.reason


def test_names_in_pascal_case() -> None:
    content = {name[0].upper() + name[1:]: value for name, value in json.loads(BODY).items()}
    assert read_notice(json.dumps(content).encode()) == read_notice(BODY)


def test_a_word_that_is_none_is_not_passed_on() -> None:
    notice = read_notice(body(eventType="pat@example.test", data={"guid": ORDER}))
    assert (notice.event, notice.guid) == ("other", ORDER)


def test_without_an_id_of_its_own_a_delivery_is_known_by_what_it_tells() -> None:
    without = body(eventNotificationId=None)
    other = body(eventNotificationId=None, createdOn="2025-01-02T03:04:06Z")
    assert read_notice(without).delivery == read_notice(without).delivery
    assert read_notice(without).delivery != read_notice(other).delivery


@given(content=st.binary(max_size=80) | st.text(max_size=40).map(lambda text: body(data=text)))
def test_no_delivery_escapes(content: bytes) -> None:
    try:
        notice = read_notice(content)
    except Permanent:
        return
    assert len(notice.guid) == 36


@given(stamp=st.text(max_size=15), given_=st.text(max_size=50), content=st.binary(max_size=30))
def test_no_header_escapes(stamp: str, given_: str, content: bytes) -> None:
    assert not is_genuine(content, timestamp=stamp, signature=given_, keys=[KEY], now=AT)
