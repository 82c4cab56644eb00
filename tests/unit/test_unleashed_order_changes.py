"""An order that was edited in Unleashed: what reaches the warehouse, and what a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.order_changes import (
    CancelIt,
    ChangePlan,
    LeftAlone,
    SendAddress,
    SetUnits,
    plan_changes,
    plan_deletion,
    plan_withdrawal,
)
from returns_hub.domain.unleashed.order_settings import OrderEdits
from returns_hub.domain.warehouse_orders import OrderedItem, OrderStage, WarehouseOrder

BOTH = OrderEdits(increases=True, decreases=True)


def held(units: Mapping[str, int] | None = None, **changes: Any) -> tuple[WarehouseOrder, ...]:
    rows = {"MUG": 2} if units is None else units
    fields: dict[str, Any] = {
        "order_id": 9,
        "number": "UNL-1",
        "stage": OrderStage.NEW,
        "status_word": "NEW",
        "version": "1",
        "updated_at": datetime(2026, 3, 2, tzinfo=UTC),
        "items": tuple(OrderedItem(sku, count) for sku, count in rows.items()),
    }
    return (WarehouseOrder(**{**fields, **changes}),)


def plan(
    wanted: Mapping[str, int],
    order: tuple[WarehouseOrder, ...] | None = None,
    *,
    sent: Mapping[str, int] | None = None,
    edits: OrderEdits | None = None,
    address_changed: bool = False,
) -> ChangePlan:
    return plan_changes(
        sent=sent if sent is not None else {"MUG": 2},
        wanted=wanted,
        held=held() if order is None else order,
        edits=edits or OrderEdits(),
        address_changed=address_changed,
    )


def is_nothing(found: ChangePlan) -> bool:
    return not found.steps and not found.ask


def sent_after(found: ChangePlan, sent: dict[str, int]) -> dict[str, int]:
    """What the warehouse has been sent once every step is done."""
    return {sku: units for sku, units in {**sent, **found.reached}.items() if units}


def test_more_units_and_new_lines_are_carried_over_by_default() -> None:
    found = plan({"MUG": 3, "TEA": 1})

    assert found.steps == (SetUnits("MUG", 3, 2), SetUnits("TEA", 1, 0))
    assert (found.left, found.ask) == ((), "")
    assert sent_after(found, {"MUG": 2}) == {"MUG": 3, "TEA": 1}


def test_fewer_units_need_the_second_switch() -> None:
    found = plan({"MUG": 1, "TEA": 1}, held({"MUG": 2}))

    assert found.steps == (SetUnits("TEA", 1, 0),)
    assert found.left == (LeftAlone("MUG", 2, 1, "decreases_off"),)
    assert sent_after(found, {"MUG": 2}) == {"MUG": 2, "TEA": 1}
    assert plan({"MUG": 1}, edits=BOTH).steps == (SetUnits("MUG", 1, 2),)


def test_increases_can_be_switched_off() -> None:
    found = plan({"MUG": 3}, edits=OrderEdits(increases=False))
    assert found.left == (LeftAlone("MUG", 2, 3, "increases_off"),)
    assert is_nothing(found)


def test_more_comes_first_and_nothing_last() -> None:
    sent = {"A": 1, "B": 5, "C": 1}
    found = plan({"B": 2, "D": 4, "C": 2}, held(sent), sent=sent, edits=BOTH)
    assert [step.sku for step in found.steps if isinstance(step, SetUnits)] == ["C", "D", "B", "A"]


def test_an_order_that_would_be_empty_is_a_persons() -> None:
    found = plan({}, edits=BOTH)
    assert (found.steps, found.ask) == ((), "nothing would be left of it; cancel it instead")


def test_what_did_not_change_is_nothing_whatever_the_stage() -> None:
    for stage in OrderStage:
        assert plan({"MUG": 2}, held(stage=stage)) == ChangePlan()
    assert plan({"MUG": 2}, ()) == ChangePlan()


@pytest.mark.parametrize(
    "order",
    [
        held({"MUG": 5, "TEA": 9}, stage=OrderStage.IN_WORK),
        held({"MUG": 5}, stage=OrderStage.DESPATCHED),
        held({"MUG": 3}, parts=2) + held({"MUG": 2}, part=2, parts=2),
    ],
)
def test_what_somebody_saw_to_in_the_warehouse_is_nothing_whatever_the_stage(
    order: tuple[WarehouseOrder, ...],
) -> None:
    assert plan({"MUG": 5}, order) == ChangePlan(reached={"MUG": 5})
    assert plan({"MUG": 5}, order, address_changed=True).ask


@pytest.mark.parametrize(
    "order",
    [
        held({"MUG": 5}, stage=OrderStage.CANCELLED),
        held({"MUG": 5}, number="UNL-1+UNL-2"),
        held({"MUG": 5}, parts=2),
        held({"MUG": 5}, stage=OrderStage.IN_WORK, items=None),
        held({"MUG": 4}, stage=OrderStage.IN_WORK),
    ],
)
def test_what_does_not_show_that_somebody_saw_to_it_is_a_persons(
    order: tuple[WarehouseOrder, ...],
) -> None:
    assert plan({"MUG": 5}, order).ask


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (held(stage=OrderStage.IN_WORK, status_word="PICKED"), "PICKED, which is too late"),
        (held(stage=OrderStage.UNKNOWN, status_word="ODD"), "ODD, which is too late"),
        (held(stage=OrderStage.FAILED, status_word="FAILED"), "FAILED, which is too late"),
        (held(stage=OrderStage.DESPATCHED), "has sent it; make another order"),
        (held(stage=OrderStage.CANCELLED), "has cancelled it"),
        (held(parts=2), "split or merged"),
        (held(number="UNL-1+UNL-2"), "split or merged"),
        (held() + held(part=2), "split or merged"),
        (held(items=None), "does not show its items"),
        (held(items=(OrderedItem("MUG", 2, committed=1),)), "too late to change it"),
        ((), "does not have the order any more"),
    ],
)
def test_when_it_is_too_late_a_person_is_asked(
    order: tuple[WarehouseOrder, ...], said: str
) -> None:
    found = plan({"MUG": 3}, order, address_changed=True)
    assert found.steps == ()
    assert said in found.ask
    assert found.ask.startswith("it was edited in Unleashed (MUG 2 -> 3, another address)")
    assert sent_after(found, {"MUG": 2}) == {"MUG": 2}


@pytest.mark.parametrize("stage", [OrderStage.NEW, OrderStage.ON_HOLD, OrderStage.BACK_ORDERED])
def test_while_nobody_picks_it_can_be_changed(stage: OrderStage) -> None:
    assert plan({"MUG": 3}, held(stage=stage)).steps == (SetUnits("MUG", 3, 2),)


def test_an_order_that_both_sides_edited_is_a_persons() -> None:
    found = plan({"MUG": 3, "TEA": 1}, held({"MUG": 4}))
    assert found.steps == ()
    assert "MUG: 2 sent, 3 in Unleashed now, 4 in the warehouse" in found.ask
    assert "TEA" not in found.ask


def test_another_line_that_the_warehouse_added_is_left_as_it_is() -> None:
    found = plan({"MUG": 3}, held({"MUG": 2, "GIFT": 1}))
    assert found.steps == (SetUnits("MUG", 3, 2),)
    assert plan({}, held({"MUG": 2, "GIFT": 1}), edits=BOTH).steps == (SetUnits("MUG", 0, 2),)


def test_what_was_done_and_not_written_down_is_not_done_again() -> None:
    found = plan({"MUG": 3}, held({"MUG": 3}))
    assert is_nothing(found)
    assert sent_after(found, {"MUG": 2}) == {"MUG": 3}


def test_another_address_is_sent_while_nobody_picks() -> None:
    assert plan({"MUG": 2}, address_changed=True).steps == (SendAddress(),)
    off = plan({"MUG": 2}, address_changed=True, edits=OrderEdits(addresses=False))
    assert (off.steps, off.ask) == ((), "")
    assert off.left == (LeftAlone("", 0, 0, "addresses_off"),)


CANCEL = OrderEdits(deletions="cancel")


@pytest.mark.parametrize(
    ("order", "edits", "found"),
    [
        (held(), CANCEL, ChangePlan(steps=(CancelIt(),))),
        (held(), OrderEdits(), "in the warehouse it is NEW"),
        (held(stage=OrderStage.ON_HOLD, status_word="HOLDING"), CANCEL, "it is HOLDING"),
        (held(stage=OrderStage.IN_WORK, status_word="PICKED"), CANCEL, "it is PICKED"),
        (held(stage=OrderStage.DESPATCHED), CANCEL, "the warehouse has sent it"),
        (held(parts=2) + held(part=2, stage=OrderStage.DESPATCHED), CANCEL, "has sent it"),
        (held(parts=2), CANCEL, "split or merged"),
        (held(number="UNL-1+UNL-2"), CANCEL, "split or merged"),
        (held(stage=OrderStage.CANCELLED), CANCEL, ChangePlan()),
        ((), CANCEL, ChangePlan()),
    ],
)
def test_a_deleted_order(
    order: tuple[WarehouseOrder, ...], edits: OrderEdits, found: ChangePlan | str
) -> None:
    planned = plan_deletion(order, edits)
    if isinstance(found, str):
        assert planned.steps == ()
        assert found in planned.ask
        assert planned.ask.startswith("it was deleted in Unleashed")
    else:
        assert planned == found


def test_an_order_that_was_taken_back_is_a_persons_until_it_is_finished() -> None:
    assert plan_withdrawal(held(), "Parked").ask == (
        "it went back to Parked in Unleashed; in the warehouse it is NEW"
    )
    assert is_nothing(plan_withdrawal(held(stage=OrderStage.DESPATCHED), "Parked"))
    assert is_nothing(plan_withdrawal((), "Parked"))


UNITS = st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 4))
SWITCHES = st.sampled_from(
    [OrderEdits(), BOTH, OrderEdits(increases=False, decreases=False), OrderEdits(addresses=False)]
)


@given(UNITS, UNITS, UNITS, SWITCHES, st.sampled_from(OrderStage), st.booleans())
def test_plans_move_only_what_was_edited_and_come_to_rest(
    sent: dict[str, int],
    wanted: dict[str, int],
    units: dict[str, int],
    edits: OrderEdits,
    stage: OrderStage,
    address: bool,
) -> None:
    found = plan(wanted, held(units, stage=stage), sent=sent, edits=edits, address_changed=address)
    assert not (found.steps and found.ask)
    now = dict(units)
    for step in found.steps:
        assert isinstance(step, SetUnits | SendAddress)
        if isinstance(step, SetUnits):
            assert step.before == now.get(step.sku, 0) != step.units
            assert step.units == wanted.get(step.sku, 0) != sent.get(step.sku, 0)
            assert edits.decreases or step.units > sent.get(step.sku, 0)
            now[step.sku] = step.units
            assert any(now.values()), "never empty on the way"
    if stage not in {OrderStage.NEW, OrderStage.ON_HOLD, OrderStage.BACK_ORDERED}:
        assert not found.steps
    if found.steps or not found.ask:
        after = sent_after(found, sent)
        left = held({sku: count for sku, count in now.items() if count}, stage=stage)
        again = plan(wanted, left, sent=after, edits=edits)
        assert is_nothing(again), "planned once more, nothing is left to do"
        assert {one for one in again.left if one.sku} == {one for one in found.left if one.sku}
