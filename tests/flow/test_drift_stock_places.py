"""A place that differs as a whole is one finding, and says what it looks like."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.warehouse_stock import StockLevel
from tests.support.drift_stock import CODES, DriftStockBench
from tests.support.erp_stock import BLUE
from tests.support.market_partners import DK


@pytest.fixture
def bench() -> DriftStockBench:
    return DriftStockBench()


def one(bench: DriftStockBench) -> Difference:
    (found,) = bench.differences()
    return found


def shows(bench: DriftStockBench, warehouse_id: int, levels: Mapping[str, StockLevel]) -> None:
    """Mintsoft shows just these levels in a warehouse."""
    real = bench.orders.stock_levels

    def shown(which: int) -> Mapping[str, StockLevel]:
        return levels if which == warehouse_id else real(which)

    bench.orders.stock_levels = shown  # type: ignore[method-assign, assignment]


def test_a_warehouse_that_unleashed_has_nothing_of_is_one_finding(bench: DriftStockBench) -> None:
    bench.hands.count_stock("MAIN", dict.fromkeys(CODES, 0))
    found = one(bench)
    assert (found.kind, found.subject) == ("stock.unleashed_whole", "all of MAIN")
    assert found.says == {"mintsoft": "has stock", "unleashed": "has none"}
    assert found.units == 40 + 25 + 12 + 6 + 8 + 15
    assert found.cause.startswith("6 of 6 SKUs: Unleashed was never told of this warehouse")
    assert found.mend == "hub check example --area unleashed"


def test_a_location_that_was_never_fed_is_one_finding(bench: DriftStockBench) -> None:
    bench.told_rows.rows["stock", "WH-1"].clear()
    assert one(bench).kind == "stock.wair_whole"
    assert one(bench).subject == "all of WH-1"
    assert one(bench).confirm


def test_a_warehouse_that_mintsoft_shows_nothing_of_is_one_finding_of_each_system(
    bench: DriftStockBench,
) -> None:
    shows(bench, 3, {})
    found = {one.kind: one for one in bench.differences()}
    assert set(found) == {"stock.unleashed_whole", "stock.wair_whole", "stock.miinto_whole"}
    assert all(one.says["mintsoft"] == "has none" for one in found.values())
    assert len(bench.differences()) == 3


def test_what_both_say_of_a_place_stays_while_its_units_move(bench: DriftStockBench) -> None:
    bench.told_rows.rows["stock", "WH-1"].clear()
    before = one(bench)
    bench.count(BLUE, 20)
    bench.hands.count_stock("MAIN", {BLUE: 20})
    bench.push()
    bench.wait(days=1)
    again = one(bench)
    assert (again.id, again.says) == (before.id, before.says)
    assert again.units != before.units


def test_packs_and_units_are_one_finding(bench: DriftStockBench) -> None:
    codes = bench.many(30)
    doubled = dict.fromkeys(codes, 10) | {code: 2 * bench.there(code) for code in CODES}
    bench.hands.count_stock("MAIN", doubled)
    found = one(bench)
    assert found.kind == "stock.unleashed_whole"
    assert found.says == {"mintsoft": "units", "unleashed": "2 times as many"}


def test_a_wrong_meaning_of_the_level_is_one_finding_though_few_skus_show_it(
    bench: DriftStockBench,
) -> None:
    codes = bench.many(60)
    real = bench.orders.stock_levels(3)
    wrong = {code: StockLevel(3, 5) for code in codes[:25]}
    bench.file["mintsoft"]["orders"] = {"stock_level_means": "on_hand"}
    bench.file["wair"], bench.file["miinto"] = None, None
    shows(bench, 3, {**real, **wrong})
    found = one(bench)
    assert found.kind == "stock.unleashed_whole"
    assert "mintsoft.orders.stock_level_means says the other number" in found.cause


def test_most_of_a_place_without_anything_in_common_is_one_finding(bench: DriftStockBench) -> None:
    codes = bench.many(40)
    rows = bench.told_rows.rows["stock", "WH-1"]
    for at, code in enumerate(codes):
        rows[code] = str(6 + at)
    assert one(bench).kind == "stock.wair_whole"
    assert one(bench).says == {"mintsoft": "its numbers", "wair": "nearly all others"}


def test_some_of_a_place_are_told_one_by_one(bench: DriftStockBench) -> None:
    codes = bench.many(60)
    rows = bench.told_rows.rows["stock", "WH-1"]
    for at, code in enumerate(codes[:30]):
        rows[code] = str(6 + at)
    assert [found.kind for found in bench.differences()] == ["stock.wair"] * 30


def test_a_warehouse_that_cannot_be_worked_with_is_told_and_the_others_are_compared() -> None:
    bench = DriftStockBench(block={"warehouses": {"MAIN": 3, "NOWHERE": 4}})
    bench.hands.count_stock("MAIN", {BLUE: 24})
    found = {one.kind: one for one in bench.differences()}
    assert set(found) == {"stock.unleashed_map", "stock.unleashed"}
    assert found["stock.unleashed_map"].subject == "warehouse NOWHERE"
    assert "NOWHERE is not in Unleashed" in found["stock.unleashed_map"].cause
    assert not found["stock.unleashed_map"].confirm


def test_a_place_of_which_a_person_is_asked_says_so(bench: DriftStockBench) -> None:
    keep(bench, "wair/feed/example", {"drops": {"WH-1": "drop-7"}})
    keep(bench, "miinto/stock/example", {"drops": {DK: "drop-3"}})
    shows(bench, 3, dict.fromkeys(bench.told_rows.rows["stock", "WH-1"], StockLevel(0, 0)))
    found = {one.kind: one for one in bench.differences()}
    for kind in ("stock.wair_whole", "stock.miinto_whole"):
        assert found[kind].cause.endswith("a person is asked whether so much may go to 0")
        assert found[kind].mend.startswith("hub parked list example")


def keep(bench: DriftStockBench, name: str, value: Mapping[str, object]) -> None:
    """A flow's cursor holds this."""
    lease = bench.cursors.acquire(name, "test", 10)
    assert lease is not None
    bench.cursors.advance(lease, value)
    bench.cursors.release(lease)
