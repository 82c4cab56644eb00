"""Stock adjustments: they bring Unleashed to the warehouse's count, and never past it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.stock_rule import (
    TOLD,
    AdjustmentLine,
    ErpStock,
    InFlight,
    StockComparison,
    StockDifference,
    StockTotals,
    compare,
    counted,
    levels_to_set,
    lines_of,
)
from returns_hub.domain.unleashed.stock_settings import StockCount
from returns_hub.domain.warehouse_stock import LevelMeans, StockLevel

Means = Literal["delta", "absolute"]


def erp(sku: str = "MUG", on_hand: str = "40", **more: Any) -> ErpStock:
    more.setdefault("average_cost", Decimal("2.1375"))
    return ErpStock(sku, Decimal(on_hand), **more)


def compared(
    units: int | None, row: ErpStock | None = None, count: StockCount = "level", **flying: int
) -> StockComparison:
    return compare(
        {"MUG": units}, [row or erp()], count=count, in_flight={"MUG": InFlight(**flying)}
    )


def change(*args: Any, **kwargs: Any) -> int:
    """Units by which the one product changes; 0 when it does not."""
    found = compared(*args, **kwargs).differences
    return found[0].units if found else 0


def test_two_units_fewer_are_taken_away_at_their_average_cost() -> None:
    (found,) = compared(38).differences
    assert found == StockDifference("MUG", -2, Decimal(40), Decimal("2.1375"))
    assert lines_of([found], "delta") == (
        AdjustmentLine("MUG", Decimal(-2), Decimal("-4.2750"), -2),
    )
    assert lines_of([found], "absolute") == (
        AdjustmentLine("MUG", Decimal(38), Decimal("81.2250"), -2),
    )


def test_nothing_is_sent_before_it_is_proven_what_a_quantity_is() -> None:
    with pytest.raises(ValueError, match="not proven"):
        lines_of(compared(38).differences, "unknown")


@pytest.mark.parametrize(
    ("flying", "units"),
    [
        ({}, -5),
        ({"despatched": 5}, 0),
        ({"despatched": 3}, -2),
        ({"received": 4}, -9),
        ({"completed": 2}, -7),
        ({"ordered": 5}, -5),
        ({"despatched": 8, "received": 3}, 0),
    ],
)
def test_what_is_on_its_way_is_not_counted_twice(flying: dict[str, int], units: int) -> None:
    assert change(35, **flying) == units


@pytest.mark.parametrize(
    ("flying", "units"),
    [
        ({}, 1),
        ({"ordered": 1}, 0),
        ({"received": 1}, 0),
        ({"despatched": 9}, 1),
        ({"completed": 9}, 1),
    ],
)
def test_on_hand_compares_what_is_not_allocated_on_both_sides(
    flying: dict[str, int], units: int
) -> None:
    assert change(35, erp(allocated=Decimal(6)), "on_hand", **flying) == units


def test_stock_is_never_driven_below_nothing() -> None:
    (found,) = compared(3, erp(on_hand="5"), received=10).differences
    assert (found.units, found.target, found.capped) == (-5, Decimal(0), True)
    assert change(3, erp(on_hand="0"), received=10) == 0
    assert change(0, erp(on_hand="-2")) == 2


@pytest.mark.parametrize(
    ("row", "units", "why"),
    [
        (erp(keeps_stock=False), 1, "no_stock_kept"),
        (erp(is_tracked=True), 1, "tracked"),
        (erp(on_hand="1.5"), 1, "fraction"),
        (erp(on_hand="NaN"), 1, "fraction"),
        (erp(), None, "level_unproven"),
        (erp(average_cost=None), 41, "no_cost"),
        (erp(average_cost=Decimal(0)), 41, "no_cost"),
    ],
)
def test_what_is_left_out_and_why(row: ErpStock, units: int | None, why: str) -> None:
    found = compared(units, row)
    assert found.differences == ()
    assert found.left_out == {"MUG": why}
    assert (why in TOLD) is (why != "no_stock_kept")


def test_a_fraction_that_is_not_compared_does_not_matter() -> None:
    half = erp(allocated=Decimal("0.5"))
    assert change(39, half) == -1
    assert compared(39, half, "on_hand").left_out == {"MUG": "fraction"}


def test_a_product_that_one_side_does_not_know_is_never_a_zero() -> None:
    found = compare({"TEA": 5}, [erp()], count="level")
    assert found.differences == ()
    assert found.left_out == {"TEA": "not_in_unleashed", "MUG": "not_in_warehouse"}


def test_a_bundle_repeats_its_components_and_is_left_alone() -> None:
    counts = {"MUG": 1, "SET": 1}
    found = compare(counts, [erp(), erp("SET")], count="level", bundles=["SET"])
    assert [one.sku for one in found.differences] == ["MUG"]
    assert found.left_out == {"SET": "bundle"}
    alone = compare({"SET": 1}, [], count="level", bundles=["SET"])
    assert alone.left_out == {"SET": "bundle"}
    both = compare(counts, [erp(), erp("SET")], count="level")
    assert [one.sku for one in both.differences] == ["MUG", "SET"]


def test_new_stock_comes_at_the_purchase_price_and_goes_at_the_average() -> None:
    new = ErpStock("MUG", other_cost=Decimal(3))
    (came,) = compared(4, new).differences
    assert came.value == 12
    (went,) = compared(1, erp(on_hand="2", average_cost=None, other_cost=Decimal(3))).differences
    assert went.units == -1
    assert went.value == 0


def test_totals_are_of_what_is_compared() -> None:
    rows = [erp(), erp("TEA", "2"), erp("GAS", "-1"), erp("BAT", "9", is_tracked=True)]
    found = compare(dict.fromkeys(["MUG", "TEA", "GAS", "BAT"], 1), rows, count="level")
    assert found.totals == StockTotals(Decimal(42), 2)


@pytest.mark.parametrize(
    ("level", "count", "means", "units"),
    [
        (StockLevel(40, 44), "level", "available", 44),
        (StockLevel(40, 44), "on_hand", "available", 40),
        (StockLevel(44, 40), "level", "on_hand", 44),
        (StockLevel(44, 40), "on_hand", "on_hand", 40),
        (StockLevel(40, 44), "level", "unknown", None),
        (StockLevel(40, 40), "level", "unknown", 40),
        (StockLevel(40), "level", "unknown", None),
        (StockLevel(40), "level", "on_hand", 40),
        (StockLevel(40), "on_hand", "on_hand", None),
        (StockLevel(40), "on_hand", "available", 40),
        (StockLevel(40), "level", "available", None),
        (StockLevel(40, 44, quarantined=3), "level", "available", 41),
        (StockLevel(2, 2, quarantined=3), "level", "available", 0),
    ],
)
def test_what_the_warehouse_counts(
    level: StockLevel, count: StockCount, means: LevelMeans, units: int | None
) -> None:
    assert counted(level, count, means) == units


def test_quarantine_counts_where_the_file_says_so() -> None:
    assert counted(StockLevel(40, 44, quarantined=3), "level", "available", quarantine=True) == 44


def test_where_unleashed_is_the_master_the_warehouse_is_set() -> None:
    rows = [erp(), erp("TEA", "7"), erp("CUP", "1.5"), erp("GAS", "-3"), erp("NEW")]
    counts = {"MUG": 39, "TEA": 7, "CUP": 1, "GAS": 2}
    assert levels_to_set(counts, rows) == {"MUG": 40, "GAS": 0}
    flying = {"MUG": InFlight(despatched=1), "TEA": InFlight(received=2, completed=1)}
    assert levels_to_set(counts, rows, flying) == {"TEA": 10, "GAS": 0}


# -- a model of both sides --------------------------------------------------------------------

UNITS = st.integers(0, 30)
COSTS = st.decimals("0.01", 100, places=4)
ROWS = st.dictionaries(
    st.sampled_from(["A", "B", "C", "D"]),
    st.tuples(UNITS, st.integers(0, 10), COSTS),
    min_size=1,
)
COUNTS: Any = st.dictionaries(st.sampled_from(["A", "B", "C", "D"]), UNITS)
FLYING = st.builds(InFlight, *[st.integers(0, 6)] * 4)


def applied(rows: dict[str, ErpStock], lines: tuple[AdjustmentLine, ...], means: Means) -> None:
    """What an account that takes quantities like this does with the lines."""
    for line in lines:
        row = rows[line.sku]
        quantity = line.new_quantity + (row.on_hand if means == "delta" else 0)
        assert quantity >= 0, "an adjustment cannot make stock negative"
        rows[line.sku] = ErpStock(
            line.sku, quantity, row.allocated, row.average_cost, row.other_cost
        )


@given(
    ROWS,
    COUNTS,
    st.dictionaries(st.sampled_from(["A", "B"]), FLYING),
    st.sampled_from(["delta", "absolute"]),
    st.sampled_from(["level", "on_hand"]),
)
def test_after_the_adjustments_a_second_plan_is_empty(
    given_rows: dict[str, tuple[int, int, Decimal]],
    counts: dict[str, int],
    flying: dict[str, InFlight],
    means: Means,
    count: StockCount,
) -> None:
    rows = {
        sku: ErpStock(sku, Decimal(on_hand), Decimal(min(allocated, on_hand)), cost)
        for sku, (on_hand, allocated, cost) in given_rows.items()
    }
    first = compare(counts, rows.values(), count=count, in_flight=flying)
    lines = lines_of(first.differences, means)
    assert {line.sku for line in lines} <= counts.keys() & rows.keys()
    applied(rows, lines, means)

    again = compare(counts, rows.values(), count=count, in_flight=flying)
    assert again.differences == (), "it comes to rest at once, and never swings"


@given(ROWS, st.data(), st.sampled_from(["delta", "absolute"]))
def test_once_everything_has_arrived_both_sides_say_the_same(
    given_rows: dict[str, tuple[int, int, Decimal]], data: st.DataObject, means: Means
) -> None:
    """True counts, despatches and receipts that arrive after the adjustment, in one model."""
    rows: dict[str, ErpStock] = {}
    counts: dict[str, int] = {}
    flying: dict[str, InFlight] = {}
    for sku, (on_hand, _, cost) in given_rows.items():
        counts[sku] = data.draw(UNITS)
        way = InFlight(despatched=data.draw(UNITS), received=data.draw(st.integers(0, counts[sku])))
        rows[sku] = ErpStock(sku, Decimal(on_hand), average_cost=cost)
        flying[sku] = way
    found = compare(counts, rows.values(), count="level", in_flight=flying)
    applied(rows, lines_of(found.differences, means), means)
    for sku, way in flying.items():
        row = rows[sku]
        after = row.on_hand + way.received - way.despatched
        assert after == counts[sku]
