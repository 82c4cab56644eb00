"""Despatches of an account with Order Management: each part that left is a dispatched shipment."""

from __future__ import annotations

import pytest

from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}
TEE = {"TEE-RED-M": 1}


@pytest.fixture
def it() -> DespatchBench:
    return DespatchBench(management=True)


def test_an_order_that_left_has_one_dispatched_shipment_and_is_completed(
    it: DespatchBench,
) -> None:
    guid, made = it.sell(GOODS)
    it.mintsoft.despatch(made, courier_id=7, tracking_number="JD0001", parcels=2)

    assert it.tell() == {"told": 1}
    assert it.tell() == {}
    (shipment,) = it.shipments()
    assert it.goods() == [("Dispatched", GOODS)]
    assert (shipment["TrackingNumber"], shipment["NumberOfPackages"]) == ("JD0001", 2)
    assert shipment["ShippingCompany"]["Name"] == "DPD"
    assert str(shipment["DispatchDate"])[:10] == it.clock.now().date().isoformat()
    assert it.status(guid) == "Completed"
    assert it.on_hand("TEE-RED-M") == 38


def test_three_parts_over_time_are_three_shipments(it: DespatchBench) -> None:
    guid, made = it.sell({"TEE-RED-M": 3})
    parts = [made, it.split(made, TEE), it.split(made, TEE)]
    endings = []
    for number, part in enumerate(parts, start=1):
        it.despatch(part, tracking_number=f"JD{number}")
        endings.append(it.tell())
        assert it.on_hand("TEE-RED-M") == 40 - number
        assert it.tell() == ({} if number == 3 else {"partly_sent": 1})

    assert endings == [{"partly_sent": 1}, {"partly_sent": 1}, {"told": 1}]
    assert it.goods() == [("Dispatched", TEE)] * 3
    assert [one["TrackingNumber"] for one in it.shipments()] == ["JD1", "JD2", "JD3"]
    assert it.status(guid) == "Completed"
    assert it.happened("order_completed") == 1


