"""SKUs as items, the order of sizes, stock summed over warehouses, and when every row is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.wair.catalogue import Catalogue, Product, Units, catalogue_of
from returns_hub.domain.wair.feed_schedule import is_full_due
from returns_hub.domain.wair.location_stock import Counted, LocationStock, counted
from returns_hub.domain.wair.settings import SkuRule
from returns_hub.domain.wair.sku_rule import SkuParts, SkuReader, size_rows
from returns_hub.domain.wair.stock_changes import (
    Drop,
    Wanted,
    reserved_changes,
    stock_changes,
)
from returns_hub.domain.warehouse_goods import WarehouseProduct
from returns_hub.domain.warehouse_stock import LevelMeans, StockLevel

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


# -- SKUs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sku", "parts"),
    [
        ("TEE-RED-L", SkuParts("TEE", "TEE-RED", "RED", "L")),
        ("TS-BASIC-RED-L", SkuParts("TS-BASIC", "TS-BASIC-RED", "RED", "L")),
        ("MUG", SkuParts("MUG", "MUG")),
        ("TEE-RED", SkuParts("TEE-RED", "TEE-RED")),
        ("TEE--L", SkuParts("TEE--L", "TEE--L")),
    ],
)
def test_a_sku_tells_its_parts_or_is_an_item_of_its_own(sku: str, parts: SkuParts) -> None:
    assert SkuReader(SkuRule()).parts_or_itself(sku) == parts


def test_another_rule_and_style() -> None:
    rule = SkuRule(pattern=r"(?P<item>\d{6})(?P<size>\w+)?", style="item")
    assert SkuReader(rule).parts("100001XL") == SkuParts("100001", "100001", "", "XL")
    assert SkuReader(rule).parts("100001") == SkuParts("100001", "100001")
    assert SkuReader(rule).parts("x100001") is None


def test_sizes_are_listed_ones_then_numbers_then_the_others() -> None:
    rule = SkuRule(sizes=("S", "M", "L"), size_names={"L": "Large"})
    rows = list(size_rows(["L", "s", "42", "42,5", "7", "ONE", "ALT", "NaN", "L"], rule))
    in_order = sorted(rows, key=lambda row: row.sort_order)
    assert [row.size for row in in_order] == ["s", "L", "7", "42", "42,5", "ALT", "NaN", "ONE"]
    assert len({row.sort_order for row in rows}) == len(rows)
    assert [row.name for row in rows if row.size == "L"] == ["Large"]


# -- products ----------------------------------------------------------------------------------


def catalogue(*products: tuple[str, str], bundles: bool = False, **units: Any) -> Catalogue:
    made = [Product(at, sku, name) for at, (sku, name) in enumerate(products, start=1)]
    return catalogue_of(made, SkuRule(), Units(**units), count_bundles=bundles)


def test_an_item_is_named_by_what_its_skus_names_share() -> None:
    found = catalogue(
        ("TEE-RED-S", "Basic tee - red S"),
        ("TEE-RED-M", "Basic tee - red M"),
        ("CAP-RED-S", "Cap"),
        ("CAP-BLU-S", "Hat"),
        ("MUG-RED-S", ""),
    )
    names = {item.item: item.name for item in found.items()}
    assert names == {"TEE": "Basic tee - red", "CAP": "Hat", "MUG": "MUG"}


def test_a_sku_that_is_no_rules_joins_the_item_of_the_same_name() -> None:
    found = catalogue(("TEE", "Tee"), ("TEE-RED-S", "Tee red S"))
    (item,) = found.items()
    assert [sku.sku for sku in item.skus] == ["TEE", "TEE-RED-S"]


def test_twins_doubles_blanks_and_bundles_are_left_out_with_a_reason() -> None:
    made = [
        Product(1, "TEE-RED-S"),
        Product(2, "tee-red-s"),
        Product(3, "MUG"),
        Product(4, "MUG"),
        Product(5, "  "),
        Product(6, "SET", bundle=True),
        Product(7, "A\x00B"),
        Product(8, "CAP"),
    ]
    found = catalogue_of(made, SkuRule(), Units(), count_bundles=False)
    assert found.skus() == {"CAP"}
    assert found.left_out == {
        "case_twin": ("TEE-RED-S", "tee-red-s"),
        "duplicate_sku": ("MUG",),
        "blank_sku": ("5",),
        "bundle": ("SET",),
        "unprintable_sku": ("A\x00B",),
    }
    with_bundles = catalogue_of(made, SkuRule(), Units(), count_bundles=True)
    assert with_bundles.skus() == {"CAP", "SET"}


@pytest.mark.parametrize(
    ("units", "weight", "height"),
    [
        ({}, "0.5", "12"),
        ({"weight": "g", "length": "mm"}, "0.0005", "1.2"),
        ({"weight": "lb", "length": "in"}, "0.226796", "30.48"),
    ],
)
def test_measures_are_told_in_kilograms_and_centimetres(
    units: dict[str, Any], weight: str, height: str
) -> None:
    product = Product(1, "MUG", weight=Decimal("0.5"), height=Decimal(12), width=Decimal(0))
    found = catalogue_of([product], SkuRule(), Units(**units), count_bundles=False)
    ((sku,),) = [item.skus for item in found.items()]
    assert (sku.weight, sku.height) == (Decimal(weight), Decimal(height))
    assert (sku.width, sku.depth) == (None, None)


def test_what_is_kept_of_a_product_is_what_it_was() -> None:
    shown = WarehouseProduct(
        7, "MÜG", "A “mug”", upc="0123", weight=Decimal("0.50"), depth=Decimal(3), is_bundle=True
    )
    product = Product.of(shown)
    assert product == Product(
        7, "MÜG", "A “mug”", "0123", Decimal("0.50"), None, None, Decimal(3), True
    )
    assert Product.of_text("7", product.to_text()) == product


# -- stock -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "means", "found"),
    [
        (StockLevel(5, 8), "available", Counted(8, 3)),
        (StockLevel(5, 8, quarantined=2), "available", Counted(8, 5)),
        (StockLevel(8, 8, quarantined=20), "available", Counted(8, 8)),
        (StockLevel(-2, 3), "available", Counted(3, 3)),
        (StockLevel(-2, -1), "available", Counted(0, 0)),
        (StockLevel(8, 5), "available", "contradiction"),
        (StockLevel(8), "available", "not_shown"),
        (StockLevel(8, 5), "on_hand", Counted(8, 3)),
        (StockLevel(5, 8), "on_hand", "contradiction"),
        (StockLevel(8), "on_hand", Counted(8, None)),
        (StockLevel(8, 8, quarantined=1), "unknown", Counted(8, 1)),
        (StockLevel(5, 8), "unknown", "unproven"),
        (StockLevel(8), "unknown", "unproven"),
        (StockLevel(8, 8, is_doubtful=True), "available", "doubtful"),
        (StockLevel(2**63, 2**63), "available", "implausible"),
        (StockLevel(5, 10**12 + 1), "available", "implausible"),
        (StockLevel(5, 10**12), "available", Counted(10**12, 10**12 - 5)),
        (StockLevel(5, 8, quarantined=2**63), "on_hand", "implausible"),
        (StockLevel(-(2**63), 8), "unknown", "implausible"),
    ],
)
def test_what_is_there_is_counted_or_it_is_said_why_not(
    level: StockLevel, means: LevelMeans, found: Any
) -> None:
    assert counted(level, means) == found


def test_one_silly_number_keeps_back_no_other_sku() -> None:
    stock = LocationStock("WH-1", {})
    levels = {"TEE": StockLevel(8, 8), "MUG": StockLevel(2**63, 2**63)}
    stock.add(levels, "available", count_bundles=False)
    stock.close()
    assert (stock.skus, stock.left_out) == (["TEE"], {"MUG": "implausible"})


def summed(*warehouses: dict[str, StockLevel], bundles: bool = False) -> LocationStock:
    found = LocationStock("WH-1", {})
    for levels in warehouses:
        found.add(levels, "available", count_bundles=bundles)
    found.close()
    return found


def test_the_newest_change_of_its_warehouses_is_a_rows() -> None:
    later = NOW + timedelta(hours=1)
    found = summed(
        {"B": StockLevel(1, 1, updated_at=later), "A": StockLevel(2, 2)},
        {"B": StockLevel(1, 2, updated_at=NOW)},
    )
    assert found.skus == ["A", "B"]
    row = found.stock_row(1)
    assert (row.on_hand, row.available, row.updated_at) == (3, 2, later)
    assert found.stock_row(0).updated_at is None


def test_case_twins_in_two_warehouses_are_both_left_out() -> None:
    found = summed({"TEE": StockLevel(1, 1)}, {"tee": StockLevel(1, 1), "MUG": StockLevel(1, 1)})
    assert found.skus == ["MUG"]
    assert found.left_out == {"TEE": "case_twin", "tee": "case_twin"}
    assert not found.is_known


def test_a_bundle_leaves_everything_known() -> None:
    found = summed({"SET": StockLevel(1, 1, bundle=True), "MUG": StockLevel(1, 1)})
    assert (found.skus, found.is_known, found.is_reserved_known) == (["MUG"], True, True)


def nothing(_: list[str]) -> frozenset[str]:
    return frozenset()


def test_a_full_run_goes_on_behind_the_last_row_that_was_told() -> None:
    found = summed({sku: StockLevel(1, 2) for sku in "ABCD"})
    told = {"A": "2", "B": "2", "C": "2", "D": "9"}
    rows = stock_changes(found, told, Wanted(full=True, behind="B"), nothing)
    assert [found.skus[at] for at in rows.rows] == ["C", "D"]
    held = reserved_changes(found, {"A": "5"}, Wanted(full=True, behind="C"), nothing)
    assert [found.skus[at] for at in held.rows] == ["A", "B", "C", "D"]
    held = reserved_changes(
        found, dict.fromkeys("ABCD", "1"), Wanted(full=True, behind="C"), nothing
    )
    assert [found.skus[at] for at in held.rows] == ["D"]


def test_nothing_is_asked_of_skus_that_left_in_a_run_of_what_changed() -> None:
    def never(_: list[str]) -> frozenset[str]:
        raise AssertionError

    found = summed({"A": StockLevel(1, 1)})
    changes = stock_changes(found, {"GONE": "4"}, Wanted(), never)
    assert (changes.zeros, changes.vanished, changes.drop) == ((), (), Drop(0, 0))
    assert reserved_changes(found, {"GONE": "4"}, Wanted(), never).zeros == ()


# -- when every row is due ---------------------------------------------------------------------


def due(last: str, now: str, *, hours: int = 24, at: str = "02:00", zone: str = "UTC") -> bool:
    moments = [datetime.fromisoformat(f"2026-{text}:00+00:00") for text in (last, now)]
    return is_full_due(moments[0], moments[1], every_hours=hours, full_at=at, zone=zone)


def test_every_row_is_due_once_a_night() -> None:
    assert is_full_due(None, NOW, every_hours=24, full_at="02:00", zone="UTC")
    assert not due("03-02T02:03", "03-03T01:59")
    assert due("03-02T02:03", "03-03T02:00")
    assert due("03-02T15:00", "03-03T02:00")
    assert not due("03-02T15:00", "03-03T01:59")
    assert due("03-02T02:03", "03-05T12:00")


def test_a_night_is_the_merchants() -> None:
    assert due("03-02T10:00", "03-03T07:00", zone="America/New_York")
    assert not due("03-02T10:00", "03-03T06:59", zone="America/New_York")


@pytest.mark.parametrize("day", ["28", "29", "30"])
def test_it_is_due_once_on_the_days_when_the_clocks_change(day: str) -> None:
    before = f"03-{int(day) - 1}T12:00"
    assert due(before, f"03-{day}T12:00", zone="Europe/London")
    assert not due(f"03-{day}T12:00", f"03-{day}T23:00", zone="Europe/London")


def test_some_hours_need_no_time_of_day_and_several_days_their_nights() -> None:
    assert due("03-02T10:00", "03-02T16:00", hours=6)
    assert not due("03-02T10:00", "03-02T15:59", hours=6)
    assert not due("03-02T02:00", "03-03T02:00", hours=48)
    assert due("03-02T02:00", "03-04T02:00", hours=48)
