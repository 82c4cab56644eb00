"""What Unleashed is told of goods that left, worked out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.unleashed.despatches import (
    GoodsLine,
    LineApart,
    Tracked,
    apart_on,
    company_for,
    held_against,
    missing_apart,
    note_of,
    on_lines,
    tracking_of,
)
from returns_hub.domain.warehouse_orders import OrderStage, PickedUnits, WarehouseOrder

LEFT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def part(tracking: str = "", **changes: Any) -> WarehouseOrder:
    fields: dict[str, Any] = {
        "order_id": 1,
        "number": "SO-1",
        "stage": OrderStage.DESPATCHED,
        "status_word": "DESPATCHED",
        "version": "1",
        "updated_at": LEFT,
        "tracking_number": tracking,
        "despatched_at": LEFT,
        "courier": "DHL",
        "parcels": 1,
    }
    return WarehouseOrder(**fields | changes)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([], ""),
        ([""], ""),
        (["A1", "", "B2", "A1"], "A1, B2"),
        (["x" * 40, "y" * 40, "z" * 40], f"{'x' * 40}, {'y' * 40} +1"),
        (["x" * 49, "y" * 49], f"{'x' * 49}, {'y' * 49}"),
        (["x" * 49, "y" * 50], f"{'x' * 49} +1"),
        (["x" * 120], "x" * 100),
    ],
)
def test_tracking_numbers_are_joined_as_far_as_there_is_room(numbers: list[str], told: str) -> None:
    assert tracking_of(map(part, numbers)) == told
    assert len(told) <= 100


def test_a_note_has_the_last_day_all_parcels_and_the_first_company() -> None:
    later = datetime(2026, 3, 4, 8, tzinfo=UTC)
    parts = [part("A1", courier=""), part("B2", despatched_at=later, parcels=3)]

    note = note_of(parts, {"dhl": "DHL Express"})
    assert (note.left_on, note.packages, note.company) == (date(2026, 3, 4), 4, "DHL Express")
    bare = note_of([part(despatched_at=None, parcels=0), part()], None)
    assert (bare.left_on, bare.packages, bare.company) == (LEFT.date(), None, "")


def test_a_courier_goes_by_the_files_name_or_its_own() -> None:
    named = {" Royal  mail ": "RM"}
    assert company_for("royal mail", named) == "RM"
    assert company_for("DPD", named) == "DPD"


LINES = (
    GoodsLine(2, "TEE", Decimal(2)),
    GoodsLine(1, "TEE", Decimal(1)),
    GoodsLine(3, "MUG", Decimal("1.5")),
)


def test_units_go_on_lines_in_their_order_where_there_is_room() -> None:
    assert on_lines({"TEE": 2}, LINES, {}) == ({1: 1, 2: 1}, {})
    assert on_lines({"TEE": 2}, LINES, {1: Decimal(1)}) == ({2: 2}, {})
    assert on_lines({"TEE": 4, "CAP": 1}, LINES, {}) == ({1: 1, 2: 2}, {"TEE": 1, "CAP": 1})
    assert on_lines({"MUG": 2}, LINES, {}) == ({3: 1}, {"MUG": 1})


def test_too_little_too_much_and_other_goods_are_named() -> None:
    wanted = {"TEE": Decimal(3), "MUG": Decimal("1.5")}

    assert held_against({"TEE": 3, "MUG": 2}, wanted) == ("", "2 MUG where 1.5 are ordered")
    assert held_against({"TEE": 2, "MUG": 1}, wanted) == ("1 of 1.5 MUG, 2 of 3 TEE", "")
    assert held_against({"TEE": 3, "CAP": 1}, wanted)[1] == "1 CAP where 0 are ordered"


def test_batches_and_serials_go_on_lines_until_each_has_its_units() -> None:
    picked = (
        PickedUnits("TEE", 2, batch="B1"),
        PickedUnits("TEE", 1, batch="B2"),
        PickedUnits("WATCH", 1, serial="S1"),
        PickedUnits("WATCH", 1, serial="S2"),
    )
    skus = {1: "TEE", 2: "TEE", 3: "WATCH"}

    apart = apart_on({1: 1, 2: 2, 3: 2}, skus, picked)
    assert apart == {
        1: LineApart((("B1", 1),)),
        2: LineApart((("B1", 1), ("B2", 1))),
        3: LineApart(serials=("S1", "S2")),
    }
    tracked = {"TEE": Tracked(batches=True), "WATCH": Tracked(serials=True)}
    assert missing_apart({1: 1, 2: 2, 3: 2}, skus, apart, tracked) == ""
    assert missing_apart({1: 2, 3: 3}, skus, apart, tracked) == (
        "batch numbers of 1 of 2 TEE, serial numbers of 2 of 3 WATCH"
    )
