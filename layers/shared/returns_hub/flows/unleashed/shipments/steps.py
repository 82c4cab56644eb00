"""The writes to the warehouse that a shipment of Unleashed leads to, each with its look-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from returns_hub.domain.miinto.order_draft import as_id
from returns_hub.domain.minor_units import amount_of
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.order_changes import OrderHeaderChange
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.names import MINTSOFT, ORDER
from returns_hub.domain.unleashed.order_changes import SetUnits
from returns_hub.domain.unleashed.order_draft import texts_of
from returns_hub.domain.unleashed.orders_rule import ImportOrder
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.shipment_sent import ADDRESS, units_step
from returns_hub.domain.unleashed.shipments import Shipment, address_of
from returns_hub.domain.wair.order_context import with_context
from returns_hub.domain.warehouse_orders import OrderDraft, Recipient
from returns_hub.errors import Retryable
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shared_steps import address_step, number_taken
from returns_hub.flows.unleashed.shipments.siblings import enter

READ_BY_ID_SECONDS = 30.0
"""An order that is read by its id shows a change at once; the rest is patience."""
LONGEST_DETAILS = 200


@dataclass(frozen=True)
class Wanted:
    """What the warehouse's order is to be.

    Args:
        shipment: As Unleashed shows it.
        order: Its sales order.
        judged: What is imported of it.
        whole: The shipment as an order of its own.
    """

    shipment: Shipment
    order: SalesOrder
    judged: ImportOrder
    whole: SalesOrder

    @property
    def recipient(self) -> Recipient:
        """Who gets the goods, with the country that counts."""
        return replace(self.whole.recipient, country=self.judged.country)

    @property
    def address(self) -> str:
        """The address, as it is compared."""
        return address_of(self.recipient)


def order_step(world: ErpWorld, wanted: Wanted, before: Callable[[], None]) -> Step:
    """Make the warehouse's order.

    Looked up by `look_for_order`, which is conclusive.

    Args:
        world: The merchant's.
        wanted: What it is to be.
        before: Raises where it may not be made; called just before it is.
    """
    shipment, judged = wanted.shipment, wanted.judged

    def send(by: datetime) -> str:
        before()
        enter(world, shipment)
        context = world.world.live.merchant.wair
        texts = (*texts_of(wanted.whole), *texts_of(wanted.order))
        draft = with_context(_draft(wanted), context, texts)
        made = world.orders.create_order(draft, by)
        if made.found:
            _require_ours(world, made.order_id, judged.number, shipment.guid)
        return str(made.order_id)

    goods = ", ".join(f"{many} x {sku[:60]}" for sku, many in list(judged.units().items())[:10])
    return Step(
        name=ORDER,
        partner=MINTSOFT,
        summary=f"order {judged.number} in warehouse {judged.warehouse_id}: {goods}",
        send=send,
        look_up=lambda claim: look_for_order(world, judged.number, shipment.guid, claim),
        settle=world.world.live.merchant.mintsoft.settle_seconds,
        told={
            "number": judged.number,
            "shipment": shipment.number,
            "order": shipment.order_number,
            "warehouse": judged.warehouse_id,
            "units": judged.units(),
            "address": wanted.address,
        },
        does="create",
    )


def look_for_order(world: ErpWorld, number: str, guid: str, claim: Claim | None = None) -> LookUp:
    """Whether the warehouse has the order of a shipment.

    Conclusive: numbers are unique for the client, and the order carries our reference with the
    shipment's Guid, whatever its goods are by now. One with the number and another reference is
    not ours to decide about. Merged ones are looked for since the first try.
    """
    held = world.orders.orders_with_number(number)
    ours = [order for order in held if order.external_reference == reference_of("shipment", guid)]
    if ours:
        return Found(str(ours[0].order_id))
    if held:
        return Inconclusive(
            f"Mintsoft has order {number} (id {held[0].order_id}) without the hub's reference of "
            "this shipment: is it the same?"
        )
    return world.orders.find_order(number, since=claim.first_claimed_at if claim else None)


def _require_ours(world: ErpWorld, order_id: int, number: str, guid: str) -> None:
    """Raise where the order that the warehouse has already was made by somebody else."""
    order = world.orders.read_order(order_id)
    if order is None or order.external_reference != reference_of("shipment", guid):
        raise number_taken(number, order_id)


def withdrawn_step(world: ErpWorld, number: str, guid: str) -> Step:
    """Find out whether an order was made that is not wanted any more; none is made now.

    Looked up by `look_for_order`. Where it is there the step ends with it; where it is not the
    step is known not done, and its record leaves it out from then on.
    """

    def send(_: datetime) -> str:
        raise Retryable("unleashed.not_wanted", "the shipment is not to be sent any more", after=1)

    return Step(
        name=ORDER,
        partner=MINTSOFT,
        summary=f"order {number}, if it was made",
        send=send,
        look_up=lambda claim: look_for_order(world, number, guid, claim),
        settle=world.world.live.merchant.mintsoft.settle_seconds,
        told={"number": number, "withdrawn": True},
        does="create",
    )


def set_units_step(
    world: ErpWorld,
    state: SyncState,
    target: SetUnits,
    wanted: Wanted | None = None,
    before: Callable[[], None] = lambda: None,
) -> Step:
    """Have the warehouse's order hold so many units of a SKU.

    Looked up by the order's id: with the units that the step told when it was sent it was carried
    out, so that the record knows what the warehouse was told; with those of before it was not. With
    any other somebody else was at it.

    Args:
        world: The merchant's.
        state: Where the hub stands with the shipment.
        target: The SKU, its units, and those that the order holds until then.
        wanted: For the price of a line that is added.
        before: Raises where it may not be sent; called just before it is.
    """
    order_id, sku = int(state.partner_id(ORDER)), target.sku
    name = state.anew(units_step(sku))
    began = state.step(name)
    is_begun = began is not None and began.is_open
    told = began.told if began is not None and is_begun else _told(target)
    price = _price_of(wanted, sku)

    def send(by: datetime) -> str:
        before()
        world.order_changes.set_order_units(order_id, sku, target.units, by, unit_price=price)
        return ""

    def look_up(_: Claim) -> LookUp:
        order = world.orders.read_order(order_id)
        held = order.units().get(sku, 0) if order else 0
        if held == dict(told.get("units", {})).get(sku):
            return Found("")
        if held == told.get("before"):
            return NotFound()
        return Inconclusive(
            f"order {order_id} holds {held} of {sku[:60]}, which is neither what it held nor what "
            "it was to hold: look who changed it"
        )

    return Step(
        name=name,
        partner=MINTSOFT,
        summary=f"order {order_id} holds {target.units} x {sku[:60]}",
        send=send,
        look_up=look_up,
        settle=READ_BY_ID_SECONDS,
        told=_told(target),
    )


def another_address_step(world: ErpWorld, state: SyncState, recipient: Recipient) -> Step:
    """Give the warehouse's order another address; see `shared_steps.address_step`."""
    made = state.step(ORDER)
    order = int(state.partner_id(ORDER)), str(made.told.get("number", "")) if made else ""
    change = OrderHeaderChange(recipient=recipient)
    return address_step(
        world, state.anew(ADDRESS), order, change, {"address": address_of(recipient)}
    )


