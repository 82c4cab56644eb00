"""Despatches of orders and shipments that the importing flows really made."""

from __future__ import annotations

import pytest

from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}


@pytest.mark.parametrize("management", [False, True])
def test_an_order_goes_there_and_back_and_nothing_comes_back_as_a_change(management: bool) -> None:
    it = DespatchBench(management=management)
    it.set("orders", default_country="GB", number_prefix="UNL-")
    placed = it.clerk.place_order("BOUTIQUE", GOODS)
    it.run_live_flows()
    (order,) = it.mintsoft.orders.values()
    rest = it.split(order.id, {"TEE-RED-M": 1})
    it.despatch(order.id, tracking_number="JD0001")
    it.run_live_flows()
    it.despatch(rest, tracking_number="JD0002")
    it.run_live_flows()

    assert it.status(placed["guid"]) == "Completed"
    assert it.on_hand("TEE-RED-M") == 38
    assert it.parked() == []
    asked = len(it.written_there())
    for _ in range(3):
        it.run_live_flows()
    assert len(it.written_there()) == asked
    assert len(it.mintsoft.orders) == 2
    assert it.parked() == []
    assert it.happened("order_completed") == 1


@pytest.mark.parametrize("management", [False, True])
def test_a_shipment_goes_there_and_back(management: bool) -> None:
    it = DespatchBench(management=management)
    it.set("orders", mode="off", default_country="GB")
    it.set("shipments")
    placed = it.clerk.place_order("BOUTIQUE", GOODS)
    it.clerk.ship(placed["number"])
    it.run_live_flows()
    (order,) = it.mintsoft.orders.values()
    it.despatch(order.id, tracking_number="JD0001")
    it.run_live_flows()

    assert it.goods() == [("Dispatched", GOODS)]
    assert it.status(placed["guid"]) == "Completed"
    for _ in range(3):
        it.run_live_flows()
    assert it.parked() == []
    assert len(it.mintsoft.orders) == 1
    assert it.happened("shipment_dispatched") == it.happened("order_completed") == 1


def test_an_order_with_a_custom_status_goes_there_and_back() -> None:
    it = DespatchBench(management=True)
    it.set("orders", default_country="GB", custom_statuses=["Ready to ship"])
    placed = it.clerk.place_order("BOUTIQUE", GOODS, custom="Ready to ship")
    it.run_live_flows()
    (order,) = it.mintsoft.orders.values()
    it.despatch(order.id)
    for _ in range(3):
        it.run_live_flows()

    assert it.status(placed["guid"]) == "Completed"
    assert it.parked() == []


def test_merged_imports_go_there_and_back() -> None:
    it = DespatchBench(management=True)
    it.set("orders", default_country="GB", number_prefix="UNL-")
    placed = [it.clerk.place_order("BOUTIQUE", GOODS) for _ in range(2)]
    it.run_live_flows()
    first, second = it.mintsoft.orders.values()
    it.merge(first.id, second.id)
    it.despatch(first.id, tracking_number="JD0001")
    it.run_live_flows()

    assert [it.status(one["guid"]) for one in placed] == ["Completed", "Completed"]
    assert len(it.shipments()) == 2
    assert it.on_hand("TEE-RED-M") == 36
