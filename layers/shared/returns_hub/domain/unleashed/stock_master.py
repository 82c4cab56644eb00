"""The other way round: the warehouse's count is set to what Unleashed says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from returns_hub.domain.unleashed.stock_rule import (
    ErpStock,
    InFlight,
    StockComparison,
    StockDifference,
    StockTotals,
    compare,
    levels_to_set,
)

NO_COST = Decimal(0)


def compare_with_master(
    counts: Mapping[str, int | None],
    erp: Iterable[ErpStock],
    *,
    in_flight: Mapping[str, InFlight],
    bundles: Iterable[str],
) -> StockComparison:
    """What of a warehouse's count is to be changed, so that it is Unleashed's.

    As `stock_rule.compare`, with the sides changed: a difference's `on_hand` is the warehouse's
    count, and its `target` is what the warehouse is to have.
    """
    rows, alone = tuple(erp), frozenset(bundles)
    held = compare(counts, rows, count="level", in_flight=in_flight, bundles=alone)
    wanted = levels_to_set(counts, rows, in_flight, alone)
    costs = {row.sku: row.average_cost or row.other_cost or NO_COST for row in rows}
    differences = tuple(
        StockDifference(sku, units - (counts[sku] or 0), Decimal(counts[sku] or 0), costs[sku])
        for sku, units in sorted(wanted.items())
    )
    # Nothing is booked, so that nothing needs a cost.
    left = {sku: why for sku, why in held.left_out.items() if why != "no_cost"}
    compared = [counts[row.sku] or 0 for row in rows if row.sku in counts and row.sku not in left]
    stocked = [units for units in compared if units > 0]
    totals = StockTotals(Decimal(sum(stocked)), len(stocked))
    return StockComparison(differences, left, totals)
