"""Every comparison that a look makes, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from returns_hub.domain.drift.findings import Difference
from returns_hub.flows.drift import (
    edited_orders,
    orders_erp,
    orders_market,
    orders_warehouse,
    returns_credits,
    returns_market,
    returns_portal,
    returns_warehouse,
)
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint import of_wair


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Args:
        name: ``stock.unleashed``; what it is called when it could not be made.
        kinds: Kinds of differences that it tells; nobody else tells them.
        applies: Whether the merchant's file has what it compares. Asks no partner.
        differences: What differs now, in flight or not being none of it; read as a stream. A
            verdict that it raises fails this comparison alone: nothing of its kinds is resolved.
    """

    name: str
    kinds: frozenset[str]
    applies: Callable[[DriftWorld], bool]
    differences: Callable[[DriftWorld], Iterator[Difference]]


RETURNS = (
    Comparison(
        "returns.credits",
        returns_credits.KINDS,
        returns_credits.applies,
        returns_credits.differences,
    ),
    Comparison(
        "returns.portal",
        returns_portal.KINDS,
        returns_portal.applies,
        returns_portal.differences,
    ),
    Comparison(
        "returns.warehouse",
        returns_warehouse.KINDS,
        returns_warehouse.applies,
        returns_warehouse.differences,
    ),
    Comparison(
        "returns.market",
        returns_market.KINDS,
        returns_market.applies,
        returns_market.differences,
    ),
)
ORDERS = (
    Comparison(
        "orders.market", orders_market.KINDS, orders_market.applies, orders_market.differences
    ),
    Comparison(
        "orders.warehouse",
        orders_warehouse.KINDS,
        orders_warehouse.applies,
        orders_warehouse.differences,
    ),
    Comparison("orders.erp", orders_erp.ERP_KINDS, orders_erp.applies, orders_erp.differences),
    Comparison(
        "orders.relay",
        orders_erp.RELAY_KINDS,
        orders_erp.relay_applies,
        orders_erp.relay_differences,
    ),
)
EDITED = Comparison(
    "orders.edited",
    frozenset({edited_orders.KIND}),
    edited_orders.looks_at_orders,
    edited_orders.edited_twice,
)
OF_WAIR = Comparison(
    name="lint.wair_items",
    kinds=frozenset({of_wair.SKU_MISSING}),
    applies=of_wair.applies,
    differences=of_wair.missing_at_mintsoft,
)
COMPARISONS: tuple[Comparison, ...] = (
    *RETURNS,
    *ORDERS,
    EDITED,
    OF_WAIR,
)
"""In the order in which they are made."""
