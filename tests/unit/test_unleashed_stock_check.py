"""What stock did after an adjustment, and the test that proves what `NewQuantity` is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.stock_check import (
    MOST_UNITS_TO_PROVE,
    RIGHT,
    Moved,
    SentLine,
    observe,
    quantity_back,
    quantity_to_prove,
    record_problem,
)
from returns_hub.domain.unleashed.stock_guards import observed_means
from returns_hub.domain.unleashed.stock_rows import AdjustmentSeen, StockRow

SOON, LATE = timedelta(seconds=2), timedelta(hours=1)


def sent(units: int = -2, on_hand: int = 40, allocated: int = 6, on_purchase: int = 10) -> SentLine:
    numbers = (Decimal(n) for n in (on_hand, allocated, on_purchase, units))
    return SentLine("MUG", "g1", units, *numbers)


def row(on_hand: int, allocated: int = 6, on_purchase: int = 10) -> dict[str, StockRow]:
    numbers = (Decimal(n) for n in (on_hand, allocated, on_purchase))
    return {"g1": StockRow("MUG", "g1", *numbers)}


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (row(38), "as it should be"),
        (row(35, allocated=3), "three left an order"),
        (row(42, on_purchase=6), "four were received"),
        (row(39, allocated=5, on_purchase=8), "one left and two came"),
    ],
)
def test_what_is_right(after: dict[str, StockRow], why: str) -> None:
    assert observe([sent()], after, "delta", SOON) == RIGHT, why


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (row(36), "is 36"),
        (row(35, allocated=4), "is 35"),
        (row(44, on_purchase=7), "is 44"),
        ({}, "is 0"),
    ],
)
def test_what_is_wrong(after: dict[str, StockRow], said: str) -> None:
    found = observe([sent()], after, "delta", SOON)
    assert (found.is_right, found.comes_later) == (False, False)
    assert said in found.why


def test_units_below_zero_moved_the_other_way() -> None:
    moved = Moved().plus(went=Decimal(-2)).plus(came=Decimal(-3))
    assert moved == Moved(went=Decimal(3), came=Decimal(2))
    for after in (row(40), row(35)):
        assert observe([sent()], after, "delta", SOON, {"MUG": moved}) == RIGHT


def test_what_did_nothing_may_come_later_and_then_is_wrong() -> None:
    assert observe([sent()], row(40), "delta", SOON).comes_later
    assert not observe([sent()], row(40), "delta", timedelta(minutes=10)).comes_later
    late = observe([sent()], row(40), "delta", LATE)
    assert (late.is_right, late.comes_later) == (False, False)


def test_late_only_the_other_meaning_is_told_to_be_wrong() -> None:
    assert observe([sent(units=3)], row(20), "delta", LATE) == RIGHT
    found = observe([sent(units=3)], row(3), "delta", LATE)
    assert "takes NewQuantity as absolute, and not as delta" in found.why


def test_many_are_named_in_part() -> None:
    lines = [SentLine(f"S{n}", f"g{n}", 1, *map(Decimal, (5, 0, 0, 1))) for n in range(9)]
    rows = {f"g{n}": StockRow(f"S{n}", f"g{n}", Decimal(9)) for n in range(9)}
    assert "and 4 more" in observe(lines, rows, "delta", SOON).why


def seen(**changes: Any) -> AdjustmentSeen:
    content: dict[str, Any] = {
        "guid": "a1",
        "number": "SA-1",
        "status": "completed",
        "warehouse_code": "MAIN",
        "quantities": (("MUG", Decimal("-2.0")),),
    }
    return AdjustmentSeen(**content | changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"status": "parked"}, "is parked, and not completed"),
        ({"warehouse_code": "3PL"}, "is of warehouse 3PL"),
        ({"quantities": (("MUG", Decimal(2)),)}, "has other lines"),
        ({"quantities": (("MUG", Decimal(-2)), ("MUG", Decimal(-2)))}, "has other lines"),
        ({"quantities": ()}, "has other lines"),
    ],
)
def test_the_adjustment_itself_is_what_was_sent(changes: dict[str, Any], why: str) -> None:
    found = record_problem(seen(**changes), [sent()], "MAIN")
    assert why in found
    assert bool(found) == bool(why)


@given(st.integers(1, MOST_UNITS_TO_PROVE))
def test_the_test_tells_and_is_booked_back(on_hand: int) -> None:
    quantity = quantity_to_prove(on_hand)
    delta, absolute = on_hand + quantity, quantity
    before, of = Decimal(on_hand), Decimal(quantity)
    assert observed_means(before, of, Decimal(delta)) == "delta"
    assert observed_means(before, of, Decimal(absolute)) == "absolute"
    assert observed_means(before, of, before) == "unknown"
    assert delta + quantity_back("delta", on_hand, quantity) == on_hand
    assert quantity_back("absolute", on_hand, quantity) == on_hand
    # Any other number would make the larger change of the two no smaller.
    worst = max(quantity, abs(on_hand - quantity))
    others = (max(q, abs(on_hand - q)) for q in range(1, 60) if q != on_hand)
    assert worst == min(others)


@pytest.mark.parametrize("on_hand", [0, -1, MOST_UNITS_TO_PROVE + 1])
def test_a_stock_that_would_not_tell_or_would_move_much_is_refused(on_hand: int) -> None:
    with pytest.raises(ValueError, match="on hand"):
        quantity_to_prove(on_hand)
