"""Some minutes after lines were processed the portal is read again: did it complete them (R18)?

The portal only says "triggered", or that it holds lines until the rest of the return is processed;
both are seen from a later reading alone. Nothing is ever sent again here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.facts import DueCleared, DueSet, Fact, ProcessingChecked
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.processing_check import Reading, contradicted, read_again
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.errors import Verdict
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.world import World

FLOW = "check_processing"
HELD_AT_MOST = timedelta(days=7)
"""Processed lines may wait in the portal for the rest of the return; so long is too long."""


def check_later(world: World) -> list[Fact]:
    """What makes a batch that was processed now be checked; nothing when checking is off."""
    minutes = world.live.merchant.flows.process_receipts.check_after_minutes
    if not minutes:
        return []
    at = world.stores.clock.now() + timedelta(minutes=minutes)
    return [DueSet(due_kind=DueKind.CHECK_PROCESSING, at=at, why="did the portal complete it?")]


def decided_otherwise(batch: BatchState, return_id: str, world: World) -> list[Fact]:
    """Right after a batch: read again what somebody else may have decided meanwhile.

    That it cannot be read now stops nothing: it is read again by `check_processing`.
    """
    if not world.portal.abilities.decided_elsewhere_too:
        return []
    try:
        now = world.portal.read_return(return_id)
    except Verdict:
        return []
    return _contradictions(batch, now, return_id, world)


def _contradictions(
    batch: BatchState, portal_return: PortalReturn, return_id: str, world: World
) -> list[Fact]:
    lines = contradicted(portal_return, batch.lines)
    if not lines:
        return []
    rows = ", ".join(
        f"{line.sku or 'no SKU'} (line {line.line_id}): to be "
        f"{'declined and is accepted' if line.reject else 'accepted and is declined'}"
        for line in lines[:20]
    )
    name = world.live.merchant.portal_name
    world.stores.telemetry.count("DecidedElsewhere", len(lines), merchant=world.merchant)
    return [
        ask_person(
            world,
            return_id,
            flow=FLOW,
            about=f"otherwise-{batch.number}",
            code="return.decided_otherwise",
            reason=f"somebody else was first at {name}: {rows}. Nothing is sent again by itself",
        )
    ]


def check_processing(state: ReturnState, due: Due, world: World) -> str:
    """Read the return again and compare it with what was processed; what came of it.

    Returns:
        ``complete``, ``closed``, ``held``, ``not_completed``, ``not_yet`` (it is looked at again in
        the next run), or ``nothing`` when there is nothing to check.
    """
    ended = DueCleared(due_kind=due.kind, subject=due.subject)
    batches = [b for b in state.batches if b.outcome == "processed" and not b.checked]
    times = [batch.processed_at for batch in batches if batch.processed_at is not None]
    if not times:
        world.record(state, "nothing to check", ended)
        return "nothing"
    portal_return = world.portal.read_return(state.return_id)
    reading = read_again(portal_return, [line for batch in batches for line in batch.lines])
    now = world.stores.clock.now()
    until = world.live.merchant.flows.process_receipts.check_until_minutes
    if reading.outcome == "held" and now < min(times) + HELD_AT_MOST:
        later = DueSet(due_kind=due.kind, at=min(times) + HELD_AT_MOST, why="held by the portal")
        world.record(state, "held until the rest is processed", later)
        return "held"
    if reading.outcome == "not_completed" and now < max(times) + timedelta(minutes=until):
        return "not_yet"
    facts = _facts(reading, batches, portal_return, state, world)
    if world.portal.abilities.decided_elsewhere_too:
        for batch in batches:
            facts += _contradictions(batch, portal_return, state.return_id, world)
    world.record(state, "read again", *facts, ended)
    outcome = "not_completed" if reading.outcome == "held" else reading.outcome
    world.stores.telemetry.count("ProcessingChecked", merchant=world.merchant, outcome=outcome)
    return outcome


def _facts(
    reading: Reading,
    batches: list[BatchState],
    portal_return: PortalReturn,
    state: ReturnState,
    world: World,
) -> list[Fact]:
    numbers = tuple(batch.number for batch in batches)
    match reading.outcome:
        case "complete" | "closed" as ended:
            return [ProcessingChecked(batches=numbers, outcome=ended)]
    asked = ask_person(
        world,
        state.return_id,
        flow=FLOW,
        about=f"batch-{numbers[-1]}",
        code="return.held_too_long" if reading.outcome == "held" else "return.not_completed",
        reason=_in_words(reading, batches, portal_return),
    )
    lines = tuple(line.line_id for line in reading.lines)
    return [
        ProcessingChecked(batches=numbers, outcome="not_completed", lines=lines),
        asked,
    ]


def _in_words(reading: Reading, batches: list[BatchState], portal_return: PortalReturn) -> str:
    statuses = {line.id: line.status.value for line in portal_return.lines}
    rows = [
        f"{line.sku} (line {line.line_id}, {statuses[line.line_id]})" for line in reading.lines[:20]
    ]
    more = f" and {len(reading.lines) - 20} more" if len(reading.lines) > 20 else ""
    sent = f"processed {_day(batches[0].processed_at)}"
    status = portal_return.status.value
    if reading.outcome == "held":
        return (
            f"the portal has held lines for {HELD_AT_MOST.days} days because others of the return "
            f"are not processed: {', '.join(rows)}{more}, {sent}; the return is {status}"
        )
    if not rows:
        return f"every line was {sent} and is done, but the return is still {status} in the portal"
    return (
        f"lines were {sent} and are not complete in the portal: {', '.join(rows)}{more}; the "
        f"return is {status}. Look at it there; nothing is sent again by itself"
    )


def _day(moment: datetime | None) -> str:
    return f"at {moment:%Y-%m-%d %H:%M} UTC" if moment else "before"
