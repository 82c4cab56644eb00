"""Units that Unleashed has allocated to orders and the warehouse does not hold for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import FaultKind
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.orders.untold import ordered_untold
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.erp_orders import BLUE, CAP, TEE, OrdersBench


def on_hand(orders: dict[str, Any] | None = None, **block: Any) -> OrdersBench:
    """A merchant who compares what is not allocated."""
    return OrdersBench(orders, stock={"count": "on_hand"}, **block)


def ordered(bench: OrdersBench) -> dict[int, dict[str, int]]:
    """What the flow tells, by warehouse."""
    told = ordered_untold(bench.erp_world("orders"))
    return {
        place: {sku: one.ordered for sku, one in found.items()}
        for place, found in told.items()
        if found
    }


def agrees(bench: OrdersBench) -> bool:
    """Whether both sides' stock that is not allocated comes to the same with what is told."""
    told = ordered(bench).get(3, {})
    rows = bench.account.items("/StockOnHand?warehouseCode=MAIN&pageSize=1000")
    free = {row["ProductCode"]: Decimal(str(row["AvailableQty"])) for row in rows}
    levels = bench.orders.stock_levels(3)
    allocated: dict[str, int] = {}
    for order in bench.mintsoft.orders.values():
        if order.status_id not in {3, 4}:
            for item in order.items:
                allocated[item.sku] = allocated.get(item.sku, 0) + item.quantity
    return all(
        bench.mintsoft.stock[3, product].units - allocated.get(sku, 0) - told.get(sku, 0)
        == free[sku]
        for product, row in bench.mintsoft.tenant.products.items()
        if (sku := row["sku"]) in free and sku in levels and (3, product) in bench.mintsoft.stock
    )


def test_it_is_told_of() -> None:
    assert ordered_untold in UNTOLD


def test_orders_that_the_warehouse_does_not_have_yet_are_counted() -> None:
    bench = on_hand()
    bench.place({TEE: 2, BLUE: 1})
    bench.place({TEE: 3})
    bench.place({TEE: 5}, status="Parked")
    bench.place({TEE: 7}, fields={"SourceId": "returns-hub:order:9"})
    assert ordered(bench) == {3: {TEE: 5, BLUE: 1}}

    bench.run("orders")
    assert ordered(bench) == {}


def test_what_an_edit_left_out_is_counted_either_way() -> None:
    bench = on_hand()
    _, number = bench.place({TEE: 2, BLUE: 3})
    bench.run("orders")
    bench.hands.edit_order(number, {TEE: 6, BLUE: 1, CAP: 1})
    assert ordered(bench) == {3: {TEE: 4, BLUE: -2, CAP: 1}}
    bench.run("orders")

    assert ordered(bench) == {3: {BLUE: -2}}
    assert agrees(bench)


def test_an_order_that_a_person_is_asked_about_is_counted() -> None:
    bench = on_hand()
    _, number = bench.place({TEE: 2})
    bench.run("orders")
    bench.hands.delete_order(number)
    bench.run("orders")
    assert ordered(bench) == {3: {TEE: -2}}
    assert agrees(bench)

    bench.move(bench.got(number).id, OrderStage.CANCELLED)
    assert ordered(bench) == {}
    assert agrees(bench)


def test_what_the_warehouse_cancelled_is_counted_while_a_person_is_asked() -> None:
    """Unleashed has its units allocated, and the warehouse has them free."""
    bench = on_hand(despatches={"mode": "live"}, order_management="off")
    _, number = bench.place({TEE: 2, BLUE: 1})
    bench.run("orders")
    order = bench.got(number)
    bench.despatch(bench.split(order.id, {BLUE: 1}))
    bench.move(order.id, OrderStage.CANCELLED)
    bench.run("despatches")
    assert bench.parked() == ["unleashed.other_goods_sent"]
    assert ordered(bench) == {3: {TEE: 2}}

    bench.discard()
    assert ordered(bench) == {}


def test_each_warehouse_has_its_own_and_one_elsewhere_none() -> None:
    bench = on_hand(warehouses={"3PL": 4}, warehouses_elsewhere=["MAIN"])
    bench.place({TEE: 2})
    bench.place({TEE: 3}, warehouse="3PL")

    assert ordered(bench) == {4: {TEE: 3}}


def test_orders_of_the_connector_before_are_the_warehouses_already() -> None:
    bench = on_hand()
    bench.place({TEE: 2})
    bench.clock.advance(hours=1)
    bench.file["live_from"] = bench.clock.now().isoformat()
    bench.version += 1
    bench.place({BLUE: 1})

    assert ordered(bench) == {3: {BLUE: 1}}


@pytest.mark.parametrize(
    ("orders", "count"), [({"mode": "shadow"}, "on_hand"), ({"mode": "live"}, "level")]
)
def test_where_it_does_not_count_nothing_is_asked(orders: dict[str, Any], count: str) -> None:
    bench = OrdersBench(orders, stock={"count": count})
    bench.place()

    assert ordered(bench) == {}
    assert bench.asked_there("/") == []


def test_while_nobody_knows_whether_the_warehouse_has_it_nothing_is_told() -> None:
    bench = on_hand()
    bench.place()
    bench.fault(FaultKind.RESET_AFTER, "/api/Order$")
    bench.run("orders")
    with pytest.raises(Retryable, match="not known yet"):
        ordered(bench)

    bench.run("orders")
    assert ordered(bench) == {}
    assert agrees(bench)


def test_an_order_that_cannot_be_read_stops_the_count() -> None:
    bench = on_hand()
    _, number = bench.place()
    bench.hands.numbered("SalesOrders", number)["SalesOrderLines"][0]["OrderQuantity"] = None

    with pytest.raises(Retryable, match="not known yet"):
        ordered(bench)
