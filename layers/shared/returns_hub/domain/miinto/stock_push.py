"""What the marketplace is to be told of stock: pure, over the feed's variants.

Source: a stock row is found by the feed's unique key, group, brand, color and size, not by SKU
(a working merchant client of the stock service).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from returns_hub.domain.base import short_hash

LEAST_TO_ZERO = 10
"""Fewer variants than this go to 0 on any day."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of the feed: its SKU, and the key that the marketplace knows it by."""

    sku: str
    group: str
    brand: str
    color: str
    size: str

    @property
    def hash(self) -> str:
        """Its key in 12 hexadecimal digits."""
        return short_hash("\x1f".join((self.group, self.brand, self.color, self.size)), 12)


@dataclass(frozen=True)
class StockPlan:
    """What is to be told of one shop, and what cannot be.

    Args:
        units: Variant's hash -> units, of every variant that can be told.
        variants: Variant's hash -> the variant.
        unknown: SKUs of the feed that the warehouse does not know; never told as 0.
        without_row: SKUs of the warehouse that the feed has no row for.
        ambiguous: SKUs whose variant's key stands in the feed for several SKUs.
    """

    units: Mapping[str, int]
    variants: Mapping[str, Variant]
    unknown: tuple[str, ...]
    without_row: tuple[str, ...]
    ambiguous: tuple[str, ...]


def plan_stock(
    feed: Iterable[Variant],
    available: Mapping[str, int],
    promised: Mapping[str, int],
    kept_back: int,
) -> StockPlan:
    """Units of each variant.

    Args:
        feed: The feed's variants.
        available: SKU -> units of the shop's warehouse that can be promised.
        promised: SKU -> units that buyers have and the warehouse does not know of.
        kept_back: Units of each SKU that the marketplace never gets.
    """
    variants: dict[str, Variant] = {}
    skus: dict[str, set[str]] = {}
    for variant in feed:
        key = variant.hash
        variants[key] = variant
        skus.setdefault(key, set()).add(variant.sku)
    clear = {key: variant for key, variant in variants.items() if len(skus[key]) == 1}
    known = {key: variant for key, variant in clear.items() if variant.sku in available}
    return StockPlan(
        units={
            key: to_tell(available[v.sku], promised.get(v.sku, 0), kept_back)
            for key, v in known.items()
        },
        variants=known,
        unknown=tuple(sorted({v.sku for v in clear.values()} - available.keys())),
        without_row=tuple(
            sorted(available.keys() - {sku for all_ in skus.values() for sku in all_})
        ),
        ambiguous=tuple(
            sorted(sku for several in skus.values() if len(several) > 1 for sku in several)
        ),
    )


def to_tell(available: int, promised: int, kept_back: int) -> int:
    """Units of a variant that the marketplace gets; see `plan_stock`."""
    return max(0, available - promised - kept_back)


def changed(plan: StockPlan, told: Mapping[str, int]) -> dict[str, int]:
    """The variants whose units differ from what was told last."""
    return {key: units for key, units in plan.units.items() if told.get(key) != units}


@dataclass(frozen=True)
class Drop:
    """How many of the variants that had stock would have none."""

    to_zero: int
    had_stock: int

    def is_sudden(self, most_percent: int) -> bool:
        """Whether it is more than a shop loses on a day."""
        return self.to_zero >= LEAST_TO_ZERO and (
            self.to_zero * 100 > most_percent * self.had_stock
        )


def drop_of(plan: StockPlan, told: Mapping[str, int]) -> Drop:
    """How far stock would drop against what was told last."""
    had = Counter(
        "zero" if plan.units[key] == 0 else "some"
        for key, units in told.items()
        if units > 0 and key in plan.units
    )
    return Drop(had["zero"], had.total())
