"""What moved while an adjustment was on its way, and neither what is allocated nor what is on
purchase tells of: transfers, assemblies, and orders that came and left. The flows run beside one
another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.stock_check import Moved
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports.erp.moves import ErpMoves

CLOCKS_DIFFER = timedelta(minutes=2)


def moved_since(world: ErpWorld, code: str, since: datetime) -> dict[str, Moved]:
    """Units that completed transfers and assemblies took from a warehouse, and brought to it, and
    those of orders that were made and completed, as an exported one is within a run.

    Asked for only when stock is not what it should be: three lists, and a call for each transfer
    or assembly that was completed meanwhile. One that was changed after it had been completed
    counts as well. An order that was there before shows by what is not allocated any more.

    Args:
        world: The merchant's.
        code: The warehouse's.
        since: When stock was read before the adjustment.
    """
    total: dict[str, Moved] = {}
    resources: tuple[ErpMoves, ...] = (world.erp.transfers, world.erp.assemblies)
    for resource in resources:
        for listed in resource.with_status("Completed", since - CLOCKS_DIFFER):
            move = resource.read(listed.guid) or listed
            went = move.taken if move.source_code == code else ()
            came = move.brought if move.destination_code == code else ()
            for line in went:
                total[line.sku] = total.get(line.sku, Moved()).plus(went=line.quantity)
            for line in came:
                total[line.sku] = total.get(line.sku, Moved()).plus(came=line.quantity)
    for order in world.erp.orders.changed_since(since - CLOCKS_DIFFER):
        if order.is_completed and order.warehouse_code == code and _is_new(order, since):
            for sold in order.lines:
                if not sold.is_charge:
                    total[sold.sku] = total.get(sold.sku, Moved()).plus(went=sold.quantity)
    return total


def _is_new(order: SalesOrder, since: datetime) -> bool:
    return order.created_at is None or order.created_at >= since - CLOCKS_DIFFER
