"""SKUs that current orders name: Mintsoft's new ones, Unleashed's open ones, Miinto's as kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from returns_hub.domain.unleashed.settings import same_code
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.orders_market import orders_in_work

MOST_CALLS = 50
"""Pages of Mintsoft's list of orders."""
MOST_TRANSFERS = 500
MOST_ORDERED = 50_000
"""Different SKUs that are kept; what is behind them is for the next look."""


def ordered_skus(world: DriftWorld, trouble: list[Verdict]) -> dict[str, str]:
    """SKU -> the first order that names it, in words.

    Orders of the last `drift.look_back_days` days at Mintsoft; all that are open elsewhere. A line
    without a SKU has the empty one.

    Args:
        world: The merchant's.
        trouble: Takes the verdicts of lists that did not come to their end; what came counts.
    """
    named: dict[str, str] = {}
    for lines in (_of_mintsoft(world), _of_unleashed(world), _of_miinto(world)):
        try:
            for order, sku in lines:
                _note(named, order, sku.strip())
        except Verdict as verdict:
            trouble.append(verdict)
    return named


def _note(named: dict[str, str], order: str, sku: str) -> None:
    if sku in named:
        named[sku] = min(named[sku], order)
    elif len(named) < MOST_ORDERED:
        named[sku] = order


def _of_mintsoft(world: DriftWorld) -> Iterator[tuple[str, str]]:
    since = world.at - timedelta(days=world.world.live.merchant.drift.look_back_days)
    page = world.feed.orders.orders_updated_since(since, MOST_CALLS, OrderStage.NEW)
    for order in page.orders:
        for item in order.items or ():
            yield f"Mintsoft order {order.number}", item.sku
    if not page.complete:
        raise Retryable("lint.long_list", "Mintsoft has more new orders than one look reads")


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
    for order in orders_in_work(world.market):
        for line in order.lines if order.made_id is None else ():
            if line.sku is not None:
                yield f"Miinto order {order.parent_id or order.id}", line.sku
    transfers = world.market.market.transfers_in_work(world.merchant, MOST_TRANSFERS)
    for transfer in transfers:
        waiting = {position.id for position in transfer.waiting}
        for judged in transfer.judgements:
            if judged.position in waiting and judged.sku is not None:
                yield f"Miinto transfer {transfer.id}", judged.sku
    if len(transfers) == MOST_TRANSFERS:
        raise Retryable("lint.long_list", "more transfers of Miinto wait than one look reads")
