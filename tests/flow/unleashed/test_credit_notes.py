"""Returns that were processed become credit notes, once each, at the price that was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import FaultKind
from local.simulators.unleashed.hands import SalesHands
from returns_hub.domain.following import DueKind
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.credits.untold import untold_credits
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.credit_worlds import FLOW, KEY, CreditBench
from tests.support.export_worlds import BLUE, JEANS, TEE
from tests.support.worlds import item, redo_return

BOTH = {TEE: (2.0, 20.0), JEANS: (1.0, 80.0)}
LOST = [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.TIMEOUT_AFTER]


def until(it: CreditBench, word: str) -> None:
    for _ in range(8):
        if word in it.credit():
            return
    raise AssertionError(f"no run ended with {word}; parked: {it.reasons()}")


def test_a_return_becomes_a_parked_note_at_the_price_of_its_order() -> None:
    it = CreditBench()
    it.sold()
    it.come_back()

    assert it.credit() == {"credited": 1}
    assert it.credit() == {}
    assert it.credited() == [("Parked", BOTH)]
    (note,) = it.notes()
    assert note["Customer"]["CustomerCode"] == "WEBSHOP"
    assert note["Warehouse"]["WarehouseCode"] == "MAIN"
    assert note["Total"] == 144.0
    assert {line["Reason"] for line in note["CreditLines"]} == {"Return"}
    assert {line["Return"] for line in note["CreditLines"]} == {False}
    assert "Sample" not in note["Comments"]
    assert it.account.on_hand(TEE) == 38


def test_a_completed_note_brings_the_goods_back_where_that_is_wanted() -> None:
    it = CreditBench({"complete": True, "return_to_stock": True, "reason": "Sent back"})
    it.sold()
    it.come_back()

    assert it.credit() == {"credited": 1}
    assert it.credited() == [("Completed", BOTH)]
    assert it.account.on_hand(TEE) == 40
    assert it.account.on_hand(JEANS) == 6
    assert len(it.account.happened("credit_completed")) == 1


def test_nothing_is_due_before_lines_are_processed_or_when_the_flow_is_off() -> None:
    it = CreditBench({"mode": "off"})
    it.sold()
    it.come_back()
    assert it.state().due_of(DueKind.CREDIT_NOTE, "1") is None
    assert it.watch() == {}


def test_what_is_due_is_handed_over_once_and_is_not_due_any_more() -> None:
    it = CreditBench()
    it.sold()
    it.come_back()
    assert it.state().due_of(DueKind.CREDIT_NOTE, "1") is not None

    assert it.watch()["credit_note.handed_over"] == 1
    assert it.state().due_of(DueKind.CREDIT_NOTE, "1") is None
    assert it.state_of(FLOW, KEY).in_work
    assert "credit_note.handed_over" not in it.watch()


@pytest.mark.parametrize("kind", [*LOST, FaultKind.ERROR_500_BEFORE, FaultKind.RESET_BEFORE])
@pytest.mark.parametrize("path", ["/CreditNotes/FreeCredit", r"/CreditNotes/[0-9a-f-]+/Complete"])
def test_an_answer_that_is_lost_makes_no_second_note(kind: FaultKind, path: str) -> None:
    it = CreditBench({"complete": True, "return_to_stock": True})
    it.sold()
    it.come_back()
    it.lose_there(kind, path)

    it.credit()
    until(it, "credited")
    assert it.credited() == [("Completed", BOTH)]
    assert it.account.on_hand(TEE) == 40
    assert it.parked() == []


def test_a_note_whose_comments_were_emptied_before_it_was_known_is_a_persons() -> None:
    it = CreditBench()
    it.sold()
    it.come_back()
    it.lose_there(FaultKind.RESET_AFTER, "/CreditNotes/FreeCredit")
    it.credit()
    for row in it.desk_there.company.all("CreditNotes").values():
        row["Comments"] = "somebody's own words"

    for _ in range(100):
        it.credit()
    assert len(it.notes()) == 1
    assert it.parked() == ["operation.unknown_outcome"]


def test_a_note_that_was_deleted_before_it_was_known_is_not_made_again() -> None:
    it = CreditBench()
    it.sold()
    it.come_back()
    it.lose_there(FaultKind.RESET_AFTER, "/CreditNotes/FreeCredit")
    it.credit()
    for row in it.desk_there.company.all("CreditNotes").values():
        row["Status"] = "Deleted"
        it.desk_there.company.touch(row, "clerk@example.test")

    until(it, "credited")
    assert len(it.notes()) == 1


def test_a_line_that_was_rejected_is_not_credited() -> None:
    it = CreditBench()
    it.sold()
    it.put(redo_return([item(1, TEE, 2), item(2, JEANS)]))
    assert it.approve() == "announced"
    it.receive(41)
    it.poll()
    state = it.state()
    batch = state.batches[0]
    lines = (batch.lines[0], batch.lines[1].model_copy(update={"reject": True}))
    changed = batch.model_copy(update={"lines": lines})
    key = ("example", state.return_id)
    it.returns.states[key] = state.model_copy(update={"batches": (changed,)})

    assert it.credit() == {"credited": 1}
    assert it.credited() == [("Parked", {TEE: (2.0, 20.0)})]


def test_units_that_come_at_another_time_are_credited_of_what_is_left() -> None:
    it = CreditBench()
    full, reduced = ({"SKU": TEE, "Quantity": 1, "UnitPrice": price} for price in (24.0, 12.0))
    it.sent("5501", {}, OrderItems=[full, reduced])
    it.export()
    it.put(redo_return([item(1, TEE), item(2, TEE)]))
    assert it.approve() == "announced"
    it.receive(41, (TEE, 1))
    assert it.poll() == {"processed_in_part": 1}
    assert it.credit() == {"credited": 1}
    it.receive(41, (TEE, 2))
    assert it.poll() == {"processed": 1}

    assert it.credit() == {"credited": 1}
    assert it.credited() == [("Parked", {TEE: (1.0, 20.0)}), ("Parked", {TEE: (1.0, 10.0)})]


def test_more_units_than_were_sold_are_a_persons_whenever_they_come() -> None:
    it = CreditBench()
    it.sent("5501", {TEE: (1, 24.0)})
    it.export()
    it.put(redo_return([item(1, TEE), item(2, TEE)]))
    assert it.approve() == "announced"
    it.receive(41, (TEE, 1))
    it.poll()
    assert it.credit() == {"credited": 1}
    it.receive(41, (TEE, 2))
    it.poll()

    assert it.credit() == {"parked": 1}
    assert it.parked() == ["unleashed.credit_no_price"]
    assert len(it.notes()) == 1


def test_an_order_that_was_imported_from_unleashed_is_found_by_the_warehouses() -> None:
    it = CreditBench(orders={"channel": "ERP", "number_prefix": "UNL-"})
    it.set("order_export", mode="off")
    it.mintsoft.seed({"channels": {"9": "ERP"}})
    it.set("orders")
    made = SalesHands(it.desk_there).place_order(
        "BOUTIQUE", {TEE: 2, JEANS: 1}, fields={"DeliveryCountry": "GB", "DeliveryCity": "Leeds"}
    )
    it.run("orders")
    it.come_back(order={"id": "order1", "name": f"UNL-{made['number']}"})

    assert it.credit() == {"credited": 1}
    assert it.credited() == [("Parked", {TEE: (2.0, 19.9), JEANS: (1.0, 79.9)})]
    (note,) = it.notes()
    assert note["Customer"]["CustomerCode"] == "BOUTIQUE"


def test_an_order_of_two_exported_parts_gets_a_note_for_each() -> None:
    it = CreditBench()
    first = it.sell("5501", {TEE: (2, 24.0), JEANS: (1, 96.0)})
    second = it.split(first, {JEANS: 1})
    it.despatch(first)
    it.despatch(second)
    it.export()
    it.come_back()

    assert it.credit() == {"credited": 1}
    assert sorted(it.credited(), key=str) == sorted(
        [("Parked", {TEE: (2.0, 20.0)}), ("Parked", {JEANS: (1.0, 80.0)})], key=str
    )


@pytest.mark.parametrize(
    ("items", "sold", "code"),
    [
        ([item(1, TEE, 2)], False, "unleashed.credit_no_order"),
        ([item(1, BLUE)], True, "unleashed.credit_no_order"),
        ([item(1, TEE, 3)], True, "unleashed.credit_no_price"),
    ],
)
def test_what_was_sold_for_how_much_is_never_guessed(
    items: list[dict[str, Any]], sold: bool, code: str
) -> None:
    it = CreditBench()
    if sold:
        it.sold()
    it.come_back(*items)

    assert it.credit() == {"parked": 1}
    assert it.parked() == [code]
    assert it.notes() == []
    it.discard("made by hand")
    assert it.credit() == {}
    assert it.notes() == []


def test_a_person_may_make_the_order_known_and_have_it_tried_again() -> None:
    it = CreditBench()
    it.come_back()
    it.credit()
    it.sold()
    it.replay()
    until(it, "credited")
    assert it.credited() == [("Parked", BOTH)]


def test_an_amount_that_replaced_the_price_is_a_persons() -> None:
    it = CreditBench()
    it.sold()
    it.come_back()
    state = it.state()
    batch = state.batches[0]
    lines = (batch.lines[0].model_copy(update={"amount": Decimal(5)}), *batch.lines[1:])
    changed = batch.model_copy(update={"lines": lines})
    it.returns.states["example", state.return_id] = state.model_copy(update={"batches": (changed,)})
    assert it.credit() == {"parked": 1}
    assert it.parked() == ["unleashed.credit_no_price"]


def test_in_shadow_it_is_planned_and_nothing_is_written() -> None:
    it = CreditBench({"mode": "shadow"})
    it.sold()
    it.come_back()
    written = len(it.written_there())
    assert it.credit() == {"shadow": 1}
    assert len(it.written_there()) == written


# -- what is on its way -------------------------------------------------------------------------

BACK = {3: {TEE: InFlight(received=2), JEANS: InFlight(received=1)}}


def test_it_is_one_of_the_parts_that_the_stock_sync_asks() -> None:
    assert untold_credits in UNTOLD


def test_goods_that_a_note_will_bring_are_on_their_way_until_it_has() -> None:
    it = CreditBench({"complete": True, "return_to_stock": True})
    it.sold()
    it.come_back()
    it.watch()
    assert untold_credits(it.erp_world("stock")) == BACK

    it.lose_there(FaultKind.ERROR_500_BEFORE, "/Complete", times=3)
    it.run("credit_notes")
    assert untold_credits(it.erp_world("stock")) == BACK
    it.unleashed.faults.clear()
    it.lose_there(FaultKind.RESET_AFTER, "/Complete")
    it.run("credit_notes")
    assert it.account.on_hand(TEE) == 40
    assert untold_credits(it.erp_world("stock")) == {}


def of_two_parts(first: dict[str, int], second: dict[str, int]) -> CreditBench:
    """An order that left in two parts; the second credit note of it cannot be completed."""
    it = CreditBench({"complete": True, "return_to_stock": True})
    skus = first | second
    sold = {sku: (first.get(sku, 0) + second.get(sku, 0), 24.0) for sku in skus}
    made = it.sell("5501", sold)
    it.despatch(it.split(made, second))
    it.despatch(made)
    it.export()
    it.lose_there(FaultKind.ERROR_500_BEFORE, "/Complete", times=None, after=1)
    return it


@pytest.mark.parametrize("second", [JEANS, TEE])
def test_goods_of_a_completed_note_are_not_on_their_way_with_those_of_another(second: str) -> None:
    it = of_two_parts({TEE: 2}, {second: 1})
    it.come_back(item(1, TEE, 2), item(2, second))
    it.credit()
    assert [status for status, _ in it.credited()].count("Completed") == 1
    left = next(goods for status, goods in it.credited() if status == "Parked")
    ((sku, (units, _)),) = left.items()
    assert untold_credits(it.erp_world("stock")) == {3: {sku: InFlight(received=int(units))}}


def test_which_note_brings_goods_is_not_guessed() -> None:
    it = of_two_parts({TEE: 1}, {TEE: 1})
    it.come_back(item(1, TEE), item(2, TEE))
    state = it.state()
    batch = state.batches[0]
    lines = (batch.lines[0], batch.lines[1].model_copy(update={"restock": False}))
    changed = batch.model_copy(update={"lines": lines})
    it.returns.states["example", state.return_id] = state.model_copy(update={"batches": (changed,)})
    it.credit()
    assert [status for status, _ in it.credited()].count("Completed") == 1
    with pytest.raises(Retryable, match="one of its credit notes"):
        untold_credits(it.erp_world("stock"))


def test_a_note_that_brings_no_goods_has_none_on_their_way() -> None:
    it = CreditBench({"complete": True})
    it.sold()
    it.come_back()
    it.watch()
    assert untold_credits(it.erp_world("stock")) == {}


def test_notes_that_people_complete_bring_no_goods_beside_the_stock_sync() -> None:
    it = CreditBench({"return_to_stock": True})
    it.set("stock", adjustment_means="delta")
    with pytest.raises(ValueError, match="goods would come twice"):
        it.live()