def _draft(wanted: Wanted) -> OrderDraft:
    shipment, judged = wanted.shipment, wanted.judged
    apart: dict[str, list[str]] = {}
    for line in shipment.lines:
        if line.told_apart:
            apart.setdefault(line.sku.strip(), []).append(line.told_apart)
    charges = [f"Charges: {', '.join(judged.charges)}"] if judged.charges else []
    ids = (
        ("Unleashed shipment", shipment.number),
        ("Unleashed order", shipment.order_number),
        ("Unleashed Guid", shipment.guid),
        ("Customer reference", wanted.whole.customer_reference),
    )
    comments = [*filter(None, [wanted.whole.comments]), *charges]
    return OrderDraft(
        number=judged.number,
        warehouse_id=judged.warehouse_id,
        recipient=wanted.recipient,
        items=tuple(
            replace(line, details="; ".join(apart.get(line.sku, []))[:LONGEST_DETAILS])
            for line in judged.lines
        ),
        currency=wanted.whole.currency,
        external_reference=reference_of("shipment", shipment.guid),
        courier=as_id(judged.courier),
        channel=as_id(judged.channel),
        delivery_notes=wanted.whole.delivery_instruction,
        comments="\n".join(comments),
        name_values=tuple((name, value) for name, value in ids if value),
        ioss_number=judged.ioss_number,
    )


def _price_of(wanted: Wanted | None, sku: str) -> Any:
    for line in wanted.judged.lines if wanted else ():
        if line.sku == sku and line.unit_price_minor is not None and wanted:
            return amount_of(line.unit_price_minor, wanted.whole.currency)
    return None


def _told(target: SetUnits) -> dict[str, Any]:
    return {"units": {target.sku: target.units}, "before": target.before}