def test_waiting_for_the_rest_costs_nothing_at_unleashed(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.split(made, TEE)
    it.despatch(made, tracking_number="JD0001")
    it.tell()
    asked = len(it.asked_there())

    assert it.tell() == {"partly_sent": 1}
    assert len(it.asked_there()) == asked


def test_parts_that_left_together_are_told_in_one_run(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    rest = it.split(made, TEE)
    it.despatch(made)
    it.despatch(rest)

    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", {**TEE, "JEANS-32": 1}), ("Dispatched", TEE)]
    assert it.status(guid) == "Completed"


def two_lines(it: DespatchBench) -> tuple[str, int]:
    """An order with one SKU on two lines, at two prices."""
    order = it.clerk.place_order("BOUTIQUE", {"TEE-RED-M": 2, "JEANS-32": 1})
    record = it.desk_there.company.one("SalesOrders", order["guid"])
    tee = it.desk_there.product("TEE-RED-M")
    record["SalesOrderLines"][1]["Product"] = tee
    goods = {"TEE-RED-M": 3}
    return order["guid"], it.send_on("order", order["guid"], order["number"], goods)


def test_a_sku_on_two_lines_goes_on_both(it: DespatchBench) -> None:
    guid, made = two_lines(it)
    rest = it.split(made, TEE)
    it.despatch(rest)
    it.tell()
    it.despatch(made)

    assert it.tell() == {"told": 1}
    on = [
        [(line["SalesOrderLineNumber"], int(line["ShipmentQty"])) for line in lines]
        for lines in (one["SalesShipmentLines"] for one in it.shipments())
    ]
    assert on == [[(1, 1)], [(1, 1), (2, 1)]]
    assert it.status(guid) == "Completed"


def test_a_placed_shipment_with_just_these_goods_is_dispatched(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    it.clerk.ship(it.mintsoft.orders[made].number)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", GOODS)]
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.status(guid) == "Completed"


def test_of_a_shipment_with_other_goods_the_rest_of_the_order_is_taken(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.clerk.ship(it.mintsoft.orders[made].number, {"JEANS-32": 1})
    rest = it.split(made, {"JEANS-32": 1})
    it.despatch(made)

    assert it.tell() == {"partly_sent": 1}
    assert it.goods() == [("Placed", {"JEANS-32": 1}), ("Dispatched", {"TEE-RED-M": 2})]
    it.despatch(rest)
    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", {"JEANS-32": 1}), ("Dispatched", {"TEE-RED-M": 2})]


def test_what_a_person_dispatched_is_not_dispatched_again(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    it.clerk.ship(it.mintsoft.orders[made].number, status="Dispatched")
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.happened("shipment_dispatched") == 1
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.status(guid) == "Completed"


def test_what_a_person_dispatched_in_one_shipment_is_both_parts(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    rest = it.split(made, TEE)
    it.clerk.ship(it.mintsoft.orders[made].number, status="Dispatched")
    it.despatch(made, tracking_number="JD0001")
    assert it.tell() == {"partly_sent": 1}
    it.despatch(rest, tracking_number="JD0002")

    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", GOODS)]
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.status(guid) == "Completed"
    assert it.on_hand("TEE-RED-M") == 38


def test_two_alike_parts_are_not_one_shipment_of_a_persons(it: DespatchBench) -> None:
    _, made = it.sell({"TEE-RED-M": 2})
    rest = it.split(made, TEE)
    it.clerk.ship(it.mintsoft.orders[made].number, TEE, status="Dispatched")
    it.despatch(made)
    it.tell()
    it.despatch(rest)

    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", TEE), ("Dispatched", TEE)]


def test_an_order_that_a_person_completed_is_told_of_tracking_alone(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    number = it.mintsoft.orders[made].number
    it.clerk.ship(number, status="Dispatched")
    it.clerk.complete_order(number)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.happened("order_completed") == 1
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"


def test_more_than_is_ordered_is_a_persons_before_anything_is_written(it: DespatchBench) -> None:
    order = it.clerk.place_order("BOUTIQUE", GOODS)
    made = it.send_on("order", order["guid"], order["number"], {**GOODS, "TEE-RED-M": 3})
    it.despatch(made)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.more_sent"]
    assert "1 TEE-RED-M more" in it.reasons()[0]
    assert it.written_there() == []


def test_less_than_is_ordered_is_told_and_the_rest_is_a_persons(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    rest = it.split(made, {"JEANS-32": 1})
    it.despatch(made)
    it.move(rest, OrderStage.CANCELLED)

    assert it.tell() == {"partly_sent": 1}
    assert it.goods() == [("Dispatched", {"TEE-RED-M": 2})]
    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.less_sent"]
    assert it.status(guid) == "Placed"
    it.clerk.edit_order(it.mintsoft.orders[made].number, {"JEANS-32": 0})
    it.replay()
    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"


def test_an_order_that_is_not_to_be_completed_stays_open(it: DespatchBench) -> None:
    it.set("despatches", complete_order=False)
    guid, made = it.sell(GOODS)
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", GOODS)]
    assert it.status(guid) == "Placed"


def test_a_dispatch_that_completes_the_order_by_itself_is_no_fault(it: DespatchBench) -> None:
    it.account.set(dispatch_completes="always")
    guid, made = it.sell(GOODS)
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.parked() == []
    assert it.happened("order_completed") == 1
    assert it.status(guid) == "Completed"


def test_a_corrected_tracking_number_goes_to_the_shipment_of_its_part(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    rest = it.split(made, TEE)
    it.despatch(made, tracking_number="JD0001")
    it.despatch(rest, tracking_number="JD0002")
    it.tell()
    it.mintsoft.orders[rest].tracking_number = "JD0009"
    it.mintsoft.orders[rest].updated_at = it.clock.now()

    assert it.tell() == {"told": 1}
    assert [one["TrackingNumber"] for one in it.shipments()] == ["JD0001", "JD0009"]
    assert it.happened("shipment_dispatched") == 2


def test_a_part_whose_id_begins_as_anothers_has_its_own_tracking_number(it: DespatchBench) -> None:
    it.mintsoft._next_order_id = 11
    _, made = it.sell(GOODS)
    it.mintsoft._next_order_id = 119
    rest = it.split(made, TEE)
    it.despatch(made, tracking_number="JD0001")
    it.despatch(rest, tracking_number="JD0002")
    it.tell()
    assert (made, rest) == (12, 120)
    it.mintsoft.orders[made].tracking_number = "JD0009"
    it.mintsoft.orders[made].updated_at = it.clock.now()

    assert it.tell() == {"told": 1}
    assert [one["TrackingNumber"] for one in it.shipments()] == ["JD0009", "JD0002"]


def test_our_shipment_that_a_person_deleted_is_not_made_again(it: DespatchBench) -> None:
    it.account.set(short_dispatch="refuse")
    _, made = it.sell({"JEANS-32": 6})
    it.clerk.place_order("BOUTIQUE", {"JEANS-32": 1})
    it.desk_there.stock_up("MAIN", "JEANS-32", -1)
    it.despatch(made)
    assert it.tell() == {"parked": 1}
    assert "not enough stock" in it.reasons()[0]
    it.clerk.set_shipment_status(it.shipments()[0]["ShipmentNumber"], "Deleted")

    it.replay()
    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.shipment_deleted"]
    assert it.shipments() == []


def test_stock_that_came_late_is_dispatched_with_the_shipment_that_is_there(
    it: DespatchBench,
) -> None:
    guid, made = it.sell({"JEANS-32": 6})
    it.desk_there.stock_up("MAIN", "JEANS-32", -1)
    it.despatch(made)
    assert it.tell() == {"parked": 1}
    it.desk_there.stock_up("MAIN", "JEANS-32", 1)

    it.replay()
    assert it.tell() == {"told": 1}
    assert it.goods() == [("Dispatched", {"JEANS-32": 6})]
    assert it.happened("shipment_made") == 1
    assert it.status(guid) == "Completed"


def test_an_order_with_a_custom_status_is_placed_first_as_it_takes_no_shipment(
    it: DespatchBench,
) -> None:
    guid, made = it.sell(GOODS, custom="Ready to ship", charges={"Packing": 3})
    rest = it.split(made, TEE)
    it.despatch(made)

    assert it.tell() == {"partly_sent": 1}
    assert it.status(guid) == "Placed"
    assert it.desk_there.company.one("SalesOrders", guid)["CustomOrderStatus"] is None
    it.despatch(rest)
    assert it.tell() == {"told": 1}
    assert len(it.goods()) == 2
    assert it.status(guid) == "Completed"
