"""What a shipment of Unleashed is to be in the warehouse, with what it has of its order."""

from __future__ import annotations

from datetime import timedelta

from returns_hub.domain.unleashed.orders_rule import (
    AskAboutOrder,
    ImportOrder,
    LeaveOrder,
    judge_shipment,
)
from returns_hub.domain.unleashed.sales_orders import is_status
from returns_hub.domain.unleashed.shipments import ParentOrder, Shipment, as_order
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shipment_steps import Wanted
from returns_hub.flows.unleashed.warehouse_problems import require_place

NEW_FOR = timedelta(hours=1)
"""A new record of Unleashed may not be found for a while."""


def judged(world: ErpWorld, shipment: Shipment) -> Wanted | LeaveOrder:
    """What becomes of a shipment whose status is one to be dealt with.

    Raises:
        Permanent: It makes no sense; a person is asked.
        Retryable: Its warehouse is stopped, or it cannot be told now.
    """
    require_place(world, shipment.warehouse_code)
    order = _order_of(world, shipment)
    whole = as_order(shipment, order)
    connection = world.connection
    # Its status was looked at before; being picked in Unleashed changes nothing of it.
    settings = connection.shipments.model_copy(update={"statuses": (shipment.status,)})
    length = world.world.live.merchant.mintsoft.orders.number_length
    verdict = judge_shipment(whole, connection.orders, settings, world.places, length)
    match verdict:
        case AskAboutOrder():
            raise Permanent(f"unleashed.shipment_{verdict.code}", verdict.why)
        case LeaveOrder():
            return verdict
        case ImportOrder():
            return Wanted(shipment, order, verdict, whole)


def _order_of(world: ErpWorld, shipment: Shipment) -> ParentOrder:
    order = world.erp.shipments.order_of(shipment)
    if order is not None and not is_status(order.status, "deleted"):
        return order
    why = f"order {shipment.order_number} of shipment {shipment.number} is not in Unleashed"
    made = shipment.created_at
    if order is None and made is not None and world.stores.clock.now() - made < NEW_FOR:
        raise Retryable("unleashed.no_order_yet", why, after=60)
    raise Permanent("unleashed.no_order", f"{why}; look there, and replay or discard")
