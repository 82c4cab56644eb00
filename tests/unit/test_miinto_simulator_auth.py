"""The simulator of Miinto: logins, and the signature of every other request."""

from __future__ import annotations

import json

import pytest

from local.simulators.miinto.auth import signature
from local.simulators.miinto.sample import DK, DK_OUTLET, IDENTIFIER, NL, RIVAL, RIVALS_DK, SE
from local.simulators.wire import Request
from tests.support.miinto_caller import SECRET, Marketplace, data_of, refusal_of

WHO = {
    "token": "0123456789abcdef0123456789abcdef01234567",
    "channel": "M!t!Ch!v1!0000012345-650a1b2c3d4e5-111222333",
    "timestamp": "1700000000",
    "host": "api-order.miinto.net",
}
TRANSFERS = f"/order/shops/{DK}/transfers"


def test_a_list_is_signed_with_its_query_as_it_is_sent() -> None:
    assert (
        signature(
            **WHO,
            seed="42",
            method="GET",
            path="/shops/1-m!i!s-045-1234/transfers",
            query="status%5B%5D=pending&limit=50&offset=0",
            body=b"",
        )
        == "fc00dec86cd025d98ff65438bc01affdcea682838d7938a2ed05144d5787dace"
    )


def test_a_decision_is_signed_with_its_body() -> None:
    assert (
        signature(
            **WHO,
            seed="43",
            method="patch",
            path="/shops/1-m!i!s-045-1234/transfers/9001",
            query="",
            body=b'{"acceptedPositions":[{"id":71}],"declinedPositions":[{"id":72}]}',
        )
        == "691a92b1718aa10383d1df2244e50e687cf0ba45c0fa44b36920df3e1cb470a0"
    )


def test_a_login_tells_shops_and_their_countries() -> None:
    data = data_of(Marketplace().caller().log_in())

    assert data["data"] == {"accessorId": 12345}
    assert list(data["privileges"]["__GLOBAL__"]["Store"]) == [DK, DK_OUTLET, SE, NL]
    assert list(data["privileges"]["DK"]["ShopAdmin"]) == [DK, DK_OUTLET]
    assert set(data["privileges"]) == {"__GLOBAL__", "DK", "SE", "NL"}
    assert data["id"].startswith("M!t!Ch!v1!0000012345-")
    assert len(data["token"]) == 40


@pytest.mark.parametrize(("empty_map", "written"), [("list", []), ("object", {})])
def test_no_privileges_are_a_list_as_php_has_it_or_an_object(
    empty_map: str, written: object
) -> None:
    market = Marketplace(empty_map=empty_map)
    assert data_of(market.caller("empty@example.test").log_in())["privileges"] == written


def test_a_login_may_be_a_form() -> None:
    market = Marketplace()
    body = f"identifier=hub%40example.test&secret={SECRET.replace(' ', '+')}".encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1"}
    request = Request("POST", "/auth/channels", {}, headers, body, "/auth/channels")
    assert data_of(market.miinto.handle(request))["token"]


@pytest.mark.parametrize("status", [200, 401])
def test_a_wrong_password_is_a_failure_whatever_its_status(status: int) -> None:
    market = Marketplace(login_failure_status=status)
    reply = market.caller().log_in("another")

    assert refusal_of(reply) == (status, "identifier or secret is wrong")
    assert "data" not in json.loads(reply.body)["data"]
    assert market.miinto.all_books()["refused_logins"] == {IDENTIFIER: 1}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"identifier": "a"}', b'{"secret": 1}'])
def test_a_login_without_its_fields_is_refused(body: bytes) -> None:
    market = Marketplace()
    request = Request("POST", "/auth/channels", {}, {}, body, "/auth/channels")
    assert refusal_of(market.miinto.handle(request))[0] == 400


