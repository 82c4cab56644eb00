"""A return was closed in the portal while the warehouse expects its goods (R19).

The warehouse's API takes nothing back: an external return can be neither changed nor cancelled, and
takes no comment once it is made. So the closing is told where people look: on the portal's
timeline, by an alarm, and in the warehouse's list. Nothing here moves money or goods.
"""

from __future__ import annotations

from datetime import timedelta

from returns_hub.domain.facts import DueSet, Fact, Withdrawn, WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import DueKind, to_withdraw
from returns_hub.domain.receipts import Receipt
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.errors import Permanent
from returns_hub.flows.comment import add_comment
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.world import World

LISTED_FOR = timedelta(days=90)
"""So long the warehouse's list shows a withdrawn shipment that nobody has seen to."""


def withdrawal(portal_return: PortalReturn, state: ReturnState, world: World) -> list[Fact]:
    """Tell the portal's timeline which external returns stay behind; the facts to be recorded.

    Each is told once for each closing: the comment's key and the facts see to it.
    """
    facts: list[Fact] = []
    left_behind = to_withdraw(portal_return, state)
    for shipment in left_behind:
        note = (
            f"The return is {portal_return.status.value}, and Mintsoft external return "
            f"{shipment.external_return_id} ({_goods(shipment)}, warehouse "
            f"{shipment.planned.warehouse_id}) is still expected there. Mintsoft's API cannot "
            "cancel it: it has to be seen to in the warehouse. Goods that arrive all the same are "
            "not processed while the return is closed."
        )
        facts += _told(note, shipment, state, world)
        facts += _withdrawn(note, shipment, portal_return, world)
    if left_behind:
        telemetry, status = world.stores.telemetry, portal_return.status.value
        telemetry.count("Withdrawn", len(left_behind), merchant=world.merchant, outcome=status)
        telemetry.count(OPERATOR_NEEDED)
    return facts


def goods_of_closed_return(
    receipt: Receipt, portal_return: PortalReturn, state: ReturnState, world: World
) -> list[Fact]:
    """Make it seen that goods arrived for a return that is closed; the facts to be recorded.

    A record that the warehouse only touched again brings nothing new and is not told.
    """
    before = state.receipt(receipt.external_return_id)
    known = before.units if before else {}
    if all(units <= known.get(sku, 0) for sku, units in receipt.units().items()):
        return []
    telemetry = world.stores.telemetry
    telemetry.count("ArrivedAfterWithdrawal", merchant=world.merchant)
    telemetry.count(OPERATOR_NEEDED)
    note = (
        f"goods of external return {receipt.external_return_id} were booked in after the return "
        f"was {portal_return.status.value}; nothing is processed for them"
    )
    return [
        fact
        for shipment in state.shipments
        if shipment.external_return_id == receipt.external_return_id and not shipment.withdrawn
        for fact in _withdrawn(note, shipment, portal_return, world)
    ]


def _told(note: str, shipment: ShipmentState, state: ReturnState, world: World) -> list[Fact]:
    """The comment in the portal. One that is refused keeps nothing else from being told."""
    if not world.portal.abilities.takes_comments:
        return []
    if world.live.merchant.flows.create_external_returns.mode is not Mode.LIVE:
        partner = world.live.merchant.portal
        return [WouldSend(partner=partner, operation="comment", summary=note)]
    try:
        add_comment(world, state.return_id, f"withdrawn/{shipment.key}/{state.reopenings}", note)
    except Permanent as verdict:
        world.stores.telemetry.log("comment refused", code=verdict.code, reason=verdict.reason)
    return []


def _withdrawn(
    note: str, shipment: ShipmentState, portal_return: PortalReturn, world: World
) -> list[Fact]:
    status, closed_at = portal_return.status.value, portal_return.updated_at
    until = world.stores.clock.now() + LISTED_FOR
    return [
        Withdrawn(status=status, at=closed_at, shipment=shipment.key, note=note),
        DueSet(
            due_kind=DueKind.WITHDRAWN,
            subject=shipment.key,
            at=until,
            why="in the warehouse's list until then",
        ),
    ]


def _goods(shipment: ShipmentState) -> str:
    rows = [f"{line.quantity} x {line.sku}" for line in shipment.planned.lines]
    more = f" and {len(rows) - 20} more lines" if len(rows) > 20 else ""
    return ", ".join(rows[:20]) + more
