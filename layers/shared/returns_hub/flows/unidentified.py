"""Lines of an RMA whose product could not be found: a person is told, once for each line."""

from __future__ import annotations

from returns_hub.domain.facts import Fact, Skipped
from returns_hub.domain.shipments import Plan
from returns_hub.domain.state import ReturnState
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.make_external_return import FLOW
from returns_hub.flows.world import World

NO_SKU = "line.no_sku"


def tell_of_goods_without_sku(plan: Plan, state: ReturnState, world: World) -> list[Fact]:
    """The facts for lines that are left off the plan because no SKU was found for them.

    A shop's own portal knows the SKU of what was sold there, and a line without one is none of the
    warehouse's goods. The marketplace never tells a SKU, so such a line is goods on their way that
    the warehouse is not told of.
    """
    if world.live.merchant.portal != "miinto":
        return []
    new = [
        left
        for left in plan.left_off
        if not (left.sku or "").strip() and not state.skipped(NO_SKU, left.line_id)
    ]
    if not new or not plan.shipments:
        return []  # without any shipment the whole return is put before a person
    lines = ", ".join(left.line_id for left in new[:20])
    reason = (
        f"the product of position {lines} was not found, so the warehouse is not told of it; map "
        "it in Miinto's product map, or accept or decline the position by hand when it has come"
    )
    asked = ask_person(
        world,
        state.return_id,
        flow=FLOW,
        about=f"no-sku-{new[0].line_id}",
        code="return.line_without_sku",
        reason=reason,
    )
    skips = [
        Skipped(flow=FLOW, code=NO_SKU, reason="its product was not found", subject=left.line_id)
        for left in new
    ]
    return [*skips, asked]
