"""Units that Unleashed has allocated to orders, as far as the warehouse does not hold them for it.

Needed only where stock that is not allocated is compared with stock that is not allocated. Costs
one list of the orders that are open in Unleashed, and a look at the warehouse's order for each of
which a person is asked, here or by the despatches.
"""

from __future__ import annotations

from collections import Counter

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import ORDER, ORDERS
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.shipment_sent import promised_units
from returns_hub.domain.warehouse_orders import units_of
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.before_live import is_of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.orders.steps import OrderSteps, Told, units_sent
from returns_hub.flows.unleashed.untold_parts import (
    ByWarehouse,
    Untold,
    as_ordered,
    asked_about,
    counts_orders,
    despatches_asked_about,
)


def ordered_untold(world: ErpWorld) -> Untold:
    """What this flow has on its way: `InFlight.ordered`, below 0 where the warehouse holds units
    for an order that Unleashed does not have any more, or not so many of.

    Orders that were made before `live_from` are the connector's that was there before, and the
    hub's own exports are orders of the warehouse: of both it has everything.

    Raises:
        Retryable: Of an order nobody knows whether the warehouse has it.
    """
    if not counts_orders(world, "orders"):
        return {}
    ordered: ByWarehouse = {}
    is_open: set[str] = set()
    in_doubt = despatches_asked_about(world, "orders")
    for order in world.erp.orders.open_orders():
        is_open.add(order.guid)
        if not order.is_ours:
            _add_open(world, order, ordered, is_in_doubt=order.guid in in_doubt)
    _add_asked_about(world, is_open, ordered)
    return as_ordered(ordered)


def _add_open(
    world: ErpWorld, order: SalesOrder, ordered: ByWarehouse, *, is_in_doubt: bool
) -> None:
    state = world.sync.load(ORDERS, order.guid)
    if state.step(ORDER) is None and is_of_before(world, order.created_at):
        return
    _require_known(order, state)
    place = world.places.of(order.warehouse_code).warehouse_id
    if place is not None:
        wanted: Counter[str] = Counter()
        for line in order.lines:
            if not line.is_charge and line.sku and line.quantity.is_finite():
                wanted[line.sku] += int(line.quantity)
        ordered.setdefault(place, Counter()).update(wanted)
    if state.done(ORDER):
        told, held = Told.of(_made(state)), units_sent(state)
        if is_in_doubt:
            order_id = int(_made(state).partner_id)
            held = promised_units(held, OrderSteps(world).held(order_id, told.number))
        ordered.setdefault(told.warehouse_id, Counter()).subtract(held)


def _require_known(order: SalesOrder, state: SyncState) -> None:
    if order.unreadable or state.open_steps:
        raise Retryable(
            "unleashed.order_unclear",
            f"what the warehouse holds for order {order.number[:60]} is not known yet",
            after=300,
        )


def _add_asked_about(world: ErpWorld, is_open: set[str], ordered: ByWarehouse) -> None:
    """Orders that were deleted or taken back in Unleashed while the warehouse holds goods for
    them: a person is asked about each."""
    steps = OrderSteps(world)
    for key in asked_about(world, ORDERS):
        if key in is_open:
            continue
        state = world.sync.load(ORDERS, key)
        if not state.done(ORDER):
            continue
        told = Told.of(_made(state))
        held = steps.held(int(_made(state).partner_id), told.number)
        units = units_of(
            (one.sku, one.quantity)
            for part in held
            if not (part.is_cancelled or part.is_shipped or len(part.numbers) > 1)
            for one in part.items or ()
        )
        ordered.setdefault(told.warehouse_id, Counter()).subtract(units)


def _made(state: SyncState) -> StepState:
    found = state.step(ORDER)
    if found is None:
        raise LookupError(ORDER)
    return found
