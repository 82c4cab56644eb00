"""Products of items that Miinto names, and their prices, from the sources that know them.

Map and feed can hold 50,000 rows and more: they are read as a stream, once, for all items that are
wanted, and only rows about these are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from returns_hub.domain.matching import SHORTEST_BARCODE
from returns_hub.domain.miinto.products import (
    Identified,
    PriceShelf,
    Product,
    Reference,
    Said,
    Shelf,
    settled,
)
from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports.marketplace import SkuOf

MOST_LOOK_UPS = 100
"""Products that the warehouse is asked for in one run; the others' turn is the next run's."""


REMEMBERED_SECONDS = 1800.0
Answer = TypeVar("Answer")


@dataclass
class Findings:
    """What was found out.

    Args:
        products: Shop and item -> its product. An item that is missing was not found out about:
            a source could not be read, or it was too much for one run.
        prices: Of the products.
        troubles: What could not be read: the shop, or empty for all of them -> why.
    """

    prices: PriceShelf
    products: dict[tuple[str, Item], Product] = field(default_factory=dict)
    troubles: dict[str, Verdict] = field(default_factory=dict)

    def price(self, sku: str, currency: str | None) -> Reference:
        """The feed's prices."""
        return self.prices.of(sku, currency)


def identify(
    market: MarketWorld, wanted: Mapping[str, Iterable[Item]], *, priced: bool = True
) -> Findings:
    """The products of these items of each shop, and their prices.

    The sources are those of `identify_by`; all that know an item have to agree. The warehouse is
    asked by a request for each item, and so only for those that map and feed do not know.

    Args:
        market: Whose.
        wanted: Shop -> items; the first are looked up first.
        priced: Whether prices are wanted; without them the feed is read for GTINs only.
    """
    items = {shop: tuple(dict.fromkeys(of_shop)) for shop, of_shop in wanted.items()}
    findings = Findings(PriceShelf(set()))
    maps = _read_maps(market, items, findings)
    in_feed = Shelf.for_items(item for of_shop in items.values() for item in of_shop)
    for shop, shelf in maps.items():
        for item in items[shop]:
            findings.prices.want(shelf.of_product_id(item) | shelf.of_gtin(item))
    by_gtin = "gtin" in market.settings.identify_by and bool(in_feed.gtins)
    if (priced or by_gtin) and not _read_feed(market, in_feed, findings):
        return findings
    warehouse = _Warehouse(market)
    for shop, shelf in maps.items():
        for item in items[shop]:
            try:
                said = _said(market, item, shelf, in_feed, warehouse)
            except Verdict as verdict:
                findings.troubles.setdefault("", verdict)
                continue
            findings.products[shop, item] = settled(item, said)
    if priced:
        _price_what_the_warehouse_found(market, findings, in_feed)
    return findings


def skus_of(market: MarketWorld, shop: str, items: Sequence[Item]) -> tuple[str | None, ...]:
    """The SKU of each item, in their order; None where no source knows it, or sources differ.

    Map and feed are read once for all of them.

    Raises:
        Retryable: One of them cannot be found out about now.
    """
    if not items:
        return ()
    findings = identify(market, {shop: items}, priced=False)
    found: list[str | None] = []
    for item in items:
        product = findings.products.get((shop, item))
        if product is None:
            trouble = next(iter(findings.troubles.values()), None)
            why = trouble.reason if trouble else "a source cannot be read"
            raise Retryable("miinto.not_identified", why, after=300)
        found.append(product.sku if isinstance(product, Identified) else None)
    return tuple(found)


def skus_found(market: MarketWorld, shop: str, items: Sequence[Item]) -> Mapping[Item, str | None]:
    """As `skus_of`, for flows that go on with those that were found out about; the others are
    missing from the answer.

    Raises:
        Retryable: None of them was.
    """
    findings = identify(market, {shop: items}, priced=False)
    if items and not findings.products:
        trouble = next(iter(findings.troubles.values()), None)
        why = trouble.reason if trouble else "a source cannot be read"
        raise Retryable("miinto.not_identified", why, after=300)
    return {
        item: product.sku if isinstance(product, Identified) else None
        for (_, item), product in findings.products.items()
    }


def identifier(market: MarketWorld) -> SkuOf:
    """One item at a time, for flows that meet few of them.

    What was found out, that nobody knows an item too, counts for `REMEMBERED_SECONDS`.
    """
    known: dict[tuple[str, Item], tuple[float, str | None]] = {}

    def find(shop: str, item: Item) -> str | None:
        now = market.stores.clock.monotonic()
        found = known.get((shop, item))
        if found is None or now - found[0] > REMEMBERED_SECONDS:
            (sku,) = skus_of(market, shop, (item,))
            known[shop, item] = found = (now, sku)
        return found[1]

    return find


