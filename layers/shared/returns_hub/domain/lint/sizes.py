"""Whether SKUs fit `wair.skus`: a pattern that tells item, colour and size, and sizes in order.

WAIR sorts sizes without an order by the alphabet (docs.wair.ai, Sizes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.skus import shown
from returns_hub.domain.merchant import Merchant

NUMBER = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
"""Sizes such as 38 and 42.5 sort by themselves."""
MOST_SIZES = 500
"""With more, the pattern takes something else for the size, and they are not all kept."""


@dataclass
class Sizes:
    """Sizes of SKUs that have no place in the order.

    Args:
        merchant: Whose.
        pattern: Of `wair.skus`.
        ordered: Sizes that have their place.
        leaves_bundles: Bundles are not told, so that theirs may be what they like.
    """

    merchant: str
    pattern: re.Pattern[str]
    ordered: frozenset[str]
    leaves_bundles: bool
    _units: dict[str, int] = field(default_factory=dict)
    _example: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(merchant: Merchant) -> Sizes | None:
        """As the file says; None where no items and sizes are told to stock intelligence."""
        wair = merchant.wair
        if wair is None or not (wair.is_told("items") or wair.is_told("sizes")):
            return None
        try:
            pattern = re.compile(wair.skus.pattern)
        except re.error:
            return None
        ordered = frozenset(wair.skus.sizes)
        return Sizes(merchant.merchant, pattern, ordered, leaves_bundles=not wair.count_bundles)

    def see(self, sku: str) -> Iterator[str]:
        """Why the SKU does not fit, in words; its size is kept for later."""
        fits = self.pattern.match(sku)
        if fits is None:
            yield "does not fit wair.skus.pattern"
            return
        size = fits.groupdict().get("size") or ""
        if not size or size in self.ordered or NUMBER.fullmatch(size):
            return
        if size in self._units or len(self._units) < MOST_SIZES:
            self._units[size] = self._units.get(size, 0) + 1
            self._example[size] = min(sku, self._example.get(size, sku))

    def unordered(self) -> Iterator[Difference]:
        """Each size once, with the SKUs that have it counted."""
        for size, count in sorted(self._units.items()):
            says: dict[str, str | int | None] = {
                "mintsoft": f"e.g. {shown(self._example[size])}",
                "wair.skus.sizes": "not in it",
            }
            yield found(
                "lint.size_unordered",
                f"size {shown(size)}",
                says | {"SKUs": count},
                merchant=self.merchant,
            )
