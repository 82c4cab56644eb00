"""Goods of purchase orders that are booked in at the warehouse and not receipted in Unleashed yet,
or that a person receipted there before the warehouse booked them in.

The stock sync takes them into account: each side gets them by its own receipt, and not a second
time by an adjustment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from returns_hub.domain.operations import Found, NotFound
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import ASN, PURCHASE_ORDERS, RECEIPTS
from returns_hub.domain.unleashed.purchase_orders import PurchaseOrder
from returns_hub.domain.unleashed.receipt_rule import came_of, receipted_of
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_asns import Asn
from returns_hub.errors import Retryable
from returns_hub.flows.sync.endings import SHADOW
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.purchase_orders import PurchaseOrdersSource
from returns_hub.flows.unleashed.goods.receipt_steps import (
    open_receipt,
    receipts_in,
    stamp_in,
    was_left,
)
from returns_hub.flows.unleashed.goods.receipts import MOST_CALLS, ReceiptsSource
from returns_hub.flows.unleashed.goods.whose_asn import WhoseAsn
from returns_hub.flows.unleashed.untold_parts import Untold, add, asked_about, read_since

IN_WORK_AT_ONCE = 200
MOST_ROUNDS = 20


def untold_receipts(world: ErpWorld) -> Untold:
    """Units booked in and not receipted, by Mintsoft's warehouse and SKU, and below 0 units that
    were receipted by hand and are still to be booked in; none while receipts are not live, since
    nobody is going to tell of them then.

    Raises:
        Retryable: It cannot be told now, so that nothing may be adjusted.
    """
    if not world.connection.is_live("receipts"):
        return {}
    found: dict[int, dict[str, InFlight]] = {}
    by_hand = dict(_by_hand(world))
    for guid, asn in _asns(world, by_hand).items():
        units = _untold(world, guid, asn, by_hand.get(guid))
        if not units:
            continue
        if asn.warehouse_id is None:
            raise _unclear(f"Mintsoft does not show the warehouse of ASN {asn.asn_id}")
        for sku, many in units.items():
            add(found, asn.warehouse_id, sku, InFlight(received=many))
    return found


def _asns(world: ErpWorld, by_hand: Mapping[str, PurchaseOrder]) -> dict[str, Asn]:
    """ASNs that may have such units: those that changed since the receipts flow looked, those of
    records in work, those that a person is asked about, and those of goods receipted by hand."""
    source, whose = ReceiptsSource(world), WhoseAsn(world)
    page = world.asns.asns_updated_since(read_since(world, source), MOST_CALLS)
    if not page.complete:
        raise _unclear("Mintsoft has more ASNs than one run reads")
    found: dict[str, Asn] = {}
    for asn in sorted(page.asns, key=lambda one: one.updated_at):
        guid = whose.order_of(asn) if asn.is_begun else None
        if guid is not None:
            found[guid] = asn
    for guid in {*_in_work(world, RECEIPTS), *_parked(world), *by_hand} - found.keys():
        older = whose.asn_of(guid)
        if older is not None:
            found[guid] = older
    return found


def _by_hand(world: ErpWorld) -> Iterator[tuple[str, PurchaseOrder]]:
    """Purchase orders with an ASN that were receipted, and not by the hub: those that changed since
    the flow of purchase orders looked, and those that it follows until their goods have come."""
    source, orders = PurchaseOrdersSource(world), world.erp.purchase_orders
    found: dict[str, PurchaseOrder | None] = {
        order.guid: order for order in orders.changed_since(read_since(world, source))
    }
    for guid in _in_work(world, PURCHASE_ORDERS):
        if guid not in found and world.sync.load(PURCHASE_ORDERS, guid).done(ASN):
            found[guid] = orders.read(guid)
    for guid, order in found.items():
        if order is None or not order.is_receipted or order.is_deleted:
            continue
        if world.sync.load(PURCHASE_ORDERS, guid).done(ASN) and not _is_told(world, guid):
            yield guid, order


def _is_told(world: ErpWorld, guid: str) -> bool:
    """Whether the hub receipted anything of it, or may have."""
    state = world.sync.load(RECEIPTS, guid)
    return bool(receipts_in(state)) or open_receipt(state) is not None or was_left(state)


def _in_work(world: ErpWorld, flow: str) -> Iterator[str]:
    after: SyncState | None = None
    for _ in range(MOST_ROUNDS):
        some = world.sync.records.in_work(world.merchant, flow, IN_WORK_AT_ONCE, after)
        yield from (state.key for state in some)
        if len(some) < IN_WORK_AT_ONCE:
            return
        after = some[-1]
    raise _unclear(f"too many records of {flow} are in work")


def _parked(world: ErpWorld) -> Iterator[str]:
    for key in asked_about(world, RECEIPTS):
        if world.sync.load(RECEIPTS, key).parked:
            yield key


def _untold(world: ErpWorld, guid: str, asn: Asn, by_hand: PurchaseOrder | None) -> dict[str, int]:
    source = ReceiptsSource(world)
    if by_hand is not None:
        return {} if asn.has_ended else _to_come(asn, by_hand, source)
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
        # By hand, and long ago; the flow of purchase orders saw it.
        return {}
    before = receipted_of(told).units
    left = {sku: one.units - before.get(sku, 0) for sku, one in came.items()}
    return {sku: units for sku, units in left.items() if units > 0}


def _to_come(asn: Asn, order: PurchaseOrder, source: ReceiptsSource) -> dict[str, int]:
    came = came_of(asn, source.means, {line.guid: line.sku for line in order.lines})
    if came is None:
        raise _unclear(f"nobody can tell what of ASN {asn.asn_id} is booked in")
    there: dict[str, int] = {}
    for line in order.lines:
        there[line.sku] = there.get(line.sku, 0) + int(line.receipt)
    left = {sku: (came[sku].units if sku in came else 0) - many for sku, many in there.items()}
    return {sku: units for sku, units in left.items() if units < 0}


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
