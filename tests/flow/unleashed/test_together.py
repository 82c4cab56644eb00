"""Every flow at once: what a flow tells of is never adjusted, wherever it happened first."""

from __future__ import annotations

import random

import pytest

from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.together import BLUE, PACK, TEE, WAYS, Life, TogetherBench, Way

TOLD = (
    *("sell", "sell", "buy", "transfer", "assemble"),
    *("send", "send", "send_part", "book_in", "book_in_part"),
    *("tick", "tick", "stock"),
)
BY_HAND = ("complete", "complete_move", "receipt")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", ["level", "on_hand"])
def test_what_every_flow_tells_of_is_never_adjusted(way: Way, count: str) -> None:
    bench = TogetherBench(way, stock={"count": count})
    life = Life(bench, random.Random(1), (*TOLD, *BY_HAND))
    life.live(40)
    life.come_to_rest()
    assert bench.adjusted() == []
    assert bench.apart() == {}
    assert bench.parked() == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("settle_minutes", "clocks_differ"), [(0, 60), (30, -60)])
def test_what_was_counted_otherwise_is_adjusted_and_nothing_else(
    way: Way, settle_minutes: int, clocks_differ: int
) -> None:
    bench = TogetherBench(way, settle_minutes=settle_minutes)
    bench.set_warehouse_clock(minutes=clocks_differ)
    life = Life(bench, random.Random(3), (*TOLD, *BY_HAND, "count", "count", "fault", "fault"))
    life.live(40)
    life.come_to_rest()
    assert bench.apart() == {}
    assert not any(life.owed.values())
    assert bench.parked() == []


# -- on one side first ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 2])
def test_receipted_by_hand_before_the_warehouse_booked_it_in(part: int) -> None:
    bench = TogetherBench()
    order = bench.buy({TEE: 5})
    bench.tick()
    (asn,) = bench.open_asns()
    if part:
        bench.mintsoft.book_in(asn.id, [{"sku": TEE, "quantity": part}], complete=False)
    bench.tick()
    bench.receipt_by_hand(order)
    bench.stock_alone()
    bench.tick(4)
    assert bench.adjusted() == []
    bench.mintsoft.book_in(asn.id)
    bench.stock_alone(minutes=1)
    bench.tick(3)
    assert bench.adjusted() == []
    assert bench.apart() == {}


def test_goods_that_were_receipted_and_do_not_come_are_adjusted_once() -> None:
    bench = TogetherBench()
    order = bench.buy({TEE: 5})
    bench.tick()
    (asn,) = bench.open_asns()
    bench.receipt_by_hand(order)
    bench.tick(3)
    bench.mintsoft.book_in(asn.id, [{"sku": TEE, "quantity": 3}])
    bench.tick(4)
    assert bench.adjusted() == [("MAIN", TEE, -2)]


@pytest.mark.parametrize("goods", ["transfer", "assembly"])
def test_what_is_set_aside_for_a_move_is_not_adjusted_where_free_stock_is_compared(
    goods: str,
) -> None:
    bench = TogetherBench(stock={"count": "on_hand"})
    bench.clock.advance(seconds=1)
    if goods == "transfer":
        bench.hands.park_transfer("MAIN", "3PL", {TEE: 4})
    else:
        bench.hands.park_assembly(PACK, 2)
    bench.counted("MAIN", BLUE, -1)
    bench.tick(5)
    assert bench.adjusted() == [("MAIN", BLUE, -1)]
    for order in bench.open_orders():
        bench.send(order)
    bench.tick(2)
    for asn in bench.open_asns():
        bench.mintsoft.book_in(asn.id)
    bench.tick(4)
    assert bench.adjusted() == [("MAIN", BLUE, -1)]
    assert bench.apart() == {}


# -- what nobody is going to tell -----------------------------------------------------------------


def test_what_a_person_took_off_the_list_is_adjusted_though_nothing_moved_since() -> None:
    bench = TogetherBench()
    bench.sell({TEE: 3})
    bench.tick()
    (order,) = bench.open_orders()
    bench.despatch(bench.split(order.id, {TEE: 1}))
    bench.move(order.id, OrderStage.CANCELLED)
    bench.tick(20)
    assert bench.parked() == ["unleashed.other_goods_sent"]
    assert bench.adjusted() == []
    bench.discard()
    bench.tick(4)
    assert bench.adjusted() == [("MAIN", TEE, -1)]
    assert bench.apart() == {}


@pytest.mark.parametrize("flow", ["despatches", "receipts"])
def test_what_a_shadow_passed_is_on_its_way_as_soon_as_the_flow_is_live(flow: FlowName) -> None:
    bench = TogetherBench()
    for shadow in (flow, "stock"):
        bench.set(shadow, mode="shadow")
    bench.sell({TEE: 2})
    order = bench.buy({BLUE: 5})
    bench.tick()
    if flow == "despatches":
        bench.send(bench.open_orders()[0])
        bench.hands.set_purchase_status(bench.number_of(order), "Deleted")
    else:
        bench.mintsoft.book_in(bench.open_asns()[0].id)
    for _ in range(15):
        bench.tick()
        bench.run_one(flow, "stock")
    for live in (flow, "stock"):
        bench.set(live, mode="live")
    bench.stock_alone()
    bench.stock_alone()
    bench.tick(6)
    assert bench.adjusted() == []
    assert bench.apart() == {}


def test_units_of_a_merged_order_that_a_person_is_asked_about_are_not_adjusted() -> None:
    bench = TogetherBench("shipments")
    bench.sell({TEE: 3})
    bench.sell({TEE: 1, BLUE: 2})
    bench.tick()
    one, other = bench.open_orders()
    bench.merge(one.id, other.id)
    bench.send(one)
    bench.tick(5)
    assert bench.parked() == ["unleashed.merged_unknown"]
    assert bench.adjusted() == []
    (left,) = [
        row["ShipmentNumber"]
        for row in bench.desk_there.company.all("SalesShipments").values()
        if row["ShipmentStatus"] == "Placed"
    ]
    bench.hands.set_shipment_status(left, "Dispatched")
    bench.discard()
    bench.tick(5)
    assert bench.adjusted() == []
    assert bench.apart() == {}


@pytest.mark.parametrize("goods", ["transfer", "assembly"])
def test_a_move_that_is_completed_while_stock_is_adjusted_is_no_surprise(goods: str) -> None:
    bench = TogetherBench()
    bench.clock.advance(seconds=1)
    hands = bench.hands
    if goods == "transfer":
        made = hands.park_transfer("MAIN", "3PL", {TEE: 4})
    else:
        made = hands.park_assembly(PACK, 2)
    bench.tick()
    bench.counted("MAIN", TEE, -1)
    bench.counted("3PL", TEE, 2)

    def complete() -> None:
        if goods == "transfer":
            hands.complete_transfer(made["number"])
        else:
            hands.complete_assembly(made["number"])

    bench.there_between.once("POST", "/StockAdjustments/", complete)
    bench.tick(5)
    assert bench.parked() == []
    assert bench.adjusted() == [("MAIN", TEE, -1), ("3PL", TEE, 2)]
