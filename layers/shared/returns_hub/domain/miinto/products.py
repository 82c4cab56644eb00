"""Which product of ours an item of Miinto's is: by Miinto's item id, by its GTIN, or by name.

Sources: Miinto's product map has rows of group, feed id (the SKU), GTIN and Miinto's item id; the
feed has SKU and GTIN; Mintsoft has barcodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from returns_hub.domain.matching import SHORTEST_BARCODE
from returns_hub.domain.miinto.transfers import Item

LONGEST_GTIN = 14
MOST_TOLD = 4
"""More SKUs than this for one item are not all named."""


@dataclass(frozen=True)
class Identified:
    """The product, and the sources that say so."""

    sku: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class NotIdentified:
    """No product, or more than one; `why` is a sentence for a person."""

    code: Literal["unknown_product", "ambiguous_product"]
    why: str


Product = Identified | NotIdentified


@dataclass(frozen=True)
class Said:
    """What one source says: the SKUs that it knows the item by; none when it does not know it."""

    source: str
    skus: frozenset[str]


def gtin_key(gtin: str | None) -> str | None:
    """The GTIN in the form in which two are compared, whole; None when it is too short to be one.

    8, 12, 13 and 14 digits are the same number, filled with zeros on the left (GS1).
    """
    text = (gtin or "").strip()
    if len(text) < SHORTEST_BARCODE:
        return None
    return text.zfill(LONGEST_GTIN) if text.isascii() and text.isdigit() else text


def settled(item: Item, said: Iterable[Said]) -> Product:
    """The product on which all sources that know the item agree."""
    telling = [one for one in said if one.skus]
    skus = frozenset(sku for one in telling for sku in one.skus)
    if len(skus) == 1:
        return Identified(next(iter(skus)), tuple(one.source for one in telling))
    if not skus:
        return NotIdentified(
            "unknown_product", f"no source knows the product of {in_words(item)}; see its mapping"
        )
    sayings = "; ".join(
        f"{one.source} says {' and '.join(sorted(one.skus)[:MOST_TOLD])}" for one in telling
    )
    return NotIdentified(
        "ambiguous_product", f"sources differ about the product of {in_words(item)}: {sayings}"
    )


def in_words(item: Item) -> str:
    """The item, for people."""
    parts = [
        f"item {item.product_id}" if item.product_id else "an item without Miinto's id",
        f"GTIN {item.gtin}" if item.gtin else "no GTIN",
    ]
    return ", ".join(parts) + (f" ({item.name[:80]})" if item.name else "")


@dataclass
class Shelf:
    """SKUs of the items that are wanted, as sources go by; nothing else of them is kept."""

    product_ids: frozenset[str]
    gtins: frozenset[str]
    by_product_id: dict[str, set[str]] = field(default_factory=dict)
    by_gtin: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def for_items(cls, items: Iterable[Item]) -> Shelf:
        """An empty shelf for these items."""
        wanted = list(items)
        return cls(
            frozenset(id_key(item.product_id) for item in wanted if id_key(item.product_id)),
            frozenset(key for item in wanted if (key := gtin_key(item.gtin)) is not None),
        )

    def see(self, sku: str, *, product_id: str = "", gtin: str = "") -> bool:
        """Keep what a row says, if it is about a wanted item; whether it is."""
        sku, product = sku.strip(), id_key(product_id)
        if not sku:
            return False
        key = gtin_key(gtin)
        if is_by_id := product in self.product_ids:
            self.by_product_id.setdefault(product, set()).add(sku)
        if is_by_gtin := key is not None and key in self.gtins:
            self.by_gtin.setdefault(str(key), set()).add(sku)
        return is_by_id or is_by_gtin

    def of_product_id(self, item: Item) -> frozenset[str]:
        """SKUs of the item by Miinto's id of it."""
        return frozenset(self.by_product_id.get(id_key(item.product_id), ()))

    def of_gtin(self, item: Item) -> frozenset[str]:
        """SKUs of the item by its GTIN."""
        key = gtin_key(item.gtin)
        return frozenset(self.by_gtin.get(key, ())) if key is not None else frozenset()


def id_key(product_id: str | None) -> str:
    """Miinto's item id in the form in which two are compared: they are UUIDs."""
    return (product_id or "").strip().lower()


@dataclass(frozen=True)
class Reference:
    """The feed's prices of a product for one unit, in minor units of one currency.

    `currencies` are those that it has prices in, where it has none in the one asked for.
    """

    final: int | None = None
    original: int | None = None
    currencies: tuple[str, ...] = ()


@dataclass
class PriceShelf:
    """Prices of the SKUs that are wanted, as the feed goes by.

    A SKU that the feed has twice with different prices has none: nobody knows which is meant.
    """

    skus: set[str]
    _prices: dict[str, tuple[dict[str, int], dict[str, int]]] = field(default_factory=dict)
    _differing: set[str] = field(default_factory=set)

    def want(self, skus: Iterable[str]) -> None:
        """Keep the prices of these as well, from here on."""
        self.skus.update(sku.strip() for sku in skus)

    def see(
        self, sku: str, final: Mapping[str, int] | None, original: Mapping[str, int] | None
    ) -> None:
        """Keep a row's prices by currency, if they are of a wanted SKU."""
        sku = sku.strip()
        if sku not in self.skus:
            return
        originals = dict(original or {})
        prices = ({**originals, **(final or {})}, originals)
        if self._prices.setdefault(sku, prices) != prices:
            self._differing.add(sku)

    def of(self, sku: str, currency: str | None) -> Reference:
        """The prices of a SKU in this currency."""
        if currency is None or sku in self._differing:
            return Reference()
        final, original = self._prices.get(sku, ({}, {}))
        if currency in final:
            return Reference(final[currency], original.get(currency))
        return Reference(currencies=tuple(sorted(final)))
