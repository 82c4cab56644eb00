"""Shipments of Unleashed become orders of the warehouse, on both simulators."""

from __future__ import annotations

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.operations import marker_of
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.shipment_worlds import ADDRESS, ShipmentBench

CONTACT = {"FirstName": "Robin", "LastName": "Sample", "MobilePhone": "+44 99"}


def test_a_placed_shipment_becomes_one_order_with_all_of_its_order_that_it_has_not_itself() -> None:
    bench = ShipmentBench(orders={"number_prefix": "UNL-", "couriers": {"Express": "DPD Next Day"}})
    order = bench.order({"TEE-RED-M": 3, "JEANS-32": 1}, SourceId="shop-77", CustomerRef="WEB-1")
    made = bench.ship(order, {"TEE-RED-M": 2})

    assert bench.run("shipments") == {"imported": 1}
    assert bench.run("shipments") == {}

    (there,) = bench.mintsoft.orders.values()
    assert there.number == f"UNL-{made['number']}"
    assert there.external_reference == f"unleashed:shipment:{made['guid']}"
    assert bench.there(made) == {"TEE-RED-M": 2}
    assert there.header["Country"] == "GB"
    assert there.header["Currency"] == "GBP"
    assert there.header["LastName"] == "Example"
    assert there.items[0].price == 19.9
    assert there.warehouse_id == 3
    pairs = {pair["Name"]: pair["Value"] for pair in there.name_values}
    assert pairs == {
        "Unleashed shipment": made["number"],
        "Unleashed order": order["number"],
        "Unleashed Guid": made["guid"],
        "Customer reference": "WEB-1",
    }
    assert bench.standing(made).partner_id("order") == str(there.id)
    assert bench.records.made_by("example", "unleashed.shipments", str(there.id)) == made["guid"]
    assert ADDRESS["DeliveryStreetAddress"] not in repr(bench.records.events)
    assert "Example" not in repr(bench.records.events)


def test_the_address_is_the_shipments_the_orders_or_the_customers() -> None:
    bench = ShipmentBench()
    of_customer = bench.ship(bench.sales.place_order("BOUTIQUE", {"TEE-RED-M": 1}))
    of_order = bench.ship(bench.order({"TEE-RED-M": 1}, DeliveryContact=CONTACT))
    record = bench.desk_there.company.all("SalesShipments")[of_order["guid"]]
    record |= dict.fromkeys(ADDRESS)
    bench.run("shipments")

    shop, office = bench.order_there(of_customer).header, bench.order_there(of_order).header
    assert (shop["Address1"], shop["PostCode"]) == ("3 High Street", "LS1 1AA")
    assert (office["Address1"], office["Town"]) == ("1 Test Street", "Leeds")
    assert (office["FirstName"], office["CompanyName"]) == ("Robin", "J Example")
    assert bench.run("shipments") == {}


def test_an_order_is_found_by_its_number_where_the_shipment_has_no_guid_of_it() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 1}))
    show = bench.desk_there.shipments.show
    bench.desk_there.shipments.show = (  # type: ignore[method-assign]
        lambda record, view: show(record, view) | {"OrderGuid": None}
    )

    assert bench.run("shipments") == {"imported": 1}
    assert bench.order_there(made).items[0].price == 19.9


def test_a_shipment_whose_order_is_not_there_waits_a_while_and_then_asks() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 1})
    bench.ship(order)
    del bench.desk_there.company.all("SalesOrders")[order["guid"]]

    assert bench.run("shipments") == {"later": 1}
    bench.run("shipments", hours=1)
    assert bench.parked() == ["unleashed.no_order"]
    assert not bench.mintsoft.orders


def test_without_order_management_the_orders_one_shipment_is_the_order() -> None:
    bench = ShipmentBench(management=False)
    bench.account.set(auto_shipment="placed")
    bench.order({"TEE-RED-M": 3})

    assert bench.run("shipments") == {"imported": 1}

    assert [sum(i.quantity for i in o.items) for o in bench.mintsoft.orders.values()] == [3]


def test_each_shipment_of_an_order_becomes_its_own() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    first = bench.ship(order, {"TEE-RED-M": 2})
    bench.run("shipments")
    second = bench.ship(order, {"TEE-RED-M": 3})
    bench.run("shipments")

    assert bench.there(first) == {"TEE-RED-M": 2}
    assert bench.there(second) == {"TEE-RED-M": 3}


