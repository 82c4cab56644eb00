"""Goods that go from one shipment to another are never promised twice."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.shipment_worlds import Made, ShipmentBench


def imported(units: int = 5, **block: object) -> tuple[ShipmentBench, Made, Made]:
    """An order of shirts whose one shipment is in the warehouse."""
    bench = ShipmentBench(**block)  # type: ignore[arg-type]
    order = bench.order({"TEE-RED-M": units})
    first = bench.ship(order)
    assert bench.run("shipments") == {"imported": 1}
    bench.watch_goods(order)
    return bench, order, first


def test_what_is_split_off_leaves_the_first_order_before_it_comes_into_a_second() -> None:
    bench, _, first = imported()
    second = bench.split_off(first, {"TEE-RED-M": 2})

    bench.run("shipments")
    bench.run("shipments", minutes=6)

    assert bench.there(first) == {"TEE-RED-M": 3}
    assert bench.there(second) == {"TEE-RED-M": 2}
    assert bench.most_promised == {"TEE-RED-M": 5}
    assert bench.parked() == []
    assert not bench.standing(first).in_work
    assert not bench.standing(second).in_work


def test_units_that_left_a_shipment_long_before_another_one_takes_them() -> None:
    bench, order, first = imported()
    bench.edit(first, {"TEE-RED-M": 3})
    assert bench.run("shipments") == {"updated": 1}
    second = bench.ship(order)

    assert bench.run("shipments") == {"imported": 1}
    assert (bench.there(first), bench.there(second)) == ({"TEE-RED-M": 3}, {"TEE-RED-M": 2})


def test_with_splitting_off_a_person_is_asked_about_both() -> None:
    bench, _, first = imported(splitting=False)
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.run("shipments", minutes=6)

    assert bench.parked() == ["unleashed.split", "unleashed.split"]
    assert bench.there(first) == {"TEE-RED-M": 5}
    assert bench.there(second) == {}
    assert any(second["number"] in reason and "splitting" in reason for reason in bench.reasons())
    assert any(f"for {first['number']}" in reason for reason in bench.reasons())


def test_once_a_person_took_the_units_off_the_second_is_made() -> None:
    bench, _, first = imported(splitting=False)
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.run("shipments", minutes=6)
    bench.order_there(first).items[0].quantity = 3

    bench.act("discard", first)
    bench.act("replay", second)
    bench.run("shipments")

    assert bench.there(second) == {"TEE-RED-M": 2}
    assert bench.parked() == []
    assert bench.most_promised == {"TEE-RED-M": 5}


def test_a_replay_without_anything_done_makes_nothing() -> None:
    bench, _, first = imported(splitting=False)
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.run("shipments", minutes=6)

    bench.act("discard", first)
    bench.act("replay", second)
    bench.run("shipments")

    assert bench.parked() == ["unleashed.split"]
    assert bench.there(second) == {}


def test_a_split_after_the_warehouse_began_is_a_persons_for_both() -> None:
    bench, _, first = imported()
    bench.move(bench.order_there(first).id, OrderStage.IN_WORK)
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.run("shipments", minutes=6)

    assert sorted(bench.parked()) == ["unleashed.shipment_edited", "unleashed.split"]
    assert bench.there(first) == {"TEE-RED-M": 5}
    assert bench.there(second) == {}
    assert any(second["number"] in reason for reason in bench.reasons())


def test_a_shipment_that_takes_the_place_of_a_deleted_one_waits_for_its_order_to_be_cancelled() -> (
    None
):
    bench, order, first = imported(orders={"edits": {"deletions": "cancel"}})
    bench.sales.set_shipment_status(first["number"], "Deleted")
    second = bench.ship(order)

    bench.run("shipments")
    bench.run("shipments", minutes=6)

    assert bench.stage(first) == "CANCELLED"
    assert bench.there(second) == {"TEE-RED-M": 5}
    assert bench.most_promised == {"TEE-RED-M": 5}


@pytest.mark.parametrize("is_listed", [True, False])
def test_where_nobody_cancels_the_deleted_ones_order_nothing_is_made(is_listed: bool) -> None:
    bench, order, first = imported()
    if not is_listed:
        bench.refuse_deleted()
    bench.sales.set_shipment_status(first["number"], "Deleted")
    second = bench.ship(order)
    for _ in range(3):
        bench.run("shipments")
    bench.run("shipments", hours=25)

    assert bench.there(second) == {}
    assert "unleashed.split" in bench.parked()
    assert bench.most_promised == {"TEE-RED-M": 5}

    bench.move(bench.order_there(first).id, OrderStage.CANCELLED)
    bench.act("replay", second)
    bench.run("shipments")
    assert bench.there(second) == {"TEE-RED-M": 5}


def test_a_deleted_shipment_that_unleashed_shows_nobody_any_more_still_counts() -> None:
    bench, order, first = imported()
    bench.sales.set_shipment_status(first["number"], "Deleted")
    second = bench.ship(order)
    del bench.desk_there.company.all("SalesShipments")[first["guid"]]
    bench.run("shipments")

    assert bench.there(second) == {}
    assert bench.parked() == ["unleashed.split"]
    assert first["number"] in bench.reasons()[0]


def test_units_that_come_back_wait_until_the_other_order_is_cancelled() -> None:
    bench, _, first = imported(orders={"edits": {"deletions": "cancel"}})
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    bench.run("shipments", minutes=6)
    bench.sales.set_shipment_status(second["number"], "Deleted")
    bench.edit(first, {"TEE-RED-M": 5})

    bench.run("shipments")
    bench.run("shipments", minutes=6)

    assert bench.there(first) == {"TEE-RED-M": 5}
    assert bench.stage(second) == "CANCELLED"
    assert bench.most_promised == {"TEE-RED-M": 5}


def test_two_shipments_that_exchange_goods_give_before_they_take() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 4, "JEANS-32": 4})
    first = bench.ship(order, {"TEE-RED-M": 4, "JEANS-32": 1})
    second = bench.ship(order, {"JEANS-32": 3})
    bench.run("shipments")
    bench.watch_goods(order)
    record = bench.desk_there.company.all("SalesShipments")
    keep = {line["Product"]: line for line in record[second["guid"]]["SalesShipmentLines"]}
    assert len(keep) == 1
    bench.edit(first, {"TEE-RED-M": 2, "JEANS-32": 2})
    bench.edit(second, {"JEANS-32": 2, "TEE-RED-M": 2})
    for _ in range(4):
        bench.run("shipments")

    assert bench.there(first) == {"TEE-RED-M": 2, "JEANS-32": 2}
    assert bench.there(second) == {"TEE-RED-M": 2, "JEANS-32": 2}
    assert bench.most_promised == {"TEE-RED-M": 4, "JEANS-32": 4}
    assert bench.parked() == []


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_split_while_nobody_knows_whether_the_first_order_was_made(kind: FaultKind) -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    bench.watch_goods(order)
    first = bench.ship(order)
    bench.mintsoft.faults.add(Fault(kind, path="/api/Order$", method="PUT"))
    assert bench.run("shipments", minutes=16) == {"later": 1}
    second = bench.split_off(first, {"TEE-RED-M": 2})
    for _ in range(3):
        bench.run("shipments")

    assert (bench.there(first), bench.there(second)) == ({"TEE-RED-M": 3}, {"TEE-RED-M": 2})
    assert bench.most_promised == {"TEE-RED-M": 5}
    assert bench.parked() == []


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_second_shipment_waits_while_the_firsts_decrease_has_no_known_end(
    kind: FaultKind,
) -> None:
    bench, _, first = imported()
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.mintsoft.faults.add(Fault(kind, path="Items", method="POST"))
    for _ in range(4):
        bench.run("shipments")

    assert (bench.there(first), bench.there(second)) == ({"TEE-RED-M": 3}, {"TEE-RED-M": 2})
    assert bench.most_promised == {"TEE-RED-M": 5}
    assert bench.parked() == []


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
@pytest.mark.parametrize("status", ["Deleted", "Parked"])
def test_a_shipment_not_wanted_any_more_while_nobody_knows_whether_its_order_was_made(
    kind: FaultKind, status: str
) -> None:
    bench = ShipmentBench(orders={"edits": {"deletions": "cancel"}})
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.mintsoft.faults.add(Fault(kind, path="/api/Order$", method="PUT"))
    bench.run("shipments", minutes=16)
    bench.sales.set_shipment_status(made["number"], status)
    for _ in range(4):
        bench.run("shipments")

    if kind is FaultKind.RESET_BEFORE:
        assert not bench.mintsoft.orders
        assert bench.parked() == []
    elif status == "Deleted":
        assert bench.stage(made) == "CANCELLED"
        assert bench.parked() == []
    else:
        assert bench.parked() == ["unleashed.shipment_withdrawn"]
    assert not bench.standing(made).in_work or bench.parked()


def test_a_shipment_that_was_withdrawn_in_time_is_imported_when_it_is_placed_again() -> None:
    bench = ShipmentBench()
    made = bench.ship(bench.order({"TEE-RED-M": 5}))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_BEFORE, path="/api/Order$", method="PUT"))
    bench.run("shipments", minutes=16)
    bench.sales.set_shipment_status(made["number"], "Parked")
    for _ in range(3):
        bench.run("shipments")
    bench.sales.set_shipment_status(made["number"], "Placed")
    bench.run("shipments")

    assert bench.there(made) == {"TEE-RED-M": 5}
    assert len(bench.mintsoft.orders) == 1


def test_with_shadow_then_live_a_split_in_between_is_made_as_it_is() -> None:
    bench = ShipmentBench(mode="shadow")
    order = bench.order({"TEE-RED-M": 5})
    first = bench.ship(order)
    bench.run("shipments")
    bench.set("shipments", mode="live")
    bench.run("shipments")
    bench.set("shipments", mode="shadow")
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")
    assert bench.there(first) == {"TEE-RED-M": 5}
    bench.set("shipments", mode="live")
    bench.watch_goods(order)
    for _ in range(3):
        bench.run("shipments")

    assert (bench.there(first), bench.there(second)) == ({"TEE-RED-M": 3}, {"TEE-RED-M": 2})
    assert bench.most_promised == {"TEE-RED-M": 5}


def test_what_the_connector_before_imported_counts_as_well() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    first = bench.ship(order)
    theirs = bench.by_another_connector(first, {"TEE-RED-M": 5})
    bench.clock.advance(days=2)
    bench.live_from_now()
    second = bench.split_off(first, {"TEE-RED-M": 2})
    bench.run("shipments")

    assert bench.there(second) == {}
    assert bench.parked() == ["unleashed.split"]

    theirs.items[0].quantity = 3
    bench.act("replay", second)
    bench.run("shipments")
    assert bench.there(second) == {"TEE-RED-M": 2}


def test_an_order_that_the_connector_before_imported_whole_is_not_sent_again() -> None:
    bench = ShipmentBench()
    order = bench.order({"TEE-RED-M": 5})
    bench.by_another_connector(order, {"TEE-RED-M": 5})
    bench.clock.advance(days=2)
    bench.live_from_now()
    made = bench.ship(order)
    bench.run("shipments")

    assert bench.there(made) == {}
    assert bench.parked() == ["unleashed.split"]
    assert order["number"] in bench.reasons()[0]


def test_more_than_was_ordered_is_a_persons_question() -> None:
    bench, _, first = imported()
    there = bench.desk_there.company.all("SalesShipments")[first["guid"]]
    there["SalesShipmentLines"][0]["ShipmentQty"] *= 2
    bench.touch(first)
    bench.run("shipments")

    assert bench.parked() == ["unleashed.more_than_ordered"]
    assert bench.there(first) == {"TEE-RED-M": 5}


def test_who_imports_orders_instead_by_now_does_not_send_the_shipments_goods_again() -> None:
    bench, order, first = imported()
    bench.set("shipments", mode="off")
    bench.set("orders")
    assert bench.run("orders") == {"parked": 1}
    assert bench.parked() == ["unleashed.shipments_imported"]
    assert first["number"] in bench.reasons()[0]
    assert len(bench.mintsoft.orders) == 1

    bench.move(bench.order_there(first).id, OrderStage.CANCELLED)
    bench.act("replay", order)
    assert bench.run("orders") == {"imported": 1}


@pytest.mark.parametrize("whole_runs", [0, 1])
def test_a_power_cut_at_any_step_of_a_split_loses_and_doubles_nothing(whole_runs: int) -> None:
    was_cut, steps = True, 0
    while was_cut:
        bench, _, first = imported(8)
        second = bench.split_off(first, {"TEE-RED-M": 3})
        for _ in range(whole_runs):
            bench.run("shipments")
        was_cut = bench.cut_off_after(steps)
        for _ in range(4):
            bench.run("shipments")

        assert (bench.there(first), bench.there(second)) == ({"TEE-RED-M": 5}, {"TEE-RED-M": 3})
        assert bench.most_promised == {"TEE-RED-M": 8}
        assert len(bench.mintsoft.orders) == 2
        assert bench.parked() == []
        steps += 1
    assert steps > 12


FAULTS = (
    FaultKind.RESET_AFTER,
    FaultKind.RESET_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.HTTP_429,
)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_people_do_and_whatever_breaks_no_unit_is_promised_twice(seed: int) -> None:
    dice = random.Random(seed)
    bench = ShipmentBench(orders={"edits": {"deletions": "cancel"}})
    order = bench.order({"TEE-RED-M": 12, "JEANS-32": 6})
    shipments = [bench.ship(order)]
    bench.watch_goods(order)
    acts: list[Callable[[], None]] = [
        lambda: bench.split_at_random(dice, shipments),
        lambda: bench.join_at_random(dice, shipments),
        lambda: bench.fault_at_random(dice, FAULTS),
    ]
    for _ in range(14):
        dice.choice(acts)()
        bench.run("shipments", minutes=dice.choice([6, 16]))
    bench.mintsoft.faults.clear()
    bench.unleashed.faults.clear()
    for _ in range(8):
        bench.run("shipments")

    assert bench.promised_too_much == []
    assert bench.parked() == []
    for made in shipments:
        says = bench.in_unleashed(made)
        assert bench.not_cancelled(made) == says
