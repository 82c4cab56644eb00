"""What moved while an adjustment was on its way, and neither what is allocated nor what is on
purchase tells of: transfers, assemblies, orders that came and left, and goods that credit notes
brought back. The flows run beside one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from returns_hub.domain.unleashed.stock_check import NOTHING_MOVED, Moved
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports.erp.moves import ErpMoves

CLOCKS_DIFFER = timedelta(minutes=2)


def moved_since(world: ErpWorld, code: str, since: datetime) -> dict[str, Moved]:
    """Units that completed transfers and assemblies took from a warehouse, and brought to it, those
    of orders that were made and completed, as an exported one is within a run, and those that
    completed credit notes brought back.

    Asked for only when stock is not what it should be: four lists, and a call for each transfer
    or assembly that was completed meanwhile. What was changed after it had been completed counts
    as well. An order that was there before shows by what is not allocated any more.

    Args:
        world: The merchant's.
        code: The warehouse's.
        since: When stock was read before the adjustment.
    """
    total: dict[str, Moved] = {}
    began = since - CLOCKS_DIFFER
    for sku, moved in chain(
        _moves(world, code, began), _orders(world, code, began), _credits(world, code, began)
    ):
        total[sku] = total.get(sku, NOTHING_MOVED).plus(moved.went, moved.came)
    return total


def _moves(world: ErpWorld, code: str, began: datetime) -> Iterator[tuple[str, Moved]]:
    resources: tuple[ErpMoves, ...] = (world.erp.transfers, world.erp.assemblies)
    for resource in resources:
        for listed in resource.with_status("Completed", began):
            move = resource.read(listed.guid) or listed
            for line in move.taken if move.source_code == code else ():
                yield line.sku, Moved(went=line.quantity)
            for line in move.brought if move.destination_code == code else ():
                yield line.sku, Moved(came=line.quantity)


def _orders(world: ErpWorld, code: str, began: datetime) -> Iterator[tuple[str, Moved]]:
    for order in world.erp.orders.changed_since(began):
        is_new = order.created_at is None or order.created_at >= began
        if order.is_completed and order.warehouse_code == code and is_new:
            for sold in order.lines:
                if not sold.is_charge:
                    yield sold.sku, Moved(went=sold.quantity)


def _credits(world: ErpWorld, code: str, began: datetime) -> Iterator[tuple[str, Moved]]:
    for note in world.erp.credit_notes.changed_since(began):
        if note.is_completed and note.warehouse_code == code:
            for sku, units in note.restocked.items():
                yield sku, Moved(came=units)
