"""What a shipment of Unleashed is to be in the warehouse, with what it has of its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from returns_hub.domain.unleashed.order_draft import has_address, with_customers
from returns_hub.domain.unleashed.orders_rule import (
    AskAboutOrder,
    ImportOrder,
    LeaveOrder,
    judge_shipment,
)
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.shipments import Shipment, as_order
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shipments.steps import Wanted
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
    whole = _at_customer(world, as_order(shipment, order))
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


def _order_of(world: ErpWorld, shipment: Shipment) -> SalesOrder:
    orders = world.erp.orders
    by_guid, number = shipment.order_guid, shipment.order_number
    order = orders.read(by_guid) if by_guid else orders.with_number(number) if number else None
    why = f"order {number} of shipment {shipment.number} is not in Unleashed"
    if order is None:
        made = shipment.created_at
        if made is not None and world.stores.clock.now() - made < NEW_FOR:
            raise Retryable("unleashed.no_order_yet", why, after=60)
    elif order.unreadable:
        why = f"order {number} of shipment {shipment.number} cannot be read: {order.unreadable}"
    elif not order.is_deleted:
        return order
    raise Permanent("unleashed.no_order", f"{why}; look there, and replay or discard")


def _at_customer(world: ErpWorld, whole: SalesOrder) -> SalesOrder:
    """With the customer's address where neither the shipment nor its order has one."""
    if has_address(whole.recipient) or not whole.customer_code:
        return whole
    theirs = world.erp.customers.address_of(whole.customer_code)
    if theirs is None:
        return whole
    return replace(whole, recipient=with_customers(whole.recipient, theirs))
