"""What transfers and assemblies moved while an adjustment was on its way: neither what is allocated
nor what is on purchase tells of them, and the flows run beside one another."""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.unleashed.stock_check import Moved
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports.erp.moves import ErpMoves

CLOCKS_DIFFER = timedelta(minutes=2)


def moved_since(world: ErpWorld, code: str, since: datetime) -> dict[str, Moved]:
    """Units that completed transfers and assemblies took from a warehouse, and brought to it.

    Asked for only when stock is not what it should be: two lists, and a call for each that was
    completed meanwhile. One that was changed after it had been completed counts as well.

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
    return total
