"""An item of Miinto's is a product of ours when every source that knows it agrees."""

from __future__ import annotations

from returns_hub.domain.miinto.products import (
    Identified,
    NotIdentified,
    PriceShelf,
    Reference,
    Said,
    Shelf,
    gtin_key,
    settled,
)
from returns_hub.domain.miinto.transfers import Item

ITEM = Item(product_id="11111111-AAAA", gtin="5700000000017", name="Linen shirt")


def test_sources_that_agree_identify_it() -> None:
    said = [Said("map", frozenset({"A"})), Said("feed", frozenset()), Said("x", frozenset({"A"}))]
    assert settled(ITEM, said) == Identified("A", ("map", "x"))


def test_sources_that_differ_are_both_named_and_nobody_is_believed() -> None:
    said = [Said("the product map by id", frozenset({"A"})), Said("the feed", frozenset({"B"}))]
    answer = settled(ITEM, said)
    assert isinstance(answer, NotIdentified)
    assert answer.code == "ambiguous_product"
    assert "the product map by id says A; the feed says B" in answer.why


def test_one_source_with_two_answers_identifies_nothing() -> None:
    answer = settled(ITEM, [Said("the feed", frozenset({"B", "A"}))])
    assert isinstance(answer, NotIdentified)
    assert "the feed says A and B" in answer.why


def test_what_no_source_knows_is_told_with_what_miinto_calls_it() -> None:
    answer = settled(ITEM, [])
    assert isinstance(answer, NotIdentified)
    assert answer.code == "unknown_product"
    assert "item 11111111-AAAA, GTIN 5700000000017 (Linen shirt)" in answer.why


def test_gtins_are_compared_whole_and_filled_with_zeros() -> None:
    assert gtin_key("36000291452") == gtin_key(" 0036000291452 ") == "00036000291452"
    assert gtin_key("1234567") is None
    assert gtin_key(None) is gtin_key("") is None
    assert gtin_key("AB-1234567") == "AB-1234567"


def test_only_rows_about_wanted_items_are_kept() -> None:
    shelf = Shelf.for_items([ITEM])
    assert shelf.see(" A ", product_id="11111111-aaaa", gtin="")
    assert shelf.see("B", gtin="05700000000017")
    assert not shelf.see("C", product_id="22222222", gtin="5700000000024")
    assert not shelf.see("  ", product_id="11111111-aaaa")

    assert shelf.of_product_id(ITEM) == {"A"}
    assert shelf.of_gtin(ITEM) == {"B"}
    assert (shelf.by_product_id, shelf.by_gtin) == (
        {"11111111-aaaa": {"A"}},
        {"05700000000017": {"B"}},
    )


def test_an_item_without_id_and_gtin_is_nobodys() -> None:
    bare = Item()
    shelf = Shelf.for_items([bare])
    shelf.see("A", product_id="", gtin="")
    assert shelf.of_product_id(bare) == shelf.of_gtin(bare) == frozenset()


def test_the_final_price_is_the_discounted_one_else_the_retail_price() -> None:
    prices = PriceShelf({"A", "B"})
    prices.see("A", {"DKK": 8_000}, {"DKK": 10_000, "EUR": 1_300})
    prices.see("C", {"DKK": 1}, {"DKK": 1})

    assert prices.of("A", "DKK") == Reference(8_000, 10_000)
    assert prices.of("A", "EUR") == Reference(1_300, 1_300)
    assert prices.of("A", "SEK") == Reference(currencies=("DKK", "EUR"))
    assert prices.of("A", None) == prices.of("B", "DKK") == prices.of("C", "DKK") == Reference()


def test_a_sku_with_two_different_prices_has_none() -> None:
    prices = PriceShelf({"A", "B"})
    for amount in (100, 100, 90):
        prices.see("A", None, {"DKK": amount})
        prices.see("B", None, {"DKK": 100})
    assert prices.of("A", "DKK") == Reference()
    assert prices.of("B", "DKK") == Reference(100, 100)
