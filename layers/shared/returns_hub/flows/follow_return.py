"""Following a return after it was announced: delivered, flagged, reopened (R18, R19).

What is written here goes onto the hub's own timeline only, and nothing moves money or goods.
Closings are in `flows.withdraw`.
"""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.clocks import next_stage, starts_at
from returns_hub.domain.facts import CarrierDelivered, DueSet, Fact, Reopened
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import Clocks
from returns_hub.domain.following import (
    AFTER_REOPENING,
    DueKind,
    delivery_of,
    is_awaited,
    is_news,
    is_older,
    reopened_from,
)
from returns_hub.domain.returns import CLOSED, PortalReturn, ReturnStatus, ReturnSummary
from returns_hub.domain.state import BatchState, ReturnState, ShipmentState
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.world import World

FLOW = "follow_return"


def hears_of(found: ReturnSummary, world: World) -> bool:
    """Whether a return that is not under way is one of ours, with something the hub was not told.

    Its closing, flagging or review is news only where goods were announced before.
    """
    state = world.stores.returns.load(world.merchant, found.id)
    told = state.portal_updated_at
    return bool(state.shipments) and (told is None or told < found.updated_at)


def note_changes(portal_return: PortalReturn, state: ReturnState, world: World) -> ReturnState:
    """Note deliveries, and that a return is under way again; the state afterwards.

    That the return was seen is not noted here but together with the plan of lines that are new, so
    that a run that ends in between is repeated whole.
    """
    silent = portal_return.is_closed or portal_return.status is ReturnStatus.UNKNOWN
    if silent or not state.shipments or is_older(portal_return, state):
        return state
    was = reopened_from(portal_return, state)
    facts = _reopening(was, portal_return, state, world) if was else []
    for shipment in state.shipments:
        again = shipment.model_copy(update={"withdrawn": ""}) if was else shipment
        if is_awaited(again, state):
            facts += _delivery(again, portal_return, state, world)
    return world.record(state, "what the portal says", *facts)


def clocks_of(world: World) -> Clocks:
    """The merchant's clocks; off while receipts are not looked at, since all would ring."""
    flows = world.live.merchant.flows
    if flows.process_receipts.mode is Mode.OFF:
        return Clocks(enabled=False)
    return flows.clocks


def clock_due(shipment: ShipmentState, delivered_at: datetime, world: World) -> DueSet | None:
    """When the shipment's clock rings next."""
    since = starts_at(delivered_at)
    ring = next_stage(clocks_of(world), since, shipment.rung) if since else None
    if ring is None:
        return None
    stage, at = ring
    return DueSet(due_kind=DueKind.NOT_BOOKED_IN, subject=shipment.key, at=at, why=stage)


def _delivery(
    shipment: ShipmentState, portal_return: PortalReturn, state: ReturnState, world: World
) -> list[Fact]:
    """The delivery of a shipment when it is news, and the clock that it starts."""
    facts: list[Fact] = []
    delivered_at = shipment.delivered_at
    delivery = delivery_of(shipment.key, portal_return, world.stores.clock.now())
    fresh = delivery if is_news(delivery, shipment) else None
    if fresh is not None:
        delivered_at = fresh.at
        facts.append(CarrierDelivered(shipment=shipment.key, at=fresh.at, source=fresh.source))
    is_set = state.due_of(DueKind.NOT_BOOKED_IN, shipment.key) is not None
    if delivered_at is not None and (fresh is not None or not is_set):
        due = clock_due(shipment, delivered_at, world)
        facts += [due] if due else []
    return facts


def _reopening(
    was: str, portal_return: PortalReturn, state: ReturnState, world: World
) -> list[Fact]:
    """A closing or flag was taken back. What was paid is never paid again by itself.

    The portal resets the lines of a closed return to open; refunds already made are not reversed,
    and what it still held for processing is cleared (Redo's OpenAPI 2.2, return status). Nobody can
    know from there which of the two became of a line, so a person is asked.
    """
    facts: list[Fact] = []
    sent = [batch for batch in state.batches if batch.outcome != "discarded"]
    note = f"under way again after it was {was}"
    if sent and was in CLOSED:
        note = f"{note}; {_paid_before(sent)}"
        about = f"reopened-{state.reopenings + 1}"
        facts.append(
            ask_person(
                world, state.return_id, flow=FLOW, about=about, code="return.reopened", reason=note
            )
        )
    lines = tuple(line.line_id for batch in sent for line in batch.lines)
    status = portal_return.status.value
    facts.append(Reopened(was=was, status=status, sent_lines=lines, note=note))
    if any(receipt.settled in AFTER_REOPENING for receipt in state.receipts):
        now = world.stores.clock.now()
        why = "goods that were confirmed meanwhile"
        facts.append(DueSet(due_kind=DueKind.REOPENED, at=now, why=why))
    world.stores.telemetry.count("Reopened", merchant=world.merchant, outcome=was)
    return facts


def _paid_before(batches: list[BatchState]) -> str:
    """Which lines were sent to processing before, and what is known of them."""
    complete = [batch for batch in batches if batch.checked == "complete"]
    others = [batch for batch in batches if batch not in complete]
    words = []
    if complete:
        words.append(f"processed before and complete then: {_lines(complete)}")
    if others:
        words.append(
            f"sent to processing before, whether paid has to be looked up: {_lines(others)}"
        )
    return (
        f"{'; '.join(words)}. Refunds are not taken back by reopening, and the hub does not send "
        "these lines again: settle them in the portal"
    )


def _lines(batches: list[BatchState]) -> str:
    rows = [f"{line.sku} (line {line.line_id})" for batch in batches for line in batch.lines]
    more = f" and {len(rows) - 20} more" if len(rows) > 20 else ""
    return ", ".join(rows[:20]) + more
