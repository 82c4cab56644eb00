"""The simulator of Unleashed: signatures over the wire's own bytes, headers, the month's quota."""

from __future__ import annotations

import base64

import pytest

from local.simulators.unleashed.auth import next_month, signature
from local.simulators.unleashed.sample import API_KEY
from tests.support.unleashed_caller import Account, refusal_of

VECTORS = {
    "": "CcIqMyR0RmfbrG4vOLdHhh38kZhqckLFjS2kg8Qho0I=",
    "customerCode=ACME": "DVXk5UVrf6y1zfkdIuQigeTDNtjCY526Oxh1HcTFdWw=",
    "pageSize=200&modifiedSince=2024-04-17T23:11:05": (
        "/Nnj7VuTzgC6OgyvVpvFU/jgeariN3OIRcy7yvAxF/8="
    ),
    "orderStatus=Placed,Backordered&pageSize=1000": "ESs6od6OtaRv3xjr15Gzn3HPB4gK1E0mOB4ZerO4jKk=",
}


@pytest.mark.parametrize("query", VECTORS)
def test_the_signature_is_the_known_one(query: str) -> None:
    assert signature("unit-test-key-0001==", query) == VECTORS[query]


def test_what_is_signed_is_the_query_alone_in_its_order() -> None:
    account = Account()
    target = "/SalesOrders/1?pageSize=10&modifiedSince=2024-04-17T23:11:05"
    assert account.call("GET", target).status == 200
    other_order = "modifiedSince=2024-04-17T23:11:05&pageSize=10"
    assert account.call("GET", target, signed=other_order).status == 403


@pytest.mark.parametrize(
    ("target", "signed"),
    [
        ("/SalesOrders?pageSize=10", "pageSize=11"),
        ("/SalesOrders", "pageSize=10"),
        ("/SalesOrders?pageSize=10", ""),
        ("/SalesOrders?pageSize=10", "?pageSize=10"),
    ],
)
def test_a_wrong_signature_gets_a_bare_403(target: str, signed: str) -> None:
    account = Account()
    reply = account.call("GET", target, signed=signed)
    assert (reply.status, reply.body) == (403, b"")
    assert account.admin("books")["refused_entries"] == {"signature": 1}


def test_an_unknown_id_gets_a_bare_403() -> None:
    account = Account()
    for api_id in ("11111111-0000-4000-8000-000000000000", ""):
        reply = account.call("GET", "/Warehouses", api_auth_id=api_id)
        assert (reply.status, reply.body) == (403, b"")


@pytest.mark.parametrize("escapes", ["refused", "as_sent", "decoded"])
def test_an_escaped_colon_is_never_taken(escapes: str) -> None:
    account = Account(escapes=escapes)
    target = "/SalesOrders?modifiedSince=2024-04-17T23%3A11%3A05"
    assert account.call("GET", target).status == 403
    assert account.call("GET", target, signed="modifiedSince=2024-04-17T23:11:05").status == 403


def test_other_escapes_are_taken_as_the_setting_says() -> None:
    account = Account()
    sent, meant = "customOrderStatus=On%20hold", "customOrderStatus=On hold"
    assert account.call("GET", f"/SalesOrders?{sent}").status == 403
    account.set(escapes="as_sent")
    assert account.call("GET", f"/SalesOrders?{sent}").status == 200
    assert account.call("GET", f"/SalesOrders?{sent}", signed=meant).status == 403
    account.set(escapes="decoded")
    assert account.call("GET", f"/SalesOrders?{sent}", signed=meant).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": ""},
        {"accept": "*/*"},
        {"content_type": ""},
        {"content_type": "application/x-www-form-urlencoded"},
        {"client_type": ""},
        {"client_type": "Example/Hub"},
        {"client_type": "example hub"},
        {"client_type": "example/a-rather-long-name"},
    ],
)
def test_every_header_is_needed(headers: dict[str, str]) -> None:
    status, text = refusal_of(Account().call("GET", "/Warehouses", **headers))
    assert status == 400
    assert next(iter(headers)).replace("_", "-") in text


def test_a_company_may_have_no_client_type_where_the_setting_says_so() -> None:
    account = Account(client_type="optional")
    assert account.call("GET", "/Warehouses", client_type="").status == 200


def test_when_the_quota_is_used_up_everything_is_blocked_until_the_next_month() -> None:
    account = Account(quota=3)
    for _ in range(2):
        account.get("/Warehouses")
    assert account.call("GET", "/Warehouses", signed="x=y").status == 403
    assert account.call("PUT", "/Warehouses").status == 405
    for method, target in (("GET", "/Warehouses"), ("POST", "/SalesOrders")):
        status, text = refusal_of(account.call(method, target))
        assert status == 403
        assert "limit" in text
    assert account.admin("quota") == {"month": "2026-03", "used": 3, "limit": 3}
    assert [row["percent"] for row in account.happened("quota_mail")] == [100]

    left = next_month(account.clock()) - account.clock()
    account.clock.advance(seconds=left.total_seconds() - 1)
    assert account.call("GET", "/Warehouses").status == 403
    account.clock.advance(seconds=1)
    account.get("/Warehouses")
    assert account.admin("quota") == {"month": "2026-04", "used": 1, "limit": 3}


def test_the_quotas_answer_is_a_setting() -> None:
    account = Account(quota=200, quota_status=429)
    account.admin("quota", {"used": 200})
    assert account.call("GET", "/Warehouses").status == 429
    account.set(quota_status=403, quota_bare=True)
    reply = account.call("GET", "/Warehouses")
    assert (reply.status, reply.body) == (403, b"")


def test_the_quota_is_mailed_of_before_it_is_used_up() -> None:
    account = Account(quota=100)
    account.admin("quota", {"used": 89})
    for _ in range(6):
        account.get("/Warehouses")
    assert [row["percent"] for row in account.happened("quota_mail")] == [90, 95]


def test_the_keys_own_bytes_are_the_key() -> None:
    padded = API_KEY + "=" * (-len(API_KEY) % 4)
    with_decoded = signature(base64.b64decode(padded, validate=False).decode("latin-1"), "")
    assert with_decoded != signature(API_KEY, "")
    account = Account()
    assert account.call("GET", "/Warehouses", api_auth_signature=with_decoded).status == 403
