"""A clock rings: goods were delivered so long ago and nobody has booked them in (R18).

Each stage tells somebody, once for a shipment. None of them pays anything. Before one rings, the
warehouse and the portal are asked whether it is still true.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.clocks import Stage, next_stage, starts_at
from returns_hub.domain.facts import ClockRang, DueCleared, DueSet, Fact, Flagged, WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import Due, is_awaited
from returns_hub.domain.returns import PortalReturn, ReturnStatus
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.comment import add_comment
from returns_hub.flows.flag import flag_return
from returns_hub.flows.follow_return import clock_due, clocks_of
from returns_hub.flows.withdraw import withdrawal
from returns_hub.flows.world import World

FLOW = "clocks"
LOOK_AGAIN = timedelta(hours=1)


def ring_clock(state: ReturnState, due: Due, world: World) -> str:
    """Ring the stage that is due for one shipment; what became of it.

    Returns:
        The stage that rang; ``ended`` when nothing is waited for any more, ``moved`` when a stage
        comes later by now, ``booked_in`` when the warehouse has confirmed the goods meanwhile, or
        ``closed`` when the portal has closed the return.
    """
    ended = DueCleared(due_kind=due.kind, subject=due.subject)
    shipment = state.shipment(due.subject)
    if shipment is None or shipment.delivered_at is None or not is_awaited(shipment, state):
        world.record(state, "the clock ends", ended)
        return "ended"
    since = starts_at(shipment.delivered_at) or shipment.delivered_at
    ring = next_stage(clocks_of(world), since, shipment.rung)
    if ring is None:
        world.record(state, "the clock ends", ended)
        return "ended"
    stage, at = ring
    now = world.stores.clock.now()
    if at > now:
        _look_again(state, due, at, stage, world)
        return "moved"
    if _is_booked_in(shipment, world):
        # Its receipt is on its way and ends the clock; if not, this looks again.
        _look_again(state, due, now + LOOK_AGAIN, "confirmed in the warehouse", world)
        return "booked_in"
    portal_return = world.portal.read_return(state.return_id)
    if portal_return.is_closed:
        world.record(state, "R19 closed", *withdrawal(portal_return, state, world), ended)
        return "closed"
    facts = _carry_out(stage, since, shipment, portal_return, state, world)
    rung = shipment.model_copy(update={"rung": (*shipment.rung, stage)})
    following = clock_due(rung, shipment.delivered_at, world)
    world.record(state, f"R18 {stage}", *facts, following or ended)
    world.stores.telemetry.count("ClockRang", merchant=world.merchant, outcome=stage)
    return stage


def _look_again(state: ReturnState, due: Due, at: datetime, why: str, world: World) -> None:
    later = DueSet(due_kind=due.kind, subject=due.subject, at=at, why=why)
    world.record(state, "the clock goes on", later)


def _is_booked_in(shipment: ShipmentState, world: World) -> bool:
    made = shipment.external_return_id
    receipt = world.warehouse.read_external_return(made) if made is not None else None
    return receipt is not None and receipt.confirmed


def _carry_out(  # noqa: PLR0917 - which stage, since when, of what
    stage: Stage,
    since: datetime,
    shipment: ShipmentState,
    portal_return: PortalReturn,
    state: ReturnState,
    world: World,
) -> list[Fact]:
    """Tell whom the stage tells; its facts. Told again after a crash, nothing is told twice."""
    note = _note(since, shipment, world)
    facts: list[Fact] = [
        ClockRang(shipment=shipment.key, stage=stage, since=since, note=note),
    ]
    about = f"clock/{shipment.key}/{stage}"
    abilities = world.portal.abilities
    if stage == "escalate" or (stage == "hold" and not abilities.flags):
        asked = ask_person(
            world,
            state.return_id,
            flow=FLOW,
            about=shipment.key,
            code="return.not_booked_in",
            reason=note,
        )
        return [*facts, asked]
    if stage == "warn" and not abilities.takes_comments:
        return facts
    if world.live.merchant.flows.process_receipts.mode is not Mode.LIVE:
        what = "comment" if stage == "warn" else "flag"
        return [*facts, WouldSend(partner=world.live.merchant.portal, operation=what, summary=note)]
    if stage == "hold" and portal_return.status is not ReturnStatus.FLAGGED:
        flag_return(world, state.return_id, about, note)
        return [*facts, Flagged(receipt=about, note=note)]
    add_comment(world, state.return_id, about, note)
    return facts


def _note(since: datetime, shipment: ShipmentState, world: World) -> str:
    hours = int((world.stores.clock.now() - since).total_seconds() // 3600)
    made = shipment.external_return_id
    record = f"Mintsoft external return {made}" if made else f"shipment {shipment.key}"
    label = " ".join(filter(None, (shipment.planned.carrier, shipment.planned.tracking)))
    return (
        f"The carrier delivered {record}{f' ({label})' if label else ''} at {since:%Y-%m-%d %H:%M} "
        f"UTC, {hours} hours ago, and warehouse {shipment.planned.warehouse_id} has not booked it "
        "in. Nothing is paid for it by itself."
    )
