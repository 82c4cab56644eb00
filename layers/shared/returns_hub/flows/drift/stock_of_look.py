"""The warehouse's stock as one look sees it: each warehouse is asked once, for every comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.drift.stock_levels import SkuNumbers, WarehouseLevels
from returns_hub.domain.drift.words import tidied
from returns_hub.domain.warehouse_stock import readable
from returns_hub.errors import Verdict
from returns_hub.ports import OrdersWarehouse, Telemetry
from returns_hub.ports.findings import FindingsStore
from returns_hub.ports.goods import ProductsWarehouse
from returns_hub.ports.shelf import ProductShelf

MOST_PRICED = 25
"""Products whose price the warehouse is asked for in a look, two or three calls each; what a list
showed lately (`ProductShelf`) costs none."""
AT_ONCE = 500


@dataclass
class StockOfLook:
    """Stock and cost prices of one look.

    Args:
        orders: The warehouse.
        products: Its products.
        shelf: Its products as a list showed them; None without.
        merchant: Whose.
        telemetry: For prices that cannot be had.
        findings: What was found before.
    """

    orders: OrdersWarehouse
    products: ProductsWarehouse
    shelf: ProductShelf | None
    merchant: str
    telemetry: Telemetry
    findings: FindingsStore
    skus: SkuNumbers = field(default_factory=SkuNumbers)
    _read: dict[int, WarehouseLevels] = field(default_factory=dict)
    _failed: dict[int, Verdict] = field(default_factory=dict)
    _asked: int = 0
    _prices: dict[str, Decimal | None] = field(default_factory=dict)

    def of(self, warehouse_id: int) -> WarehouseLevels:
        """One warehouse's stock.

        Raises:
            Verdict: It cannot be told; the same one each time, without asking again.
        """
        if warehouse_id in self._failed:
            raise self._failed[warehouse_id]
        if warehouse_id not in self._read:
            try:
                levels = readable(self.orders.stock_levels(warehouse_id))
            except Verdict as verdict:
                self._failed[warehouse_id] = verdict
                raise
            self._read[warehouse_id] = WarehouseLevels(self.skus, levels)
        return self._read[warehouse_id]

    def is_known(self, kind: str, subject: str) -> bool:
        """Whether this counts as drift already.

        Then it goes on to be told while its stock moves: that it moves does not resolve it.
        """
        return tidied(Difference(kind, subject, {})).id in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        found = self.findings.open_findings(self.merchant, "stock")
        return frozenset(finding.id for finding in found if finding.counts)

    def price(self, skus: Collection[str]) -> dict[str, Decimal | None]:
        """Cost prices of at most so many SKUs as are told one by one; None where nobody tells."""
        wanted = [sku for sku in skus if sku not in self._prices]
        try:
            for lot in lots_of(wanted, AT_ONCE):
                self._ask(lot)
        except Verdict as verdict:
            self.telemetry.log("no cost prices", flow="drift", why=verdict.reason)
        return {sku: self._prices.get(sku) for sku in skus}

    def _ask(self, wanted: list[str]) -> None:
        known = self.shelf.known(self.merchant, wanted) if self.shelf is not None else {}
        rest = [sku for sku in wanted if sku not in known][: MOST_PRICED - self._asked]
        self._keep({sku: known[sku].cost_price for sku in known})
        if rest:
            self._asked += len(rest)
            found = self.products.find_products(rest)
            self._keep({sku: found[sku].cost_price if sku in found else None for sku in rest})

    def _keep(self, prices: dict[str, Decimal | None]) -> None:
        # Mintsoft shows a price that was never set as 0.
        self._prices |= {sku: price or None for sku, price in prices.items()}


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of those that are told."""
    told = [moment for moment in moments if moment is not None]
    return max(told) if told else None


def lots_of(skus: list[str], many: int) -> Iterator[list[str]]:
    """The SKUs, so many at once."""
    return (skus[at : at + many] for at in range(0, len(skus), many))
