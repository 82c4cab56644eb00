"""Shipments that are edited, deleted or parked after their import."""

from __future__ import annotations

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.shipment_worlds import ShipmentBench


def test_more_units_and_another_address_reach_the_order_and_nothing_after_it_began() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5, "JEANS-32": 2})
    made = bench.ship(order, {"TEE-RED-M": 2})
    bench.run("shipments")

    bench.edit(made, {"TEE-RED-M": 4, "JEANS-32": 1}, DeliveryCity="York")
    assert bench.run("shipments") == {"updated": 1}
    assert bench.there(made) == {"TEE-RED-M": 4, "JEANS-32": 1}
    assert bench.order_there(made).header["Town"] == "York"

    bench.move(bench.order_there(made).id, OrderStage.IN_WORK)
    bench.edit(made, {"TEE-RED-M": 5, "JEANS-32": 1})
    assert bench.run("shipments") == {"parked": 1}
    assert bench.there(made) == {"TEE-RED-M": 4, "JEANS-32": 1}
    assert "PICKED" in bench.reasons()[0]


def test_a_bump_without_a_change_is_known() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.edit(made, {"TEE-RED-M": 5}, TrackingNumber="AB1")
    asked = len(bench.to_mintsoft.requests)

    assert bench.run("shipments") == {}
    assert len(bench.to_mintsoft.requests) == asked


def test_a_shipment_is_followed_while_it_is_picked_and_left_when_it_is_dispatched() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}), {"TEE-RED-M": 2})
    bench.run("shipments")

    bench.sales.set_shipment_status(made["number"], "Picking")
    assert bench.run("shipments") == {"in_step": 1}
    bench.despatch(bench.order_there(made).id)
    bench.sales.set_shipment_status(made["number"], "Dispatched")
    assert bench.run("shipments") == {"dispatched": 1}
    assert bench.parked() == []


def test_what_was_changed_and_dispatched_by_hand_before_the_warehouse_began_still_reaches_it() -> (
    None
):
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.edit(made, {"TEE-RED-M": 3})
    bench.sales.set_shipment_status(made["number"], "Dispatched")
    bench.run("shipments")

    assert bench.there(made) == {"TEE-RED-M": 3}
    assert bench.parked() == []


def test_a_cancellation_whose_answer_is_lost_is_found() -> None:
    bench = ShipmentBench(orders={"edits": {"deletions": "cancel"}})
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.sales.set_shipment_status(made["number"], "Deleted")
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="Cancel"))
    for _ in range(3):
        bench.run("shipments")

    assert bench.stage(made) == "CANCELLED"
    assert len(bench.journal("cancel-order")) == 1
    assert bench.parked() == []


def test_a_shipment_that_is_parked_again_is_a_persons_question() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.sales.set_shipment_status(made["number"], "Parked")

    assert bench.run("shipments") == {"parked": 1}
    assert bench.parked() == ["unleashed.shipment_withdrawn"]


def test_a_shipment_whose_order_the_warehouse_cancelled_is_not_lost() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.move(bench.order_there(made).id, OrderStage.CANCELLED)
    bench.sales.set_shipment_status(made["number"], "Picking")

    bench.run("shipments")
    assert bench.parked() == ["unleashed.order_cancelled"]


def test_a_deleted_shipment_is_cancelled_while_new_where_the_file_says_so() -> None:
    bench = ShipmentBench(orders={"edits": {"deletions": "cancel"}})
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    bench.sales.set_shipment_status(made["number"], "Deleted")

    assert bench.run("shipments") == {"cancelled": 1}
    assert bench.stage(made) == "CANCELLED"
    assert bench.run("shipments") == {}


@pytest.mark.parametrize("begun", [False, True])
def test_a_deleted_shipment_is_else_a_persons_question(begun: bool) -> None:
    deletions = "cancel" if begun else "ask"
    bench = ShipmentBench(orders={"edits": {"deletions": deletions}})
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    if begun:
        bench.move(bench.order_there(made).id, OrderStage.IN_WORK)
    bench.sales.set_shipment_status(made["number"], "Deleted")

    assert bench.run("shipments") == {"parked": 1}
    assert bench.parked() == ["unleashed.deleted_after_import"]
    assert bench.stage(made) != "CANCELLED"


def test_a_shipment_that_was_deleted_before_it_came_is_left() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.sales.set_shipment_status(made["number"], "Deleted")

    assert bench.run("shipments") == {"skipped": 1}
    assert not bench.mintsoft.orders


def test_a_shipment_that_moved_to_another_warehouse_is_a_persons_question() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.run("shipments")
    record = bench.desk_there.company.all("SalesShipments")[made["guid"]]
    record["Warehouse"] = bench.desk_there.warehouse("3PL")
    bench.touch(made)

    bench.run("shipments")
    assert bench.parked() == ["unleashed.warehouse_changed"]
