"""The writes about a transfer or an assembly, and how each is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from returns_hub.domain.miinto.order_draft import as_id
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound, marker_of
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.moves import Move, units
from returns_hub.domain.warehouse_asns import AsnDraft, AsnLine, AsnStage
from returns_hub.domain.warehouse_orders import OrderDraft, OrderLine, Recipient, WarehouseOrder
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves import MoveFlow, reference_in_comments

NO_PRICES = "GBP"
"""Such an order has no prices, and Mintsoft's own default of its currency is this."""
CONFIRM_SETTLE_SECONDS = 30.0
COMPLETE_SETTLE_SECONDS = 60.0
FEW = 3


def order_step(
    world: ErpWorld, flow: MoveFlow, move: Move, state: SyncState, warehouse_id: int
) -> Step:
    """Make the order that picks what goes.

    Looked up by its number and our reference, which is conclusive: both are unique for the client,
    the warehouse refuses a second order with the same one, and what has our reference is ours,
    whatever was changed on it since.
    """
    goods = units(move.taken)
    draft = OrderDraft(
        number=move.number,
        warehouse_id=warehouse_id,
        recipient=_recipient(world, flow.ship_to(move)),
        items=tuple(OrderLine(sku, many) for sku, many in goods.items()),
        currency=NO_PRICES,
        external_reference=reference_of(move.kind, move.guid),
        courier=as_id(flow.courier),
        comments=f"{move.title} of Unleashed",
    )

    def send(by: datetime) -> str:
        made = world.orders.create_order(draft, by)
        if made.found and not _is_ours(world.orders.read_order(made.order_id), draft):
            raise Permanent(
                "unleashed.order_not_ours",
                f"Mintsoft has an order {move.number} (id {made.order_id}) that the hub did not "
                f"make; is it for {move.title}? Cancel one of the two, or discard this",
            )
        return str(made.order_id)

    def look_up(claim: Claim) -> LookUp:
        before = state.step("order")
        sent = before.told.get("units") if before else None
        answer = world.orders.find_order(
            move.number, units=sent or goods, since=claim.first_claimed_at
        )
        if isinstance(answer, Found):
            ours = _is_ours(world.orders.read_order(int(answer.partner_id)), draft)
            return answer if ours else NotFound()
        if isinstance(answer, Inconclusive):
            found = world.orders.orders_with_number(move.number)
            mine = (Found(str(order.order_id)) for order in found if _is_ours(order, draft))
            return next(mine, answer)
        return answer

    return Step(
        name="order",
        partner="mintsoft",
        does="create",
        summary=f"order {move.number} picks {_named(goods)} at {move.source_code}",
        send=send,
        look_up=look_up,
        settle=world.world.live.merchant.mintsoft.settle_seconds,
        told=_told(move, move.source_code, warehouse_id, goods),
    )


def asn_step(world: ErpWorld, move: Move, state: SyncState, warehouse_id: int) -> Step:
    """Make the ASN that receives what comes.

    Looked up by its marker among all that changed since the first try, which is conclusive: an ASN
    that was made since then is among them, whatever became of it.
    """
    goods = units(move.brought)
    made_of = "made" if move.kind == "assembly" else f"from {move.source_code}"
    draft = AsnDraft(
        reference=move.number,
        marker=marker_of(state.operation_key("asn")),
        warehouse_id=warehouse_id,
        lines=tuple(AsnLine(sku, many) for sku, many in goods.items()),
        expected=move.due,
        supplier=move.source_code if move.kind == "transfer" else "",
        comments=reference_in_comments(move, f"{move.title} of Unleashed, {made_of}"),
    )

    def send(by: datetime) -> str:
        return str(world.asns.create_asn(draft, by))

    def look_up(claim: Claim) -> LookUp:
        return world.asns.find_asn(draft, claim.first_claimed_at)

    return Step(
        name="asn",
        partner="mintsoft",
        does="create",
        summary=f"ASN {move.number} announces {_named(goods)} to {move.destination_code}",
        send=send,
        look_up=look_up,
        settle=world.world.live.merchant.mintsoft.settle_seconds,
        told=_told(move, move.destination_code, warehouse_id, goods),
    )


def confirm_step(world: ErpWorld, flow: MoveFlow, move: Move) -> Step:
    """Make the warehouse expect the ASN.

    Looked up by its stage, which is conclusive: it is read by its id.
    """

    def asn_id() -> int:
        made = world.sync.load(flow.name, move.guid).partner_id("asn")
        if not made:
            raise Retryable("unleashed.asn_not_made", f"the ASN of {move.title} is not made yet")
        return int(made)

    def send(by: datetime) -> str:
        made = asn_id()
        world.asns.confirm_asn(made, by)
        return str(made)

    def look_up(_: Claim) -> LookUp:
        made = asn_id()
        asn = world.asns.read_asn(made)
        if asn is None:
            return Inconclusive(f"Mintsoft does not know ASN {made} any more")
        return NotFound() if asn.stage is AsnStage.DRAFT else Found(str(made))

    return Step(
        name="confirm",
        partner="mintsoft",
        summary=f"ASN {move.number} is expected",
        send=send,
        look_up=look_up,
        settle=CONFIRM_SETTLE_SECONDS,
    )


def complete_step(flow: MoveFlow, move: Move) -> Step:
    """Have the goods moved in the ERP's stock.

    Looked up by its status, which is conclusive: it is read by its Guid.
    """

    def send(by: datetime) -> str:
        flow.erp.complete(move.guid, by)
        return move.guid

    def look_up(_: Claim) -> LookUp:
        return flow.erp.completed(move.guid)

    return Step(
        name="complete",
        partner="unleashed",
        summary=f"{move.title} is completed with {_named(units(move.brought))}",
        send=send,
        look_up=look_up,
        settle=COMPLETE_SETTLE_SECONDS,
        told={"units": units(move.brought)},
    )


def _is_ours(order: WarehouseOrder | None, draft: OrderDraft) -> bool:
    """Whether the hub made it; one that was merged with others has lost its reference."""
    if order is None:
        return False
    return order.external_reference == draft.external_reference or len(order.numbers) > 1


def _told(move: Move, code: str, warehouse_id: int, goods: Mapping[str, int]) -> dict[str, Any]:
    return {
        "number": move.number,
        "code": code,
        "warehouse": warehouse_id,
        "units": dict(goods),
    }


def _recipient(world: ErpWorld, code: str) -> Recipient:
    """The address of a warehouse.

    Raises:
        Permanent: It is not there, or has no country.
    """
    found = world.erp.warehouses.address_of(code)
    country = (found.country if found else "") or world.connection.orders.default_country
    if found is None or not country:
        raise Permanent(
            "unleashed.warehouse_address",
            f"the warehouse {code} has no country in Unleashed; name it there, or say "
            "unleashed.orders.default_country, then replay",
        )
    return replace(found, country=country)


def _named(goods: Mapping[str, int]) -> str:
    named = [f"{many} {sku}" for sku, many in list(goods.items())[:FEW]]
    more = len(goods) - FEW
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
