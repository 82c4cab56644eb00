"""The simulator of Miinto: stock, product map, the merchant's feed, the side door."""

from __future__ import annotations

import csv
import json
from base64 import b64encode
from io import StringIO
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.miinto.sample import DK, NL, RIVALS_DK
from local.simulators.wire import Reply, Request
from tests.support.miinto_caller import Caller, Marketplace, data_of, refusal_of

TEE = {"group": "G-TEE-RED", "brand": "Acme", "color": "Red", "size": "M"}
SHIRT = {"group": "G-LINEN-SHIRT-WHITE", "brand": "Acme", "color": "White", "size": "M"}
NOBODYS = {**TEE, "size": "XXL"}


def push(caller: Caller, rows: Any, shop: str = DK) -> Reply:
    return caller.call("PATCH", f"/stock/locations/{shop}/items", rows)


def test_stock_is_set_by_the_feeds_key() -> None:
    market = Marketplace()
    caller = market.caller()
    data_of(push(caller, [{"stock": 3, **TEE}, {"stock": 0, **SHIRT}]))
    data_of(push(caller, [{"stock": 2, **TEE}]))
    data_of(push(caller, [{"stock": 9, **TEE}], NL))

    assert market.miinto.all_books()["stock"] == {
        DK: {"G-TEE-RED|Acme|Red|M": 2, "G-LINEN-SHIRT-WHITE|Acme|White|M": 0},
        NL: {"G-TEE-RED|Acme|Red|M": 9},
    }
    written = market.happened("stock_set")
    assert [(row["by"], row["shop"], row["rows"]) for row in written[1:2]] == [
        ("hub@example.test", DK, {"G-TEE-RED|Acme|Red|M": 2})
    ]


def test_a_row_of_no_known_variant_refuses_all_or_is_left_out() -> None:
    market = Marketplace()
    caller = market.caller()
    rows = [{"stock": 3, **TEE}, {"stock": 1, **NOBODYS}]
    assert refusal_of(push(caller, rows)) == (400, "no such variant: G-TEE-RED|Acme|Red|XXL")
    assert market.miinto.all_books()["stock"] == {}
    market.set(unknown_variant="skip")
    data_of(push(caller, rows))
    assert market.miinto.all_books()["stock"] == {DK: {"G-TEE-RED|Acme|Red|M": 3}}
    assert market.happened("stock_set")[0]["skipped"] == ["G-TEE-RED|Acme|Red|XXL"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        {},
        [{**TEE}],
        [{"stock": "3", **TEE}],
        [{"stock": True, **TEE}],
        [{"stock": -1, **TEE}],
        [{"stock": 3, **TEE, "sku": "TEE-RED-M"}],
        [{"stock": 3, **{**TEE, "size": None}}],
        [{"stock": number, **TEE} for number in range(3)],
    ],
)
def test_stock_that_is_wrong_is_refused(rows: Any) -> None:
    market = Marketplace(stock_batch=2)
    assert refusal_of(push(market.caller(), rows))[0] == 400
    assert market.happened("stock_set") == []


def test_the_stock_of_another_accounts_shop_is_not_set() -> None:
    caller = Marketplace().caller()
    assert refusal_of(push(caller, [{"stock": 3, **TEE}], RIVALS_DK))[0] == 403


def test_the_product_map_is_a_bare_list_of_four_texts() -> None:
    caller = Marketplace().caller()
    path = f"/pc/productmaps?unifiedLocationId={DK}"
    rows = json.loads(caller.call("GET", path).body)

    assert rows[0] == [
        "G-TEE-RED",
        "TEE-RED-M",
        "5700000000017",
        "11110001-2222-4333-8444-555555555555",
    ]
    assert rows[4][:3] == ["G-HOODIE-GREY", "HOODIE-GREY-M", ""]
    assert all(len(row) == 4 and all(isinstance(v, str) for v in row) for row in rows)
    assert "SCARF-UNMAPPED" not in {row[1] for row in rows}
    assert refusal_of(caller.call("GET", path, signed="/pc/productmaps"))[0] == 401
    other = f"/pc/productmaps?unifiedLocationId={RIVALS_DK}"
    assert refusal_of(caller.call("GET", other))[0] == 403


# -- the feed -----------------------------------------------------------------------------------


def fetch(market: Marketplace, name: str = "example.tsv", login: str | None = None) -> Reply:
    headers = {}
    if login is not None:
        headers["authorization"] = "Basic " + b64encode(login.encode()).decode()
    path = f"/feed/{name}"
    return market.miinto.handle(Request("GET", path, {}, headers, b"", path))


