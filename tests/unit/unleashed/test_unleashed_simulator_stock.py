"""The simulator of Unleashed: stock on hand, adjustments either way, counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.unleashed_caller import Account

GUID = "6f0d0000-0000-4000-8000-00000000a001"


def adjustment(quantity: float, value: float, **changes: Any) -> dict[str, Any]:
    return {
        "Warehouse": {"WarehouseCode": "MAIN"},
        "AdjustmentReason": "Mintsoft",
        "AdjustmentDate": "2026-03-02",
        "Status": "Completed",
        "StockAdjustmentLines": [line(quantity, value)],
    } | changes


def line(quantity: float, value: float = 0, code: str = "TEE-RED-M", **more: Any) -> dict[str, Any]:
    head = {"LineNumber": 1, "Product": {"ProductCode": code}, "Comments": "counted"}
    return head | {"NewQuantity": quantity, "NewActualValue": value} | more


def row_of(account: Account, code: str, warehouse: str = "MAIN") -> dict[str, Any]:
    rows = account.items(f"/StockOnHand?warehouseCode={warehouse}")
    return next(row for row in rows if row["ProductCode"] == code)


def test_a_quantity_is_a_difference() -> None:
    account = Account()
    made = account.post(f"/StockAdjustments/{GUID}", adjustment(-2, -15))
    assert (made["Guid"], made["Status"]) == (GUID, "Completed")
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 38.0
    account.post("/StockAdjustments", adjustment(10, 75))
    found = row_of(account, "TEE-RED-M")
    assert (found["QtyOnHand"], found["AvgCost"], found["TotalCost"]) == (48.0, 7.5, 360.0)
    assert [row["lines"] for row in account.happened("stock_adjusted")] == [
        {"TEE-RED-M": "-2"},
        {"TEE-RED-M": "10"},
    ]


def test_or_what_there_is_afterwards() -> None:
    account = Account(adjustment="absolute")
    account.post("/StockAdjustments", adjustment(38, 38 * 7.5))
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 38.0
    assert "below 0" in account.refused("POST", "/StockAdjustments", adjustment(-2, 0))
    assert [row["lines"] for row in account.happened("stock_adjusted")] == [{"TEE-RED-M": "-2"}]


def test_stock_is_never_driven_below_nothing() -> None:
    account = Account()
    for lines in ([line(-41)], [line(-21), line(-20)]):
        body = adjustment(0, 0, StockAdjustmentLines=lines)
        assert "below 0" in account.refused("POST", "/StockAdjustments", body)
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 40.0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"AdjustmentReason": "Nobody's"}, "Nobody's"),
        ({"AdjustmentReason": None}, "AdjustmentReason"),
        ({"Warehouse": None}, "Warehouse"),
        ({"Status": "Deleted"}, "Status"),
        ({"StockAdjustmentLines": []}, "StockAdjustmentLines"),
        ({"StockAdjustmentLines": [line(1, 1, "CARRIAGE")]}, "CARRIAGE"),
        ({"StockAdjustmentLines": [line(1, 1, Quantity=1)]}, "Quantity"),
        ({"StockAdjustmentLines": [line(1, 1) | {"NewActualValue": None}]}, "NewActualValue"),
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any], word: str) -> None:
    account = Account()
    assert word in account.refused("POST", "/StockAdjustments", adjustment(1, 1, **changes))
    assert account.items("/StockAdjustments") == []


def test_an_adjustment_that_says_no_status_is_parked_or_completed() -> None:
    account = Account()
    body = adjustment(1, 7.5)
    del body["Status"]
    assert account.post("/StockAdjustments", body)["Status"] == "Parked"
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 40.0
    account.set(adjustment_default="Completed")
    account.post("/StockAdjustments", body)
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 41.0


def test_the_same_guid_again_moves_stock_again_only_where_it_is_taken() -> None:
    account = Account()
    target = f"/StockAdjustments/{GUID}"
    account.post(target, adjustment(1, 7.5))
    assert GUID in account.refused("POST", target, adjustment(1, 7.5))
    account.set(existing_guid="overwrite")
    account.post(target, adjustment(1, 7.5))
    account.set(existing_guid="duplicate")
    account.post(target, adjustment(1, 7.5))
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 43.0
    assert len(account.items("/StockAdjustments")) == 2
    assert [row["guid"] == GUID for row in account.happened("stock_adjusted")] == [
        True,
        True,
        False,
    ]


def test_a_value_alone_can_be_adjusted() -> None:
    account = Account()
    account.post("/StockAdjustments", adjustment(0, 22.5))
    assert row_of(account, "TEE-RED-M")["AvgCost"] == 8.0


def test_tracked_goods_are_adjusted_by_their_batches() -> None:
    account = Account()

    def mugs(quantity: float, batches: dict[str, float] | None, **more: Any) -> dict[str, Any]:
        given = [{"Number": n, "Quantity": q} for n, q in (batches or {}).items()]
        one = line(quantity, 0, "MUG-RED", BatchNumbers=given or None)
        return adjustment(0, 0, StockAdjustmentLines=[one], **more)

    for wrong in (mugs(-2, None), mugs(-2, {"L2408": -1}), mugs(-7, {"L2408": -7})):
        account.refused("POST", "/StockAdjustments", wrong)
    parked = mugs(-1, {"L2408": -1}, Status="Parked")
    assert "Completed" in account.refused("POST", "/StockAdjustments", parked)
    account.post("/StockAdjustments", mugs(-2, {"L2408": -2}))
    account.set(tracked_adjustment="allow")
    account.post("/StockAdjustments", mugs(-1, None))
    assert row_of(account, "MUG-RED")["QtyOnHand"] == 7.0


def test_rows_are_of_what_ever_moved() -> None:
    account = Account()
    codes = [row["ProductCode"] for row in account.items("/StockOnHand?warehouseCode=MAIN")]
    assert "CAP-BLACK" not in codes
    assert codes == sorted(codes)
    account.post("/StockAdjustments", adjustment(-40, -300))
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 0.0
    assert account.items("/StockOnHand?warehouseCode=NOWHERE") == []


def test_without_a_warehouse_all_are_one_row_with_empty_texts() -> None:
    account = Account()
    rows = [r for r in account.items("/StockOnHand") if r["ProductCode"] == "TEE-RED-M"]
    assert [(r["QtyOnHand"], r["WarehouseCode"], r["Warehouse"]) for r in rows] == [(45.0, "", "")]
    guid = rows[0]["ProductGuid"]
    assert account.get(f"/StockOnHand/{guid}")["QtyOnHand"] == 45.0
    each = account.items(f"/StockOnHand/{guid}/AllWarehouses")
    assert {r["WarehouseCode"]: r["QtyOnHand"] for r in each} == {"MAIN": 40.0, "3PL": 5.0}
    account.set(all_warehouses="list")
    assert account.get(f"/StockOnHand/{guid}/AllWarehouses") == each
    assert "modifiedSince" in account.refused(
        "GET", f"/StockOnHand/{guid}?modifiedSince=2026-01-01"
    )


def test_what_is_ordered_is_allocated_until_it_is_sent() -> None:
    account = Account(management=True)
    goods = {"TEE-RED-M": 6}
    placed = account.admin("place-order", {"customer": "WEBSHOP", "goods": goods})
    account.admin("place-order", {"customer": "WEBSHOP", "goods": goods, "status": "Parked"})

    def amounts() -> tuple[float, float, float]:
        row = row_of(account, "TEE-RED-M")
        return row["QtyOnHand"], row["AllocatedQty"], row["AvailableQty"]

    assert amounts() == (40.0, 6.0, 34.0)
    number = placed["number"]
    account.admin("ship", {"number": number, "goods": {"TEE-RED-M": 1}, "status": "Placed"})
    assert amounts() == (40.0, 6.0, 34.0)
    account.admin("ship", {"number": number, "goods": {"TEE-RED-M": 2}, "status": "Dispatched"})
    assert amounts() == (38.0, 4.0, 34.0)
    account.admin("order-status", {"number": number, "status": "Parked"})
    assert amounts() == (38.0, 0.0, 38.0)


def test_rows_changed_since() -> None:
    account = Account()
    account.clock.advance(minutes=5)
    account.post("/StockAdjustments", adjustment(1, 7.5))
    moment = account.clock().strftime("%Y-%m-%dT%H:%M:%S")
    rows = account.items(f"/StockOnHand?warehouseCode=MAIN&modifiedSince={moment}")
    assert [row["ProductCode"] for row in rows] == ["TEE-RED-M"]


def test_stock_as_it_was() -> None:
    account = Account()
    account.clock.advance(days=2)
    account.post("/StockAdjustments", adjustment(1, 7.5))
    day = account.clock().strftime("%Y-%m-%d")

    def there(at: str) -> float:
        rows = account.items(f"/StockOnHand?warehouseCode=MAIN&asAtDate={at}")
        return next(float(r["QtyOnHand"]) for r in rows if r["ProductCode"] == "TEE-RED-M")

    assert (there("2026-03-02"), there(day)) == (40.0, 41.0)


def test_a_user_counts() -> None:
    account = Account()
    account.admin("count-stock", {"warehouse": "MAIN", "counted": {"TEE-RED-M": 33}})
    assert row_of(account, "TEE-RED-M")["QtyOnHand"] == 33.0
    (count,) = account.items("/StockCounts")
    (counted,) = count["StockCountLines"]
    assert (counted["OnHandQuantity"], counted["CountQuantity"]) == (40.0, 33.0)


def test_what_builds_itself_is_available_when_it_is_asked_for() -> None:
    account = Account()
    desk = account.desk
    parts = {desk.product("TEE-RED-M"): Decimal(3)}
    desk.bills.create(desk.product("DRESS-GRN-S"), parts, auto=True)

    def available(query: str) -> float:
        rows = account.items(f"/StockOnHand?warehouseCode=MAIN{query}")
        return next(float(r["AvailableQty"]) for r in rows if r["ProductCode"] == "DRESS-GRN-S")

    assert (available(""), available("&isAssembled=true")) == (12.0, 25.0)
