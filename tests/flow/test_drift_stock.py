"""Stock that differs between two systems is found, once and with what it takes to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from cli.main import hub
from local.simulators.faults import FaultKind
from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.unleashed.stock_rows import StockPage
from returns_hub.domain.wair.rows import StockRow
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparisons import COMPARISONS, STOCK
from returns_hub.flows.miinto.market_world import MarketWorld
from tests.support.drift_stock import A_DAY, DriftStockBench, differences_of
from tests.support.erp_stock import BLUE, CAP, DRESS, JEANS, TEE
from tests.support.erp_worlds import PRODUCTS
from tests.support.market_partners import DK

DOCS = Path(__file__).resolve().parents[2] / "docs" / "drift.md"
Sow = Callable[[DriftStockBench], None]


@pytest.fixture
def bench() -> DriftStockBench:
    return DriftStockBench()


def shop(bench: DriftStockBench) -> str:
    return f"shop {bench.market_world().settings.shops[0].slug}"


def one(bench: DriftStockBench) -> Difference:
    (found,) = bench.differences()
    return found


def is_a_command(line: str) -> bool:
    """Whether the words name a verb of `hub`, with arguments and options that it takes."""
    _, *words = line.split()
    command: click.Command = hub
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context("hub", words)
    return True


def levels(bench: DriftStockBench, **changed: StockLevel) -> None:
    """Mintsoft shows these levels in warehouse 3, whatever it has."""
    real = bench.orders.stock_levels

    def shown(warehouse_id: int) -> dict[str, StockLevel]:
        found = dict(real(warehouse_id))
        return found | changed if warehouse_id == 3 else found

    bench.orders.stock_levels = shown  # type: ignore[method-assign]


def test_what_says_the_same_everywhere_is_no_drift(bench: DriftStockBench) -> None:
    assert bench.differences() == []
    assert bench.failed() == {}


def test_every_comparison_of_stock_is_made_by_a_look() -> None:
    assert set(STOCK) <= set(COMPARISONS)
    kinds = [kind for comparison in STOCK for kind in comparison.kinds]
    assert len(kinds) == len(set(kinds))
    assert all(kind.startswith("stock.") for kind in kinds)


def test_every_kind_is_told_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    kinds = {kind for comparison in STOCK for kind in comparison.kinds}
    assert [kind for kind in sorted(kinds) if f"| `{kind}` |" not in text] == []


# -- one drift of each kind, and nothing else ---------------------------------------------------


def unleashed(bench: DriftStockBench) -> None:
    bench.hands.count_stock("MAIN", {TEE: 43})


def not_in_unleashed(bench: DriftStockBench) -> None:
    bench.mintsoft.seed({"products": {"990": {"sku": "ONLY-HERE", "name": "x", "client_id": 12}}})
    bench.mintsoft.set_stock(3, 990, 5)
    bench.all_told()


def not_in_mintsoft(bench: DriftStockBench) -> None:
    bench.hands.count_stock("3PL", {JEANS: 2})


def wair(bench: DriftStockBench) -> None:
    bench.told_rows.rows["stock", "WH-1"][BLUE] = "24"


def reserved(bench: DriftStockBench) -> None:
    bench.told_rows.rows["reserved", "WH-1"][BLUE] = "2"


def miinto(bench: DriftStockBench) -> None:
    told = dict(bench.market.told_stock("example", DK))
    key = next(key for key, units in told.items() if units == 12)
    bench.market.keep_told_stock("example", DK, {key: 13})


def negative(bench: DriftStockBench) -> None:
    levels(bench, **{CAP: StockLevel(-2, -2)})


def doubled(bench: DriftStockBench) -> None:
    levels(bench, **{CAP: StockLevel(0, 0, is_doubtful=True)})


SOWN: dict[str, tuple[Sow, str, int]] = {
    "stock.unleashed": (unleashed, f"{TEE} @ MAIN", 3),
    "stock.unleashed_missing": (not_in_unleashed, "ONLY-HERE @ MAIN", 5),
    "stock.mintsoft_missing": (not_in_mintsoft, f"{JEANS} @ 3PL", 2),
    "stock.wair": (wair, f"{BLUE} @ WH-1", 1),
    "stock.wair_reserved": (reserved, f"{BLUE} @ WH-1", 2),
    "stock.miinto": (miinto, f"{DRESS} @ {{shop}}", 1),
    "stock.negative": (negative, f"{CAP} @ Mintsoft warehouse 3", 2),
    "stock.doubled_rows": (doubled, f"{CAP} @ Mintsoft warehouse 3", 0),
}


@pytest.mark.parametrize("kind", SOWN)
def test_one_drift_of_each_kind_is_found_and_nothing_else(
    bench: DriftStockBench, kind: str
) -> None:
    sow, subject, units = SOWN[kind]
    sow(bench)
    found = one(bench)
    assert (found.kind, found.subject) == (kind, subject.format(shop=shop(bench)))
    assert found.units == units
    assert found.cause
    # hub wair plan comes with the feed's own verbs.
    assert found.mend == "hub wair plan example" or is_a_command(found.mend)
    assert all(len(str(said)) <= 60 for said in found.says.values())
    assert one(bench).id == found.id


def test_all_of_them_at_once_are_told_apart(bench: DriftStockBench) -> None:
    for kind, (sow, _, _) in SOWN.items():
        if kind != "stock.doubled_rows":
            sow(bench)
    expected = {
        (kind, subject.format(shop=shop(bench)))
        for kind, (_, subject, _) in SOWN.items()
        if kind not in {"stock.doubled_rows", "stock.wair", "stock.wair_reserved", "stock.miinto"}
    }
    # What was sown first was told anew by the feed and the push that one of them makes.
    found = bench.found()
    assert expected <= found
    assert {kind for kind, _ in found} == set(SOWN) - {"stock.doubled_rows"}


def test_what_both_sides_say_moves_the_finding_and_names_the_risk(bench: DriftStockBench) -> None:
    bench.hands.count_stock("MAIN", {CAP: 4})
    bench.count(CAP, 0)
    bench.all_told()
    found = one(bench)
    assert found.says == {"mintsoft": 0, "unleashed": 4}
    assert found.cause == "Unleashed has stock that is not there: oversell risk"
    assert found.confirm
    bench.hands.count_stock("MAIN", {CAP: 5})
    assert one(bench).says == {"mintsoft": 0, "unleashed": 5}


# -- worth ----------------------------------------------------------------------------------------


def test_it_is_worth_what_the_warehouse_paid_for_it(bench: DriftStockBench) -> None:
    bench.mintsoft.change_product(PRODUCTS[TEE], CostPrice=7.5)
    unleashed(bench)
    assert (one(bench).value, one(bench).currency) == (Decimal("22.5"), "GBP")


def test_what_a_list_showed_is_not_asked_for(bench: DriftStockBench) -> None:
    found = bench.products.find_product(TEE)
    assert found is not None
    bench.shelf.remember("example", [replace(found, cost_price=Decimal(3))])
    unleashed(bench)
    before = len(bench.to_mintsoft.requests)
    assert one(bench).value == Decimal(9)
    asked = [request.path for request in bench.to_mintsoft.requests[before:]]
    assert not [path for path in asked if "StockLevels" not in path and "Product" in path]


def test_without_a_cost_price_it_has_no_worth(bench: DriftStockBench) -> None:
    unleashed(bench)
    assert (one(bench).value, one(bench).currency) == (None, "")


# -- tolerance ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerance", "there", "is_found"),
    [
        ({"units": 3}, 43, False),
        ({"units": 2}, 43, True),
        ({"percent": 10}, 44, False),
        ({"percent": 10}, 45, True),
        ({"units": 5, "percent": 1}, 45, False),
    ],
)
def test_the_larger_tolerance_lets_pass(
    bench: DriftStockBench, tolerance: dict[str, int], there: int, is_found: bool
) -> None:
    bench.change("drift", stock_tolerance=tolerance)
    bench.hands.count_stock("MAIN", {TEE: there})
    assert len(bench.differences()) == is_found


# -- lists that move, and products that are not like others ---------------------------------------


@pytest.mark.parametrize("shown", [None, 44], ids=["slipped off the page", "moved since"])
def test_a_row_is_read_again_by_its_guid_before_it_is_told(
    bench: DriftStockBench, shown: int | None
) -> None:
    world = bench.drift_world()
    assert world.erp is not None
    stock: Any = world.erp.erp.stock
    real = stock.pages

    def pages(code: str) -> Iterator[StockPage]:
        for page in real(code):
            rows = [row for row in page.rows if row.sku != TEE or code != "MAIN"]
            if shown is not None and code == "MAIN":
                row = next(row for row in page.rows if row.sku == TEE)
                rows.append(replace(row, on_hand=Decimal(shown)))
            yield replace(page, rows=tuple(rows))

    stock.pages = pages
    assert differences_of(world) == []


def test_services_are_left_alone_and_products_with_batches_are_not(bench: DriftStockBench) -> None:
    rows = {"991": "CARRIAGE", "992": "MUG-RED"}
    bench.mintsoft.seed(
        {"products": {n: {"sku": sku, "name": sku, "client_id": 12} for n, sku in rows.items()}}
    )
    for number in rows:
        bench.mintsoft.set_stock(3, int(number), 3)
    bench.all_told()
    assert bench.found() == {("stock.unleashed", "MUG-RED @ MAIN")}


# -- stock intelligence ---------------------------------------------------------------------------


def test_what_is_really_held_counts_where_it_can_be_read() -> None:
    sets = {"stock": {"mode": "live", "read_path": "/Stock"}}
    bench = DriftStockBench(wair={"data_sets": sets})
    bench.held_as_told()
    assert bench.differences() == []
    bench.held_rows.rows[0] = replace_row(bench, TEE, 39)
    found = one(bench)
    assert found.says == {"mintsoft": 40, "wair": 39, "told": 40}
    assert found.cause == (
        "WAIR was told Mintsoft's number and holds another: it was changed there"
    )


def test_with_wair_as_the_master_what_is_held_is_compared_and_never_told() -> None:
    sets = {"stock": {"mode": "live", "master": "wair", "read_path": "/Stock"}}
    bench = DriftStockBench(wair={"data_sets": sets})
    bench.held_as_told()
    bench.told_rows.rows.clear()
    assert bench.differences() == []
    bench.held_rows.rows[0] = replace_row(bench, TEE, 41)
    assert one(bench).says == {"mintsoft": 40, "wair": 41}
    assert "WAIR is the master" in one(bench).cause


def test_warehouses_of_one_location_are_summed() -> None:
    bench = DriftStockBench(wair={"locations": [{"id": "ALL", "warehouses": [3, 4]}]})
    assert bench.told_rows.rows["stock", "ALL"][TEE] == "45"
    assert bench.differences() == []
    bench.told_rows.rows["stock", "ALL"][TEE] = "40"
    assert one(bench).says == {"mintsoft": 45, "wair": 40}


def test_a_sku_that_mintsoft_lists_no_more_is_found_where_it_was_told(
    bench: DriftStockBench,
) -> None:
    bench.told_rows.rows["stock", "WH-1"]["GONE"] = "4"
    assert one(bench).says == {"mintsoft": None, "wair": 4}


def replace_row(bench: DriftStockBench, sku: str, units: int) -> StockRow:
    row = bench.held_rows.rows[0]
    assert isinstance(row, StockRow)
    assert row.sku == sku
    return replace(row, on_hand=units)


# -- what cannot be told --------------------------------------------------------------------------


def test_while_the_meaning_of_levels_is_unknown_that_is_the_only_finding(
    bench: DriftStockBench,
) -> None:
    bench.file["mintsoft"]["orders"] = {"stock_level_means": "unknown"}
    levels(bench, **{sku: StockLevel(8, 10) for sku in PRODUCTS})
    # The push knows what to tell all the same: the smaller number, which is never too much.
    bench.push()
    found = one(bench)
    assert found.kind == "stock.level_meaning_unknown"
    assert not found.confirm
    assert found.mend == "hub check example --area mintsoft"


def test_a_doubled_sku_is_not_compared(bench: DriftStockBench) -> None:
    levels(bench, **{TEE: StockLevel(20, 20, is_doubtful=True)})
    assert ("stock.unleashed", f"{TEE} @ MAIN") not in bench.found()
    assert ("stock.wair", f"{TEE} @ WH-1") not in bench.found()


# -- what a look asks, and what stops it ----------------------------------------------------------


def test_each_warehouse_is_asked_once_in_a_look(bench: DriftStockBench) -> None:
    before = len(bench.to_mintsoft.requests)
    bench.differences()
    asked = [r for r in bench.to_mintsoft.requests[before:] if "StockLevels" in r.path]
    assert len(asked) == 2


def test_a_warehouse_that_is_away_is_asked_once_and_fails_what_needs_it(
    bench: DriftStockBench,
) -> None:
    asked: list[int] = []

    def away(warehouse_id: int) -> dict[str, StockLevel]:
        asked.append(warehouse_id)
        raise Retryable("mintsoft.away", "away")

    bench.orders.stock_levels = away  # type: ignore[method-assign]
    assert set(bench.failed()) == {comparison.name for comparison in STOCK}
    assert asked == [3]


def test_a_list_of_unleashed_that_is_cut_off_fails_its_comparison_alone(
    bench: DriftStockBench,
) -> None:
    bench.file["unleashed"]["catalogue_page_size"] = 3
    assert bench.failed() == {}
    bench.fault(FaultKind.ERROR_500_BEFORE, path="/StockOnHand", method="GET", times=99, after=1)
    assert list(bench.failed()) == ["stock.unleashed"]


def test_a_list_that_there_is_no_time_for_fails_its_comparison_alone(
    bench: DriftStockBench,
) -> None:
    bench.clock.left = 59.0
    assert bench.failed() == {"stock.unleashed": "drift.no_time"}


def test_a_feed_of_miinto_that_is_cut_off_fails_its_comparison_alone(
    bench: DriftStockBench,
) -> None:
    bench.marketplace.feed_ends = False
    assert list(bench.failed()) == ["stock.miinto"]


def test_what_is_held_and_cut_off_fails_its_comparison_alone() -> None:
    sets = {"stock": {"mode": "live", "read_path": "/Stock"}}
    bench = DriftStockBench(wair={"data_sets": sets})
    bench.held_as_told()
    bench.held_rows.ends = Retryable("wair.away", "away")
    assert list(bench.failed()) == ["stock.wair"]


def test_nothing_is_compared_where_the_file_switches_it_off(bench: DriftStockBench) -> None:
    for sow, _, _ in SOWN.values():
        sow(bench)
    bench.change("drift", stock=False)
    assert bench.differences() == []


def test_a_system_that_is_told_no_stock_is_not_compared(bench: DriftStockBench) -> None:
    for sow, _, _ in SOWN.values():
        sow(bench)
    bench.file["unleashed"]["stock"]["mode"] = "off"
    bench.file["miinto"]["stock"] = {"mode": "shadow"}
    bench.change("wair", data_sets={"stock": {"mode": "shadow"}})
    assert bench.differences() == []
    assert isinstance(bench.market_world(), MarketWorld)


def test_a_look_writes_nothing(bench: DriftStockBench) -> None:
    for sow, _, _ in SOWN.values():
        sow(bench)
    bench.wait(**A_DAY)
    asked = (len(bench.to_mintsoft.requests), len(bench.to_unleashed.requests))
    bench.differences()
    sent = bench.to_mintsoft.requests[asked[0] :] + bench.to_unleashed.requests[asked[1] :]
    assert {request.method for request in sent} == {"GET"}
