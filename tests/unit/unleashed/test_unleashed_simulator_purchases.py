"""The simulator of Unleashed: purchase orders and their receipts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.unleashed_caller import Account

GUID = "77e00000-0000-4000-8000-00000000a001"


def purchase(**changes: Any) -> dict[str, Any]:
    return {
        "OrderStatus": "Placed",
        "Supplier": {"SupplierCode": "MILL"},
        "Warehouse": {"WarehouseCode": "MAIN"},
        "ExchangeRate": 1,
        "SubTotal": 75,
        "TaxTotal": 15,
        "Total": 90,
        "PurchaseOrderLines": [line()],
    } | changes


def line(code: str = "TEE-RED-M", **changes: Any) -> dict[str, Any]:
    return {
        "LineNumber": 1,
        "Product": {"ProductCode": code},
        "OrderQuantity": 10,
        "UnitPrice": 7.5,
        "LineTotal": 75,
        "LineTax": 15,
    } | changes


def ready(account: Account, code: str = "TEE-RED-M", **changes: Any) -> tuple[str, str]:
    """A placed purchase, its path and its line's."""
    made = account.post("/PurchaseOrders", purchase(PurchaseOrderLines=[line(code)]))
    one = f"/PurchaseOrders/{made['Guid']}"
    target = f"{one}/Lines/{made['PurchaseOrderLines'][0]['Guid']}"
    if changes:
        account.put(target, changes)
    return one, target


def test_a_receipt_books_what_the_lines_say() -> None:
    account = Account()
    one, target = ready(account)
    assert account.items("/StockOnHand?warehouseCode=MAIN")
    changed = account.put(target, {"ReceiptQuantity": 10})
    kept = changed["PurchaseOrderLines"][0]
    assert (kept["OrderQuantity"], kept["UnitPrice"], kept["ReceiptQuantity"]) == (10.0, 7.5, 10.0)
    got = account.post(f"{one}/Receipt")
    assert got["OrderStatus"] == "Receipted"
    assert account.on_hand("TEE-RED-M") == 50.0
    assert "Receipted" in account.refused("POST", f"{one}/Receipt")
    assert account.post(f"{one}/Complete")["OrderStatus"] == "Complete"
    assert "Complete" in account.refused("POST", f"{one}/Complete")
    (row,) = account.happened("purchase_receipted")
    assert row["lines"] == {"TEE-RED-M": {"ordered": "10", "receipted": "10"}}


def test_a_receipt_takes_no_body_and_needs_a_quantity() -> None:
    account = Account()
    one, target = ready(account)
    assert "ReceiptQuantity" in account.refused("POST", f"{one}/Receipt")
    account.put(target, {"ReceiptQuantity": 10})
    assert "body" in account.refused("POST", f"{one}/Receipt", {"ReceiptQuantity": 10})
    assert account.on_hand("TEE-RED-M") == 40.0


def test_more_than_was_ordered_is_refused_until_the_line_is_raised() -> None:
    account = Account()
    one, target = ready(account, ReceiptQuantity=11)
    assert "more than its order quantity" in account.refused("POST", f"{one}/Receipt")
    assert account.on_hand("TEE-RED-M") == 40.0
    raised = account.put(target, {"OrderQuantity": 11, "LineTotal": 82.5, "LineTax": 16.5})
    assert (raised["SubTotal"], raised["Total"]) == (82.5, 99.0)
    account.post(f"{one}/Receipt")
    assert account.on_hand("TEE-RED-M") == 51.0


def test_a_receipt_in_part_closes_the_order_or_leaves_it_open() -> None:
    account = Account()
    one, _ = ready(account, ReceiptQuantity=4)
    assert account.post(f"{one}/Receipt")["OrderStatus"] == "Receipted"
    account.set(partial_receipt="stays")
    one, target = ready(account, ReceiptQuantity=4)
    assert account.post(f"{one}/Receipt")["OrderStatus"] == "Placed"
    assert "ReceiptQuantity" in account.refused("POST", f"{one}/Receipt")
    account.put(target, {"ReceiptQuantity": 7})
    assert "more than its order quantity" in account.refused("POST", f"{one}/Receipt")
    account.put(target, {"ReceiptQuantity": 6})
    assert account.post(f"{one}/Receipt")["OrderStatus"] == "Receipted"
    assert account.on_hand("TEE-RED-M") == 54.0


def test_only_a_placed_order_is_receipted() -> None:
    account = Account()
    made = account.post("/PurchaseOrders", purchase(OrderStatus="Parked"))
    one = f"/PurchaseOrders/{made['Guid']}"
    account.put(f"{one}/Lines/{made['PurchaseOrderLines'][0]['Guid']}", {"ReceiptQuantity": 1})
    assert "Placed" in account.refused("POST", f"{one}/Receipt")
    assert "Receipted" in account.refused("POST", f"{one}/Complete")


