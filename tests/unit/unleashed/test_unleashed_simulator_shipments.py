"""The simulator of Unleashed: shipments in both modes, batches, and what a dispatch does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.unleashed_caller import Account


def placed(account: Account, goods: dict[str, Any], **more: Any) -> str:
    made = account.admin("place-order", {"customer": "WEBSHOP", "goods": goods, **more})
    return str(made["number"])


def shipment(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "OrderNumber": number,
        "ShipmentStatus": "Placed",
        "SalesShipmentLines": [line()],
    } | changes


def line(code: str = "TEE-RED-M", many: float = 2, **changes: Any) -> dict[str, Any]:
    return {
        "LineNumber": 1,
        "SalesOrderLineNumber": 1,
        "Product": {"ProductCode": code},
        "ShipmentQty": many,
    } | changes


def test_a_shipment_takes_the_orders_address_and_leaves_its_stock() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2}, fields={"DeliveryName": "J Example"})
    made = account.post("/SalesShipments", shipment(number))
    assert (made["DeliveryName"], made["ShipmentStatus"]) == ("J Example", "Placed")
    assert made["Customer"]["CustomerCode"] == "WEBSHOP"
    assert account.on_hand("TEE-RED-M") == 40.0


def test_dispatching_is_an_update_and_takes_the_goods_once() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2})
    guid = account.post("/SalesShipments", shipment(number))["Guid"]
    whole = shipment(
        number,
        ShipmentStatus="Dispatched",
        DispatchDate="2026-03-03",
        ShippingCompany={"Name": "Royal Mail"},
        TrackingNumber="AB123456789GB",
        NumberOfPackages=1,
        ShipmentWeight="0.84",
    )
    sent = account.put(f"/SalesShipments/{guid}", whole)
    assert sent["ShippingCompany"]["Name"] == "Royal Mail"
    assert set(sent["ShippingCompany"]) == {"Guid", "Name"}
    assert account.on_hand("TEE-RED-M") == 38.0
    again = account.put(f"/SalesShipments/{guid}", whole | {"Comments": "left at the door"})
    assert again["Comments"] == "left at the door"
    assert account.on_hand("TEE-RED-M") == 38.0
    (row,) = account.happened("shipment_dispatched")
    assert (row["tracking"], row["lines"]) == ("AB123456789GB", {"TEE-RED-M": "2"})


def test_after_a_dispatch_only_comments_and_tracking_change() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2})
    whole = shipment(number, ShipmentStatus="Dispatched", TrackingNumber="A")
    guid = account.post("/SalesShipments", whole)["Guid"]
    for changes in (
        {"ShipmentStatus": "Placed"},
        {"NumberOfPackages": 2},
        {"SalesShipmentLines": [line(many=1)]},
    ):
        assert "only" in account.refused("PUT", f"/SalesShipments/{guid}", whole | changes)
    tracked = account.put(f"/SalesShipments/{guid}", whole | {"TrackingNumber": "B"})
    assert tracked["TrackingNumber"] == "B"
    account.set(dispatched_edit="ignore")
    kept = account.put(f"/SalesShipments/{guid}", whole | {"NumberOfPackages": 2})
    assert kept["NumberOfPackages"] is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ShipmentStatus": None}, "ShipmentStatus"),
        ({"ShipmentStatus": "Shipped"}, "ShipmentStatus"),
        ({"OrderNumber": "SO-99999999"}, "SO-99999999"),
        ({"OrderNumber": None}, "OrderNumber"),
        ({"ShippingCompany": {"Name": "Nobody"}}, "Nobody"),
        ({"ShipmentWeight": 0.84}, "ShipmentWeight"),
        ({"TrackingNumber": "x" * 101}, "TrackingNumber"),
        ({"SalesShipmentLines": [line(many=3)]}, "more than was ordered"),
        ({"SalesShipmentLines": [line(), line()]}, "more than was ordered"),
        ({"SalesShipmentLines": [line("JEANS-32")]}, "SalesOrderLineNumber"),
        ({"SalesShipmentLines": [line(SalesOrderLineNumber=2)]}, "SalesOrderLineNumber"),
        ({"SalesShipmentLines": [line(many=0)]}, "ShipmentQty"),
        ({"SalesShipmentLines": []}, "SalesShipmentLines"),
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any], word: str) -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2})
    assert word in account.refused("POST", "/SalesShipments", shipment(number, **changes))
    assert account.items("/SalesShipments") == []


def test_an_update_names_the_orders_line() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2})
    plain = shipment(number, SalesShipmentLines=[line(SalesOrderLineNumber=None)])
    made = account.post("/SalesShipments", plain)
    assert made["SalesShipmentLines"][0]["SalesOrderLineNumber"] == 1
    text = account.refused("PUT", f"/SalesShipments/{made['Guid']}", plain)
    assert "SalesOrderLineNumber" in text


def test_what_an_update_leaves_out_is_blank() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2}, fields={"DeliveryName": "J Example"})
    guid = account.post("/SalesShipments", shipment(number, TrackingNumber="A"))["Guid"]
    changed = account.put(f"/SalesShipments/{guid}", shipment(number))
    assert (changed["TrackingNumber"], changed["DeliveryName"]) == (None, None)


def test_with_management_an_order_has_many_shipments_but_not_too_many() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 3})
    account.post("/SalesShipments", shipment(number))
    one = shipment(number, SalesShipmentLines=[line(many=1)])
    account.post("/SalesShipments", one)
    assert "more than was ordered" in account.refused("POST", "/SalesShipments", one)
    found = account.items(f"/SalesShipments?orderNumber={number}")
    assert sorted(row["SalesShipmentLines"][0]["ShipmentQty"] for row in found) == [1.0, 2.0]


def test_without_management_an_order_has_one_shipment() -> None:
    account = Account()
    number = placed(account, {"TEE-RED-M": 3})
    one = shipment(number, SalesShipmentLines=[line(many=1)])
    account.post("/SalesShipments", one)
    assert "one shipment" in account.refused("POST", "/SalesShipments", one)


def test_an_order_that_is_not_completed_has_lost_no_goods() -> None:
    account = Account()
    number = placed(account, {"TEE-RED-M": 3})
    account.post("/SalesShipments", shipment(number, SalesShipmentLines=[line(many=1)]))
    guid = account.items(f"/SalesOrders?orderNumber={number}")[0]["Guid"]
    assert "Not everything" in account.refused("POST", f"/SalesOrders/{guid}/Complete")
    assert account.on_hand("TEE-RED-M") == 40.0
    assert not account.happened("shipment_dispatched")


def test_without_management_the_shipment_may_be_there_with_the_order() -> None:
    account = Account(auto_shipment="placed")
    number = placed(account, {"TEE-RED-M": 2})
    (made,) = account.items(f"/SalesShipments?orderNumber={number}")
    assert made["ShipmentStatus"] == "Placed"
    account.put(f"/SalesShipments/{made['Guid']}", shipment(number, TrackingNumber="A"))
    guid = account.items(f"/SalesOrders?orderNumber={number}")[0]["Guid"]
    account.post(f"/SalesOrders/{guid}/Complete")
    (sent,) = account.items("/SalesShipments?shipmentStatus=Dispatched")
    assert (sent["TrackingNumber"], sent["Guid"]) == ("A", made["Guid"])
    assert account.on_hand("TEE-RED-M") == 38.0


@pytest.mark.parametrize(
    ("setting", "management", "completed"),
    [
        ("never", False, False),
        ("without_management", False, True),
        ("without_management", True, False),
        ("always", True, True),
    ],
)
def test_a_dispatch_may_complete_the_order(setting: str, management: bool, completed: bool) -> None:
    account = Account(management=management, dispatch_completes=setting)
    number = placed(account, {"TEE-RED-M": 2})
    account.post("/SalesShipments", shipment(number, ShipmentStatus="Dispatched"))
    found = account.items(f"/SalesOrders?orderNumber={number}")[0]
    assert (found["OrderStatus"] == "Completed") is completed
    assert len(account.items("/Invoices")) == completed


# -- batches ------------------------------------------------------------------------------------


def mugs(number: str, batches: list[dict[str, Any]] | None, many: float = 3) -> dict[str, Any]:
    one = line("MUG-RED", many, BatchNumbers=batches)
    return shipment(number, ShipmentStatus="Dispatched", SalesShipmentLines=[one])


def test_batches_are_dropped_without_the_parameter() -> None:
    account = Account(management=True)
    number = placed(account, {"MUG-RED": 3})
    given = [{"Number": "L2501", "Quantity": 3}]
    made = account.post("/SalesShipments", mugs(number, given))
    assert made["SalesShipmentLines"][0]["BatchNumbers"] is None
    (moved,) = [row for row in account.books()["movements"] if row["what"] != "opening"]
    assert (moved["quantity"], moved["batches"]) == ("-3", {})


def test_batches_are_kept_with_it_and_shown_only_when_asked_for() -> None:
    account = Account(management=True)
    number = placed(account, {"MUG-RED": 3})
    given = [{"Number": "L2501", "Quantity": 2}, {"Number": "L2408", "Quantity": 1}]
    account.post("/SalesShipments?serialBatch=true", mugs(number, given))
    (plain,) = account.items("/SalesShipments")
    assert plain["SalesShipmentLines"][0]["BatchNumbers"] is None
    (full,) = account.items("/SalesShipments?serialBatch=true")
    shown = full["SalesShipmentLines"][0]["BatchNumbers"]
    assert [(row["Number"], row["Quantity"]) for row in shown] == [("L2501", 2.0), ("L2408", 1.0)]


@pytest.mark.parametrize(
    "given",
    [
        [{"Number": "L2501", "Quantity": 2}],
        [{"Number": "L2501", "Quantity": 4}],
        [{"Number": "NOBODY'S", "Quantity": 3}],
        [{"Number": "L2501", "Quantity": 5}, {"Number": "L2408", "Quantity": -2}],
    ],
)
def test_batches_that_do_not_make_the_quantity_are_refused(given: list[dict[str, Any]]) -> None:
    account = Account(management=True)
    number = placed(account, {"MUG-RED": 3})
    text = account.refused("POST", "/SalesShipments?serialBatch=true", mugs(number, given))
    assert text.startswith("The batch number quantity and the shipment quantity")
    assert account.on_hand("MUG-RED") == 10.0
    assert account.items("/SalesShipments") == []


def test_with_the_parameter_and_no_batches_the_oldest_are_taken() -> None:
    account = Account(management=True)
    number = placed(account, {"MUG-RED": 8})
    made = account.post("/SalesShipments?serialBatch=true", mugs(number, None, 8))
    shown = made["SalesShipmentLines"][0]["BatchNumbers"]
    assert [(row["Number"], row["Quantity"]) for row in shown] == [("L2408", 6.0), ("L2501", 2.0)]


def test_serials_make_the_quantity_too() -> None:
    account = Account(management=True, short_dispatch="allow")
    number = placed(account, {"WATCH-01": 2})
    one = line("WATCH-01", 2, SerialNumbers=[{"Identifier": "W1"}])
    body = shipment(number, ShipmentStatus="Dispatched", SalesShipmentLines=[one])
    assert "serial" in account.refused("POST", "/SalesShipments?serialBatch=true", body)


# -- removal ------------------------------------------------------------------------------------


def test_a_shipment_is_deleted_before_its_goods_have_gone_only() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2})
    guid = account.post("/SalesShipments", shipment(number))["Guid"]
    account.delete(f"/SalesShipments/{guid}")
    assert account.items("/SalesShipments") == []
    assert len(account.items("/SalesShipments?shipmentStatus=Deleted")) == 1
    sent = account.post("/SalesShipments", shipment(number, ShipmentStatus="Dispatched"))
    assert "Dispatched" in account.refused("DELETE", f"/SalesShipments/{sent['Guid']}")
    order = account.items(f"/SalesOrders?orderNumber={number}")[0]["Guid"]
    assert "dispatched" in account.refused("DELETE", f"/SalesOrders/{order}")


def test_a_line_of_a_shipment_is_removed() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2, "JEANS-32": 1})
    both = [line(), line("JEANS-32", 1, SalesOrderLineNumber=2)]
    made = account.post("/SalesShipments", shipment(number, SalesShipmentLines=both))
    first, second = (row["Guid"] for row in made["SalesShipmentLines"])
    account.delete(f"/SalesShipments/Lines/{first}")
    left = account.get(f"/SalesShipments/{made['Guid']}")["SalesShipmentLines"]
    assert [row["Guid"] for row in left] == [second]
    assert "cannot" in account.refused("DELETE", f"/SalesShipments/Lines/{second}")


def test_the_carrier_may_be_a_text() -> None:
    account = Account(management=True, shipping_company="text")
    number = placed(account, {"TEE-RED-M": 2})
    made = account.post("/SalesShipments", shipment(number, ShippingCompany={"Name": "DPD"}))
    assert made["ShippingCompany"] == "DPD"
    account.put(f"/SalesShipments/{made['Guid']}", shipment(number, ShippingCompany="DPD"))


def test_nothing_is_shipped_of_a_parked_order() -> None:
    account = Account(management=True)
    number = placed(account, {"TEE-RED-M": 2}, status="Parked")
    assert "Parked" in account.refused("POST", "/SalesShipments", shipment(number))


# -- what builds itself -------------------------------------------------------------------------


def bundled(account: Account) -> None:
    """The cap, of which none is on hand, is made by itself from two red tees."""
    desk = account.desk
    parts = {desk.product("TEE-RED-M"): Decimal(2)}
    desk.bills.create(desk.product("CAP-BLACK"), parts, auto=True)


def test_what_is_missing_builds_itself_when_it_is_dispatched() -> None:
    account = Account(management=True)
    bundled(account)
    number = placed(account, {"CAP-BLACK": 3})
    account.admin("ship", {"number": number, "status": "Dispatched"})
    assert (account.on_hand("TEE-RED-M"), account.on_hand("CAP-BLACK")) == (34.0, 0.0)
    (made,) = account.items("/Assemblies?assemblyStatus=Completed")
    assert (made["AutoAssembly"], made["Quantity"], made["SalesOrderNumber"]) == (True, 3.0, number)
    (row,) = account.happened("auto_assembled")
    assert (row["product"], row["quantity"]) == ("CAP-BLACK", "3")


@pytest.mark.parametrize(
    ("goods", "short"),
    [
        ({"TEE-RED-M": 35, "CAP-BLACK": 3}, "CAP-BLACK"),
        ({"CAP-BLACK": 3, "TEE-RED-M": 35}, "TEE-RED-M"),
    ],
)
def test_what_cannot_be_built_is_not_dispatched(goods: dict[str, int], short: str) -> None:
    account = Account(management=True)
    bundled(account)
    both = placed(account, goods)
    answer = account.admin("ship", {"number": both, "status": "Dispatched"}, status=400)
    assert short in answer["error"]
    assert account.on_hand("TEE-RED-M") == 40.0
    assert account.happened("auto_assembled") == []


def test_one_batch_is_not_given_to_two_lines() -> None:
    account = Account(management=True)
    number = placed(account, {"MUG-RED": 8})
    batch = [{"Number": "L2408", "Quantity": 4}]
    lines = [line("MUG-RED", 4, BatchNumbers=batch) for _ in range(2)]
    body = shipment(number, ShipmentStatus="Dispatched", SalesShipmentLines=lines)
    assert "L2408" in account.refused("POST", "/SalesShipments?serialBatch=true", body)