@pytest.mark.parametrize("service", ["auth", "order", "stock", "pc", "pms"])
def test_a_service_tells_how_it_is_to_anybody(service: str) -> None:
    path = f"/{service}/status"
    reply = Marketplace().miinto.handle(Request("GET", path, {}, {}, b"", path))
    assert data_of(reply) == {"name": service, "status": "OK"}


def test_a_channel_is_read_back_by_its_own_account_without_the_token() -> None:
    market = Marketplace()
    mine, other = market.caller(), market.caller(RIVAL)

    shown = data_of(mine.call("GET", f"/auth/channels/{mine.channel}"))
    assert shown["data"] == {"accessorId": 12345}
    assert "token" not in shown
    assert refusal_of(mine.call("GET", f"/auth/channels/{other.channel}"))[0] == 404


# -- signatures ---------------------------------------------------------------------------------


def test_a_signed_request_is_taken() -> None:
    assert data_of(Marketplace().caller().call("GET", TRANSFERS)) == []


def test_the_path_is_signed_as_it_is_sent() -> None:
    caller = Marketplace().caller()
    encoded = TRANSFERS.replace("!", "%21")

    assert data_of(caller.call("GET", encoded)) == []
    assert refusal_of(caller.call("GET", encoded, signed=TRANSFERS)) == (
        401,
        "the signature is wrong",
    )
    assert refusal_of(caller.call("GET", TRANSFERS, signed=encoded))[0] == 401


def test_the_path_before_a_service_is_signed_like_the_rest() -> None:
    caller = Marketplace().caller()
    signed = TRANSFERS.removeprefix("/order")
    assert refusal_of(caller.call("GET", TRANSFERS, signed=signed))[0] == 401


def test_the_query_is_signed_as_it_is_sent_without_its_mark() -> None:
    caller = Marketplace().caller()
    encoded, plain = (f"{TRANSFERS}?{q}=pending" for q in ("status%5B%5D", "status[]"))

    assert data_of(caller.call("GET", encoded)) == []
    assert data_of(caller.call("GET", plain)) == []
    assert refusal_of(caller.call("GET", encoded, signed=plain))[0] == 401


def test_the_body_is_signed_byte_for_byte() -> None:
    market = Marketplace()
    caller = market.caller()
    made = market.miinto.offer([DK], [{"sku": "TEE-RED-M"}])["transfers"][0]
    request = caller.request(
        "PATCH",
        f"{TRANSFERS}/{made['id']}",
        json.dumps({"declinedPositions": [{"id": made["positions"][0]}]}).encode(),
    )
    spaced = Request(
        request.method, request.path, {}, request.headers, request.body + b" ", request.target
    )

    assert refusal_of(market.miinto.handle(spaced))[0] == 401
    assert market.happened("transfer_decided") == []
    assert data_of(market.miinto.handle(request)) == []


def test_the_host_is_signed() -> None:
    assert refusal_of(Marketplace().caller().call("GET", TRANSFERS, host="localhost"))[0] == 401


def test_a_host_may_name_the_service_instead_of_the_path() -> None:
    caller = Marketplace().caller()
    own = TRANSFERS.removeprefix("/order")
    request = caller.request("GET", own)
    host = "api-order.example.test"
    right = signature(
        token=caller.token,
        channel=caller.channel,
        timestamp=request.headers["miinto-api-auth-timestamp"],
        seed=request.headers["miinto-api-auth-seed"],
        method="GET",
        host=host,
        path=own,
        query="",
        body=b"",
    )
    headers = {**request.headers, "host": host, "miinto-api-auth-signature": right}
    assert data_of(caller.miinto.handle(Request("GET", own, {}, headers, b"", own))) == []


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("miinto_api_auth_id", "M!t!Ch!v1!another", 401),
        ("miinto_api_auth_id", "", 401),
        ("miinto_api_auth_signature", "", 401),
        ("miinto_api_auth_signature", "0" * 64, 401),
        ("miinto_api_auth_timestamp", "", 401),
        ("miinto_api_auth_seed", "", 401),
        ("miinto_api_auth_seed", "another", 401),
        ("miinto_api_auth_type", "MNT-HMAC-SHA1-1-0", 401),
        ("miinto_api_control_flavour", "", 400),
        ("miinto_api_control_flavour", "Another", 400),
        ("miinto_api_control_version", "", 400),
        ("miinto_api_control_version", "9.9", 400),
    ],
)
def test_each_of_the_seven_headers_is_required(name: str, value: str, status: int) -> None:
    reply = Marketplace().caller().call("GET", TRANSFERS, **{name: value})
    assert refusal_of(reply)[0] == status


