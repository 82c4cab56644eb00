"""The Unleashed adapter for stock: pages, rows by Guid, products, adjustments, every quirk."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.adapters.unleashed.stock import UnleashedStock
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.stock_rows import AdjustmentDraft, ProductFacts
from returns_hub.domain.unleashed.stock_rule import AdjustmentLine
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.erp_stock import BLUE, CAP, TEE, StockBench
from tests.support.order_worlds import LATER

GUID = guid_for("a test")


@pytest.fixture
def bench() -> StockBench:
    return StockBench(proven=False)


def stock_of(bench: StockBench, **connection: Any) -> UnleashedStock:
    bench.file["unleashed"] |= connection
    bench.version += 1
    return UnleashedStock(bench.unleashed_account())


def guid_of(bench: StockBench, sku: str) -> str:
    return bench.desk_there.product(sku)


def draft(*lines: tuple[str, int, str], **changes: Any) -> AdjustmentDraft:
    content: dict[str, Any] = {
        "guid": GUID,
        "warehouse_code": "MAIN",
        "reason": "Mintsoft",
        "day": date(2026, 3, 2),
        "lines": tuple(AdjustmentLine(s, Decimal(n), Decimal(v), n) for s, n, v in lines),
        "comment": "counted",
    }
    return AdjustmentDraft(**content | changes)


# -- stock on hand ------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["pascal", "camel"])
def test_every_row_of_a_warehouse_comes_page_by_page(bench: StockBench, keys: str) -> None:
    bench.account.set(keys=keys)
    bench.hands.place_order("WEBSHOP", {TEE: 3})
    stock = stock_of(bench, catalogue_page_size=3)
    pages = list(stock.pages("MAIN"))
    assert [(page.number, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    rows = {row.sku: row for page in pages for row in page.rows}
    shirt = rows[TEE]
    assert (int(shirt.on_hand), int(shirt.allocated)) == (40, 3)
    assert shirt.average_cost == Decimal("7.5")
    assert shirt.guid == guid_of(bench, TEE)
    # A product that never moved has no row, which is not a row of 0.
    assert CAP not in rows
    assert {row.sku for row in next(iter(stock.pages("3PL"))).rows} == {TEE}


def test_reading_goes_on_at_a_page(bench: StockBench) -> None:
    stock = stock_of(bench, catalogue_page_size=3)
    every = [row.sku for page in stock.pages("MAIN") for row in page.rows]
    assert [row.sku for page in stock.pages("MAIN", 2) for row in page.rows] == every[3:]
    assert [page.number for page in stock.pages("MAIN", 9)] in ([], [9])


def test_rows_that_changed_since_a_moment(bench: StockBench) -> None:
    bench.wait(hours=2)
    bench.hands.count_stock("MAIN", {BLUE: 24})
    rows = list(stock_of(bench).changed("MAIN", bench.clock.now() - timedelta(hours=1)))
    assert [(row.sku, int(row.on_hand)) for row in rows] == [(BLUE, 24)]


def test_rows_of_products_by_guid_in_lots(bench: StockBench) -> None:
    wanted = [guid_of(bench, TEE), guid_of(bench, CAP).upper(), *map(guid_for, map(str, range(90)))]
    found = stock_of(bench).rows_of("MAIN", wanted)
    assert {row.sku: row.on_hand for row in found.values()} == {TEE: 40}
    asked = [r.target for r in bench.to_unleashed.requests if "productId" in r.target]
    assert len(asked) == 3
    assert all(len(target) < 2000 for target in asked)


def test_what_is_of_another_warehouse_is_refused(
    bench: StockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(bench.desk_there.on_hand), "_warehouse", lambda *_: None)
    with pytest.raises(Misconfigured, match="shows that of all warehouses"):
        list(stock_of(bench).pages("MAIN"))


def test_a_quantity_that_is_missing_is_not_a_zero(
    bench: StockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(bench.desk_there.on_hand)
    row = kind._row
    monkeypatch.setattr(kind, "_row", lambda *asked: row(*asked) | {"QtyOnHand": None})
    with pytest.raises(Retryable, match="QtyOnHand is missing"):
        list(stock_of(bench).pages("MAIN"))


# -- products -----------------------------------------------------------------------------------


def test_what_of_products_matters(bench: StockBench) -> None:
    bench.hands.obsolete_product(BLUE)
    skus = [TEE, BLUE, "MUG-RED", "WATCH-01", "CARRIAGE"]
    found = stock_of(bench).products_of(guid_of(bench, sku) for sku in skus)
    facts = {one.sku: one for one in found.values()}
    assert facts[TEE] == ProductFacts(TEE, guid_of(bench, TEE), other_cost=Decimal("7.5"))
    assert facts[BLUE].is_obsolete
    assert [facts[sku].is_tracked for sku in ("MUG-RED", "WATCH-01")] == [True, True]
    assert not facts["CARRIAGE"].keeps_stock


def test_products_by_code_are_compared_exactly_and_many_are_read_at_once(bench: StockBench) -> None:
    stock = stock_of(bench)
    few = stock.products_named([TEE, "TEE-RED", "tee-red-m", "NO-SUCH"])
    assert set(few) == {TEE}
    begin = bench.calls()
    many = stock.products_named([TEE, CAP, *(f"NO-{n}" for n in range(30))])
    assert set(many) == {TEE, CAP}
    assert bench.calls() - begin == 1


def test_a_catalogue_of_many_products_is_read_in_little_room(bench: StockBench) -> None:
    for n in range(2000):
        bench.desk_there.products.create(
            bench.desk_there.products.read(
                {"ProductCode": f"Z{n:05d}", "ProductDescription": "x" * 400}
            ),
            "pat",
        )
    stock = stock_of(bench, catalogue_page_size=100)
    wanted = [f"Z{n:05d}" for n in range(0, 2000, 50)]
    tracemalloc.start()
    found = stock.products_named(wanted)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == len(wanted)
    assert most < 6_000_000


# -- adjustments --------------------------------------------------------------------------------


def test_an_adjustment_is_sent_in_unleasheds_words_and_read_back(bench: StockBench) -> None:
    stock = stock_of(bench)
    assert stock.read_adjustment(GUID) is None
    made = stock.adjust(draft((TEE, -2, "-15.0000"), (CAP, 3, "12.0000")), LATER)
    (sent,) = [r for r in bench.to_unleashed.requests if r.method == "POST"]
    assert sent.path == f"/StockAdjustments/{GUID}"
    assert sent.json() == {
        "Guid": GUID,
        "Warehouse": {"WarehouseCode": "MAIN"},
        "AdjustmentReason": "Mintsoft",
        "AdjustmentDate": "2026-03-02",
        "Status": "Completed",
        "StockAdjustmentLines": [
            {
                "LineNumber": 1,
                "Product": {"ProductCode": TEE},
                "NewQuantity": -2,
                "NewActualValue": -15.0,
                "Comments": "counted",
            },
            {
                "LineNumber": 2,
                "Product": {"ProductCode": CAP},
                "NewQuantity": 3,
                "NewActualValue": 12.0,
                "Comments": "counted",
            },
        ],
    }
    seen = stock.read_adjustment(made)
    assert seen is not None
    assert (seen.guid, seen.is_completed, seen.warehouse_code) == (GUID, True, "MAIN")
    assert dict(seen.quantities) == {TEE: -2, CAP: 3}
    assert (bench.there(TEE), bench.there(CAP)) == (38, 3)


@pytest.mark.parametrize("wrapped", [True, False])
def test_one_adjustment_may_come_in_a_list_of_one(bench: StockBench, wrapped: bool) -> None:
    bench.account.set(single_wrapped=wrapped)
    stock = stock_of(bench)
    stock.adjust(draft((TEE, 1, "7.5")), LATER)
    assert stock.read_adjustment(GUID) is not None


def test_what_would_make_stock_negative_is_refused(bench: StockBench) -> None:
    with pytest.raises(Permanent, match="below 0"):
        stock_of(bench).adjust(draft((TEE, -41, "-1")), LATER)
    assert stock_of(bench).read_adjustment(GUID) is None


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.HTML_200_AFTER])
def test_a_lost_answer_is_found_by_the_guid(bench: StockBench, kind: FaultKind) -> None:
    bench.unleashed.faults.add(Fault(kind, "/StockAdjustments/", "POST", times=1))
    stock = stock_of(bench)
    with pytest.raises(UnknownOutcome):
        stock.adjust(draft((TEE, -2, "-15")), LATER)
    assert stock.read_adjustment(GUID.upper()) is not None


@pytest.mark.parametrize("lines", [7, "none", [1], {"0": {}}, [{"NewQuantity": "two"}], [{}]])
def test_an_adjustment_that_cannot_be_read_is_read_again_later(
    bench: StockBench, monkeypatch: pytest.MonkeyPatch, lines: object
) -> None:
    stock, raw = stock_of(bench), {"Guid": GUID, "Status": "Completed"}
    monkeypatch.setattr(stock, "_one", lambda *_: raw | {"StockAdjustmentLines": lines})
    with pytest.raises(Retryable, match="cannot be read"):
        stock.read_adjustment(GUID)


def test_nothing_leaves_after_its_time(bench: StockBench) -> None:
    with pytest.raises(Retryable):
        stock_of(bench).adjust(draft((TEE, 1, "1")), bench.clock.now() - timedelta(seconds=1))
    assert bench.there(TEE) == 40
