"""What the warehouse says of its stock, and what is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from returns_hub.domain.unleashed.stock_master import compare_with_master
from returns_hub.domain.unleashed.stock_rows import ProductFacts, StockRow, to_compare
from returns_hub.domain.unleashed.stock_rule import (
    InFlight,
    StockComparison,
    compare,
    counted,
)
from returns_hub.domain.unleashed.stock_settings import StockSync
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.flows.unleashed import untold
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.untold_parts import Untold, add

ANY_COST = Decimal(1)


@dataclass(frozen=True)
class WarehouseSide:
    """What the warehouse says, and what is on its way.

    Args:
        counts: Units by SKU, as they are compared; None where they cannot be told.
        bundles: SKUs that are left alone.
        updated: When the SKU's stock changed; None where the warehouse does not tell.
        flying: Goods that one side was not told of yet.
        settings: `unleashed.stock`.
    """

    counts: Mapping[str, int | None]
    bundles: frozenset[str]
    updated: Mapping[str, datetime | None]
    flying: Mapping[str, InFlight]
    settings: StockSync

    def held_against(self, rows: Iterable[tuple[StockRow, ProductFacts]]) -> StockComparison:
        """What of these products is to be changed: in Unleashed, or with Unleashed as the master
        in the warehouse."""
        products = tuple(rows)
        skus = [row.sku for row, _ in products]
        counts = {sku: self.counts[sku] for sku in skus if sku in self.counts}
        erp = [to_compare(row, facts) for row, facts in products]
        flying, bundles = self.flying, self.bundles
        if self.settings.master == "unleashed":
            return compare_with_master(counts, erp, in_flight=flying, bundles=bundles)
        count = self.settings.count
        return compare(counts, erp, count=count, in_flight=flying, bundles=bundles)

    def by_numbers(self, rows: Iterable[StockRow]) -> StockComparison:
        """What differs as far as the rows' numbers tell, while nothing of the products is known."""
        return self.held_against(
            [(row, ProductFacts(row.sku, row.guid, other_cost=ANY_COST)) for row in rows]
        )


def warehouse_side(
    world: ErpWorld,
    warehouse_id: int,
    flying: Untold | None = None,
    levels: Mapping[str, StockLevel] | None = None,
) -> WarehouseSide:
    """The warehouse's count, and what is on its way.

    Args:
        world: The merchant's.
        warehouse_id: Which.
        flying: What is on its way, told a moment ago; asked for when it is left out.
        levels: The warehouse's stock, told a moment ago; asked for when it is left out.

    Raises:
        Retryable: It cannot be told now, or what is on its way cannot; nothing is adjusted.
        Permanent: The warehouse does not show stock.
    """
    if flying is None:
        flying = in_flight(world)
    settings = world.connection.stock
    means = world.world.live.merchant.mintsoft.orders.stock_level_means
    if levels is None:
        levels = world.orders.stock_levels(warehouse_id)
    # Whether a number that is set holds units in quarantine is not known.
    hides_quarantine = settings.master == "unleashed" and not settings.count_quarantine
    return WarehouseSide(
        counts={
            sku: None
            if level.quarantined > 0 and hides_quarantine
            else counted(level, settings.count, means, quarantine=settings.count_quarantine)
            for sku, level in levels.items()
        },
        bundles=frozenset(
            sku for sku, level in levels.items() if level.bundle and settings.exclude_bundles
        ),
        updated={sku: level.updated_at for sku, level in levels.items()},
        flying=flying.get(warehouse_id, {}),
        settings=settings,
    )


def in_flight(world: ErpWorld) -> dict[int, dict[str, InFlight]]:
    """What every flow says is on its way, summed by warehouse and SKU.

    Raises:
        Retryable: A flow cannot tell it now.
    """
    total: dict[int, dict[str, InFlight]] = {}
    for tells in untold.UNTOLD:
        for warehouse_id, parts in tells(world).items():
            for sku, part in parts.items():
                add(total, warehouse_id, sku, part)
    return total
