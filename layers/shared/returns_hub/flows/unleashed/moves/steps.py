"""The writes about a transfer or an assembly, and how each is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from returns_hub.domain.miinto.order_draft import as_id
from returns_hub.domain.operations import Claim, LookUp, marker_of
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.moves import Move, units
from returns_hub.domain.unleashed.names import ASN, MINTSOFT, ORDER, UNLEASHED
from returns_hub.domain.warehouse_asns import AsnDraft, AsnLine
from returns_hub.domain.warehouse_orders import OrderDraft, OrderLine, Recipient
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves.source import MoveFlow, reference_in_comments
from returns_hub.flows.unleashed.shared_steps import look_for_ours, require_ours

NO_PRICES = "GBP"
"""Such an order has no prices, and Mintsoft's own default of its currency is this."""
COMPLETE_SETTLE_SECONDS = 60.0
COMPLETE = "complete"
FEW = 3


def order_step(
    world: ErpWorld, flow: MoveFlow, move: Move, state: SyncState, warehouse_id: int
) -> Step:
    """Make the order that picks what goes.

    Looked up by `look_for_ours`.
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
        require_ours(world.orders, made, draft.number, draft.external_reference)
        return str(made.order_id)

    def look_up(claim: Claim) -> LookUp:
        before = state.step(ORDER)
        sent = before.told.get("units") if before else None
        since = claim.first_claimed_at
        return look_for_ours(
            world.orders, move.number, draft.external_reference, sent or goods, since
        )

    return Step(
        name=ORDER,
        partner=MINTSOFT,
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
        marker=marker_of(state.operation_key(ASN)),
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
        name=ASN,
        partner=MINTSOFT,
        does="create",
        summary=f"ASN {move.number} announces {_named(goods)} to {move.destination_code}",
        send=send,
        look_up=look_up,
        settle=world.world.live.merchant.mintsoft.settle_seconds,
        told=_told(move, move.destination_code, warehouse_id, goods),
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
        name=COMPLETE,
        partner=UNLEASHED,
        summary=f"{move.title} is completed with {_named(units(move.brought))}",
        send=send,
        look_up=look_up,
        settle=COMPLETE_SETTLE_SECONDS,
        told={"units": units(move.brought)},
    )


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