def test_the_feed_is_a_whole_file_in_minor_units() -> None:
    text = fetch(Marketplace()).body.decode()
    rows = list(csv.DictReader(StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))

    assert "\r" not in text
    assert len(rows) == 8
    assert rows[0]["id"] == "TEE-RED-M"
    assert (rows[0]["c:retail_price_DKK:integer"], rows[0]["c:retail_price_EUR:integer"]) == (
        "19900",
        "2690",
    )
    assert rows[0]["c:discount_retail_price_DKK:integer"] == ""
    assert rows[4]["gtin"] == ""


@pytest.mark.parametrize(
    ("login", "status"), [("miinto:open", 200), ("miinto:x", 401), (None, 401), ("", 401)]
)
def test_the_feed_may_take_basic_authentication(login: str | None, status: int) -> None:
    market = Marketplace(feed_user="miinto", feed_password="open")
    assert fetch(market, login=login).status == status


def test_a_feed_may_be_any_text() -> None:
    market = Marketplace()
    market.admin("seed", {"feeds": {"broken.tsv": "id\tprice\nå"}})
    assert fetch(market, "broken.tsv").body.decode() == "id\tprice\nå"
    assert fetch(market).body.count(b"\n") == 9


# -- the side door ------------------------------------------------------------------------------


def test_the_side_door_makes_offers_orders_and_rmas() -> None:
    market = Marketplace()
    offered = market.admin(
        "offer", {"shops": [DK, RIVALS_DK], "items": [{"sku": "TEE-RED-M"}], "mode": "in_turn"}
    )
    assert offered == {
        "parent": "2611111",
        "transfers": [{"shop": DK, "id": 9001, "positions": [71]}],
    }
    made = market.admin("order", {"shop": NL, "items": [{"sku": "TEE-RED-M", "price": 2500}]})
    assert made == {"order": 555001, "positions": [71]}
    rma = {"shop": NL, "order": 555001, "positions": [{"id": 71, "reason": "late"}]}
    assert market.admin("rma", rma) == {"rma": 30001, "positions": {"71": 811}}
    assert market.admin("books")["rmas"][f"{NL}/30001"]["positions"]["811"] == {
        "order_position": 71,
        "sku": "TEE-RED-M",
        "quantity": 1,
        "status": "pending",
        "reason": "",
    }


@pytest.mark.parametrize(
    ("action", "content"),
    [
        ("offer", {"shops": [], "items": [{"sku": "TEE-RED-M"}]}),
        ("offer", {"shops": [DK], "items": [{"sku": "NONE"}]}),
        ("offer", {"shops": [DK], "items": [{"sku": "TEE-RED-M"}], "mode": "by_luck"}),
        ("offer", {"shops": [DK], "items": [{"sku": "TEE-RED-M"}], "buyer": {"nmae": "x"}}),
        ("offer", {"shops": [DK], "items": [{"sku": "TEE-RED-M"}], "currency": "USD"}),
        ("rma", {"shop": DK, "order": 1}),
        ("decide-transfer", {"shop": DK, "transfer": 1}),
        ("settings", {"skew": 1}),
        ("settings", {"rma_dialect": "c"}),
        ("word", {"kind": "shop", "shop": DK, "id": 1, "word": "x"}),
        ("seed", {"accounts": [{"identifier": "a", "secret": "b", "shops": ["none"]}]}),
    ],
)
def test_the_side_door_says_what_is_wrong(action: str, content: Any) -> None:
    market = Marketplace()
    path = f"/_admin/{action}"
    request = Request("POST", path, {}, {}, json.dumps(content).encode(), path)
    reply = market.miinto.handle(request)
    assert (reply.status, "error" in json.loads(reply.body)) == (400, True)


def test_settings_are_read_and_changed() -> None:
    market = Marketplace()
    shown = market.admin("settings", {"skew_seconds": 5, "held": ["stock"], "versions": ["2.6"]})
    assert (shown["skew_seconds"], shown["held"]) == (5, ["stock"])
    assert market.miinto.settings.versions == ("2.6",)


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [
        (FaultKind.FAILURE_200, 200, False),
        (FaultKind.FAILURE_200_AFTER, 200, True),
        (FaultKind.ERROR_500_BEFORE, 500, False),
        (FaultKind.ERROR_500_AFTER, 500, True),
        (FaultKind.HTTP_429, 429, False),
        (FaultKind.UNAUTHORISED, 401, False),
    ],
)
def test_faults_are_failures_in_miintos_envelope(kind: FaultKind, status: int, done: bool) -> None:
    market = Marketplace()
    caller = market.caller()
    market.miinto.faults.add(Fault(kind, path="items$", method="PATCH"))
    assert refusal_of(push(caller, [{"stock": 3, **TEE}])) == (status, "made on demand")
    assert bool(market.happened("stock_set")) is done
    data_of(push(caller, [{"stock": 4, **TEE}]))
