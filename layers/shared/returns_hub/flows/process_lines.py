"""Lines committed to a process call are processed in the portal: once, and never on a guess."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.facts import LinesProcessed, Parked
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, process_key
from returns_hub.domain.parked_ids import parked_batch_id
from returns_hub.domain.returns import LineStatus, PortalReturn
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.errors import Permanent
from returns_hub.flows.check_processing import check_later, decided_otherwise
from returns_hub.flows.miinto.follow_rma import require_not_requested
from returns_hub.flows.miinto.refund_due import refund_later
from returns_hub.flows.miinto.refund_home import refund_at_once
from returns_hub.flows.miinto.rma_proof import require_proven
from returns_hub.flows.unleashed.credits.due import credit_later
from returns_hub.flows.world import World

FLOW = "process_receipts"
PROCESS_SETTLE_SECONDS = 30.0


def finish_batches(state: ReturnState, portal_return: PortalReturn, world: World) -> ReturnState:
    """Send what an earlier run committed and did not see to its end."""
    for batch in state.batches:
        if not batch.outcome:
            state = send_batch(batch, state, portal_return, world)
    return state


def send_batch(
    batch: BatchState, state: ReturnState, portal_return: PortalReturn, world: World
) -> ReturnState:
    """Have one batch of lines processed.

    The portal takes no idempotency key and holds partial submissions without a trace, so the
    look-up can only ever confirm: the lines moved. Until they do the outcome stays unknown, and
    in the end a person is asked. It is never sent again on a guess.
    """
    require_proven(world)
    number = batch.number
    settings = world.live.merchant.flows.process_receipts
    operation = world.operation(
        process_key(world.merchant, state.return_id, number, batch.attempt),
        settle=PROCESS_SETTLE_SECONDS,
        give_up=settings.settle_minutes * 60.0,
        retry_rejected=batch.replays > 0,
    )
    open_lines = _still_open(batch, portal_return)
    chosen = [line for line in batch.lines if line.line_id in open_lines]

    def send(send_by: datetime) -> str:
        if chosen:
            require_not_requested(batch, state.return_id, world)
            world.portal.process(state.return_id, chosen, send_by)
        return str(number)

    def look_up(_: Claim) -> LookUp:
        now = world.portal.read_return(state.return_id)
        if now.is_closed or not _still_open(batch, now):
            return Found(str(number))
        return Inconclusive(
            "a process call had no answer and the portal still shows its lines open; look at the "
            "return there before anything is sent again"
        )

    try:
        done_how = world.run(operation, send=send, look_up=look_up).how
    except Permanent as verdict:
        return _park_batch(batch, verdict, state, world)
    world.stores.telemetry.count("LinesProcessed", len(chosen), merchant=world.merchant)
    processed = LinesProcessed(batch=number, how=done_how)
    otherwise = decided_otherwise(batch, state.return_id, world)
    later = [*check_later(world), *otherwise, *refund_later(batch, state, world)]
    later += credit_later(batch, state, world)
    state = world.record(state, "the portal took the batch", processed, *later)
    return refund_at_once(state, batch, world)


def _still_open(batch: BatchState, portal_return: PortalReturn) -> set[str]:
    of_batch = {line.line_id for line in batch.lines}
    return {
        line.id
        for line in portal_return.lines
        if line.id in of_batch and line.status is LineStatus.OPEN
    }


def _park_batch(
    batch: BatchState, verdict: Permanent, state: ReturnState, world: World
) -> ReturnState:
    parked_id = parked_batch_id(state.return_id, batch.number)
    world.park(FLOW, parked_id, verdict, subject=state.return_id, payload=batch.model_dump_json())
    parked = Parked(
        flow=FLOW,
        parked_id=parked_id,
        code=verdict.code,
        reason=verdict.reason,
        subject=f"batch-{batch.number}",
    )
    return world.record(state, "a person is asked", parked)