@pytest.mark.parametrize("status", ["Parked", "Picking", "Packed"])
def test_only_wanted_statuses_are_imported(status: str) -> None:
    bench = ShipmentBench()
    bench.ship(bench.order({"TEE-RED-M": 5}), {"TEE-RED-M": 2}, status=status)

    assert bench.run("shipments") == {"skipped": 1}
    assert not bench.mintsoft.orders

    bench.set("shipments", statuses=[status.lower()])
    made = bench.ship(bench.order({"TEE-RED-M": 1}), status=status)
    assert bench.run("shipments")["imported"] == 1
    assert bench.there(made) == {"TEE-RED-M": 1}


def test_a_parked_shipment_that_is_placed_later_is_imported() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}), status="Parked")
    bench.run("shipments")
    bench.sales.set_shipment_status(made["number"], "Placed")

    assert bench.run("shipments") == {"imported": 1}


def test_what_was_made_before_live_from_is_the_other_connectors() -> None:
    bench = ShipmentBench()
    bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.file["live_from"] = "2026-12-31T00:00:00Z"
    bench.version += 1

    assert bench.run("shipments") == {"skipped": 1}
    assert not bench.mintsoft.orders


def test_a_shipment_of_an_order_that_was_imported_as_an_order_is_left() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    there = bench.by_another_connector(order, {"TEE-RED-M": 5})
    bench.was_imported("unleashed.orders", order["guid"], there.id)
    made = bench.ship(order)

    assert bench.run("shipments") == {"skipped": 1}
    assert bench.there(made) == {}


def test_a_shipment_of_an_order_whose_import_was_cancelled_is_imported() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    there = bench.by_another_connector(order, {"TEE-RED-M": 5})
    bench.was_imported("unleashed.orders", order["guid"], there.id)
    bench.move(there.id, OrderStage.CANCELLED)
    made = bench.ship(order)

    assert bench.run("shipments") == {"imported": 1}
    assert bench.there(made) == {"TEE-RED-M": 5}


def test_a_shipment_of_an_order_that_the_hub_made_itself_is_left() -> None:
    bench = ShipmentBench()
    bench.ship(bench.order({"TEE-RED-M": 5}, SourceId="returns-hub:12"))

    assert bench.run("shipments") == {"skipped": 1}


def test_a_shipment_that_the_hub_made_of_what_was_sent_is_left() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    record = bench.desk_there.company.all("SalesShipments")[made["guid"]]
    record["Comments"] = f"sent by the warehouse {marker_of('x')}"

    assert bench.run("shipments") == {"skipped": 1}


def test_an_order_of_somebody_elses_with_the_number_is_not_taken_for_ours() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.by_another_connector(made, {"TEE-RED-M": 5})

    assert bench.run("shipments") == {"parked": 1}
    assert bench.parked() == ["unleashed.number_taken"]


def test_a_courier_can_be_named_by_its_id() -> None:
    bench = ShipmentBench(orders={"courier_default": "7"})
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")

    assert bench.order_there(made).courier_id == 7


def test_a_shadow_needs_no_day_of_the_switch() -> None:
    bench = ShipmentBench(mode="shadow")
    del bench.file["live_from"]
    bench.file["flows"] = {}
    bench.version += 1
    bench.ship(bench.order({"TEE-RED-M": 5}))

    assert bench.run("shipments") == {"shadow": 1}


def test_a_warehouse_that_is_not_mapped_waits_and_comes_by_itself() -> None:
    bench = ShipmentBench(warehouses={"MAIN": 3})
    made = bench.ship(bench.order({"TEE-RED-M": 1}, warehouse="3PL"))

    assert bench.run("shipments") == {"later": 1}
    bench.file["unleashed"]["warehouses"]["3PL"] = 4
    bench.version += 1

    assert bench.run("shipments") == {"imported": 1}
    assert bench.there(made) == {"TEE-RED-M": 1}
    assert bench.parked() == []


def test_half_a_unit_is_a_persons_question() -> None:
    bench = ShipmentBench()
    bench.ship(bench.order({"TEE-RED-M": "2.5"}))

    assert bench.run("shipments") == {"parked": 1}
    assert "2.5 of TEE-RED-M" in bench.reasons()[0]
    assert not bench.mintsoft.orders


def test_batches_go_along_where_the_file_wants_them() -> None:
    bench = ShipmentBench(batches_and_serials=True)
    bench.know("MUG-RED", 950)
    bench.ship(bench.order({"MUG-RED": 7}))
    shipment = next(iter(bench.desk_there.company.all("SalesShipments").values()))
    shipment["SalesShipmentLines"][0]["BatchNumbers"] = [
        {"Number": "L2408", "Quantity": 6, "ExpiryDate": None},
        {"Number": "L2501", "Quantity": 1, "ExpiryDate": None},
    ]

    bench.run("shipments")

    (there,) = bench.mintsoft.orders.values()
    assert there.items[0].details == "batch L2408: 6; batch L2501: 1"


