"""Goods of purchase orders that are booked in at the warehouse and not receipted in Unleashed yet.

The stock sync takes them into account: Unleashed gets them by their receipt, and not a second time
by an adjustment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from returns_hub.domain.operations import Found, NotFound
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import PURCHASE_ORDERS, RECEIPTS
from returns_hub.domain.unleashed.purchase_orders import PurchaseOrder
from returns_hub.domain.unleashed.receipt_rule import came_of, receipted_of
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_asns import Asn
from returns_hub.errors import Retryable
from returns_hub.flows.sync.endings import SHADOW
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.receipt_steps import (
    open_receipt,
    receipts_in,
    stamp_in,
    was_left,
)
from returns_hub.flows.unleashed.receipts import MOST_CALLS, ReceiptsSource
from returns_hub.flows.unleashed.untold_parts import Untold, add, asked_about, read_since
from returns_hub.flows.unleashed.whose_asn import WhoseAsn

IN_WORK_AT_ONCE = 200
MOST_ROUNDS = 20


def untold_receipts(world: ErpWorld) -> Untold:
    """Units booked in and not receipted, by Mintsoft's warehouse and SKU; none while receipts are
    not live, since nobody is going to tell of them then.

    Raises:
        Retryable: It cannot be told now, so that nothing may be adjusted.
    """
    if not world.connection.is_live("receipts"):
        return {}
    found: dict[int, dict[str, InFlight]] = {}
    for guid, asn in _asns(world).items():
        units = _untold(world, guid, asn)
        if not units:
            continue
        if asn.warehouse_id is None:
            raise _unclear(f"Mintsoft does not show the warehouse of ASN {asn.asn_id}")
        for sku, many in units.items():
            add(found, asn.warehouse_id, sku, InFlight(received=many))
    return found


def _asns(world: ErpWorld) -> dict[str, Asn]:
    """ASNs that may have such units: those that changed since the receipts flow looked, those of
    records in work, and those that a person is asked about."""
    source, whose = ReceiptsSource(world), WhoseAsn(world)
    page = world.asns.asns_updated_since(read_since(world, source), MOST_CALLS)
    if not page.complete:
        raise _unclear("Mintsoft has more ASNs than one run reads")
    found: dict[str, Asn] = {}
    for asn in sorted(page.asns, key=lambda one: one.updated_at):
        guid = whose.order_of(asn) if asn.is_begun else None
        if guid is not None:
            found[guid] = asn
    for guid in {*_in_work(world), *_parked(world)} - found.keys():
        older = whose.asn_of(guid)
        if older is not None:
            found[guid] = older
    return found


def _in_work(world: ErpWorld) -> Iterator[str]:
    after: SyncState | None = None
    for _ in range(MOST_ROUNDS):
        some = world.sync.records.in_work(world.merchant, RECEIPTS, IN_WORK_AT_ONCE, after)
        yield from (state.key for state in some)
        if len(some) < IN_WORK_AT_ONCE:
            return
        after = some[-1]
    raise _unclear("too many receipts are in work")


def _parked(world: ErpWorld) -> Iterator[str]:
    for key in asked_about(world, RECEIPTS):
        if world.sync.load(RECEIPTS, key).parked:
            yield key


def _untold(world: ErpWorld, guid: str, asn: Asn) -> dict[str, int]:
    source = ReceiptsSource(world)
    state = world.sync.load(RECEIPTS, guid)
    is_settled = not state.parked and state.settled == state.source_version != ""
    is_same = state.source_version == source.change(guid, asn).version
    if is_settled and is_same and state.outcome != SHADOW.word:
        return {}
    came = came_of(asn, source.means)
    if came is None:
        raise _unclear(f"nobody can tell what of ASN {asn.asn_id} is booked in")
    told = [step.told for step in receipts_in(state)]
    if asn.has_ended or state.parked or state.open_steps:
        order = world.erp.purchase_orders.read(guid)
        if order is None:
            return {}
        told += _began(world, order, state)
        if order.is_receipted and not told:
            return {}
    elif not told and world.sync.load(PURCHASE_ORDERS, guid).outcome == "receipted":
        # By hand, before the goods came; the flow of purchase orders saw it.
        return {}
    before = receipted_of(told).units
    left = {sku: one.units - before.get(sku, 0) for sku, one in came.items()}
    return {sku: units for sku, units in left.items() if units > 0}


def _began(world: ErpWorld, order: PurchaseOrder, state: SyncState) -> list[dict[str, Any]]:
    """What a receipt told that was sent, whose end the record does not know, if it was booked."""
    begun = open_receipt(state)
    if was_left(state) and not order.is_receipted:
        raise _unclear(f"nobody knows whether a receipt of {order.number} was booked")
    if begun is None:
        return []
    match world.erp.purchase_orders.receipted(order.guid, stamp_in(state)):
        case Found():
            return [begun.told]
        case NotFound():
            return []
        case _:
            raise _unclear(f"nobody knows whether the receipt of {order.number} was booked")


def _unclear(why: str) -> Retryable:
    return Retryable("receipts.untold_unclear", why, after=300)
