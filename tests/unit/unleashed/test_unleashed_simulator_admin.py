"""The simulator of Unleashed: its side door, its users, its faults, the sample worlds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.unleashed.sample import API_ID, sample
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wire import WireFault
from tests.support.unleashed_caller import Account

WORLD = Path(__file__).resolve().parents[3] / "samples" / "world.json"


def test_the_sample_fits_mintsofts() -> None:
    world = json.loads(WORLD.read_text(encoding="utf-8"))
    company, outlet = world["unleashed"]["companies"]
    rows = world["mintsoft"]["products"]
    skus = {row["sku"]: number for number, row in rows.items()}
    services = {row["ProductCode"] for row in company["products"] if row.get("NeverDiminishing")}
    codes = {row["ProductCode"] for row in company["products"]}
    assert services == {"CARRIAGE"}
    assert codes - services <= set(skus)
    stock = world["mintsoft"]["stock"]["3"]
    ours = company["stock"]["MAIN"]
    assert ours == {code: stock[skus[code]] for code in ours}
    same = {row["ProductCode"]: row.get("Barcode") for row in company["products"]}
    for code in codes - services:
        assert same[code] == rows[skus[code]].get("ean"), code
    levels = outlet["stock"]["LEEDS"]
    assert {skus[code]: units for code, units in levels.items()} == world["mintsoft"]["stock"]["5"]


def test_companies_are_kept_apart() -> None:
    account = Account()
    other = "22222222-0000-4000-8000-00000000c0de"
    account.unleashed.seed(sample(api_id=other, api_key="another key"))
    account.admin(
        "place-order", {"account": other, "customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}}
    )
    assert account.items("/SalesOrders") == []
    books = account.admin("books")["companies"]
    assert [len(books[name]["journal"]) > 0 for name in (API_ID, other)] == [True, True]
    mine = account.desk.product("TEE-RED-M")
    assert mine != account.unleashed.desk(other).product("TEE-RED-M")


def test_seeding_twice_leaves_what_is_there() -> None:
    account = Account()
    account.admin("seed", sample(more_stock=False) | {})
    assert len(account.items("/Warehouses")) == 2
    assert len(account.items("/Products")) == len(sample()["companies"][0]["products"])


def test_a_users_changes_are_the_users() -> None:
    account = Account()
    number = account.admin(
        "place-order",
        {
            "user": "jo@example.test",
            "customer": "WEBSHOP",
            "goods": {"TEE-RED-M": 2, "JEANS-32": 1},
        },
    )["number"]
    account.admin(
        "edit-order",
        {"number": number, "goods": {"TEE-RED-M": 5, "JEANS-32": 0, "CAP-BLACK": 1}},
    )
    account.admin("order-fields", {"number": number, "fields": {"DeliveryName": "J Example"}})
    (row,) = account.items(f"/SalesOrders?orderNumber={number}")
    goods = {
        line["Product"]["ProductCode"]: line["OrderQuantity"] for line in row["SalesOrderLines"]
    }
    assert goods == {"TEE-RED-M": 5.0, "CAP-BLACK": 1.0}
    assert row["SubTotal"] == pytest.approx(5 * 19.9 + 14.9)
    assert (row["CreatedBy"], row["LastModifiedBy"]) == ("jo@example.test", "clerk@example.test")
    assert row["DeliveryName"] == "J Example"
    assert [entry["by"] for entry in account.happened("order_changed")] == [
        "clerk@example.test"
    ] * 2


def test_shipments_of_a_users() -> None:
    account = Account(management=True)
    goods = {"TEE-RED-M": 3, "JEANS-32": 1}
    number = account.admin("place-order", {"customer": "WEBSHOP", "goods": goods})["number"]
    first = account.admin("ship", {"number": number, "goods": {"TEE-RED-M": 1}})["number"]
    rest = account.admin("ship", {"number": number})["number"]
    account.admin("ship", {"number": number}, status=400)
    account.admin("shipment-status", {"number": first, "status": "Dispatched"})
    account.admin("shipment-status", {"number": rest, "status": "Deleted"})
    account.admin("shipment-status", {"number": rest, "status": "Placed"}, status=400)
    assert account.on_hand("TEE-RED-M") == 39.0
    rows = account.items(f"/SalesShipments?orderNumber={number}")
    assert {row["ShipmentNumber"]: row["ShipmentStatus"] for row in rows} == {
        first: "Dispatched",
        rest: "Deleted",
    }


@pytest.mark.parametrize(
    ("action", "content", "word"),
    [
        ("place-order", {"customer": "NOBODY", "goods": {"TEE-RED-M": 1}}, "NOBODY"),
        ("place-order", {"customer": "WEBSHOP", "goods": {"NOTHING": 1}}, "NOTHING"),
        ("edit-order", {"number": "SO-99999999", "goods": {}}, "SO-99999999"),
        ("settings", {"adjustment": "sideways"}, "adjustment"),
        ("settings", {"colour": "blue"}, "colour"),
        ("records", {"resource": "Nothing"}, "Nothing"),
        ("company", {"account": "x"}, "x"),
    ],
)
def test_the_side_door_tells_what_is_wrong(action: str, content: Any, word: str) -> None:
    answer = Account().admin(action, content, status=400)
    assert word in answer["error"]


def test_the_side_door_shows_every_record() -> None:
    account = Account()
    made = account.admin("place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}})
    account.admin("delete-order", {"number": made["number"]})
    (row,) = account.admin("records", {"resource": "SalesOrders"})
    assert (row["OrderNumber"], row["OrderStatus"]) == (made["number"], "Deleted")
    assert account.admin("company", {"management": True}) == {"account": API_ID, "management": True}
    assert account.admin("settings", {})["adjustment"] == "delta"


def test_faults_spoil_answers_and_not_the_books() -> None:
    account = Account()
    account.unleashed.faults.add(Fault(FaultKind.RESET_AFTER, path="StockAdjustments"))
    body = {
        "Warehouse": {"WarehouseCode": "MAIN"},
        "AdjustmentReason": "Mintsoft",
        "Status": "Completed",
        "StockAdjustmentLines": [
            {"Product": {"ProductCode": "TEE-RED-M"}, "NewQuantity": 1, "NewActualValue": 1}
        ],
    }
    assert account.call("POST", "/StockAdjustments", body).wire is WireFault.RESET
    assert account.on_hand("TEE-RED-M") == 41.0
    account.unleashed.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="StockAdjustments"))
    assert account.call("POST", "/StockAdjustments", body).status == 500
    assert account.on_hand("TEE-RED-M") == 41.0
    account.unleashed.faults.add(Fault(FaultKind.HTTP_429))
    assert account.call("GET", "/Warehouses").status == 429


def test_the_journal_is_numbered_and_a_refusal_is_not_in_it() -> None:
    account = Account()
    account.refused("POST", "/SalesOrders", {})
    journal = account.books()["journal"]
    assert [entry["number"] for entry in journal] == list(range(1, len(journal) + 1))
    assert all(entry["what"].startswith(("product_", "customer_")) for entry in journal)


def test_there_is_no_company_before_the_seed() -> None:
    with pytest.raises(KeyError, match="no company"):
        UnleashedSimulator().desk()


def test_the_books_stock_is_the_sum_of_its_movements() -> None:
    account = Account(management=True)
    number = account.admin("place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 2}})
    account.admin("ship", {"number": number["number"], "status": "Dispatched"})
    moved = account.admin(
        "park-transfer", {"source": "MAIN", "destination": "3PL", "goods": {"TEE-RED-M": 4}}
    )
    account.admin("complete-transfer", {"number": moved["number"]})
    account.admin("credit", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}})
    books = account.books()
    sums: dict[tuple[str, str], float] = {}
    for row in books["movements"]:
        place = (row["warehouse"], row["product"])
        sums[place] = sums.get(place, 0.0) + float(row["quantity"])
    for warehouse, levels in books["stock"].items():
        for code, many in levels.items():
            assert sums.get((warehouse, code), 0.0) == many, (warehouse, code)
    assert books["stock"]["MAIN"]["TEE-RED-M"] == 35.0
    assert books["stock"]["3PL"]["TEE-RED-M"] == 9.0
