"""What keeps a wrong stock sync from doing harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.stock_guards import (
    Seen,
    observed_means,
    observed_problem,
    settle,
    stop_reason,
)
from returns_hub.domain.unleashed.stock_rule import StockDifference, StockTotals
from returns_hub.domain.unleashed.stock_settings import AdjustmentMeans, HardStop

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def difference(sku: str = "MUG", units: int = -2, on_hand: int = 40) -> StockDifference:
    return StockDifference(sku, units, Decimal(on_hand), Decimal(2))


def test_a_difference_has_to_be_the_same_for_a_while() -> None:
    first = settle([difference()], {}, NOW, 30)
    assert (first.ripe, first.seen) == ((), {"MUG": Seen(-2, NOW)})

    later = NOW + timedelta(minutes=29)
    assert settle([difference()], first.seen, later, 30).ripe == ()
    ripe = settle([difference()], first.seen, NOW + timedelta(minutes=30), 30)
    assert (ripe.ripe, ripe.seen) == ((difference(),), {})


def test_a_difference_that_changed_begins_again() -> None:
    later = NOW + timedelta(hours=1)
    found = settle([difference(units=-3)], {"MUG": Seen(-2, NOW)}, later, 30)
    assert (found.ripe, found.seen) == ((), {"MUG": Seen(-3, later)})


def test_a_difference_that_is_gone_is_forgotten() -> None:
    assert settle([], {"MUG": Seen(-2, NOW)}, NOW, 30).seen == {}


def test_without_a_time_to_settle_it_is_adjusted_at_once() -> None:
    assert settle([difference()], {}, NOW, 0).ripe == (difference(),)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-3, 3)), min_size=1, max_size=8))
def test_nothing_is_adjusted_that_was_not_the_same_all_the_time(
    runs: list[tuple[int, int]],
) -> None:
    seen: Any = {}
    now = NOW
    history: list[tuple[datetime, int]] = []
    for minutes, units in runs:
        now += timedelta(minutes=minutes)
        history.append((now, units))
        found = settle([difference(units=units)] if units else [], seen, now, 30)
        seen = found.seen
        if found.ripe:
            same = [at for at, held in history if at >= now - timedelta(minutes=30)]
            assert all(held == units for at, held in history if at in same)
            assert any(at <= now - timedelta(minutes=30) and held == units for at, held in history)
            history = []


FULL = StockTotals(Decimal(1000), 100)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ([-100], ""),
        ([100, -100], ""),
        ([101, -100], "201 units of 1000 would change, more than 20 %"),
        ([-201], "201 units of 1000"),
    ],
)
def test_too_large_a_share_of_the_units_stops(units: list[int], said: str) -> None:
    changes = [difference(str(n), count, 500) for n, count in enumerate(units)]
    found = stop_reason(changes, FULL, HardStop())
    assert (found == "") if not said else (said in found)


def test_a_few_units_may_always_change() -> None:
    small = StockTotals(Decimal(10), 100)
    assert stop_reason([difference(units=100)], small, HardStop()) == ""
    assert "101 units of 10" in stop_reason([difference(units=101)], small, HardStop())
    assert "100 units" in stop_reason([difference(units=100)], small, HardStop(from_units=99))


@pytest.mark.parametrize(("emptied", "stops"), [(9, False), (10, False), (31, True)])
def test_many_products_that_would_go_to_nothing_stop(emptied: int, stops: bool) -> None:
    changes = [difference(str(n), -1, 1) for n in range(emptied)]
    changes += [difference(f"x{n}", -1, 2) for n in range(9)] + [difference("new", 1, 0)]
    found = stop_reason(changes, FULL, HardStop())
    assert (f"{emptied} products of 100 with stock would go to 0" in found) is stops


def test_nine_products_of_nine_may_go_to_nothing() -> None:
    changes = [difference(str(n), -1, 1) for n in range(9)]
    assert stop_reason(changes, StockTotals(Decimal(1000), 9), HardStop()) == ""
    ten = [difference(str(n), -1, 1) for n in range(10)]
    assert stop_reason(ten, StockTotals(Decimal(1000), 10), HardStop()) != ""


def test_one_product_that_changes_too_much_stops() -> None:
    large = StockTotals(Decimal(1_000_000), 9)
    limits = HardStop(most_units_of_a_product=50)
    assert stop_reason([difference(units=50)], large, limits) == ""
    found = stop_reason([difference(units=-51)], large, limits)
    assert found == "more than 50 units of a product: MUG -51"


def test_changes_that_are_worth_too_much_stop_whatever_their_sign() -> None:
    changes = [difference("A", 10), difference("B", -10)]
    assert stop_reason(changes, FULL, HardStop(most_value=Decimal(40))) == ""
    found = stop_reason(changes, FULL, HardStop(most_value=Decimal("39.99")))
    assert found == "changes worth 40.00 in all, more than 39.99"


@pytest.mark.parametrize(
    ("before", "sent", "after", "means"),
    [
        (40, 1, 41, "delta"),
        (40, 1, 1, "absolute"),
        (40, 41, 41, "absolute"),
        (40, 41, 81, "delta"),
        (0, 1, 1, "unknown"),
        (40, 1, 40, "unknown"),
        (40, 1, 39, "unknown"),
    ],
)
def test_what_a_quantity_was_is_told_by_what_stock_did(
    before: int, sent: int, after: int, means: AdjustmentMeans
) -> None:
    assert observed_means(Decimal(before), Decimal(sent), Decimal(after)) == means


def test_stock_that_did_what_it_should_is_no_problem() -> None:
    assert observed_problem(difference(), "delta", Decimal(38)) == ""
    assert observed_problem(difference(), "delta", Decimal(37), Decimal(-1)) == ""


@pytest.mark.parametrize(
    ("one", "means", "after", "said"),
    [
        (difference(units=2), "delta", 2, "NewQuantity as absolute, and not as delta"),
        (difference(units=2), "absolute", 82, "NewQuantity as delta, and not as absolute"),
        (difference(units=2), "delta", 40, "should be 42 after its adjustment, and is 40"),
    ],
)
def test_stock_that_did_something_else_stops_the_sync(
    one: StockDifference, means: AdjustmentMeans, after: int, said: str
) -> None:
    found = observed_problem(one, means, Decimal(after))
    assert said in found
    assert found.startswith("stock of MUG was 40 ")
