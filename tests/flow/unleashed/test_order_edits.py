"""Edits of an order after the warehouse got it: what is carried over, what a person decides."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.erp_orders import ADDRESS, BLUE, CAP, MOVED, TEE, OrdersBench

ALL = {"increases": True, "decreases": True}


def imported(
    edits: dict[str, Any] | None = None, goods: dict[str, Any] | None = None, **settings: Any
) -> tuple[OrdersBench, str, str]:
    """A merchant whose order the warehouse has."""
    bench = OrdersBench({"edits": edits or {}, **settings})
    guid, number = bench.place(goods or {TEE: 2, BLUE: 3})
    assert bench.run("orders") == {"imported": 1}
    return bench, guid, number


# -- while nobody has begun ---------------------------------------------------------------------


@pytest.mark.parametrize("stage", [OrderStage.NEW, OrderStage.ON_HOLD])
def test_more_units_and_new_lines_reach_the_warehouse(stage: OrderStage) -> None:
    bench, guid, number = imported()
    bench.move(bench.got(number).id, stage)
    bench.hands.edit_order(number, {TEE: 5, CAP: 1})

    assert bench.run("orders") == {"edited": 1}
    assert bench.run("orders") == {}
    assert bench.units(number) == {TEE: 5, BLUE: 3, CAP: 1}
    (cap,) = [item for item in bench.got(number).items if item.sku == CAP]
    assert cap.price == 14.9
    names = [step.name for step in bench.record(guid).steps]
    assert names == ["order", f"units/{CAP}/2", f"units/{TEE}/2"]


def test_increases_are_left_where_the_file_says_so() -> None:
    bench, guid, number = imported({"increases": False})
    bench.hands.edit_order(number, {TEE: 5})

    assert bench.run("orders") == {"skipped": 1}
    assert bench.units(number) == {TEE: 2, BLUE: 3}
    assert bench.told(guid) == ["unleashed.edit_left"]


def test_decreases_are_left_by_default_and_told_once() -> None:
    bench, guid, number = imported()
    bench.hands.edit_order(number, {TEE: 1, BLUE: 0})
    assert bench.run("orders") == {"skipped": 1}
    bench.hands.edit_order(number, {TEE: 2})
    bench.hands.edit_order(number, {TEE: 1, BLUE: 2})
    bench.run("orders")

    assert bench.units(number) == {TEE: 2, BLUE: 3}
    assert bench.told(guid) == ["unleashed.edit_left"]
    assert bench.parked() == []


def test_decreases_and_lines_that_are_gone_reach_it_by_the_second_switch() -> None:
    bench, _, number = imported(ALL)
    bench.hands.edit_order(number, {TEE: 1, BLUE: 0, CAP: 2})

    assert bench.run("orders") == {"edited": 1}
    assert bench.units(number) == {TEE: 1, CAP: 2}


def test_what_is_carried_over_says_what_is_not() -> None:
    bench, _, number = imported()
    bench.hands.edit_order(number, {TEE: 4, BLUE: 1})
    bench.clock.advance(minutes=20)

    (plan,) = bench.plan("orders")
    assert [step.summary for step in plan.changes[0].steps] == [
        f"order {number}: {TEE} 2 -> 4; not carried over: {BLUE} 3 -> 1 (edits.decreases off)"
    ]
    assert plan.changes[0].does == "update"
    bench.run("orders")
    assert bench.units(number) == {TEE: 4, BLUE: 3}


def test_edit_after_edit_each_from_what_was_sent_last() -> None:
    bench, _, number = imported(ALL)
    for goods in ({TEE: 4}, {TEE: 1}, {BLUE: 1, CAP: 2}, {TEE: 7, CAP: 0}, {CAP: 1}):
        bench.hands.edit_order(number, goods)
        assert bench.run("orders") == {"edited": 1}

    assert bench.units(number) == {TEE: 7, BLUE: 1, CAP: 1}
    assert bench.parked() == []


def test_a_sku_that_looks_like_a_path_is_as_good_as_any() -> None:
    odd = "SIZE/32 æ" * 9
    bench = OrdersBench({"edits": ALL})
    product = {"ProductCode": odd, "ProductDescription": "Odd", "DefaultSellPrice": 1}
    bench.desk_there.seed({"products": [product]})
    bench.mintsoft.seed({"products": {"990": {"sku": odd, "name": "Odd", "client_id": 12}}})
    _, number = bench.place({TEE: 1})
    bench.run("orders")
    for units in (3, 1, 0):
        bench.hands.edit_order(number, {odd: units})
        assert bench.run("orders") == {"edited": 1}

    assert bench.units(number) == {TEE: 1}


def test_another_address_reaches_the_warehouse_whole() -> None:
    bench, _, number = imported()
    bench.hands.set_order_fields(
        number, MOVED | {"DeliveryStreetAddress2": None, "DeliveryCountry": "Denmark"}
    )

    assert bench.run("orders") == {"edited": 1}
    header = bench.got(number).header
    assert (header["Address1"], header["Address2"]) == ("2 Other Road", "Testside")
    assert (header["Town"], header["Country"]) == ("York", "DK")
    assert bench.run("orders") == {}

    bench.hands.set_order_fields(number, ADDRESS)
    assert bench.run("orders") == {"edited": 1}
    assert bench.got(number).header["Town"] == "Leeds"


def test_addresses_are_left_where_the_file_says_so() -> None:
    bench, guid, number = imported({"addresses": False})
    bench.hands.set_order_fields(number, MOVED)

    assert bench.run("orders") == {"skipped": 1}
    assert bench.got(number).header["Town"] == "Leeds"
    assert bench.told(guid) == ["unleashed.edit_left"]


def test_what_the_warehouse_is_not_told_of_changes_nothing() -> None:
    bench, _, number = imported()
    bench.hands.set_order_fields(number, {"Comments": "another one", "CustomerRef": "X"})
    asked = len(bench.to_mintsoft.requests)

    assert bench.run("orders") == {"in_step": 1}
    searched = [one.path for one in bench.to_mintsoft.requests[asked:]]
    assert searched == ["/api/Warehouse"]


# -- when it is too late ------------------------------------------------------------------------


@pytest.mark.parametrize("edit", [{TEE: 5}, {TEE: 1}, {CAP: 1}])
def test_an_order_that_is_being_picked_is_a_persons(edit: dict[str, int]) -> None:
    bench, _, number = imported(ALL)
    bench.move(bench.got(number).id, OrderStage.IN_WORK)
    bench.hands.edit_order(number, edit)

    assert bench.run("orders") == {"parked": 1}
    assert bench.units(number) == {TEE: 2, BLUE: 3}
    assert bench.parked() == ["unleashed.order_edited"]
    assert "it is PICKED, which is too late" in bench.reasons()[0]


def test_an_order_that_was_sent_is_a_persons() -> None:
    bench, _, number = imported()
    bench.despatch(bench.got(number).id)
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")

    assert "make another order of what is missing" in bench.reasons()[0]


def test_what_a_person_did_in_the_warehouse_is_not_asked_again() -> None:
    bench, _, number = imported(ALL)
    order = bench.got(number)
    bench.move(order.id, OrderStage.IN_WORK)
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")
    next(item for item in order.items if item.sku == TEE).quantity = 5
    bench.replay()
    assert bench.run("orders") == {"in_step": 1}

    bench.hands.set_order_fields(number, {"Comments": "another one"})
    assert bench.run("orders") == {"in_step": 1}
    assert bench.parked() == []


def test_what_was_edited_on_both_sides_is_a_persons() -> None:
    bench, _, number = imported()
    next(item for item in bench.got(number).items if item.sku == TEE).quantity = 9
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")

    assert "2 sent, 5 in Unleashed now, 9 in the warehouse" in bench.reasons()[0]
    assert bench.units(number)[TEE] == 9


def test_what_the_warehouse_edited_alone_stays() -> None:
    bench, _, number = imported()
    next(item for item in bench.got(number).items if item.sku == TEE).quantity = 9
    bench.hands.edit_order(number, {BLUE: 4})

    assert bench.run("orders") == {"edited": 1}
    assert bench.units(number) == {TEE: 9, BLUE: 4}


def test_an_order_that_was_split_is_a_persons() -> None:
    bench, _, number = imported()
    bench.split(bench.got(number).id, {TEE: 1})
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")

    assert "split or merged" in bench.reasons()[0]


def test_an_order_that_was_merged_is_a_persons() -> None:
    bench, _, number = imported()
    _, other = bench.place({CAP: 1})
    bench.run("orders")
    bench.merge(bench.got(other).id, bench.got(number).id)
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")

    assert "split or merged" in bench.reasons()[0]


def test_an_order_that_the_warehouse_cancelled_is_a_persons() -> None:
    bench, _, number = imported()
    bench.move(bench.got(number).id, OrderStage.CANCELLED)
    bench.hands.edit_order(number, {TEE: 5})
    bench.run("orders")

    assert "the warehouse has cancelled it" in bench.reasons()[0]


def test_every_line_gone_is_a_persons() -> None:
    bench, _, number = imported(ALL)
    order = bench.hands.numbered("SalesOrders", number)
    order["SalesOrderLines"] = []
    bench.desk_there.company.touch(order, "clerk@example.test")
    bench.run("orders")

    assert bench.parked() == ["unleashed.order_withdrawn"]
    assert "no line of goods" in bench.reasons()[0]
    assert bench.units(number) == {TEE: 2, BLUE: 3}


def test_another_warehouse_is_a_persons() -> None:
    bench, _, number = imported()
    bench.hands.edit_order(number, {}, warehouse="3PL")
    bench.run("orders")

    assert bench.parked() == ["unleashed.order_withdrawn"]
    assert "it is sent from warehouse 3PL now; in the warehouse it is NEW" in bench.reasons()[0]


def test_half_a_unit_is_a_persons() -> None:
    bench, _, number = imported()
    bench.hands.edit_order(number, {TEE: 2.5})
    bench.run("orders")

    assert bench.parked() == ["unleashed.order_unfit"]


# -- taken back, deleted, completed -------------------------------------------------------------


def test_an_order_that_went_back_to_a_draft_is_a_persons() -> None:
    bench, _, number = imported()
    bench.hands.set_order_status(number, "Parked")
    assert bench.run("orders") == {"parked": 1}
    assert "it went back to Parked in Unleashed; in the warehouse it is NEW" in bench.reasons()[0]

    bench.hands.set_order_status(number, "Placed")
    bench.replay()
    assert bench.run("orders") == {"in_step": 1}


def test_an_order_that_went_back_after_it_was_sent_is_nothing() -> None:
    bench, _, number = imported()
    bench.despatch(bench.got(number).id)
    bench.hands.set_order_status(number, "Parked")

    assert bench.run("orders") == {"withdrawn": 1}


def test_a_custom_status_that_is_left_is_told_by_its_own_name() -> None:
    bench = OrdersBench({"custom_statuses": ["Ready to ship"]})
    _, number = bench.place(custom="Ready to ship")
    bench.run("orders")
    bench.hands.set_order_status(number, "Parked", "On hold")
    bench.run("orders")

    assert "it went back to On hold in Unleashed" in bench.reasons()[0]


def test_a_deletion_is_asked_about_by_default() -> None:
    bench, _, number = imported()
    bench.hands.delete_order(number)

    assert bench.run("orders") == {"parked": 1}
    assert bench.parked() == ["unleashed.order_deleted"]
    bench.move(bench.got(number).id, OrderStage.CANCELLED)
    bench.replay()
    assert bench.run("orders") == {"cancelled": 1}


def test_a_deletion_cancels_an_order_that_is_new_where_the_file_says_so() -> None:
    bench, _, number = imported({"deletions": "cancel"})
    bench.hands.delete_order(number)

    assert bench.run("orders") == {"cancelled": 1}
    assert bench.got(number).status_id == 3
    assert bench.run("orders") == {}


@pytest.mark.parametrize("stage", [OrderStage.ON_HOLD, OrderStage.IN_WORK])
def test_a_deletion_of_an_order_that_is_not_new_is_a_persons(stage: OrderStage) -> None:
    bench, _, number = imported({"deletions": "cancel"})
    bench.move(bench.got(number).id, stage)
    bench.hands.delete_order(number)

    assert bench.run("orders") == {"parked": 1}


def test_a_deletion_after_it_was_sent_is_a_persons() -> None:
    bench, _, number = imported({"deletions": "cancel"})
    bench.despatch(bench.got(number).id)
    bench.hands.delete_order(number)
    bench.run("orders")

    assert "the warehouse has sent it" in bench.reasons()[0]


def test_a_deletion_before_the_import_is_nothing() -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    bench.hands.delete_order(number)

    assert bench.run("orders") == {"skipped": 1}
    assert (bench.all_with(number), bench.told(guid)) == ([], ["unleashed.order_deleted"])


def test_a_question_ends_when_its_order_is_deleted() -> None:
    bench = OrdersBench()
    guid, number = bench.place({TEE: 0.5})
    bench.run("orders")
    bench.hands.delete_order(number)
    bench.run("orders")
    bench.replay()

    assert bench.run("orders") == {"skipped": 1}
    assert bench.told(guid) == ["unleashed.order_deleted"]


@pytest.mark.parametrize("edits", [{}, ALL])
def test_an_order_that_is_completed_in_unleashed_is_over(edits: dict[str, Any]) -> None:
    bench, _, number = imported(edits)
    bench.hands.complete_order(number)

    assert bench.run("orders") == {"completed": 1}
    assert bench.parked() == []


def test_shadow_tells_of_an_edit_and_live_makes_it() -> None:
    bench, _, number = imported()
    bench.set("orders", mode="shadow")
    bench.hands.edit_order(number, {TEE: 5})
    assert bench.run("orders") == {"shadow": 1}
    assert bench.units(number)[TEE] == 2
    bench.set("orders", mode="live")

    assert bench.run("orders") == {"edited": 1}
    assert bench.units(number)[TEE] == 5
