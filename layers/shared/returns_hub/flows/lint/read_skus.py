"""SKUs of every system, read as streams into one register, and what is wrong with each by itself.

Orders are read first and Mintsoft's products last: what was made in between is not missing. What
may have slipped from one page of Mintsoft's list to another is looked up by its SKU, for as many as
there are calls for; a second look shows the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from returns_hub.domain.drift.findings import Difference, Said
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.register import Register
from returns_hub.domain.lint.sizes import Sizes
from returns_hub.domain.lint.skus import SkuRules, is_blank, shown
from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.warehouse_goods import WarehouseProduct
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.time_left import LEAST_OF_A_PART, LEAST_SECONDS, require_time
from returns_hub.ports.marketplace import FeedRow

MINTSOFT, UNLEASHED, FEED = "mintsoft", "unleashed", "miinto feed"
CALLS_AT_ONCE = 20
"""Pages of Mintsoft's list of products between two looks at the time."""
BLANKS = re.compile(r"\s+")


@dataclass
class Reading:
    """One reading of all SKUs.

    Args:
        world: The merchant's.
        most_calls: Of Mintsoft's list of products; None for all of it.
        register: What is known so far.
        whole: Whether every product of Mintsoft was read.
        counted: System -> rows that were looked at.
    """

    world: DriftWorld
    most_calls: int | None = None
    register: Register = field(init=False)
    rules: SkuRules = field(init=False)
    sizes: Sizes | None = field(init=False)
    whole: bool = True
    counted: dict[str, int] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    """Ids of Mintsoft's products that were looked at: a page may show one again."""
    young: set[str] = field(default_factory=set)
    """SKUs that Unleashed has so newly that they may be on their way."""
    bundles: set[str] = field(default_factory=set)
    """SKUs of Mintsoft that Unleashed need not have."""

    def __post_init__(self) -> None:
        merchant = self.world.world.live.merchant
        self.register = Register(self.world.merchant)
        self.rules = SkuRules(merchant.lint)
        self.sizes = Sizes.of(merchant)

    # -- reading ------------------------------------------------------------------------------

    def feed(self) -> Iterator[Difference]:
        """The merchant's own feed for Miinto."""
        market = self.world.market
        if market is None or market.settings.feed is None:
            return
        for row in market.marketplace.feed(nameless=True):
            self._count(FEED)
            yield from self._row(row)

    def _row(self, row: FeedRow) -> Iterator[Difference]:
        key = BLANKS.sub(" ", f"{row.group}/{row.brand}/{row.color}/{row.size}")
        if self.rules.is_ignored(row.sku):
            return
        written = row.written or row.sku
        named = f"variant {key[:90]}"
        yield from self._alone(FEED, written, named if is_blank(written) else "")
        if not is_blank(written):
            self.register.see(FEED, written, key, (row.gtin,))

    def unleashed(self) -> Iterator[Difference]:
        """Unleashed's products."""
        if self.world.erp is None:
            return
        newest = self.world.at - self._on_its_way()
        for product in self.world.erp.erp.products.changed_since(None):
            self._count(UNLEASHED)
            yield from self._erp_product(product)
            if product.created_at is not None and product.created_at > newest:
                self.young.add(product.code.strip())

    def _on_its_way(self) -> timedelta:
        """How long Mintsoft may lack what Unleashed has: the grace time, and where the flow that
        makes it is on, the time of two of its runs, so that one may fail."""
        merchant = self.world.world.live.merchant
        minutes = merchant.drift.grace_minutes
        if merchant.unleashed is not None and merchant.unleashed.is_live("products"):
            minutes += 2 * merchant.unleashed.products.every_minutes
        return timedelta(minutes=minutes)

    def _erp_product(self, product: ErpProduct) -> Iterator[Difference]:
        if self.rules.is_ignored(product.code):
            return
        if product.obsolete or product.never_diminishing:
            self.register.see_ended(UNLEASHED, product.code)
            return
        yield from self._alone(UNLEASHED, product.code, f"product {product.guid}")
        if not is_blank(product.code):
            self.register.see(UNLEASHED, product.code, product.guid, (product.barcode,))

    def mintsoft(self) -> Iterator[Difference]:
        """Mintsoft's products, as many pages as there are calls for.

        Raises:
            Retryable: The time is nearly up.
        """
        products, page, calls = self.world.feed.products, 1, 0
        while True:
            self.require_time(f"after {self.counted.get(MINTSOFT, 0)} products of Mintsoft")
            left = CALLS_AT_ONCE if self.most_calls is None else self.most_calls - calls
            if left <= 0:
                self.whole = False
                return
            read = products.products_updated_since(None, min(CALLS_AT_ONCE, left), page)
            calls += read.calls
            for product in read.products:
                if product.product_id not in self._seen:
                    self._seen.add(product.product_id)
                    self._count(MINTSOFT)
                    yield from self._product(product)
            if read.next_page is None:
                return
            page = read.next_page

    def _product(self, product: WarehouseProduct) -> Iterator[Difference]:
        written = product.written or product.sku
        if self.rules.is_ignored(product.sku):
            return
        if product.discontinued:
            self.register.see_ended(MINTSOFT, product.sku)
            return
        yield from self._alone(MINTSOFT, written, f"product {product.product_id}")
        if is_blank(written):
            return
        if product.is_bundle:
            self.bundles.add(product.sku)
        self.register.see(MINTSOFT, written, str(product.product_id), product.barcodes)
        if self.sizes is not None and not (product.is_bundle and self.sizes.leaves_bundles):
            for said in self.sizes.see(product.sku):
                yield self.finding(
                    "lint.sku_pattern", f"{shown(product.sku)} in {MINTSOFT}", {MINTSOFT: said}
                )

    # -- what is wrong with one ---------------------------------------------------------------

    def _alone(self, system: str, written: str, named: str) -> Iterator[Difference]:
        for problem in self.rules.problems(written):
            name = named if is_blank(written) else shown(written)
            yield self.finding(problem.kind, f"{name} in {system}", {system: problem.said})

    def finding(
        self, kind: str, subject: str, says: Mapping[str, Said], confirm: bool | None = None
    ) -> Difference:
        """A finding of this merchant; see `domain.lint.kinds.found`."""
        return found(kind, subject, says, merchant=self.world.merchant, confirm=confirm)

    def require_time(self, where: str) -> None:
        """Stop where the time is nearly up; see `time_left.require_time`."""
        least = LEAST_SECONDS if self.most_calls is None else LEAST_OF_A_PART
        require_time(self.world, where, least)

    def _count(self, system: str) -> None:
        self.counted[system] = self.counted.get(system, 0) + 1