def test_pending_batches_make_the_quantity_and_become_real() -> None:
    account = Account()
    pending = [{"Number": "L2603", "Quantity": 9, "ExpiryDate": "2027-01-31"}]
    one, target = ready(account, "MUG-RED", ReceiptQuantity=10, PendingBatchNumbers=pending)
    assert "pending batches" in account.refused("POST", f"{one}/Receipt")
    account.put(target, {"PendingBatchNumbers": [{"Number": "L2603", "Quantity": 10}]})
    account.post(f"{one}/Receipt")
    plain = account.get(one)["PurchaseOrderLines"][0]
    assert (plain["BatchNumbers"], plain["PendingBatchNumbers"]) == (None, None)
    full = account.get(f"{one}?serialBatch=true")["PurchaseOrderLines"][0]
    assert [(b["Number"], b["Quantity"]) for b in full["BatchNumbers"]] == [("L2603", 10.0)]
    stock = account.desk.company.stock
    place = account.desk.product("MUG-RED"), account.desk.warehouse("MAIN")
    assert stock.batches(*place)["L2603"] == 10


def test_an_orders_update_is_lenient_and_ignores_batches() -> None:
    account = Account()
    made = account.post("/PurchaseOrders", purchase(Comments="as it was", SupplierRef="R1"))
    one = f"/PurchaseOrders/{made['Guid']}"
    changed = account.put(one, {"Supplier": {"SupplierCode": "MILL"}, "OrderStatus": "Parked"})
    assert (changed["Comments"], changed["SupplierRef"]) == ("as it was", "R1")
    assert len(changed["PurchaseOrderLines"]) == 1
    assert "Supplier" in account.refused("PUT", one, {"OrderStatus": "Placed"})
    assert "OrderStatus" in account.refused("PUT", one, {"Supplier": {"SupplierCode": "MILL"}})
    lines = [
        line(
            Guid=made["PurchaseOrderLines"][0]["Guid"],
            ReceiptQuantity=10,
            PendingBatchNumbers=[{"Number": "L1", "Quantity": 10}],
        )
    ]
    whole = {"Supplier": {"SupplierCode": "MILL"}, "OrderStatus": "Placed"}
    changed = account.put(one, whole | {"PurchaseOrderLines": lines})
    kept = changed["PurchaseOrderLines"][0]
    assert (kept["ReceiptQuantity"], kept["PendingBatchNumbers"]) == (10.0, None)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"Supplier": None}, "Supplier"),
        ({"Supplier": {"SupplierCode": "NOBODY"}}, "NOBODY"),
        ({"Total": 91}, "Total"),
        ({"OrderStatus": "Receipted"}, "OrderStatus"),
        ({"PurchaseOrderLines": [line(LineNumber=None)]}, "LineNumber"),
        ({"PurchaseOrderLines": [line(OrderQuantity=0)]}, "OrderQuantity"),
        ({"PurchaseOrderLines": [line(ReceiptQuantity=-1)]}, "ReceiptQuantity"),
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any], word: str) -> None:
    account = Account()
    assert word in account.refused("POST", f"/PurchaseOrders/{GUID}", purchase(**changes))
    assert account.items("/PurchaseOrders") == []


def test_lines_come_and_go() -> None:
    account = Account()
    one, target = ready(account)
    assert "cannot" in account.refused("DELETE", target)
    more = account.post(f"{one}/Lines", line("JEANS-32", LineNumber=2))
    assert (more["SubTotal"], len(more["PurchaseOrderLines"])) == (150.0, 2)
    account.delete(target)
    assert account.get(one)["Total"] == 90.0


def test_what_is_ordered_is_on_purchase_until_it_came() -> None:
    account = Account()

    def on_purchase() -> float:
        rows = account.items("/StockOnHand?warehouseCode=MAIN")
        return next(float(r["OnPurchase"]) for r in rows if r["ProductCode"] == "TEE-RED-M")

    one, _ = ready(account, ReceiptQuantity=10)
    assert on_purchase() == 10.0
    account.post(f"{one}/Receipt")
    assert on_purchase() == 0.0


def test_the_list_hides_deleted_ones_and_is_brief() -> None:
    account = Account()
    one, _ = ready(account)
    assert set(account.items("/PurchaseOrders")[0]["PurchaseOrderLines"][0]["Product"]) == {
        "Guid",
        "ProductCode",
        "ProductDescription",
    }
    full = account.items("/PurchaseOrders/1?brief=false")[0]["PurchaseOrderLines"][0]["Product"]
    assert "SupplierProductCode" in full
    account.delete(one)
    assert account.items("/PurchaseOrders") == []
    assert len(account.items("/PurchaseOrders?orderStatus=Deleted")) == 1
    assert account.items(f"{one}/Costs") == []


def test_a_user_places_and_changes_one() -> None:
    account = Account()
    made = account.admin("place-purchase", {"supplier": "MILL", "goods": {"CAP-BLACK": 5}})
    one = account.items(f"/PurchaseOrders?orderNumber={made['number']}&orderStatus=Parked")[0]
    assert (one["OrderStatus"], one["Total"]) == ("Placed", 24.0)
    account.admin("purchase-status", {"number": made["number"], "status": "Unapproved"})
    assert account.items("/PurchaseOrders?orderStatus=Unapproved")
    account.admin("purchase-status", {"number": made["number"], "status": "Deleted"})
    assert account.items("/PurchaseOrders") == []
