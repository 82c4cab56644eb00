"""Every comparison that a look makes; each is declared in the file that makes it."""

from __future__ import annotations

from returns_hub.flows.drift import (
    orders_edited,
    orders_erp,
    orders_market,
    orders_relay,
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
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.lint import lints

RETURNS = (
    returns_credits.COMPARISON,
    returns_portal.COMPARISON,
    returns_warehouse.COMPARISON,
    returns_market.COMPARISON,
)
ORDERS = (
    orders_market.COMPARISON,
    orders_warehouse.COMPARISON,
    orders_erp.COMPARISON,
    orders_relay.COMPARISON,
    orders_edited.COMPARISON,
)
STOCK = (
    # The one that asks for what is on its way comes first, before the warehouse is read.
    stock_unleashed.COMPARISON,
    stock_miinto.COMPARISON,
    stock_wair.COMPARISON,
    stock_wair.COMPARISON_OF_RESERVED,
    stock_mintsoft.COMPARISON,
)
COMPARISONS: tuple[Comparison, ...] = (*RETURNS, *ORDERS, *STOCK, *lints.COMPARISONS)
"""In the order in which they are made: a slow lint takes no time from the others."""
