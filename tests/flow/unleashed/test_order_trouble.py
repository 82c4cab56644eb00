"""Orders when something goes wrong: nothing twice, nothing lost, and each question once."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.erp_orders import BLUE, CAP, FLOW, MOVED, TEE, OrdersBench, made, until

CREATE = "/api/Order$"
LOST = (FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.TIMEOUT_AFTER)


# -- making -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOST)
def test_an_order_whose_answer_was_lost_is_found_and_not_made_twice(kind: FaultKind) -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    bench.fault(kind, CREATE)
    assert bench.run("orders") == {"later": 1}
    until(bench, "imported", minutes=5)

    assert made(bench) == 1
    step = bench.record(guid).step("order")
    assert step is not None
    assert (step.how, step.partner_id) == ("looked_up", str(bench.got(number).id))


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_BEFORE, FaultKind.ERROR_500_BEFORE, FaultKind.HTTP_429]
)
def test_an_order_that_was_not_made_is_made_later(kind: FaultKind) -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.fault(kind, CREATE)
    bench.run("orders")
    until(bench, "imported", minutes=5)

    assert (made(bench), bench.units(number)) == (1, {TEE: 2})


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_edit_while_nobody_knows_whether_it_was_made(carried_out: bool) -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 2})
    bench.fault(FaultKind.RESET_AFTER if carried_out else FaultKind.RESET_BEFORE, CREATE)
    bench.run("orders")
    bench.hands.edit_order(number, {TEE: 5, CAP: 1})
    for _ in range(3):
        bench.run("orders")

    assert made(bench) == 1
    assert bench.units(number) == {TEE: 5, CAP: 1}
    assert bench.parked() == []


@pytest.mark.parametrize("deletions", ["ask", "cancel"])
def test_a_deletion_while_nobody_knows_whether_it_was_made(deletions: str) -> None:
    bench = OrdersBench({"edits": {"deletions": deletions}})
    _, number = bench.place()
    bench.fault(FaultKind.RESET_AFTER, CREATE)
    bench.run("orders")
    bench.hands.delete_order(number)
    for _ in range(3):
        bench.run("orders")

    assert made(bench) == 1
    if deletions == "cancel":
        assert (bench.got(number).status_id, bench.parked()) == (3, [])
    else:
        assert bench.parked() == ["unleashed.order_deleted"]


def test_a_deletion_of_what_was_known_not_to_be_made() -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    bench.fault(FaultKind.HTTP_429, CREATE, times=9)
    bench.run("orders")
    bench.mintsoft.faults.clear()
    bench.hands.delete_order(number)

    assert bench.run("orders") == {"skipped": 1}
    assert (made(bench), bench.told(guid)) == (0, ["unleashed.order_deleted"])


def test_an_order_that_was_taken_back_and_placed_again_before_it_was_made() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.fault(FaultKind.HTTP_429, CREATE, times=9)
    bench.run("orders")
    bench.mintsoft.faults.clear()
    bench.hands.set_order_status(number, "Parked")
    assert bench.run("orders") == {"skipped": 1}
    bench.hands.set_order_status(number, "Placed")

    assert bench.run("orders") == {"imported": 1}
    assert made(bench) == 1


def test_a_product_that_the_warehouse_does_not_know_is_a_persons() -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 1, "SOCK-3PK": 1})
    assert bench.run("orders") == {"parked": 1}
    assert "SOCK-3PK" in bench.reasons()[0]

    bench.mintsoft.seed({"products": {"990": {"sku": "SOCK-3PK", "name": "S", "client_id": 12}}})
    bench.replay()
    assert bench.run("orders") == {"imported": 1}
    assert bench.units(number) == {TEE: 1, "SOCK-3PK": 1}


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(("units", "code"), [(7, "mintsoft"), (2, "unleashed")])
def test_a_number_that_is_somebody_elses_is_a_persons(lost: bool, units: int, code: str) -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 2})
    bench.raw(
        "PUT",
        "/api/Order",
        {
            "ClientId": 12,
            "OrderNumber": number,
            "WarehouseId": 3,
            "Country": "GB",
            "CourierService": "AUTO",
            "OrderItems": [{"SKU": TEE, "Quantity": units}],
        },
    )
    if lost:
        bench.fault(FaultKind.RESET_BEFORE, CREATE)
        bench.run("orders")
    until(bench, "parked", hours=8)

    assert made(bench) == 1
    (parked,) = bench.parked()
    assert number in bench.reasons()[0]
    if not lost:
        assert parked.startswith(code)


def test_an_order_that_was_changed_before_it_was_found_is_ours_all_the_same() -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    bench.fault(FaultKind.RESET_AFTER, CREATE)
    bench.run("orders")
    bench.got(number).items[0].quantity = 9
    until(bench, "imported", minutes=5)

    assert bench.record(guid).partner_id("order") == str(bench.got(number).id)


def test_the_same_number_of_another_client_is_none_of_ours() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.stranger(number)

    assert bench.run("orders") == {"imported": 1}
    assert sorted(order.client_id for order in bench.all_with(number)) == [12, 13]


def test_another_prefix_after_a_lost_answer_makes_no_second_order() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.fault(FaultKind.RESET_AFTER, CREATE)
    bench.run("orders")
    bench.set("orders", number_prefix="UNL-")
    until(bench, "imported", minutes=5)

    assert made(bench) == 1
    assert bench.got(number).items


# -- changing -----------------------------------------------------------------------------------


def imported(**settings: Any) -> tuple[OrdersBench, str, str]:
    bench = OrdersBench(settings)
    guid, number = bench.place({TEE: 2, BLUE: 3})
    bench.run("orders")
    return bench, guid, number


@pytest.mark.parametrize("kind", [*LOST, FaultKind.RESET_BEFORE])
def test_units_whose_answer_was_lost_are_looked_up(kind: FaultKind) -> None:
    bench, _, number = imported()
    bench.hands.edit_order(number, {TEE: 5, CAP: 1})
    bench.fault(kind, "/Items")
    bench.run("orders")
    until(bench, "edited", minutes=5)

    assert bench.units(number) == {TEE: 5, BLUE: 3, CAP: 1}
    assert len(bench.journal("add-order-item")) == 1


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
@pytest.mark.parametrize("then", [7, 3, 2])
def test_an_edit_while_nobody_knows_of_the_last_one(kind: FaultKind, then: int) -> None:
    bench, guid, number = imported(edits={"decreases": True})
    bench.hands.edit_order(number, {TEE: 5})
    bench.fault(kind, "/Items")
    bench.run("orders")
    bench.hands.edit_order(number, {TEE: then})
    for _ in range(3):
        bench.run("orders")

    assert bench.units(number)[TEE] == then
    assert (bench.parked(), bench.record(guid).open_steps) == ([], ())


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_an_edit_back_while_decreases_are_off_ends_known(kind: FaultKind) -> None:
    bench, guid, number = imported()
    bench.hands.edit_order(number, {TEE: 5})
    bench.fault(kind, "/Items")
    bench.run("orders")
    bench.hands.edit_order(number, {TEE: 2})
    for _ in range(3):
        bench.run("orders")

    assert bench.units(number)[TEE] == (5 if kind is FaultKind.RESET_AFTER else 2)
    assert (bench.parked(), bench.record(guid).open_steps) == ([], ())


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
@pytest.mark.parametrize("back", [True, False])
def test_an_address_whose_answer_was_lost(kind: FaultKind, back: bool) -> None:
    bench, guid, number = imported()
    bench.hands.set_order_fields(number, MOVED)
    bench.fault(kind, r"/api/Order/\d+$", method="POST")
    bench.run("orders")
    if back:
        bench.hands.set_order_fields(number, {**MOVED, "DeliveryCity": "Leeds"})
    for _ in range(3):
        bench.run("orders")

    assert bench.got(number).header["Town"] == ("Leeds" if back else "York")
    assert (bench.parked(), bench.record(guid).open_steps) == ([], ())


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_cancellation_whose_answer_was_lost(kind: FaultKind) -> None:
    bench, _, number = imported(edits={"deletions": "cancel"})
    bench.hands.delete_order(number)
    bench.fault(kind, "/Cancel")
    bench.run("orders")
    until(bench, "cancelled", minutes=5)

    assert bench.got(number).status_id == 3


def test_the_warehouse_begins_between_the_look_and_the_cancellation() -> None:
    bench, _, number = imported(edits={"deletions": "cancel"})
    bench.hands.delete_order(number)
    bench.fault(FaultKind.RESET_BEFORE, "/Cancel")
    bench.run("orders")
    bench.move(bench.got(number).id, OrderStage.IN_WORK)
    until(bench, "parked", minutes=5)

    assert bench.parked() == ["mintsoft.too_late_to_cancel"]


# -- quirks of Mintsoft -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quirk",
    [
        {"duplicate_names_order": False},
        {"search": "exact", "search_rows_bare": False},
        {"exact_match_heeded": False},
        {"short_of_stock": "new"},
    ],
)
def test_lost_answers_over_the_quirks_of_its_search(quirk: dict[str, Any]) -> None:
    bench = OrdersBench(mintsoft=Settings(**quirk))
    _, number = bench.place()
    bench.fault(FaultKind.RESET_AFTER, CREATE)
    bench.run("orders")
    until(bench, "imported", minutes=5)

    assert (made(bench), bench.units(number)) == (1, {TEE: 2})


def test_a_record_that_unleashed_forgets_is_a_persons_once_it_was_made() -> None:
    bench, guid, number = imported()
    bench.hands.edit_order(number, {TEE: 5})
    bench.fault(FaultKind.RESET_BEFORE, "/Items")
    bench.run("orders")
    del bench.desk_there.company.all("SalesOrders")[guid]
    bench.run("orders")

    assert bench.parked() == ["sync.gone"]
    assert bench.records.load("example", FLOW, guid).parked


def test_what_mintsoft_says_of_a_person_is_not_told() -> None:
    bench = OrdersBench()
    bench.place(fields={"DeliveryMethod": "Patricia"})
    bench.set("orders", couriers={"Patricia": "No such courier"})
    bench.run("orders")

    assert bench.reasons()
    assert "Patricia" not in bench.reasons()[0]
