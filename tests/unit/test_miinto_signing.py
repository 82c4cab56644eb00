"""Miinto's signature against vectors computed from the documented rule, and its properties."""

from __future__ import annotations

import hashlib
import string
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.miinto.client import encoded, quoted
from returns_hub.adapters.miinto.signing import (
    NO_BODY,
    Channel,
    Dialect,
    header_of,
    payload_of,
    resource_of,
    signature_of,
    signed_headers,
)

CHANNEL = Channel(
    "M!t!Ch!v1!0000012345-650a1b2c3d4e5-111222333", "0123456789abcdef0123456789abcdef01234567"
)
DIALECT = Dialect("2.6", "Miinto-Generic")
AT = 1700000000
LIST = (
    "https://api-order.miinto.net/shops/1-m!i!s-045-1234/transfers"
    "?status%5B%5D=pending&limit=50&offset=0"
)
ONE = "https://api-order.miinto.net/shops/1-m!i!s-045-1234/transfers/9001"
DECISION = b'{"acceptedPositions":[{"id":71}],"declinedPositions":[{"id":72}]}'


@pytest.mark.parametrize(
    ("method", "url", "body", "seed", "signature"),
    [
        (
            "GET",
            LIST,
            b"",
            "42",
            "fc00dec86cd025d98ff65438bc01affdcea682838d7938a2ed05144d5787dace",
        ),
        (
            "PATCH",
            ONE,
            DECISION,
            "43",
            "691a92b1718aa10383d1df2244e50e687cf0ba45c0fa44b36920df3e1cb470a0",
        ),
    ],
)
def test_the_vectors(method: str, url: str, body: bytes, seed: str, signature: str) -> None:
    headers = signed_headers(CHANNEL, DIALECT, method, url, body, timestamp=AT, seed=seed)

    assert headers == {
        "Miinto-Api-Auth-ID": CHANNEL.id,
        "Miinto-Api-Auth-Signature": signature,
        "Miinto-Api-Auth-Timestamp": "1700000000",
        "Miinto-Api-Auth-Seed": seed,
        "Miinto-Api-Auth-Type": "MNT-HMAC-SHA256-1-0",
        "Miinto-Api-Control-Flavour": "Miinto-Generic",
        "Miinto-Api-Control-Version": "2.6",
    }


def test_the_first_vectors_steps() -> None:
    parts = urlsplit(LIST)
    resource = resource_of("get", "api-order.miinto.net", parts.path, parts.query)
    header = header_of(CHANNEL.id, str(AT), "42")
    payload = payload_of(NO_BODY)

    assert (resource[:8], resource[-4:]) == ("83cf222e", "31fc")
    assert (header[:8], header[-4:]) == ("e1475044", "4c5c")
    assert (payload[:8], payload[-4:]) == ("e3b0c442", "b855")
    assert signature_of(CHANNEL.token, resource, header, payload).startswith("fc00dec8")


def test_the_port_is_not_signed_and_the_path_below_an_address_is() -> None:
    def of(url: str) -> str:
        headers = signed_headers(CHANNEL, DIALECT, "GET", url, b"", timestamp=AT, seed="1")
        return headers["Miinto-Api-Auth-Signature"]

    assert of("http://127.0.0.1:8080/shops") == of("http://127.0.0.1:9/shops")
    assert of("http://127.0.0.1/order/shops") != of("http://127.0.0.1/shops")


def test_a_channels_token_is_in_no_repr() -> None:
    assert CHANNEL.token not in repr(CHANNEL)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PARTS = ["method", "path", "query", "body", "channel", "timestamp", "seed", "token"]


@given(values=st.fixed_dictionaries(dict.fromkeys(PARTS, TEXT)), which=st.sampled_from(PARTS))
def test_every_part_is_signed(values: dict[str, str], which: str) -> None:
    def of(given: dict[str, str]) -> str:
        return signature_of(
            given["token"],
            resource_of("GET" + given["method"], "host", given["path"], given["query"]),
            header_of(given["channel"], given["timestamp"], given["seed"]),
            payload_of(given["body"].encode()),
        )

    signature = of(values)
    changed = values | {which: values[which] + "x"}

    assert len(signature) == 64
    assert set(signature) <= set(string.hexdigits.lower())
    assert of(dict(values)) == signature
    assert of(changed) != signature


@given(body=st.binary(max_size=100))
def test_the_payload_is_of_the_bytes(body: bytes) -> None:
    assert payload_of(body) == hashlib.sha256(body).hexdigest()


@given(shop=st.text(string.ascii_letters + string.digits + "!._-", min_size=1), text=TEXT)
def test_what_is_signed_is_what_requests_would_send(shop: str, text: str) -> None:
    """No step between us and the wire encodes anything again."""
    if shop in {".", ".."}:
        return
    path = f"/shops/{quoted(shop)}/transfers"
    query = encoded([("status[]", "pending"), ("status[]", text), ("unifiedLocationId", shop)])
    prepared = requests.Request("GET", f"https://host.example.test{path}?{query}").prepare()

    assert prepared.path_url == f"{path}?{query}"
    assert query.startswith("status%5B%5D=pending&status%5B%5D=")
    assert query.endswith(f"unifiedLocationId={shop}")
    assert path == f"/shops/{shop}/transfers"