def test_the_signature_is_checked_before_anything_is_told_of_shops() -> None:
    reply = Marketplace().caller().call("GET", f"/order/shops/{RIVALS_DK}", signed="/other")
    assert refusal_of(reply)[0] == 401


@pytest.mark.parametrize(("ago", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401)])
def test_a_timestamp_is_near_the_clock(ago: int, status: int) -> None:
    assert Marketplace().caller().call("GET", TRANSFERS, ago=ago).status == status


def test_a_seed_may_be_good_for_once_only() -> None:
    market = Marketplace()
    caller = market.caller()
    assert [caller.call("GET", TRANSFERS, seed="7").status for _ in range(2)] == [200, 200]
    market.set(seed_once=True)
    assert [caller.call("GET", TRANSFERS, seed="7").status for _ in range(2)] == [200, 401]


# -- channels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 401])
def test_a_channel_ends_after_its_time(status: int) -> None:
    market = Marketplace(channel_seconds=600.0, expired_status=status)
    caller = market.caller()
    market.clock.advance(seconds=599)
    assert data_of(caller.call("GET", TRANSFERS)) == []
    market.clock.advance(seconds=1)
    assert refusal_of(caller.call("GET", TRANSFERS)) == (status, "the channel has ended")
    caller.log_in()
    assert data_of(caller.call("GET", TRANSFERS)) == []


def test_every_channel_can_be_ended() -> None:
    market = Marketplace()
    caller = market.caller()
    market.admin("expire-channels")
    assert refusal_of(caller.call("GET", TRANSFERS)) == (401, "the channel has ended")


@pytest.mark.parametrize(("ends_old", "status"), [(False, 200), (True, 401)])
def test_a_login_may_end_older_channels(ends_old: bool, status: int) -> None:
    market = Marketplace(login_ends_old=ends_old)
    older, other = market.caller(), market.caller(RIVAL)
    market.caller()

    assert older.call("GET", TRANSFERS).status == status
    assert data_of(other.call("GET", f"/order/shops/{RIVALS_DK}/transfers")) == []
    assert market.miinto.all_books()["logins"] == {IDENTIFIER: 2, RIVAL: 1}


def test_another_accounts_shop_and_an_unknown_path_are_refused() -> None:
    caller = Marketplace().caller()
    assert refusal_of(caller.call("GET", f"/order/shops/{RIVALS_DK}/transfers"))[0] == 403
    assert refusal_of(caller.call("GET", f"/order/shops/{DK}/parcels"))[0] == 404
    assert refusal_of(caller.call("GET", f"/elsewhere/shops/{DK}"))[0] == 404


def test_a_shop_that_is_not_active_fails_inside_a_200() -> None:
    market = Marketplace()
    caller = market.caller()
    assert data_of(caller.call("GET", f"/order/shops/{DK}/"))["name"] == "Example Fashion DK"
    market.admin("shop", {"id": DK, "active": False})
    for path in (f"/order/shops/{DK}", TRANSFERS, f"/order/shops/{DK}/orders"):
        assert refusal_of(caller.call("GET", path)) == (200, "the shop is not active")
    assert data_of(caller.call("GET", f"/order/shops/{SE}/transfers")) == []


def test_a_password_beyond_ascii_is_wrong_as_any_other() -> None:
    caller = Marketplace().caller()
    assert refusal_of(caller.log_in("pässword")) == refusal_of(caller.log_in("password"))
