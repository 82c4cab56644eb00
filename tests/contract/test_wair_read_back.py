"""What is read back of WAIR's sets, and how access is proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.settings import OTHER, Settings
from returns_hub.adapters.http.read_only import ReadOnlyHttp
from returns_hub.adapters.wair.connect import sink_of
from returns_hub.domain.wair.rows import LocationRow, StockRow
from returns_hub.domain.wair.settings import DATA_SETS
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports.feed import Part
from tests.support.wair import (
    COLOR,
    ITEM,
    LOCATION,
    RESERVED,
    ROWS,
    RUN,
    SIZE,
    WairBench,
    in_dialect,
)


def tell(bench: WairBench, *parts: Part) -> None:
    """One upload."""
    bench.feed.begin(RUN, bench.send_by)
    for part in parts or [Part(name, ROWS[name]) for name in DATA_SETS]:
        bench.feed.tell(RUN, part, bench.send_by)
    bench.feed.end(RUN, bench.send_by)


def test_what_was_told_is_read_back_as_it_was() -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    tell(bench)
    back = {name: bench.feed.told_back(name) for name in DATA_SETS}

    assert back["colors"] is None
    assert COLOR.color == "RED"
    assert list(back["locations"] or ()) == [LOCATION]
    assert list(back["sizes"] or ()) == [SIZE]
    assert list(back["reserved"] or ()) == [RESERVED]
    told = {(row.sku, row.on_hand) for row in back["stock"] or () if isinstance(row, StockRow)}
    assert told == {("TEE-RED-M", 40), ("TEE-RED-L", 0)}
    (item,) = list(back["items"] or ())
    assert item == replace(ITEM, skus=tuple(replace(sku, barcode="") for sku in ITEM.skus))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(dialect=OTHER),
        Settings(dialect=OTHER, largest_limit=700),
        Settings(dialect=OTHER, page_end="not_told"),
        Settings(dialect=OTHER, page_end="not_told", largest_limit=500),
    ],
    ids=["told", "clamped", "not told", "clamped and not told"],
)
def test_every_page_is_read(settings: Settings) -> None:
    bench = WairBench(settings, data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(2500)})
    rows = [row for row in bench.feed.told_back("stock") or () if isinstance(row, StockRow)]
    assert {row.sku: row.on_hand for row in rows} == {f"S{n}": n for n in range(2500)}
    assert len(rows) == 2500


def test_a_list_that_is_not_paged_is_read_once() -> None:
    settings = Settings(dialect=OTHER, page_end="not_told", offset="ignored")
    bench = WairBench(settings, data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(300)})
    assert len(list(bench.feed.told_back("stock") or ())) == 300


def test_pages_without_end_are_cut_off_and_told() -> None:
    bench = WairBench(Settings(dialect=OTHER, offset="ignored"), data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(1500)})
    with pytest.raises(Retryable, match="no further page"):
        list(bench.feed.told_back("stock") or ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wrapper": "other"}, "no array other"),
        ({"fields": {"on_hand": "units", "location": "storeId", "sku": "variantId"}}, "no units"),
    ],
)
def test_words_that_do_not_fit_what_is_read_are_told(change: dict[str, Any], said: str) -> None:
    sets = in_dialect(OTHER)
    sets["stock"] |= change
    bench = WairBench(Settings(dialect=OTHER), data_sets=sets)
    bench.wair.set_stock("COR", {"TEE": 1})
    with pytest.raises(Misconfigured, match=said):
        list(bench.feed.told_back("stock") or ())


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500_BEFORE, FaultKind.CUT_OFF_AFTER])
def test_a_read_that_breaks_off_is_no_end(kind: FaultKind) -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(1500)})
    bench.wair.faults.add(Fault(kind, path="/export", after=1, times=None))
    rows = bench.feed.told_back("stock") or iter(())
    assert isinstance(next(rows), StockRow)
    with pytest.raises(Retryable):
        list(rows)


def test_a_world_that_writes_nothing_can_log_in_and_read_and_that_is_all() -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {"TEE": 7})
    around = replace(bench.around, http=lambda name, url: ReadOnlyHttp(bench.http(name, url)))
    feed = sink_of(bench.connection, around)
    assert list(feed.told_back("stock") or ()) == [StockRow("COR", "TEE", 7)]
    for act in (feed.begin, feed.end):
        with pytest.raises(Permanent, match="nothing is written"):
            act(RUN, bench.send_by)
    with pytest.raises(Permanent, match="nothing is written"):
        feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert {one.path for one in bench.wire.requests if one.method == "POST"} == {"/api/v1/Token"}


def test_access_tells_what_was_read() -> None:
    assert "/Recommendations/stockTargets can be read" in WairBench().feed.check_access()
    other = WairBench(Settings(dialect=OTHER))
    assert "it has no /Recommendations/stockTargets" in other.feed.check_access()
    told = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER)).feed.check_access()
    assert "/master/stores can be read" in told


def test_a_location_row_of_another_kind_reads_its_numbers_as_text() -> None:
    sets = in_dialect(OTHER)
    bench = WairBench(Settings(dialect=OTHER), data_sets=sets)
    bench.wair.tenant().sets["locations"].records["7",] = {"locationId": 7, "code": None}
    assert list(bench.feed.told_back("locations") or ()) == [LocationRow("7", "", "", "")]
