"""Units that Unleashed has allocated to orders, as far as the warehouse does not hold them for it.

Unleashed allocates to orders, and the warehouse to what was imported of them: shipments. Needed
only where stock that is not allocated is compared with stock that is not allocated. Costs a list of
the orders that are open in Unleashed, one of the shipments that changed since the oldest of them
was made, and a look at the warehouse's order for each shipment of which a person is asked, here or
by the despatches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import SHIPMENTS
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.shipment_sent import CANCEL, promised_units, sent_of
from returns_hub.domain.unleashed.shipments import Shipment, ordered_units
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shipments.siblings import held_orders, may_be_of_before
from returns_hub.flows.unleashed.untold_parts import (
    ByWarehouse,
    Untold,
    as_ordered,
    asked_about,
    counts_orders,
    despatches_asked_about,
)


def shipments_untold(world: ErpWorld) -> Untold:
    """What this flow has on its way: `InFlight.ordered`, below 0 where the warehouse holds units of
    a shipment that Unleashed does not have any more.

    Orders that were made before `live_from` are the connector's that was there before, and the
    hub's own exports are orders of the warehouse: of both it has everything.

    Raises:
        Retryable: Of a shipment nobody knows what the warehouse has of it.
    """
    if not counts_orders(world, "shipments"):
        return {}
    orders = {
        order.guid: order
        for order in world.erp.orders.open_orders()
        if not order.is_ours and not may_be_of_before(world, order)
    }
    if any(order.unreadable for order in orders.values()):
        raise Retryable("unleashed.order_unclear", "an open order cannot be read", after=300)
    shipments = _shipments_of(world, orders)
    ordered: ByWarehouse = {}
    for guid, order in orders.items():
        place = world.places.of(order.warehouse_code).warehouse_id
        if place is not None:
            left = _not_dispatched(order, shipments.get(guid, {}).values())
            ordered.setdefault(place, Counter()).update(left)
    counted = {guid: one for of_it in shipments.values() for guid, one in of_it.items()}
    in_doubt = despatches_asked_about(world, "shipments")
    for guid, shipment in counted.items():
        if not shipment.is_dispatched:
            state = _known(world, guid)
            is_in_doubt = bool(state.parked) or guid in in_doubt
            _subtract_sent(world, state, ordered, is_in_doubt=is_in_doubt)
    _subtract_asked_about(world, counted, ordered)
    return as_ordered(ordered)


def _shipments_of(
    world: ErpWorld, orders: Mapping[str, SalesOrder]
) -> dict[str, dict[str, Shipment]]:
    """These orders' shipments, by the order's Guid and their own: none of them can have changed
    before its order was made."""
    made = [order.created_at for order in orders.values() if order.created_at is not None]
    found: dict[str, dict[str, Shipment]] = {}
    for shipment in world.erp.shipments.changed_since(min(made)) if made else ():
        if shipment.order_guid in orders:
            found.setdefault(shipment.order_guid, {})[shipment.guid] = shipment
    return found


def _not_dispatched(order: SalesOrder, shipments: Iterable[Shipment]) -> Counter[str]:
    left = ordered_units(order)
    for shipment in shipments:
        for sku, many in shipment.units().items() if shipment.is_dispatched else ():
            left[sku] = left.get(sku, Decimal(0)) - many
    return Counter({sku: int(many) for sku, many in left.items() if many > 0})


def _known(world: ErpWorld, guid: str) -> SyncState:
    state = world.sync.load(SHIPMENTS, guid)
    if state.open_steps:
        raise Retryable(
            "unleashed.shipment_unclear",
            "what the warehouse holds of a shipment is not known yet",
            after=300,
        )
    return state


def _subtract_sent(
    world: ErpWorld, state: SyncState, ordered: ByWarehouse, *, is_in_doubt: bool
) -> None:
    sent = sent_of(state)
    if sent is None or state.done(CANCEL):
        return
    units = promised_units(sent.units, held_orders(world, state)) if is_in_doubt else sent.units
    ordered.setdefault(sent.warehouse_id, Counter()).subtract(units)


def _subtract_asked_about(
    world: ErpWorld, counted: Mapping[str, Shipment], ordered: ByWarehouse
) -> None:
    """Shipments of orders that are not open any more, for which the warehouse holds goods: a person
    is asked about each."""
    for key in asked_about(world, SHIPMENTS):
        if key in counted:
            continue
        state = world.sync.load(SHIPMENTS, key)
        sent = sent_of(state)
        if sent is None:
            continue
        held = [one for one in held_orders(world, state) if not one.is_shipped]
        units = promised_units(sent.units, tuple(held))
        ordered.setdefault(sent.warehouse_id, Counter()).subtract(units)
