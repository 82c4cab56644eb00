"""What a place's stock looks like, and stock that is kept small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from returns_hub.domain.drift.settings import Tolerance
from returns_hub.domain.drift.stock_causes import cause_of, cause_of_place, pattern_of
from returns_hub.domain.drift.stock_levels import SkuNumbers, UnitsBySku, WarehouseLevels
from returns_hub.domain.drift.stock_rule import (
    LONGEST_SKU,
    PlaceSeen,
    Unequal,
    Way,
    is_moving,
    moves_until,
    subject_of,
)
from returns_hub.domain.warehouse_stock import StockLevel

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GRACE, EVERY = timedelta(minutes=60), timedelta(minutes=15)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def seen(*unequal: Unequal, equal: int = 0) -> PlaceSeen:
    place = PlaceSeen(Tolerance())
    for one in unequal:
        place.see(one)
    for number in range(equal):
        place.see(Unequal(f"E{number}", 5, 5, 0))
    return place


def numbered(count: int, ours: int | None, theirs: int | None, **more: int) -> list[Unequal]:
    units = abs((ours or 0) - (theirs or 0))
    return [Unequal(f"S{at}", ours, theirs, units, **more) for at in range(count)]


@pytest.mark.parametrize(
    ("unequal", "equal", "way"),
    [
        (numbered(1, 5, None), 0, None),
        (numbered(2, 5, None), 0, "theirs_empty"),
        (numbered(2, 5, 0), 0, "theirs_empty"),
        (numbered(2, 5, None), 1, None),
        (numbered(2, None, 5), 0, "ours_empty"),
        (numbered(16, 5, 0) + numbered(4, 5, 3), 5, "mixed"),
        (numbered(19, 5, 10), 0, None),
        (numbered(20, 5, 10), 5, "factor"),
        (numbered(20, 5, 10), 6, None),
        (numbered(20, 5, 7, allocated=2), 500, "allocated"),
        (numbered(20, 5, 7, quarantined=2), 500, "quarantined"),
        (numbered(19, 5, 7, allocated=2), 0, None),
        (numbered(18, 5, 10) + numbered(2, 5, 6), 0, "factor"),
        (numbered(17, 5, 10) + numbered(3, 5, 6), 0, "mixed"),
    ],
)
def test_the_way_in_which_a_place_differs(
    unequal: list[Unequal], equal: int, way: Way | None
) -> None:
    assert seen(*unequal, equal=equal).way() == way


@pytest.mark.parametrize(
    "way", ["theirs_empty", "ours_empty", "factor", "allocated", "quarantined", "mixed"]
)
def test_every_way_has_its_words(way: Way) -> None:
    unequal = numbered(3, 5, 10)
    assert cause_of_place(way, unequal, "Unleashed")
    says = pattern_of(way, unequal, "unleashed")
    assert set(says) == {"mintsoft", "unleashed"}
    assert all(len(text) <= 60 for text in says.values())


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (Unequal("S", -2, 0, 2), "below 0"),
        (Unequal("S", None, 2, 2), "does not know"),
        (Unequal("S", 0, 2, 2), "oversell"),
        (Unequal("S", 2, None, 2), "never told"),
        (Unequal("S", 5, 7, 2, allocated=2), "what orders have"),
        (Unequal("S", 5, 7, 2, quarantined=2), "in quarantine"),
        (Unequal("S", 5, 0, 5), "hides stock"),
        (Unequal("S", 5, 7, 2), "has more"),
        (Unequal("S", 5, 3, 2), "has less"),
        (Unequal("S", 5, 3, 2, told=5), "changed there"),
    ],
)
def test_a_guess_at_why_one_sku_differs(one: Unequal, word: str) -> None:
    assert word in cause_of(one, "WAIR")


@pytest.mark.parametrize(
    ("ran", "edge"),
    [
        (None, ago(60)),
        (ago(10), ago(60)),
        (ago(80), ago(80)),
        (ago(90), ago(90)),
        (ago(91), ago(90)),
        (ago(9999), ago(90)),
    ],
)
def test_a_run_that_is_overdue_is_no_excuse(ran: datetime | None, edge: datetime) -> None:
    assert moves_until(NOW, GRACE, ran, EVERY) == edge


@pytest.mark.parametrize(
    ("updated_at", "moves"),
    [
        (None, False),
        (ago(61), False),
        (ago(60), True),
        (ago(-120), True),
        (ago(-25 * 60), False),
    ],
)
def test_what_changed_lately_moves(updated_at: datetime | None, moves: bool) -> None:
    assert is_moving(updated_at, ago(60), NOW) is moves


def test_a_subject_is_printable_short_and_told_apart() -> None:
    assert subject_of("TEE-RED-M", "MAIN") == "TEE-RED-M @ MAIN"
    long = [subject_of("X" * LONGEST_SKU + tail, "MAIN") for tail in ("1", "2")]
    assert len(set(long)) == 2
    assert max(map(len, long)) < 200
    odd = [subject_of(f"TEE{letter}", "MAIN") for letter in ("\n", "\t")]
    assert len(set(odd)) == 2
    assert all(text.isprintable() for text in odd)


def test_levels_are_kept_as_they_were_read() -> None:
    skus = SkuNumbers()
    first = {
        "A": StockLevel(3, 5, quarantined=1, updated_at=ago(7.123456)),
        "B": StockLevel(-2, None, bundle=True),
        "C": StockLevel(0, 0, is_doubtful=True),
    }
    second = {"D": StockLevel(2**70, 1), "B": StockLevel(9, 9, updated_at=NOW)}
    kept, other = WarehouseLevels(skus, first), WarehouseLevels(skus, second)
    assert dict(kept) == first
    assert [kept[sku].updated_at for sku in kept] == [level.updated_at for level in first.values()]
    assert [kept[sku].is_doubtful for sku in "ABC"] == [False, False, True]
    assert [kept[sku].bundle for sku in "ABC"] == [False, True, False]
    assert len(skus) == 4
    assert set(other) == {"B", "D"}
    assert other["B"] == second["B"]
    assert other["D"].level > 2**60
    assert "A" not in other
    assert "D" not in kept
    assert "E" not in kept
    assert (len(kept), len(other), len(WarehouseLevels(skus, {}))) == (3, 2, 0)


def test_units_are_kept_by_sku() -> None:
    skus = SkuNumbers()
    one, other = UnitsBySku(skus), UnitsBySku(skus)
    one.put("A", 0)
    other.put("B", 7)
    one.put("B", -3)
    assert [one.get(sku) for sku in ("A", "B", "C")] == [0, -3, None]
    assert [other.get(sku) for sku in ("A", "B", "C")] == [None, 7, None]
    assert list(one) == ["A", "B"]
    assert list(other) == ["B"]
