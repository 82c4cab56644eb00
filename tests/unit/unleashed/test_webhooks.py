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

from returns_hub.adapters.unleashed.webhooks import is_genuine, read_notice, terms_of
from returns_hub.domain.unleashed.notices import Notice
from returns_hub.errors import Permanent
from tests.support.erp_worlds import ErpBench

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
    notice = read_notice(json.loads(BODY))

    assert notice.delivery == "22222222-2222-4222-8222-222222222222"
    assert (notice.event, notice.subject, notice.guid) == (
        "salesorder.updated",
        "salesorder",
        ORDER,
    )
    assert notice.subscription == "11111111-1111-4111-8111-111111111111"
    assert notice.created_at == AT


def body(**changed: Any) -> dict[str, Any]:
    return {**json.loads(BODY), **changed}


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
    assert read_notice(content) == read_notice(json.loads(BODY))


def test_a_word_that_is_none_is_not_passed_on() -> None:
    notice = read_notice(body(eventType="pat@example.test", data={"guid": ORDER}))
    assert (notice.event, notice.guid) == ("other", ORDER)


def test_without_an_id_of_its_own_a_delivery_is_known_by_what_it_tells() -> None:
    without = body(eventNotificationId=None)
    other = body(eventNotificationId=None, createdOn="2025-01-02T03:04:06Z")
    assert read_notice(without).delivery == read_notice(without).delivery
    assert read_notice(without).delivery != read_notice(other).delivery


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(content=JSON | JSON.map(lambda data: body(data=data)))
def test_no_delivery_escapes(content: Any) -> None:
    try:
        notice = read_notice(content)
    except Permanent:
        return
    assert len(notice.guid) == 36 or notice.event not in {"salesorder.updated", "other"}


@pytest.mark.parametrize("event", ["customer.updated", "invoice.created", "SalesShipment.Deleted"])
def test_an_event_that_no_flow_reads_need_not_name_an_object(event: str) -> None:
    notice = read_notice(body(eventType=event, data="no json"))
    assert (notice.event, notice.guid, notice.flow) == (event.lower(), "", None)


@pytest.mark.parametrize(
    ("event", "orders", "flow"),
    [
        ("salesorder.created", "live", "orders"),
        ("salesorder.deleted", "shadow", "orders"),
        ("salesorder.updated", "off", None),
        ("product.deleted", "live", "products"),
        ("customer.created", "live", None),
        ("other", "live", None),
    ],
)
def test_the_flow_that_has_to_read_it(event: str, orders: str, flow: str | None) -> None:
    bench = ErpBench(webhooks={"enabled": True})
    bench.set("orders", mode=orders)
    bench.set("products")
    terms = terms_of(bench.live().merchant)
    assert terms is not None

    notice = terms.read(body(eventType=event, data={"guid": ORDER}))

    assert isinstance(notice, Notice)
    assert (notice.flow, notice.is_deletion) == (flow, event.endswith(".deleted"))


def test_a_merchant_that_did_not_switch_it_on_takes_none() -> None:
    assert terms_of(ErpBench().live().merchant) is None


@given(stamp=st.text(max_size=15), given_=st.text(max_size=50), content=st.binary(max_size=30))
def test_no_header_escapes(stamp: str, given_: str, content: bytes) -> None:
    assert not is_genuine(content, timestamp=stamp, signature=given_, keys=[KEY], now=AT)
