"""Despatches of an account without Order Management: what has left wholly is completed."""

from __future__ import annotations

import pytest

from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.order_worlds import draft
from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}


@pytest.fixture
def it() -> DespatchBench:
    return DespatchBench()


def test_an_order_that_left_is_completed_once_with_its_tracking(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    assert it.tell() == {}
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.tell() == {}
    assert it.status(guid) == "Completed"
    assert it.goods() == [("Dispatched", GOODS)]
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.happened("order_completed") == 1
    assert it.on_hand("TEE-RED-M") == 38


def test_it_costs_six_calls(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")
    it.tell()

    assert len(it.asked_there()) == 6


def test_a_shipment_that_is_there_gets_tracking_company_and_parcels_first(
    it: DespatchBench,
) -> None:
    it.account.set(auto_shipment="placed")
    guid, made = it.sell(GOODS)
    it.mintsoft.despatch(made, courier_id=7, tracking_number="JD0001", parcels=2)

    assert it.tell() == {"told": 1}
    (shipment,) = it.shipments()
    assert (shipment["TrackingNumber"], shipment["NumberOfPackages"]) == ("JD0001", 2)
    assert shipment["ShippingCompany"]["Name"] == "DPD"
    assert shipment["ShipmentStatus"] == "Dispatched"
    assert it.status(guid) == "Completed"
    assert [line.split(" ")[0] for line in it.written_there()] == ["PUT", "POST"]


def test_an_order_whose_id_was_never_learned_is_known_by_its_reference(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    it.records.states.clear()
    it.records.links.clear()
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"


def test_an_order_whose_reference_was_changed_is_known_by_its_id(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    it.mintsoft.orders[made].external_reference = "somebody's"
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"


@pytest.mark.parametrize("reference", ["", "shop-77", "unleashed:transfer:0001"])
def test_orders_of_others_cost_nothing_at_unleashed(it: DespatchBench, reference: str) -> None:
    other = draft("WEB-1", ("TEE-RED-M", 1), external_reference=reference, currency="GBP")
    it.despatch(it.orders.create_order(other, it.clock.now()).order_id)

    assert it.tell() == {}
    assert it.asked_there() == []


def test_an_order_that_left_in_part_waits_and_costs_nothing(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    rest = it.split(made, {"TEE-RED-M": 1})
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"partly_sent": 1}
    assert it.tell() == {"partly_sent": 1}
    assert it.asked_there() == []
    it.despatch(rest, tracking_number="JD0002")
    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"
    assert it.shipments()[0]["TrackingNumber"] == "JD0001, JD0002"


def test_three_parts_over_time_complete_the_order_once(it: DespatchBench) -> None:
    guid, made = it.sell({"TEE-RED-M": 3})
    parts = [made, it.split(made, {"TEE-RED-M": 1}), it.split(made, {"TEE-RED-M": 1})]
    endings = []
    for part in parts:
        it.despatch(part)
        endings.append(it.tell())

    assert endings == [{"partly_sent": 1}, {"partly_sent": 1}, {"told": 1}]
    assert it.happened("order_completed") == 1
    assert it.on_hand("TEE-RED-M") == 37
    assert it.status(guid) == "Completed"


@pytest.mark.parametrize("goods", [{"TEE-RED-M": 1, "JEANS-32": 1}, {**GOODS, "JEANS-34": 1}])
def test_other_goods_than_are_ordered_are_a_persons(
    it: DespatchBench, goods: dict[str, int]
) -> None:
    order = it.clerk.place_order("BOUTIQUE", GOODS)
    made = it.send_on("order", order["guid"], order["number"], goods)
    it.despatch(made)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.other_goods_sent"]
    assert it.written_there() == []
    it.clerk.edit_order(order["number"], {"TEE-RED-M": goods["TEE-RED-M"], **goods})
    it.replay()
    assert it.tell() == {"told": 1}
    assert it.status(order["guid"]) == "Completed"


def test_a_service_on_the_order_is_nothing_that_was_left_behind(it: DespatchBench) -> None:
    order = it.clerk.place_order("BOUTIQUE", {**GOODS, "CARRIAGE": 1}, charges={"Packing": 3})
    made = it.send_on("order", order["guid"], order["number"], GOODS)
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.status(order["guid"]) == "Completed"


def test_an_order_that_the_warehouse_cancelled_is_a_persons(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    it.move(made, OrderStage.CANCELLED)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.cancelled_in_mintsoft"]
    assert it.status(guid) == "Placed"


def test_an_order_that_is_gone_on_both_sides_is_left(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.clerk.delete_order(it.mintsoft.orders[made].number)
    it.move(made, OrderStage.CANCELLED)

    assert it.tell() == {"skipped": 1}
    assert it.parked() == []


def test_what_was_sent_of_a_deleted_order_is_a_persons(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.clerk.delete_order(it.mintsoft.orders[made].number)
    it.despatch(made)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.sent_though_deleted"]


def test_a_part_that_was_cancelled_is_told_with_what_was_not_sent(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    rest = it.split(made, {"JEANS-32": 1})
    it.despatch(made)
    it.move(rest, OrderStage.CANCELLED)

    assert it.tell() == {"parked": 1}
    assert "cancelled" in it.reasons()[0]
    assert "0 of 1 JEANS-32" in it.reasons()[0]


def test_an_order_that_a_person_completed_gets_its_tracking_alone(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.clerk.complete_order(it.mintsoft.orders[made].number)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.happened("order_completed") == 1
    assert it.on_hand("TEE-RED-M") == 38


def test_a_tracking_number_that_a_person_wrote_stays(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.clerk.complete_order(it.mintsoft.orders[made].number)
    shipment = it.desk_there.company.one("SalesShipments", it.shipments()[0]["Guid"])
    shipment["TrackingNumber"] = "by hand"
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.shipments()[0]["TrackingNumber"] == "by hand"
    assert it.written_there() == []


def test_a_tracking_number_that_the_warehouse_corrects_is_corrected(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")
    it.tell()
    it.mintsoft.orders[made].tracking_number = "JD0009"
    it.mintsoft.orders[made].updated_at = it.clock.now()

    assert it.tell() == {"told": 1}
    assert it.shipments()[0]["TrackingNumber"] == "JD0009"
    assert it.happened("order_completed") == 1


def test_a_shipment_that_a_person_dispatched_is_not_dispatched_again(it: DespatchBench) -> None:
    guid, made = it.sell(GOODS)
    shipped = it.clerk.ship(it.mintsoft.orders[made].number)
    it.clerk.set_shipment_status(shipped["number"], "Dispatched")
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.happened("shipment_dispatched") == 1
    assert it.status(guid) == "Completed"
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"


def test_without_completing_the_shipment_is_told_and_the_order_left(it: DespatchBench) -> None:
    it.account.set(auto_shipment="placed")
    it.set("despatches", complete_order=False)
    guid, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"left_open": 1}
    assert it.status(guid) == "Placed"
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.goods() == [("Placed", GOODS)]


def test_a_courier_that_unleashed_does_not_know_is_a_persons_in_its_words(
    it: DespatchBench,
) -> None:
    it.account.set(auto_shipment="placed")
    it.set("despatches", shipping_companies={})
    guid, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"parked": 1}
    assert "DHL Parcel Connect" in it.reasons()[0]
    it.set("despatches", shipping_companies={"dhl parcel  connect": "Royal Mail"})
    it.replay()
    assert it.tell() == {"told": 1}
    assert it.shipments()[0]["ShippingCompany"]["Name"] == "Royal Mail"
    assert it.status(guid) == "Completed"


def test_without_the_company_the_tracking_goes_alone(it: DespatchBench) -> None:
    it.account.set(auto_shipment="placed")
    it.set("despatches", shipping_companies={}, send_shipping_company=False)
    _, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.shipments()[0]["ShippingCompany"] is None
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"


def test_several_shipments_say_that_the_file_is_wrong(it: DespatchBench) -> None:
    it.desk_there.company.management = True
    _, made = it.sell(GOODS)
    number = it.mintsoft.orders[made].number
    it.clerk.ship(number, {"TEE-RED-M": 1})
    it.clerk.ship(number)
    it.despatch(made)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.several_shipments"]


def test_shadow_tells_what_it_would_do_and_writes_nothing(it: DespatchBench) -> None:
    it.set("despatches", mode="shadow")
    guid, made = it.sell(GOODS)
    it.despatch(made, tracking_number="JD0001")

    plan, _ = it.plan("despatches")
    assert [step.name.split("/")[0] for step in plan.changes[0].steps] == ["complete", "tracking"]
    assert it.tell() == {"shadow": 1}
    assert it.written_there() == []
    it.set("despatches", mode="live")
    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"


def test_nobody_knows_how_to_tell_while_order_management_is_unknown(it: DespatchBench) -> None:
    it.set("despatches", mode="shadow")
    it.file["unleashed"]["order_management"] = "unknown"
    it.version += 1
    _, made = it.sell(GOODS)
    it.despatch(made)

    assert it.tell() == {"later": 1}
    assert it.asked_there() == []