def test_in_shadow_nothing_is_written_and_live_does_it_all() -> None:
    bench = ShipmentBench(mode="shadow")
    order = bench.order({"TEE-RED-M": 5})
    first = bench.ship(order)

    assert bench.run("shipments") == {"shadow": 1}
    assert not bench.mintsoft.orders
    second = bench.split_off(first, {"TEE-RED-M": 2})
    assert bench.run("shipments") == {"shadow": 2}
    assert not bench.mintsoft.orders

    bench.set("shipments", mode="live")
    assert bench.run("shipments") == {"imported": 2}
    assert bench.there(first) == {"TEE-RED-M": 3}
    assert bench.there(second) == {"TEE-RED-M": 2}


def test_the_plan_tells_and_does_nothing() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    (plan,) = bench.plan("shipments")

    (change,) = plan.changes
    assert (change.key, change.does, [s.name for s in change.steps]) == (
        made["guid"],
        "create",
        ["order"],
    )
    assert not bench.mintsoft.orders


def test_an_import_costs_one_call_and_what_is_known_costs_none() -> None:
    bench = ShipmentBench()
    for _ in range(6):
        bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.run("shipments")
    paths = [asked.path for asked in bench.to_unleashed.requests]
    lists = [path for path in paths if path == "/SalesShipments/1"]

    assert len([path for path in paths if path.startswith("/SalesOrders/")]) == 6
    assert len(paths) == 6 + len(lists) + 1
    assert "/Warehouses/1" in paths

    before = len(paths)
    bench.run("shipments")
    assert len(bench.to_unleashed.requests) == before + len(lists)


# -- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.CUT_OFF_AFTER,
        FaultKind.ERROR_500_BEFORE,
        FaultKind.RESET_BEFORE,
        FaultKind.HTTP_429,
    ],
)
def test_an_order_whose_answer_is_lost_is_made_once(kind: FaultKind) -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.mintsoft.faults.add(Fault(kind, path="/api/Order$", method="PUT"))

    assert bench.run("shipments") == {"later": 1}
    bench.run("shipments")

    assert bench.there(made) == {"TEE-RED-M": 5}
    assert len(bench.mintsoft.orders) == 1
    assert len(bench.journal("create-order")) == 1
    assert not bench.standing(made).in_work


def test_an_edit_whose_answer_is_lost_is_carried_over_once() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}), {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.edit(made, {"TEE-RED-M": 4})
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="Items", method="POST"))

    assert bench.run("shipments") == {"later": 1}
    bench.edit(made, {"TEE-RED-M": 3})
    bench.set("orders", mode="off", edits={"decreases": True})
    bench.run("shipments")
    bench.run("shipments")

    assert bench.there(made) == {"TEE-RED-M": 3}
    assert bench.parked() == []


def test_a_list_that_breaks_off_and_ticks_that_overlap_make_nothing_twice() -> None:
    bench = ShipmentBench(page_size=2)
    made = [bench.ship(bench.order({"TEE-RED-M": 1})) for _ in range(5)]
    bench.unleashed.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="SalesShipments/2", times=9))
    bench.run("shipments")
    bench.account.set(drift="arrive")
    bench.unleashed.faults.clear()
    bench.run("shipments", minutes=6)
    bench.run("shipments", minutes=16)

    assert [bench.there(one) for one in made] == [{"TEE-RED-M": 1}] * 5
    assert len(bench.journal("create-order")) == 5
    assert bench.parked() == []


def test_an_account_that_does_not_know_the_word_deleted_is_read_all_the_same() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.refuse_deleted()

    assert bench.run("shipments") == {"imported": 1}
    assert bench.there(made) == {"TEE-RED-M": 1}


def test_one_shipment_that_cannot_be_read_does_not_keep_the_others() -> None:
    bench = ShipmentBench()
    bad = bench.ship(bench.order({"TEE-RED-M": 1}))
    good = bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.desk_there.company.all("SalesShipments")[bad["guid"]]["ShipmentStatus"] = None

    assert bench.run("shipments") == {"imported": 1, "parked": 1}
    assert bench.there(good) == {"TEE-RED-M": 1}
    assert "ShipmentStatus is missing" in bench.reasons()[0]
