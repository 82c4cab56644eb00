"""What keeps a wrong stock sync from doing harm: time to settle, hard stops, and the proof.

`hub unleashed prove-stock` proves on a test product what an adjustment's NewQuantity is; every
adjustment after that is held against what stock really did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.domain.unleashed.stock_rule import StockDifference, StockTotals
from returns_hub.domain.unleashed.stock_settings import AdjustmentMeans, HardStop

LEAST_TO_ZERO = 10
"""Fewer products than this go to 0 on any day."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference as it was seen first."""

    units: int
    since: datetime


@dataclass(frozen=True)
class Settled:
    """Which differences may be adjusted now.

    Args:
        ripe: Those that were there unchanged for long enough.
        seen: What is to be remembered for the next run, by SKU: those that are not ripe.
    """

    ripe: tuple[StockDifference, ...]
    seen: Mapping[str, Seen]


def settle(
    differences: Iterable[StockDifference],
    seen: Mapping[str, Seen],
    now: datetime,
    settle_minutes: int,
) -> Settled:
    """Hold a difference back until it has been the same for a while.

    A despatch or a receipt reaches Unleashed by a flow of its own some minutes later; a difference
    that it explains is gone by then. A difference that changed begins again.
    """
    ripe: list[StockDifference] = []
    waiting: dict[str, Seen] = {}
    for one in differences:
        before = seen.get(one.sku)
        since = before.since if before and before.units == one.units else now
        if now - since >= timedelta(minutes=settle_minutes):
            ripe.append(one)
        else:
            waiting[one.sku] = Seen(one.units, since)
    return Settled(tuple(ripe), waiting)


def stop_reason(
    differences: Iterable[StockDifference], totals: StockTotals, limits: HardStop
) -> str:
    """Why nothing of this warehouse's stock may be sent; empty when it may.

    Args:
        differences: Every one, ripe or not: a warehouse that has gone wrong is not adjusted in
            small pieces.
        totals: Of the newest comparison of everything.
        limits: `unleashed.stock.hard_stop`.
    """
    changes = tuple(differences)
    units = sum(abs(one.units) for one in changes)
    if units > limits.from_units and units * 100 > limits.most_percent * totals.units:
        return (
            f"{units} units of {totals.units.normalize():f} would change, more than "
            f"{limits.most_percent} %"
        )
    emptied = sum(1 for one in changes if one.on_hand > 0 and one.target <= 0)
    if emptied >= LEAST_TO_ZERO and emptied * 100 > (
        limits.most_to_zero_percent * totals.with_stock
    ):
        return (
            f"{emptied} products of {totals.with_stock} with stock would go to 0, more than "
            f"{limits.most_to_zero_percent} %"
        )
    large = [one for one in changes if abs(one.units) > limits.most_units_of_a_product]
    if large:
        named = ", ".join(f"{one.sku[:60]} {one.units:+d}" for one in large[:MOST_NAMED])
        return f"more than {limits.most_units_of_a_product} units of a product: {named}"
    worth = sum((abs(one.value) for one in changes), Decimal(0))
    if limits.most_value is not None and worth > limits.most_value:
        return f"changes worth {worth:.2f} in all, more than {limits.most_value}"
    return ""


def observed_means(before: Decimal, sent: Decimal, after: Decimal) -> AdjustmentMeans:
    """What NewQuantity was, by what stock did: for the proof on a test product.

    Args:
        before: On hand before the adjustment; not 0, where both readings are the same.
        sent: The NewQuantity that was sent.
        after: On hand when the adjustment was completed.

    Returns:
        unknown when both readings fit, or neither.
    """
    is_delta, is_total = after == before + sent, after == sent
    if is_delta == is_total:
        return "unknown"
    return "delta" if is_delta else "absolute"


def observed_problem(
    one: StockDifference,
    means: AdjustmentMeans,
    after: Decimal,
    moved_meanwhile: Decimal = Decimal(0),
) -> str:
    """Why the stock sync has to stop after an adjustment; empty when stock did what it should.

    Args:
        one: What was adjusted.
        means: What NewQuantity was taken for.
        after: On hand when the adjustment was completed.
        moved_meanwhile: What other movements changed in between, where that is known.
    """
    expected = one.target + moved_meanwhile
    if after == expected:
        return ""
    said = (
        f"stock of {one.sku[:60]} was {one.on_hand.normalize():f} and should be "
        f"{expected.normalize():f} after its adjustment, and is {after.normalize():f}"
    )
    sent = Decimal(one.units) if means == "delta" else one.target
    really = observed_means(one.on_hand, sent, after - moved_meanwhile)
    if really not in {"unknown", means}:
        return f"{said}: Unleashed takes NewQuantity as {really}, and not as {means}"
    return said
