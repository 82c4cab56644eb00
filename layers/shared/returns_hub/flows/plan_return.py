"""A return is planned: which lines go into which external return.

The plan is on the timeline before anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from returns_hub.domain.eligibility import is_before_live
from returns_hub.domain.facts import Fact, ShipmentsPlanned, Skipped, WouldSend
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.shipments import Plan, PlannedShipment, plan_shipments
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.adopt import adopt_shipments
from returns_hub.flows.make_external_return import FLOW, goods_in_words
from returns_hub.flows.products import products_of
from returns_hub.flows.unidentified import tell_of_goods_without_sku
from returns_hub.flows.world import World

NEW_RETURNS = "NewReturns"
"""Returns that were planned for the first time, over all merchants: what a cost is divided by."""


def plan_return(
    portal_return: PortalReturn,
    state: ReturnState,
    world: World,
    seen: Sequence[Fact],
    *,
    approved_at: datetime,
    shadow: bool,
) -> ReturnState:
    """Write the plan for lines that have none yet.

    Args:
        portal_return: As the portal has it now.
        state: The hub's.
        world: The merchant's.
        seen: What is to be recorded beside the plan, whatever becomes of it.
        approved_at: When it was approved: what was before the switch is the old connector's.
        shadow: Nothing will be sent: what would be is recorded.

    Returns:
        The state afterwards.

    Raises:
        Skip: Nothing of this return goes to a warehouse.
        Permanent: It cannot be planned.
        Conflict: Somebody else changed the return.
    """
    facts = list(seen)
    try:
        plan = plan_shipments(
            portal_return,
            world.live.merchant.mintsoft,
            taken=state.planned_lines,
            used={shipment.key for shipment in state.shipments},
        )
    except Permanent:
        world.record(state, "plan shipments", *facts)
        raise
    facts += tell_of_goods_without_sku(plan, state, world)
    homeless = [shipment for shipment in plan.shipments if shipment.warehouse_id is None]
    facts += [
        Skipped(flow=FLOW, code="warehouse.unmapped", reason=s.reason, subject=s.key)
        for s in homeless
        if not state.skipped("warehouse.unmapped", s.key)
    ]
    going = tuple(shipment for shipment in plan.shipments if shipment.warehouse_id is not None)
    if going and is_before_live(world.live.merchant, approved_at):
        facts += adopt_shipments(going, plan.left_off, portal_return, world)
    elif going:
        facts.append(ShipmentsPlanned(shipments=going, left_off=plan.left_off, shadow=shadow))
        if shadow:
            facts += _would_send(going, world)
    if not going and not state.shipments:
        return _nothing_to_announce(plan, homeless, state, facts, world)
    is_new = not state.shipments and not shadow
    state = world.record(state, "plan shipments", *facts)
    if is_new:
        world.stores.telemetry.count(NEW_RETURNS)
    return state


def _nothing_to_announce(
    plan: Plan,
    homeless: list[PlannedShipment],
    state: ReturnState,
    facts: list[Fact],
    world: World,
) -> ReturnState:
    if homeless:
        verdict = Skip("warehouse.unmapped", homeless[0].reason)
    else:
        kept = plan.left_off[0].reason if plan.left_off else "no line is left to announce"
        verdict = Skip("return.nothing_to_announce", f"no goods are on their way: {kept}")
        if not state.skipped(verdict.code):
            facts.append(ShipmentsPlanned(left_off=plan.left_off))
            facts.append(Skipped(flow=FLOW, code=verdict.code, reason=verdict.reason))
    world.record(state, "plan shipments", *facts)
    raise verdict


def _would_send(going: tuple[PlannedShipment, ...], world: World) -> list[Fact]:
    facts: list[Fact] = []
    for shipment in going:
        ids = products_of(shipment.lines, world)
        goods = goods_in_words(shipment)
        missing = [line.sku for line in shipment.lines if line.sku not in ids]
        unknown = f"; unknown in Mintsoft: {', '.join(missing)}" if missing else ""
        summary = f"external return {shipment.reference} in warehouse {shipment.warehouse_id}"
        facts.append(
            WouldSend(
                partner="mintsoft",
                operation="create external return",
                summary=f"{summary}: {goods}{unknown}",
            )
        )
        portal = world.live.merchant.portal
        if world.portal.abilities.takes_comments:
            told = f"about {summary}"
            facts.append(WouldSend(partner=portal, operation="comment", summary=told))
    return facts