def _read_maps(
    market: MarketWorld, items: Mapping[str, tuple[Item, ...]], findings: Findings
) -> dict[str, Shelf]:
    """The rows of each shop's product map about its items; without those that cannot be read."""
    shelves: dict[str, Shelf] = {}
    is_wanted = bool({"product_map", "gtin"}.intersection(market.settings.identify_by))
    for shop, of_shop in items.items():
        shelf = Shelf.for_items(of_shop)
        try:
            if is_wanted and (shelf.product_ids or shelf.gtins):
                for row in market.marketplace.product_map(shop):
                    shelf.see(row.sku, product_id=row.product_id, gtin=row.gtin)
        except Verdict as verdict:
            findings.troubles[shop] = verdict
        else:
            shelves[shop] = shelf
    return shelves


def _read_feed(market: MarketWorld, in_feed: Shelf, findings: Findings) -> bool:
    """Read the feed for the items' GTINs, and for the prices that are wanted; whether it could."""
    try:
        for row in market.marketplace.feed():
            if in_feed.see(row.sku, gtin=row.gtin):
                findings.prices.want({row.sku})
            findings.prices.see(row.sku, row.final_prices, row.original_prices)
    except Verdict as verdict:
        findings.troubles.setdefault("", verdict)
        return False
    return True


def _price_what_the_warehouse_found(
    market: MarketWorld, findings: Findings, in_feed: Shelf
) -> None:
    """Read the feed again for SKUs that nobody knew of when it went by."""
    skus = {found.sku for found in findings.products.values() if isinstance(found, Identified)}
    late = skus - findings.prices.skus
    if not late:
        return
    findings.prices.want(late)
    if not _read_feed(market, in_feed, findings):
        for key, found in list(findings.products.items()):
            if isinstance(found, Identified) and found.sku in late:
                del findings.products[key]


def _said(
    market: MarketWorld, item: Item, shelf: Shelf, in_feed: Shelf, warehouse: _Warehouse
) -> list[Said]:
    said: list[Said] = []
    for way in market.settings.identify_by:
        match way:
            case "product_map":
                said.append(Said("the product map by Miinto's id", shelf.of_product_id(item)))
            case "gtin":
                said.append(Said("the product map by GTIN", shelf.of_gtin(item)))
                said.append(Said("the feed by GTIN", in_feed.of_gtin(item)))
                if not any(one.skus for one in said):
                    said.append(Said("Mintsoft by barcode", warehouse.by_barcode(item)))
            case "sku":
                if not any(one.skus for one in said):
                    said.append(Said("Miinto's id as SKU", warehouse.by_name(item)))
    return said


class _Warehouse:
    """The warehouse's products, asked for one by one, each once."""

    def __init__(self, market: MarketWorld) -> None:
        self._world = market.world
        self._asked = 0
        self._closed: Verdict | None = None
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def by_barcode(self, item: Item) -> frozenset[str]:
        """SKU of the product with exactly this barcode; see `flows.make_case.identified`."""
        code = (item.gtin or "").strip()
        if len(code) < SHORTEST_BARCODE:
            return frozenset()
        if ("barcode", code) not in self._known:
            sku = self._ask(lambda: self._world.warehouse.sku_of_barcode(code))
            self._known["barcode", code] = frozenset({sku} if sku else ())
        return self._known["barcode", code]

    def by_name(self, item: Item) -> frozenset[str]:
        """Miinto's id of the item, where it is the SKU of a product."""
        sku = (item.product_id or "").strip()
        if not sku:
            return frozenset()
        if ("name", sku) not in self._known:
            is_known = self._ask(lambda: self._world.warehouse.find_product(sku)) is not None
            self._known["name", sku] = frozenset({sku} if is_known else ())
        return self._known["name", sku]

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        """One request; after one that could not be answered no other is made."""
        if self._closed is not None:
            raise self._closed
        try:
            self._take_a_turn()
            return question()
        except Verdict as verdict:
            self._closed = verdict
            raise

    def _take_a_turn(self) -> None:
        if self._asked >= MOST_LOOK_UPS:
            raise Retryable("miinto.many_unknown", "more unknown products than one run looks up")
        if self._world.stores.clock.remaining() < 2 * REQUEST_SECONDS:
            raise Retryable("miinto.no_time", "no time is left to look products up")
        self._asked += 1
