"""What Unleashed has allocated to orders and the warehouse does not hold, where shipments are
imported: with it the two sides' free stock is the same."""

from __future__ import annotations

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.shipments.untold import shipments_untold
from tests.support.shipment_worlds import ShipmentBench

TEE = "TEE-RED-M"


def counting() -> ShipmentBench:
    bench = ShipmentBench(orders={"edits": {"deletions": "cancel"}})
    bench.set("stock", mode="shadow", count="on_hand")
    return bench


def ordered(bench: ShipmentBench) -> dict[str, int]:
    told = shipments_untold(bench.erp_world("stock")).get(3, {})
    return {sku: flying.ordered for sku, flying in told.items()}


def free_here(bench: ShipmentBench) -> int:
    """Units in the warehouse that it has given to no order."""
    held = bench.mintsoft.orders.values()
    allocated = sum(i.allocated for o in held if o.despatched_at is None for i in o.items)
    return int(bench.orders.stock_levels(3)[TEE].total or 0) - allocated


def free_there(bench: ShipmentBench) -> int:
    """The same in Unleashed, less what is on its way to the warehouse."""
    rows = bench.account.items("/StockOnHand?warehouseCode=MAIN&pageSize=1000")
    return next(int(row["AvailableQty"]) for row in rows if row["ProductCode"] == TEE)


def test_where_all_units_are_compared_nothing_is_asked() -> None:
    bench = ShipmentBench()
    bench.ship(bench.order({TEE: 5}))

    assert shipments_untold(bench.erp_world("stock")) == {}
    assert bench.to_unleashed.requests == []


def test_what_was_not_imported_is_on_its_way_and_what_was_is_not() -> None:
    bench = counting()
    order = bench.order({TEE: 10})
    bench.order({TEE: 2}, SourceId="returns-hub:1")
    assert ordered(bench) == {TEE: 10}

    first = bench.ship(order, {TEE: 4})
    bench.ship(order, {TEE: 1}, status="Parked")
    bench.run("shipments")
    assert ordered(bench) == {TEE: 6}

    bench.despatch(bench.order_there(first).id)
    assert ordered(bench) == {TEE: 6}
    bench.sales.set_shipment_status(first["number"], "Dispatched")
    bench.run("shipments")
    assert ordered(bench) == {TEE: 6}

    second = bench.ship(order, {TEE: 5})
    bench.run("shipments")
    assert ordered(bench) == {TEE: 1}
    bench.sales.set_shipment_status(second["number"], "Deleted")
    bench.run("shipments")
    assert ordered(bench) == {TEE: 6}


def test_free_stock_is_the_same_on_both_sides() -> None:
    bench = counting()
    order = bench.order({TEE: 10})
    first = bench.ship(order, {TEE: 4})
    bench.run("shipments")
    bench.split_off(first, {TEE: 1})
    bench.run("shipments")
    bench.run("shipments")

    assert free_here(bench) - ordered(bench)[TEE] == free_there(bench)


def test_a_deleted_order_whose_goods_the_warehouse_holds_counts_the_other_way() -> None:
    bench = counting()
    order = bench.order({TEE: 10})
    made = bench.ship(order)
    bench.run("shipments")
    bench.move(bench.order_there(made).id, OrderStage.ON_HOLD)
    bench.sales.delete_order(order["number"])
    bench.run("shipments")

    assert bench.parked() == ["unleashed.deleted_after_import"]
    assert ordered(bench) == {TEE: -10}


def test_what_the_warehouse_cancelled_is_counted_while_a_person_is_asked() -> None:
    bench = counting()
    bench.set("despatches", mode="live")
    made = bench.ship(bench.order({TEE: 10}))
    bench.run("shipments")
    assert ordered(bench) == {}
    bench.move(bench.order_there(made).id, OrderStage.CANCELLED)
    bench.run("despatches")

    assert bench.parked() == ["unleashed.cancelled_in_mintsoft"]
    assert ordered(bench) == {TEE: 10}


def test_while_nobody_knows_what_the_warehouse_has_nothing_is_told() -> None:
    bench = counting()
    bench.ship(bench.order({TEE: 10}))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="/api/Order$", method="PUT"))
    bench.run("shipments", minutes=16)

    with pytest.raises(Retryable):
        ordered(bench)
