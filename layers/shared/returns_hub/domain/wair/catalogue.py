"""The warehouse's products as items with all their SKUs: pure.

Objects are told whole (docs.wair.ai, "Integration core principles"), so that an item is made only
from a list of products that was read to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Literal

from returns_hub.domain.wair.rows import ColorRow, ItemRow, SizeRow, SkuRow
from returns_hub.domain.wair.settings import SkuRule
from returns_hub.domain.wair.sku_rule import SkuReader, color_rows, size_rows
from returns_hub.domain.warehouse_goods import (
    IN_KILOGRAMS,
    IN_METRES,
    LengthUnit,
    WarehouseProduct,
    WeightUnit,
    converted,
)

WhyNoItem = Literal["blank_sku", "unprintable_sku", "duplicate_sku", "case_twin", "bundle"]
EXPECTED: frozenset[WhyNoItem] = frozenset({"bundle"})
"""Reasons that are as they should be."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Product:
    """What of a product of the warehouse is told; numbers are in the units of its account."""

    product_id: int
    sku: str
    name: str = ""
    barcode: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    bundle: bool = False

    @staticmethod
    def of(product: WarehouseProduct) -> Product:
        """What the warehouse shows."""
        return Product(
            product.product_id,
            product.sku,
            product.name[:LONGEST_NAME],
            product.ean or product.upc,
            product.weight,
            product.height,
            product.width,
            product.depth,
            product.is_bundle,
        )

    def to_text(self) -> str:
        """To be kept, shortly."""
        numbers = (self.weight, self.height, self.width, self.depth)
        told = [None if number is None else str(number) for number in numbers]
        row = [self.sku, self.name, self.barcode, *told, int(self.bundle)]
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def of_text(product_id: str, text: str) -> Product:
        """What `to_text` wrote."""
        sku, name, barcode, *told, bundle = json.loads(text)
        weight, height, width, depth = (None if one is None else Decimal(one) for one in told)
        return Product(
            int(product_id), sku, name, barcode, weight, height, width, depth, bool(bundle)
        )


@dataclass(frozen=True)
class Units:
    """Units of the warehouse's account."""

    weight: WeightUnit = "kg"
    length: LengthUnit = "cm"

    def kilograms(self, value: Decimal | None) -> Decimal | None:
        """A weight of the account's; one of 0 is not known."""
        return converted(value, IN_KILOGRAMS[self.weight], IN_KILOGRAMS["kg"]) if value else None

    def centimetres(self, value: Decimal | None) -> Decimal | None:
        """A length of the account's; one of 0 is not known."""
        return converted(value, IN_METRES[self.length], IN_METRES["cm"]) if value else None


@dataclass(frozen=True)
class Catalogue:
    """Products by their item, in the order of SKUs.

    Args:
        by_item: Item -> its products.
        left_out: Why products are not told, and their SKUs (ids of those with a blank one).
        rule: How a SKU is read.
        units: Of the warehouse's account.
    """

    by_item: Mapping[str, tuple[Product, ...]]
    left_out: Mapping[WhyNoItem, tuple[str, ...]]
    rule: SkuRule
    units: Units

    def items(self) -> Iterator[ItemRow]:
        """Every item, in the order of their ids."""
        reader = SkuReader(self.rule)
        return (self._item(item, reader) for item in sorted(self.by_item))

    def sizes(self) -> Iterator[SizeRow]:
        """Every size that a SKU tells."""
        reader = SkuReader(self.rule)
        found = {reader.parts_or_itself(product.sku).size for product in self._products()}
        return size_rows(found - {""}, self.rule)

    def colors(self) -> Iterator[ColorRow]:
        """Every colour that a SKU tells."""
        reader = SkuReader(self.rule)
        found = {reader.parts_or_itself(product.sku).color for product in self._products()}
        return color_rows(found - {""}, self.rule)

    def skus(self) -> frozenset[str]:
        """Every SKU that is told."""
        return frozenset(product.sku for product in self._products())

    def _products(self) -> Iterator[Product]:
        for products in self.by_item.values():
            yield from products

    def _item(self, item: str, reader: SkuReader) -> ItemRow:
        products = self.by_item[item]
        name = _common_name([product.name for product in products]) or item
        return ItemRow(item, item, name, tuple(self._sku(one, reader) for one in products))

    def _sku(self, product: Product, reader: SkuReader) -> SkuRow:
        parts, units = reader.parts_or_itself(product.sku), self.units
        return SkuRow(
            sku=product.sku,
            code=product.sku,
            style=parts.style,
            color=parts.color,
            size=parts.size,
            barcode=product.barcode,
            weight=units.kilograms(product.weight),
            height=units.centimetres(product.height),
            width=units.centimetres(product.width),
            depth=units.centimetres(product.depth),
        )


def catalogue_of(
    products: Iterable[Product], rule: SkuRule, units: Units, *, count_bundles: bool
) -> Catalogue:
    """Group products to items.

    Args:
        products: Every product of the warehouse.
        rule: How a SKU tells its item.
        units: Of the warehouse's account.
        count_bundles: Bundles are told as well.
    """
    left: dict[WhyNoItem, list[str]] = {}
    alike: dict[str, list[Product]] = {}
    for product in products:
        if not product.sku.strip():
            left.setdefault("blank_sku", []).append(str(product.product_id))
        elif not product.sku.isprintable():
            left.setdefault("unprintable_sku", []).append(product.sku)
        else:
            alike.setdefault(product.sku.casefold(), []).append(product)
    reader = SkuReader(rule)
    by_item: dict[str, list[Product]] = {}
    for several in alike.values():
        why = _why_not(several, count_bundles=count_bundles)
        if why is not None:
            left.setdefault(why, []).extend(sorted({product.sku for product in several}))
            continue
        (product,) = several
        by_item.setdefault(reader.parts_or_itself(product.sku).item, []).append(product)
    return Catalogue(
        {
            item: tuple(sorted(several, key=lambda one: one.sku))
            for item, several in by_item.items()
        },
        {why: tuple(sorted(skus)) for why, skus in left.items()},
        rule,
        units,
    )


def _why_not(several: list[Product], *, count_bundles: bool) -> WhyNoItem | None:
    if len({product.sku for product in several}) > 1:
        return "case_twin"
    if len(several) > 1:
        return "duplicate_sku"
    return "bundle" if several[0].bundle and not count_bundles else None


def _common_name(names: list[str]) -> str:
    """The words with which every name begins; the first name where there are none."""
    words = [name.split() for name in names]
    same = takewhile(lambda some: len(set(some)) == 1, zip(*words, strict=False))
    return " ".join(some[0] for some in same).rstrip(" -,/") or next(filter(None, names), "")
