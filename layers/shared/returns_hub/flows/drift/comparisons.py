"""Every comparison that a look makes, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

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
    stock_miinto,
    stock_mintsoft,
    stock_unleashed,
    stock_wair,
)
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import looked_back_to
from returns_hub.flows.lint import of_wair
from returns_hub.flows.lint.lints import LINTS


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Args:
        name: ``stock.unleashed``; what it is called when it could not be made.
        kinds: Kinds of differences that it tells; nobody else tells them.
        applies: Whether the merchant's file has what it compares. Asks no partner.
        differences: What differs now, in flight or not being none of it; read as a stream. A
            verdict that it raises fails this comparison alone: nothing of its kinds is resolved.
        is_put_off: Whether the merchant's file has it, and it is only not due now. What neither
            applies nor is put off is not compared any more.
        looks_back_to: What is older is not looked at; None where everything is.
    """

    name: str
    kinds: frozenset[str]
    applies: Callable[[DriftWorld], bool]
    differences: Callable[[DriftWorld], Iterator[Difference]]
    is_put_off: Callable[[DriftWorld], bool] = lambda _: False
    looks_back_to: Callable[[DriftWorld], datetime] | None = None


def _stock(applies: Callable[[DriftWorld], bool]) -> Callable[[DriftWorld], bool]:
    return lambda world: world.world.live.merchant.drift.stock and applies(world)


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
        looks_back_to=looked_back_to,
    ),
    Comparison(
        "returns.warehouse",
        returns_warehouse.KINDS,
        returns_warehouse.applies,
        returns_warehouse.differences,
        looks_back_to=looked_back_to,
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
        looks_back_to=orders_warehouse.since,
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
    looks_back_to=looked_back_to,
)
OF_WAIR = Comparison(
    name="lint.wair_items",
    kinds=frozenset({of_wair.SKU_MISSING}),
    applies=of_wair.applies,
    differences=of_wair.missing_at_mintsoft,
)
STOCK = (
    # The one that asks for what is on its way comes first, before the warehouse is read.
    Comparison(
        "stock.unleashed",
        stock_unleashed.KINDS,
        _stock(stock_unleashed.applies),
        stock_unleashed.differences,
    ),
    Comparison(
        "stock.miinto",
        stock_miinto.KINDS,
        _stock(stock_miinto.applies),
        stock_miinto.differences,
    ),
    Comparison(
        "stock.wair",
        stock_wair.STOCK_KINDS,
        _stock(stock_wair.applies),
        stock_wair.differences,
    ),
    Comparison(
        "stock.wair_reserved",
        stock_wair.RESERVED_KINDS,
        _stock(stock_wair.reserved_applies),
        stock_wair.reserved_differences,
    ),
    Comparison(
        "stock.mintsoft",
        stock_mintsoft.KINDS,
        _stock(stock_mintsoft.applies),
        stock_mintsoft.differences,
    ),
)
COMPARISONS: tuple[Comparison, ...] = (
    *RETURNS,
    *ORDERS,
    EDITED,
    OF_WAIR,
    *(
        Comparison(
            lint.name, lint.kinds, lint.applies, lint.differences, is_put_off=lint.is_switched_on
        )
        for lint in LINTS
    ),
    *STOCK,
)
"""In the order in which they are made."""
