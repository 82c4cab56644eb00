"""Unleashed's signature against vectors computed from the documented rule, and its properties."""

from __future__ import annotations

import base64
import hashlib
import hmac
import string

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.unleashed.keys import key_pair_in
from returns_hub.adapters.unleashed.signing import (
    KeyPair,
    Query,
    is_safe,
    query_of,
    signature_of,
    signed_headers,
)
from returns_hub.errors import Misconfigured, Permanent

KEY = "unit-test-key-0001=="
PAIR = KeyPair("11112222-3333-4444-5555-666677778888", KEY)
HOST = "https://api.example.test"

VECTORS = [
    ("", "CcIqMyR0RmfbrG4vOLdHhh38kZhqckLFjS2kg8Qho0I="),
    ("customerCode=ACME", "DVXk5UVrf6y1zfkdIuQigeTDNtjCY526Oxh1HcTFdWw="),
    ("pageSize=200", "FIC9TM5Wd+c4g8IAurw+3FMpRZzge1JXD/Kkcw+QSm0="),
    (
        "pageSize=200&modifiedSince=2024-04-17T23:11:05",
        "/Nnj7VuTzgC6OgyvVpvFU/jgeariN3OIRcy7yvAxF/8=",
    ),
    (
        "orderStatus=Placed,Backordered&pageSize=1000",
        "ESs6od6OtaRv3xjr15Gzn3HPB4gK1E0mOB4ZerO4jKk=",
    ),
    ("orderNumber=SO-00000123&serialBatch=true", "rhm3qavsLrc9I8Nbzo2PMu6pHng1etdUeN9oL8iHbmM="),
]


@pytest.mark.parametrize(("query", "signature"), VECTORS)
def test_the_vectors(query: str, signature: str) -> None:
    """From the parts of the query to the header of the request as it is prepared."""
    pairs = [part.partition("=") for part in query.split("&") if part]
    sent: list[tuple[str, str]] = [(name, value) for name, _, value in pairs]
    built = query_of(sent)
    url = f"{HOST}/SalesOrders/1?{built}" if built else f"{HOST}/SalesOrders"
    prepared = requests.Request("GET", url).prepare()

    assert built == query
    assert signature_of(KEY, query) == signature
    assert signed_headers(PAIR, "returnshub/sync", str(prepared.url)) == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "api-auth-id": PAIR.api_id,
        "api-auth-signature": signature,
        "client-type": "returnshub/sync",
    }


def test_an_encoded_colon_is_never_made() -> None:
    built = query_of([("pageSize", 200), ("modifiedSince", "2024-04-17T23:11:05")])
    prepared = requests.Request("GET", f"{HOST}/SalesOrders?{built}").prepare()
    signed = signed_headers(PAIR, "x/y", str(prepared.url))["api-auth-signature"]

    assert prepared.path_url == "/SalesOrders?pageSize=200&modifiedSince=2024-04-17T23:11:05"
    assert signed != "8sJyH+Ll637mCD3WG7fMXVuYEWT3hrenUqH2LXhiw5Q="


def test_values_are_written_once_and_in_their_order() -> None:
    query: Query = [
        ("serialBatch", True),
        ("brief", False),
        ("pageSize", 1),
        ("orderStatus", "Placed"),
    ]

    assert query_of(query) == "serialBatch=true&brief=false&pageSize=1&orderStatus=Placed"
    assert query_of([]) == ""


@pytest.mark.parametrize(
    "value", ["Ready to pack", "A&B", "a+b", "50%", "a/b", "Café", "a#b", "x\n"]
)
def test_a_value_that_would_need_escaping_is_refused_by_name_and_not_told(value: str) -> None:
    with pytest.raises(Permanent, match="customOrderStatus cannot hold") as raised:
        query_of([("customOrderStatus", value)])

    assert raised.value.code == "unleashed.unsafe_filter"
    assert value not in raised.value.reason
    assert raised.value.reason.isprintable()
    assert not is_safe(value)


def test_an_empty_filter_would_be_none_and_is_refused() -> None:
    with pytest.raises(Permanent, match="customerCode would be empty"):
        query_of([("customerCode", "")])


def test_a_name_is_a_word_of_ours() -> None:
    with pytest.raises(ValueError, match="no name"):
        query_of([("a&b", "c")])


def test_a_key_is_in_no_repr_and_an_account_tells_nothing_of_it() -> None:
    assert KEY not in repr(PAIR)
    assert PAIR.account == KeyPair(PAIR.api_id.upper(), "another").account
    assert PAIR.account != KeyPair("99992222-3333-4444-5555-666677778888", KEY).account
    assert PAIR.api_id[:8] not in PAIR.account


SAFE = st.text(string.ascii_letters + string.digits + "-_.:,", min_size=1, max_size=30)


@given(pairs=st.lists(st.tuples(st.text(string.ascii_letters, min_size=1), SAFE), max_size=5))
def test_what_is_signed_is_what_requests_would_send(pairs: list[tuple[str, str]]) -> None:
    """No step between us and the wire encodes anything."""
    built = query_of(pairs)
    url = f"{HOST}/Products/1?{built}" if built else f"{HOST}/Products/1"
    prepared = requests.Request("GET", url).prepare()
    on_the_wire = prepared.path_url.partition("?")[2]
    wanted = base64.b64encode(
        hmac.new(KEY.encode(), on_the_wire.encode(), hashlib.sha256).digest()
    ).decode()

    assert on_the_wire == built
    headers = signed_headers(PAIR, "x/y", str(prepared.url))
    assert headers["api-auth-signature"] == wanted


@given(value=st.text(min_size=1))
def test_no_value_but_a_safe_one_passes(value: str) -> None:
    allowed = set(string.ascii_letters + string.digits + "-_.:,")
    assert is_safe(value) is (set(value) <= allowed)


def test_a_secret_without_its_parts_is_told_by_its_name_only() -> None:
    good = {"api_id": PAIR.api_id, "api_key": f" {KEY}\n"}
    assert key_pair_in(good, "unleashed") == PAIR
    for part, value in (
        ("api_id", ""),
        ("api_key", " "),
        ("api_id", "line\nbreak-secret"),
        ("api_key", "two words"),
        ("api_key", "ümlaut-key"),
    ):
        with pytest.raises(Misconfigured) as raised:
            key_pair_in(good | {part: value}, "unleashed")
        assert raised.value.code == "secret.malformed"
        assert part in raised.value.reason
        assert value.strip() == "" or value not in raised.value.reason
