"""Items of Miinto's are products of ours: sources are read once, and what they said is kept."""

from __future__ import annotations

import pytest

from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Retryable
from returns_hub.flows.miinto.identify import REMEMBERED_SECONDS, identifier, identify, skus_of
from returns_hub.ports.marketplace import FeedRow, MappedProduct
from tests.support.miinto import DK, SE, MarketBench

TEE, WHAT = Item(product_id="id-tee"), Item(product_id="what")


def asked(hub: MarketBench) -> tuple[int, int]:
    return hub.miinto.requests["map"], hub.miinto.requests["feed"]


def test_skus_of_many_items_in_their_order_from_one_reading() -> None:
    hub = MarketBench()
    assert skus_of(hub.world(), DK, [WHAT, TEE, TEE]) == (None, "TEE", "TEE")
    assert asked(hub) == (1, 0)  # no GTIN is wanted, and no price
    assert skus_of(hub.world(), DK, []) == ()
    assert asked(hub) == (1, 0)


def test_one_at_a_time_is_remembered_for_a_while_the_unknown_too() -> None:
    hub = MarketBench()
    find = identifier(hub.world())
    assert [find(DK, TEE), find(DK, WHAT), find(DK, TEE), find(DK, WHAT)] == [
        "TEE",
        None,
        "TEE",
        None,
    ]
    assert asked(hub) == (2, 0)
    hub.miinto.map[DK].append(MappedProduct("S", "HAT", "", "what"))
    hub.clock.advance(seconds=REMEMBERED_SECONDS + 1)
    assert find(DK, WHAT) == "HAT"


def test_a_source_that_cannot_be_read_is_not_taken_for_no() -> None:
    hub = MarketBench()
    hub.miinto.fail("map", Retryable("miinto.down", "away"))
    with pytest.raises(Retryable, match="away"):
        skus_of(hub.world(), DK, [TEE])
    gtin = Item(gtin="5700000000017")
    hub.miinto.fail("feed", Retryable("feed.down", "the feed is away"))
    with pytest.raises(Retryable, match="the feed is away"):
        skus_of(hub.world(), DK, [gtin])
    hub.miinto.map = {}
    assert skus_of(hub.world(), DK, [gtin]) == (None,)


def test_one_shops_map_that_cannot_be_read_is_not_the_others_trouble() -> None:
    hub = MarketBench()
    hub.miinto.fail("map", Retryable("miinto.down", "away"))
    found = identify(hub.world(), {DK: [TEE], SE: [TEE]})
    assert list(found.products) == [(SE, TEE)]
    assert list(found.troubles) == [DK]


def test_the_warehouse_is_left_alone_after_it_did_not_answer() -> None:
    hub = MarketBench()
    hub.miinto.map = {DK: []}
    calls: list[str] = []
    world = hub.world()

    def away(code: str) -> None:
        calls.append(code)
        raise Retryable("mintsoft.down", "away")

    world.world.warehouse.sku_of_barcode = away  # type: ignore[method-assign, assignment]
    found = identify(world, {DK: [Item(gtin=f"570000000{n:04d}") for n in range(9)]})
    assert (len(calls), found.products) == (1, {})


def test_a_run_looks_up_so_many_products_and_the_first_first() -> None:
    hub = MarketBench()
    hub.miinto.map = {DK: []}
    items = [Item(gtin=f"570000000{n:04d}") for n in range(250)]
    found = identify(hub.world(), {DK: items})
    assert list(found.products) == [(DK, item) for item in items[:100]]
    hub.clock.left = 59.0
    assert not identify(hub.world(), {DK: items}).products


def test_nothing_but_what_is_wanted_is_kept_of_50_000_rows() -> None:
    hub = MarketBench()
    hub.miinto.map[DK] += [
        MappedProduct("G", f"SKU-{n}", f"{n:013d}", f"id-{n}") for n in range(50_000)
    ]
    hub.miinto.rows += [
        FeedRow(f"SKU-{n}", "G", "B", "C", "S", f"{n:013d}", {"DKK": n}, {"DKK": n})
        for n in range(50_000)
    ]
    found = identify(hub.world(), {DK: [TEE, Item(gtin="0000000049999")]})
    assert found.prices.skus == {"TEE", "SKU-49999"}
    assert found.price("SKU-49999", "DKK").final == 49_999
