"""Writes to the warehouse that several flows make, and how each is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.order_changes import OrderHeaderChange
from returns_hub.domain.unleashed.names import ASN, CONFIRM, MINTSOFT
from returns_hub.domain.warehouse_asns import AsnStage
from returns_hub.domain.warehouse_orders import WarehouseOrder, WarehouseOrderMade
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports import OrdersWarehouse

# -- an order that the hub made ---------------------------------------------------------------


def is_ours(order: WarehouseOrder | None, reference: str) -> bool:
    """Whether the hub made it; one that the warehouse merged may have kept another's reference."""
    if order is None:
        return False
    return order.external_reference == reference or len(order.numbers) > 1


def find_ours(orders: OrdersWarehouse, number: str, reference: str) -> int | None:
    """The id of the order that the hub made; None when it is not there."""
    found = orders.orders_with_number(number)
    return next((order.order_id for order in found if is_ours(order, reference)), None)


def look_for_ours(
    orders: OrdersWarehouse,
    number: str,
    reference: str,
    units: Mapping[str, int],
    since: datetime,
) -> LookUp:
    """Whether the warehouse has the order that the hub asked for.

    Conclusive: Mintsoft keeps the number unique for the client, as it does our reference. With our
    reference on it the order is the one that was asked for, whatever was changed on it since; an
    order with the number and without the reference is somebody else's, beside which ours cannot
    have been made.

    Args:
        orders: The warehouse's.
        number: Its number there.
        reference: Its external reference.
        units: By SKU, as they were asked for.
        since: When it was first asked for.
    """
    answer = orders.find_order(number, units=units, since=since)
    if isinstance(answer, Found):
        order = orders.read_order(int(answer.partner_id))
        return answer if is_ours(order, reference) else NotFound()
    if isinstance(answer, NotFound):
        return answer
    mine = find_ours(orders, number, reference)
    return answer if mine is None else Found(str(mine))


def require_ours(
    orders: OrdersWarehouse, made: WarehouseOrderMade, number: str, reference: str
) -> None:
    """Check the answer to the making of an order, where the warehouse had one already.

    Raises:
        Permanent: It has the number and the goods, and the hub did not make it.
    """
    if made.found and not is_ours(orders.read_order(made.order_id), reference):
        raise number_taken(number, made.order_id)


def number_taken(number: str, order_id: int) -> Permanent:
    """The warehouse has an order with this number and these goods, which the hub did not make."""
    return Permanent(
        "unleashed.number_taken",
        f"Mintsoft has order {number} (id {order_id}) already, with the same goods and not made "
        "by the hub: if it is this one, discard this; if it is not, give one of them another "
        "number",
    )


def cancel_step(world: ErpWorld, name: str, order_id: int, number: str) -> Step:
    """Cancel the order while it is new.

    The look-up is conclusive: an order is read by its id, a cancelled one as well.
    """

    def send(send_by: datetime) -> str:
        world.orders.cancel_order(order_id, send_by)
        return ""

    def look_up(_: Claim) -> LookUp:
        there = world.orders.read_order(order_id)
        return Found("") if there is not None and there.is_cancelled else NotFound()

    return Step(name, MINTSOFT, f"order {number} is cancelled", send, look_up)


def address_step(
    world: ErpWorld,
    name: str,
    order: tuple[int, str],
    change: OrderHeaderChange,
    told: Mapping[str, Any],
) -> Step:
    """Have the order go to another address; see `OrderChanges.order_has` for the look-up.

    Args:
        world: The merchant's.
        name: The step's.
        order: The order's id and its number.
        change: Its new recipient.
        told: For the timeline.
    """
    order_id, number = order

    def send(send_by: datetime) -> str:
        world.order_changes.update_order(order_id, change, send_by)
        return ""

    def look_up(_: Claim) -> LookUp:
        has = world.order_changes.order_has(order_id, change)
        return Found("") if isinstance(has, Found) else has

    summary = f"order {number}: another delivery address"
    return Step(name, MINTSOFT, summary, send, look_up, told=told)


# -- an ASN that the hub made -----------------------------------------------------------------


def confirm_step(world: ErpWorld, flow: str, key: str, number: str) -> Step:
    """Make the warehouse expect the ASN of a record, which the step before this one made.

    Looked up by its stage, which is conclusive: it is read by its id.
    """

    def asn_id() -> int:
        made = world.sync.load(flow, key).partner_id(ASN)
        if not made:
            raise Retryable("unleashed.asn_not_made", f"the ASN for {number} is not made yet")
        return int(made)

    def send(send_by: datetime) -> str:
        world.asns.confirm_asn(asn_id(), send_by)
        return ""

    def look_up(_: Claim) -> LookUp:
        made = asn_id()
        asn = world.asns.read_asn(made)
        if asn is None:
            return Inconclusive(f"Mintsoft does not know ASN {made} for {number} any more")
        return NotFound() if asn.stage is AsnStage.DRAFT else Found("")

    return Step(CONFIRM, MINTSOFT, f"ASN for {number} is expected", send, look_up)
