"""Despatches of records that were imported from shipments; merged orders; batches and serials."""

from __future__ import annotations

import pytest

from local.simulators.faults import FaultKind
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}


@pytest.mark.parametrize("management", [False, True])
def test_the_shipment_is_dispatched_and_its_order_completed(management: bool) -> None:
    it = DespatchBench(management=management)
    guid, made = it.sell_shipment(GOODS)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.tell() == {}
    assert it.goods() == [("Dispatched", GOODS)]
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    order = it.shipments()[0]["OrderGuid"]
    assert it.status(order) == "Completed"
    assert it.told(f"shipments/{guid}").standing == "told"
    assert it.on_hand("TEE-RED-M") == 38


def test_the_order_is_completed_with_the_last_of_its_shipments() -> None:
    it = DespatchBench(management=True)
    order = it.clerk.place_order("BOUTIQUE", GOODS)
    made = []
    for goods in ({"TEE-RED-M": 2}, {"JEANS-32": 1}):
        shipment = it.clerk.ship(order["number"], goods)
        made.append(it.send_on("shipment", shipment["guid"], shipment["number"], goods))
    it.despatch(made[0])
    assert it.tell() == {"told": 1}
    assert it.status(order["guid"]) == "Placed"
    it.despatch(made[1])

    assert it.tell() == {"told": 1}
    assert it.status(order["guid"]) == "Completed"
    assert it.happened("order_completed") == 1


def test_less_than_the_shipment_says_is_a_persons() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell_shipment(GOODS)
    rest = it.split(made, {"JEANS-32": 1})
    it.despatch(made)
    assert it.tell() == {"partly_sent": 1}
    it.move(rest, OrderStage.CANCELLED)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.other_goods_sent"]
    assert it.written_there() == []


@pytest.mark.parametrize("tracking", ["", "by hand"])
def test_a_shipment_that_a_person_dispatched_is_told_of_tracking_alone(tracking: str) -> None:
    it = DespatchBench(management=True)
    guid, made = it.sell_shipment(GOODS)
    number = it.shipments()[0]["ShipmentNumber"]
    it.clerk.set_shipment_status(number, "Dispatched")
    it.desk_there.company.one("SalesShipments", guid)["TrackingNumber"] = tracking
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 1}
    assert it.happened("shipment_dispatched") == 1
    assert it.shipments()[0]["TrackingNumber"] == (tracking or "JD0001")


def test_a_shipment_that_was_deleted_is_a_persons() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell_shipment(GOODS)
    it.clerk.set_shipment_status(it.shipments()[0]["ShipmentNumber"], "Deleted")
    it.despatch(made)

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.sent_though_deleted"]


# -- merged orders ------------------------------------------------------------------------------


@pytest.mark.parametrize("management", [False, True])
def test_merged_orders_are_told_each(management: bool) -> None:
    it = DespatchBench(management=management)
    first, made = it.sell(GOODS)
    second, other = it.sell({"TEE-RED-M": 1})
    it.merge(made, other)
    it.despatch(made, tracking_number="JD0001")

    assert it.tell() == {"told": 2}
    assert it.tell() == {}
    assert it.goods() == [("Dispatched", GOODS), ("Dispatched", {"TEE-RED-M": 1})]
    assert [one["TrackingNumber"] for one in it.shipments()] == ["JD0001", "JD0001"]
    assert {it.status(first), it.status(second)} == {"Completed"}
    assert it.on_hand("TEE-RED-M") == 37


def test_an_order_that_was_merged_away_is_found_by_its_number() -> None:
    it = DespatchBench()
    it.file["unleashed"]["orders"] = {"number_prefix": "UNL-"}
    placed = [it.clerk.place_order("BOUTIQUE", GOODS) for _ in range(2)]
    made = [it.send_on("order", one["guid"], f"UNL-{one['number']}", GOODS) for one in placed]
    it.merge(*made)
    it.fault_there(FaultKind.ERROR_500_BEFORE, path=placed[1]["guid"])
    it.despatch(made[0])

    it.tell()
    it.tell()
    assert [it.status(one["guid"]) for one in placed] == ["Completed", "Completed"]
    assert it.happened("order_completed") == 2


def test_orders_of_others_that_ours_was_merged_with_are_left() -> None:
    it = DespatchBench()
    guid, made = it.sell(GOODS)
    _, other = it.sell({"JEANS-34": 1})
    it.mintsoft.orders[other].number = "WEB-77"
    it.merge(made, other)
    it.despatch(made)

    assert it.tell() == {"told": 1}
    assert it.status(guid) == "Completed"


def test_a_service_of_a_merged_order_is_nothing_that_was_left_behind() -> None:
    it = DespatchBench()
    placed = [it.clerk.place_order("BOUTIQUE", {**GOODS, "CARRIAGE": 1}) for _ in range(2)]
    made = [it.send_on("order", one["guid"], one["number"], GOODS) for one in placed]
    it.merge(*made)
    it.despatch(made[0])

    assert it.tell() == {"told": 2}
    assert [it.status(one["guid"]) for one in placed] == ["Completed", "Completed"]


