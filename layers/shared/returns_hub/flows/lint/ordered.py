"""SKUs that current orders name: Mintsoft's new ones, Unleashed's open ones, Miinto's as kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from returns_hub.domain.unleashed.settings import same_code
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.flows.drift.drift_world import DriftWorld

MOST_CALLS = 20
"""Pages of Mintsoft's list of orders."""
MOST_MARKET_ORDERS = 500
MOST_ORDERED = 50_000
"""Different SKUs that are kept; what is behind them is for the next look."""


def ordered_skus(world: DriftWorld) -> dict[str, str]:
    """SKU -> the first order that names it, in words.

    Orders of the last `drift.look_back_days` days at Mintsoft; all that are open elsewhere. A line
    without a SKU has the empty one.
    """
    named: dict[str, str] = {}
    for order, sku in _lines(world):
        plain = sku.strip()
        if plain in named:
            named[plain] = min(named[plain], order)
        elif len(named) < MOST_ORDERED:
            named[plain] = order
    return named


def _lines(world: DriftWorld) -> Iterator[tuple[str, str]]:
    yield from _of_mintsoft(world)
    yield from _of_unleashed(world)
    yield from _of_miinto(world)


def _of_mintsoft(world: DriftWorld) -> Iterator[tuple[str, str]]:
    since = world.at - timedelta(days=world.world.live.merchant.drift.look_back_days)
    page = world.feed.orders.orders_updated_since(since, MOST_CALLS, OrderStage.NEW)
    for order in page.orders:
        for item in order.items or ():
            yield f"Mintsoft order {order.number}", item.sku


def _of_unleashed(world: DriftWorld) -> Iterator[tuple[str, str]]:
    if world.erp is None:
        return
    ours = {same_code(code) for code in world.erp.connection.warehouses}
    for order in world.erp.erp.orders.open_orders():
        if order.unreadable or same_code(order.warehouse_code) not in ours:
            continue
        for line in order.lines:
            if not line.is_charge and line.quantity > 0:
                yield f"Unleashed order {order.number}", line.sku


def _of_miinto(world: DriftWorld) -> Iterator[tuple[str, str]]:
    if world.market is None:
        return
    store = world.market.market
    for order in store.orders_in_work(world.merchant, MOST_MARKET_ORDERS):
        for line in order.lines if order.made_id is None else ():
            if line.sku is not None:
                yield f"Miinto order {order.parent_id or order.id}", line.sku
    for transfer in store.transfers_in_work(world.merchant, MOST_MARKET_ORDERS):
        waiting = {position.id for position in transfer.waiting}
        for judged in transfer.judgements:
            if judged.position in waiting and judged.sku is not None:
                yield f"Miinto transfer {transfer.id}", judged.sku
