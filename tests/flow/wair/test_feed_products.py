"""Items with their sizes and colours, and locations, are told to stock intelligence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.wair.rows import ColorRow, ItemRow, LocationRow, SizeRow, SkuRow
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.wair.feed_cursor import ask_full
from tests.support.feed_worlds import FeedBench

LOST = UnknownOutcome("wair.unknown_outcome", "no answer")
LONG_AWAY = Retryable("wair.away", "away", after=300)
NO = Permanent("wair.refused", "sizeId is missing")


@pytest.fixture
def bench() -> FeedBench:
    made = FeedBench()
    made.only("locations", "sizes", "colors", "items")
    made.products.put(
        "TEE-RED-S", "Tee red S", ean="5700000000017", weight=Decimal(200), height=Decimal("0.3")
    )
    made.products.put("TEE-RED-M", "Tee red M")
    made.products.put("TEE-BLUE-M", "Tee blue M")
    made.products.put("MUG", "A mug")
    return made


def there(bench: FeedBench, name: str) -> dict[str, Any]:
    return dict(bench.feed.books[name])


def full(bench: FeedBench) -> dict[str, int]:
    bench.clock.advance(minutes=1)
    ask_full(bench.world().stores, "example")
    return bench.run(minutes=1)


def test_items_are_told_whole_with_their_sizes_and_colours(bench: FeedBench) -> None:
    bench.file["mintsoft"]["goods"] = {"weight_unit": "g", "length_unit": "m"}
    bench.file["wair"]["skus"] = {"color_names": {"RED": "Red"}}
    assert bench.run() == {
        "locations.told": 1,
        "sizes.told": 2,
        "colors.told": 2,
        "items.told": 2,
    }
    assert there(bench, "locations") == {"WH-1": LocationRow("WH-1", "WH-1", "WH-1", "Warehouse")}
    assert list(there(bench, "sizes").values()) == [
        SizeRow("M", "M", "M", 40),
        SizeRow("S", "S", "S", 30),
    ]
    assert there(bench, "colors")["RED"] == ColorRow("RED", "RED", "Red")
    assert there(bench, "items")["MUG"] == ItemRow(
        "MUG", "MUG", "A mug", (SkuRow("MUG", "MUG", "MUG"),)
    )
    tee = there(bench, "items")["TEE"]
    assert (tee.name, [sku.sku for sku in tee.skus]) == (
        "Tee",
        ["TEE-BLUE-M", "TEE-RED-M", "TEE-RED-S"],
    )
    assert tee.skus[2] == SkuRow(
        "TEE-RED-S",
        "TEE-RED-S",
        "TEE-RED",
        "RED",
        "S",
        "5700000000017",
        Decimal("0.2"),
        Decimal(30),
    )
    told = [part.data_set for part in bench.feed.parts]
    assert told == ["locations", "sizes", "colors", "items"]


def test_what_changed_is_told_at_its_own_pace(bench: FeedBench) -> None:
    bench.file["wair"]["master_data_every_hours"] = 6
    bench.run(hours=0)
    bench.products.put("TEE-RED-L", "Tee red L")
    assert bench.run(hours=5) == {}
    assert bench.run(hours=2) == {
        "locations.unchanged": 1,
        "sizes.told": 1,
        "sizes.unchanged": 2,
        "colors.unchanged": 2,
        "items.told": 1,
        "items.unchanged": 1,
    }
    assert len(there(bench, "items")["TEE"].skus) == 4
    # Only what changed was read, from 90 minutes before the reading that came to its end.
    assert bench.products.pages[-1][0] is not None
    assert full(bench)["items.told"] == 2
    assert bench.products.pages[-1][0] is None


def test_a_list_that_takes_several_runs_is_read_once_and_told_at_its_end(bench: FeedBench) -> None:
    for number in range(10):
        bench.products.put(f"CAP-{number:02d}")
    bench.products.seconds = 60.0
    assert bench.run() == {"locations.told": 1, "products.being_read": 1}
    assert there(bench, "items") == {}
    while bench.is_due(minutes=5):
        bench.run(minutes=0)
    assert [page for _, page in bench.products.pages] == [1, 2, 3, 4, 5, 6, 7]
    assert len(there(bench, "items")) == 12


def test_a_reading_that_fails_goes_on_from_where_it_was(
    bench: FeedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.flows.wair.feed_products.KEEP_AT_ONCE", 2)
    bench.products.away = Retryable("mintsoft.away", "away")
    assert bench.run()["failed"] == 1
    bench.products.away = None
    really = bench.products.products_updated_since

    def once(since: Any, most: int, first: int = 1) -> Any:
        if first == 2:
            raise Retryable("mintsoft.away", "away")
        return really(since, most, first)

    bench.products.products_updated_since = once
    assert bench.run()["failed"] == 1
    bench.products.products_updated_since = really
    bench.products.pages.clear()
    assert bench.run()["items.told"] == 2
    assert [page for _, page in bench.products.pages] == [2]


def test_a_product_that_a_reading_missed_is_asked_for_before_its_item_loses_it(
    bench: FeedBench,
) -> None:
    bench.run()
    missed, gone = sorted(bench.products.kept)[:2]
    bench.products.hides.add(missed)
    del bench.products.kept[gone]
    full(bench)
    assert [sku.sku for sku in there(bench, "items")["TEE"].skus] == ["TEE-BLUE-M", "TEE-RED-S"]


def test_more_missed_products_than_can_be_asked_for_are_there_still(
    bench: FeedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.flows.wair.feed_products.MOST_ASKED_FOR", 1)
    bench.run()
    for gone in sorted(bench.products.kept)[:2]:
        del bench.products.kept[gone]
    full(bench)
    assert len(there(bench, "items")["TEE"].skus) == 2
    full(bench)
    assert len(there(bench, "items")["TEE"].skus) == 1


def test_an_empty_list_of_products_is_an_operators(bench: FeedBench) -> None:
    bench.run()
    bench.products.kept.clear()
    assert full(bench)["failed"] == 1
    assert bench.telemetry.total("Misconfigured", code="mintsoft.no_products") == 1
    assert len(there(bench, "items")) == 2


def test_skus_that_cannot_be_told_apart_are_left_out_with_a_reason(bench: FeedBench) -> None:
    bench.products.put("")
    bench.products.put("MUG")
    bench.products.put("tee-blue-m")
    bench.products.put("SET", is_bundle=True)
    bench.products.put("CAP\x07")
    ended = bench.run()
    assert (ended["items.case_twin"], ended["items.duplicate_sku"]) == (2, 1)
    assert set(there(bench, "items")) == {"TEE"}
    assert {sku.sku for sku in there(bench, "items")["TEE"].skus} == {"TEE-RED-S", "TEE-RED-M"}
    assert bench.left_out().keys() == {
        "blank_sku",
        "duplicate_sku",
        "case_twin",
        "bundle",
        "unprintable_sku",
    }


def test_a_full_load_of_items_is_withheld_while_some_cannot_be_told(bench: FeedBench) -> None:
    bench.set("items", full_load=True)
    bench.run()
    assert [part.full for part in bench.feed.parts] == [False, False, False, True]
    bench.products.put("mug")
    assert full(bench)["items.full_load_withheld"] == 1
    assert not bench.feed.parts[-1].full
    assert "MUG" in there(bench, "items")


def test_a_refused_set_does_not_keep_the_others_back(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None)] * 3 + [("after", None), ("before", NO)]
    ended = bench.run()
    assert (ended["failed"], ended.get("sizes.told"), ended["items.told"]) == (1, None, 2)
    assert bench.parked() == ["wair.refused"]
    assert bench.feed.open == ""
    assert not bench.is_due(minutes=5)
    assert full(bench)["sizes.told"] == 2


def test_an_unknown_end_is_told_anew(bench: FeedBench) -> None:
    bench.run()
    # Start, locations, stop; start, sizes, colours, and what became of the items nobody hears.
    bench.feed.trouble += [("after", None)] * 6 + [("after", LOST)] * 3
    assert full(bench)["failed"] == 1
    assert bench.feed.open == ""
    assert bench.run(minutes=5)["items.told"] == 2
    assert not bench.is_due(minutes=1)


def test_what_could_not_be_told_is_told_without_reading_again(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None)] * 4 + [("before", LONG_AWAY)]
    assert bench.run()["failed"] == 1
    bench.products.pages.clear()
    assert bench.run(minutes=5)["sizes.told"] == 2
    assert bench.products.pages == []


def test_no_batch_is_open_while_products_are_read(bench: FeedBench) -> None:
    bench.only("locations", "stock", "items")
    bench.stock.put("MUG", 3)
    really = bench.products.products_updated_since
    seen: list[str] = []

    def look(*arguments: Any) -> Any:
        seen.append(bench.feed.open)
        return really(*arguments)

    bench.products.products_updated_since = look
    bench.run()
    assert set(seen) == {""}
    calls = ["start", "locations 1", "stock 1", "stop", "start", "items 1", "stop"]
    assert bench.feed.calls == calls


def test_shadow_reads_and_tells_nothing(bench: FeedBench) -> None:
    for name in ("locations", "sizes", "colors", "items"):
        bench.set(name, mode="shadow")
    assert bench.run() == {
        "locations.would_tell": 1,
        "sizes.would_tell": 2,
        "colors.would_tell": 2,
        "items.would_tell": 2,
    }
    assert bench.feed.calls == []
    assert not any(name in {"items", "sizes"} for _, name, _ in bench.kept.rows)
    bench.set("items", mode="live")
    assert bench.run()["items.told"] == 2


def test_a_vanished_skus_zero_needs_no_call_where_products_are_kept(bench: FeedBench) -> None:
    bench.only("stock", "items")
    for sku in ("MUG", "TEE-RED-S", "GONE"):
        bench.stock.put(sku, 3)
    bench.run()
    bench.products.find_products = None
    del bench.stock.levels[3]["MUG"], bench.stock.levels[3]["GONE"]
    full(bench)
    assert bench.stock_there() == {"MUG": 0, "TEE-RED-S": 3, "GONE": 3}