def test_what_of_a_merged_order_was_for_whom_is_not_guessed() -> None:
    it = DespatchBench()
    _, made = it.sell(GOODS)
    _, other = it.sell({"TEE-RED-M": 1})
    it.merge(made, other)
    it.mintsoft.orders[made].items[0].quantity = 1
    it.despatch(made)

    assert it.tell() == {"parked": 2}
    assert set(it.parked()) == {"unleashed.merged_short"}
    assert it.written_there() == []


def test_merged_shipments_of_one_order_are_told_each() -> None:
    it = DespatchBench(management=True)
    order = it.clerk.place_order("BOUTIQUE", GOODS)
    made = []
    for goods in ({"TEE-RED-M": 2}, {"JEANS-32": 1}):
        shipment = it.clerk.ship(order["number"], goods)
        made.append(it.send_on("shipment", shipment["guid"], shipment["number"], goods))
    it.merge(*made)
    it.despatch(made[0])

    assert it.tell() == {"told": 2}
    assert [status for status, _ in it.goods()] == ["Dispatched", "Dispatched"]
    assert it.status(order["guid"]) == "Completed"


def test_a_shipment_that_was_merged_with_nobody_knows_whose_is_told_and_asked_about() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell_shipment(GOODS)
    _, other = it.sell_shipment({"JEANS-34": 1})
    it.merge(made, other)
    it.despatch(made)

    assert it.tell() == {"partly_sent": 1}
    assert it.goods()[0] == ("Dispatched", GOODS)
    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.merged_unknown"]


# -- batches and serials ------------------------------------------------------------------------

MUGS = {"MUG-RED": 3, "TEE-RED-M": 1}
SCANNED = [
    {"sku": "MUG-RED", "quantity": 2, "batch": "L2501"},
    {"sku": "MUG-RED", "quantity": 1, "batch": "L2408"},
    {"sku": "TEE-RED-M", "quantity": 1, "batch": "OF-THE-WAREHOUSE"},
]


def batches_of(it: DespatchBench) -> list[dict[str, int]]:
    """By line of every shipment."""
    return [
        {row["Number"]: int(row["Quantity"]) for row in line["BatchNumbers"] or []}
        for shipment in it.shipments()
        for line in shipment["SalesShipmentLines"]
    ]


@pytest.mark.parametrize("management", [False, True])
@pytest.mark.parametrize("early", ["completed", "placed"])
def test_the_batches_that_were_picked_are_told(management: bool, early: str) -> None:
    it = DespatchBench(management=management, batches_and_serials=True)
    it.account.set(auto_shipment=early)
    guid, made = it.sell(MUGS)
    it.mintsoft.despatch(made, tracking_number="JD0001", courier_id=7, scanned=SCANNED)

    assert it.tell() == {"told": 1}
    assert batches_of(it) == [{"L2501": 2, "L2408": 1}, {}]
    assert it.status(guid) == "Completed"
    assert it.shipments()[0]["TrackingNumber"] == "JD0001"
    assert it.happened("shipment_made") == 1


def test_serial_numbers_are_told() -> None:
    it = DespatchBench(management=True, batches_and_serials=True)
    it.desk_there.stock_up("MAIN", "WATCH-01", 5)
    _, made = it.sell({"WATCH-01": 2})
    serials = ["W-1", "W-2"]
    rows = [{"sku": "WATCH-01", "quantity": 1, "serial": one} for one in serials]
    it.mintsoft.despatch(made, courier_id=7, scanned=rows)

    assert it.tell() == {"told": 1}
    (line,) = it.shipments()[0]["SalesShipmentLines"]
    assert [one["Identifier"] for one in line["SerialNumbers"]] == serials


@pytest.mark.parametrize("management", [False, True])
def test_batches_that_nobody_scanned_are_a_persons_and_are_not_guessed(management: bool) -> None:
    it = DespatchBench(management=management, batches_and_serials=True)
    _, made = it.sell(MUGS)
    it.mintsoft.despatch(made, courier_id=7, scanned=SCANNED[:1])

    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.batches_missing"]
    assert "2 of 3 MUG-RED" in it.reasons()[0]
    assert it.written_there() == []


def test_a_batch_that_unleashed_has_not_enough_of_is_a_persons_in_its_words() -> None:
    it = DespatchBench(management=True, batches_and_serials=True)
    _, made = it.sell({"MUG-RED": 5})
    it.mintsoft.despatch(
        made, courier_id=7, scanned=[{"sku": "MUG-RED", "quantity": 5, "batch": "L2501"}]
    )

    assert it.tell() == {"parked": 1}
    assert "batch number quantity" in it.reasons()[0]


def test_without_batches_in_the_file_none_are_read_or_told() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell(MUGS)
    it.mintsoft.despatch(made, courier_id=7, scanned=SCANNED)

    assert it.tell() == {"told": 1}
    assert batches_of(it) == [{}, {}]
    assert not any("serialBatch" in asked.target for asked in it.asked_there())


def test_which_batch_of_a_merged_order_was_whose_is_a_persons() -> None:
    it = DespatchBench(management=True, batches_and_serials=True)
    _, made = it.sell(MUGS)
    _, other = it.sell({"JEANS-34": 1})
    it.merge(made, other)
    it.mintsoft.despatch(made, courier_id=7, scanned=SCANNED)

    it.tell()
    assert it.parked() == ["unleashed.batches_of_merged"]
