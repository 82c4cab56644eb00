"""One external return in the warehouse for one planned shipment: made once, or found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.operations import Claim, LookUp, Operation, create_external_return_key
from returns_hub.domain.shipments import PlannedShipment
from returns_hub.domain.state import ShipmentState
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.operation import Done
from returns_hub.flows.products import products_of
from returns_hub.flows.world import World
from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft

FLOW = "create_external_return"
"""The flow of announcing, as timelines, parked work and metrics name it."""
GIVE_UP_SECONDS = 24 * 3600.0


def find_made(shipment: ShipmentState, return_id: str, world: World) -> int | None:
    """The external return that an earlier run made, if it made one."""
    operation = _operation(shipment, return_id, world)

    def send(_: datetime) -> str:
        raise Retryable("return.withdrawn", "the return is not announced any more")

    try:
        done = world.run(operation, send=send, look_up=_look_up(operation, world))
    except Retryable as verdict:
        if verdict.code == "return.withdrawn":
            return None
        raise
    except Permanent as verdict:
        if verdict.code == "operation.unknown_outcome":
            raise
        return None
    return int(done.partner_id)


def goods_in_words(planned: PlannedShipment) -> str:
    """Units and SKUs of a shipment; of many lines the first ones."""
    rows = [f"{line.quantity} x {line.sku}" for line in planned.lines]
    more = f" and {len(rows) - 20} more lines" if len(rows) > 20 else ""
    return ", ".join(rows[:20]) + more


def create(shipment: ShipmentState, return_id: str, world: World) -> Done:
    """Make the external return of one shipment.

    The look-up searches for the operation's marker, which every item of the record carries.
    """
    planned = shipment.planned
    operation = _operation(shipment, return_id, world)
    draft = _draft(planned, return_id, operation.marker, world)

    def send(send_by: datetime) -> str:
        try:
            return str(world.warehouse.create_external_return(draft, send_by))
        except Permanent:
            # A refusal may be about a product id that changed since it was looked up.
            world.stores.catalogue.forget(world.merchant, [item.sku for item in draft.items])
            raise

    return world.run(operation, send=send, look_up=_look_up(operation, world))


def _operation(shipment: ShipmentState, return_id: str, world: World) -> Operation:
    return world.operation(
        create_external_return_key(world.merchant, return_id, shipment.key, shipment.attempt),
        settle=world.live.merchant.mintsoft.settle_seconds,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=shipment.replays > 0,
    )


def _look_up(operation: Operation, world: World) -> Callable[[Claim], LookUp]:
    def look_up(claim: Claim) -> LookUp:
        return world.warehouse.look_up_external_return(operation.marker, claim.first_claimed_at)

    return look_up


def _draft(
    planned: PlannedShipment, return_id: str, marker: str, world: World
) -> ExternalReturnDraft:
    products = products_of(planned.lines, world)
    missing = sorted({line.sku for line in planned.lines if line.sku not in products})
    if missing:
        raise Permanent(
            "mintsoft.unknown_sku",
            f"Mintsoft has no product {', '.join(sku[:60] for sku in missing[:5])} for client "
            f"{world.live.merchant.mintsoft.client_id}; create it there, then replay",
        )
    if planned.warehouse_id is None:  # a plan without a warehouse is never carried out
        raise Permanent("warehouse.unmapped", planned.reason)
    items = tuple(
        ReturnItemDraft(
            sku=products[line.sku].sku,
            product_id=products[line.sku].id,
            quantity=line.quantity,
            reason_id=line.reason_id,
        )
        for line in planned.lines
    )
    return ExternalReturnDraft(
        warehouse_id=planned.warehouse_id,
        reference=planned.reference,
        marker=marker,
        items=items,
        note=f"{world.live.merchant.portal_name} return {return_id}",
        label=" ".join(word for word in (planned.carrier, planned.tracking) if word),
    )
