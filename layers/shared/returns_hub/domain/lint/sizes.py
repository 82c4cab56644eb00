"""Whether SKUs fit `wair.skus`: a pattern that tells item, colour and size, and sizes in order.

WAIR sorts sizes without an order by the alphabet (docs.wair.ai, Sizes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from returns_hub.domain.drift.findings import Difference, Said
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.skus import shown
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.wair.settings import SkuRule
from returns_hub.domain.wair.sku_rule import SkuReader, has_place

MOST_SIZES = 500
"""With more, the pattern takes something else for the size, and they are not all kept."""


@dataclass
class Sizes:
    """Sizes of SKUs that have no place in the order.

    Args:
        merchant: Whose.
        rule: `wair.skus`.
        leaves_bundles: Bundles are not told, so that theirs may be what they like.
    """

    merchant: str
    rule: SkuRule
    leaves_bundles: bool
    _reader: SkuReader = field(init=False)
    _placed: dict[str, bool] = field(default_factory=dict)
    _units: dict[str, int] = field(default_factory=dict)
    _example: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reader = SkuReader(self.rule)

    @staticmethod
    def of(merchant: Merchant) -> Sizes | None:
        """As the file says; None where no items and sizes are told to stock intelligence."""
        wair = merchant.wair
        if wair is None or not (wair.is_told("items") or wair.is_told("sizes")):
            return None
        return Sizes(merchant.merchant, wair.skus, leaves_bundles=not wair.count_bundles)

    def see(self, sku: str) -> Iterator[str]:
        """Why the SKU does not fit, in words; its size is kept for later."""
        parts = self._reader.parts(sku)
        if parts is None:
            yield "does not fit wair.skus.pattern"
            return
        size = parts.size
        if not size or self._has_place(size):
            return
        if size in self._units or len(self._units) < MOST_SIZES:
            self._units[size] = self._units.get(size, 0) + 1
            self._example[size] = min(sku, self._example.get(size, sku))

    def _has_place(self, size: str) -> bool:
        known = self._placed.get(size)
        if known is None:
            known = has_place(size, self.rule)
            if len(self._placed) < MOST_SIZES:
                self._placed[size] = known
        return known

    def unordered(self) -> Iterator[Difference]:
        """Each size once, with the SKUs that have it counted."""
        for size, count in sorted(self._units.items()):
            says: dict[str, Said] = {
                "mintsoft": f"e.g. {shown(self._example[size])}",
                "wair.skus.sizes": "not in it",
                "SKUs": count,
            }
            subject = f"size {shown(size)}"
            yield found("lint.size_unordered", subject, says, merchant=self.merchant)
