"""One version of one external return's receipt, from what arrived to what the portal does.

1. read the hub's state and, just now, the return in the portal;
2. finish what an earlier run left between two writes;
3. decide, and write the receipt with its decision to the timeline, together with the lines that
   a process call will hold: from here on no other call may hold them;
4. carry the decision out through the ledger, and settle the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.facts import (
    Fact,
    Flagged,
    LinesCommitted,
    Parked,
    ReceiptSettled,
    ReceiptTaken,
    Skipped,
    WouldSend,
)
from returns_hub.domain.merchant import Mode
from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, flag_key
from returns_hub.domain.receipts import Action, Decision, Receipt, decide
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnStatus
from returns_hub.domain.timeline import STILL_OPEN, ReturnState, parked_receipt_id
from returns_hub.errors import Permanent
from returns_hub.flows.comment import add_comment
from returns_hub.flows.process_lines import FLOW, finish_batches, send_batch
from returns_hub.flows.world import World

FLAG_SETTLE_SECONDS = 10.0
FLAG_GIVE_UP_SECONDS = 24 * 3600.0
STOP_WATCHING_AFTER = timedelta(days=30)


def settle_receipt(receipt: Receipt, return_id: str, world: World) -> str:
    """Deal with one receipt of a return of ours; how it ended.

    Raises:
        Conflict: Someone else changed the return; call again.
        Permanent: It cannot be dealt with; park it.
        Retryable: Known not done; come back.
        UnknownOutcome: Come back; what was sent is being watched.
    """
    state = world.stores.returns.load(world.merchant, return_id)
    known = state.receipt(receipt.external_return_id)
    if known is not None and known.receipt == receipt.key and known.settled:
        return _settled_before(receipt, known.settled, state, world)
    portal_return = world.portal.read_return(return_id)
    if portal_return.status is ReturnStatus.UNKNOWN:
        raise Permanent(
            "return.unknown_status",
            f"the portal says {portal_return.status_word!r}, a status the hub was not told of",
        )
    if world.live.merchant.flows.process_receipts.mode is Mode.LIVE:
        state = finish_batches(state, portal_return, world)
    if known is not None and known.receipt == receipt.key and _has_batch(receipt, state):
        outcome = _after_processing(portal_return, state)
        world.record(state, "finished what an earlier run began", _settled(receipt, outcome))
        return outcome
    decision = _decide(receipt, state, portal_return, world)
    case = _Case(receipt, portal_return, decision, world)
    if world.live.merchant.flows.process_receipts.mode is Mode.SHADOW:
        return _shadow(case, state)
    return _carry_out(case, state)


@dataclass(frozen=True)
class _Case:
    receipt: Receipt
    portal_return: PortalReturn
    decision: Decision
    world: World

    def settled(self, outcome: str) -> ReceiptSettled:
        return _settled(self.receipt, outcome)


def _settled(receipt: Receipt, outcome: str) -> ReceiptSettled:
    return ReceiptSettled(
        external_return_id=receipt.external_return_id, receipt=receipt.key, outcome=outcome
    )


def _has_batch(receipt: Receipt, state: ReturnState) -> bool:
    return any(batch.receipt == receipt.key for batch in state.batches)


def _settled_before(receipt: Receipt, settled: str, state: ReturnState, world: World) -> str:
    age = world.stores.clock.now() - receipt.updated_at
    if settled in STILL_OPEN and age > STOP_WATCHING_AFTER:
        world.record(state, "nothing more came in 30 days", _settled(receipt, "stopped_watching"))
        return "stopped_watching"
    return "known"


def _decide(
    receipt: Receipt, state: ReturnState, portal_return: PortalReturn, world: World
) -> Decision:
    received = state.received_units()
    before = state.receipt(receipt.external_return_id)
    for sku, units in (before.units if before else {}).items():
        received[sku] -= units
    for sku, units in receipt.units().items():
        received[sku] = received.get(sku, 0) + units
    return decide(
        portal_return,
        {sku: units for sku, units in received.items() if units > 0},
        state.committed_lines,
        world.live.merchant.flows.process_receipts,
        more_expected=_more_expected(receipt, state),
    )


def _more_expected(receipt: Receipt, state: ReturnState) -> bool:
    """Whether another external return of this return has not been confirmed yet."""
    confirmed = {known.external_return_id for known in state.receipts}
    return any(
        shipment.external_return_id not in confirmed
        and shipment.external_return_id != receipt.external_return_id
        and not shipment.parked
        and not shipment.discarded
        and not shipment.shadow
        for shipment in state.shipments
    )


def _taken(case: _Case, state: ReturnState) -> list[Fact]:
    known = state.receipt(case.receipt.external_return_id)
    decision = case.decision
    if known is not None and known.receipt == case.receipt.key:
        return []
    return [
        ReceiptTaken(
            external_return_id=case.receipt.external_return_id,
            receipt=case.receipt.key,
            units=case.receipt.units(),
            decision=decision.action.value,
            findings=decision.findings,
            note=decision.note,
        )
    ]


def _carry_out(case: _Case, state: ReturnState) -> str:
    decision, world = case.decision, case.world
    facts = _taken(case, state)
    match decision.action:
        case Action.PROCESS:
            number = len(state.batches) + 1
            committed = LinesCommitted(batch=number, receipt=case.receipt.key, lines=decision.lines)
            state = world.record(state, decision.rule, *facts, committed)
            state = send_batch(state.batches[-1], state, case.portal_return, world)
            outcome = _after_processing(case.portal_return, state)
            world.record(state, decision.rule, case.settled(outcome))
        case Action.FLAG:
            state = world.record(state, decision.rule, *facts)
            outcome = _flag(case, state)
        case Action.SKIP_CLOSED:
            outcome = "skipped_closed"
            skipped = Skipped(
                flow=FLOW,
                code="return.closed",
                reason=f"the return is {case.portal_return.status.value} already",
            )
            again = state.skipped(skipped.code)
            facts += [case.settled(outcome)] if again else [skipped, case.settled(outcome)]
            world.record(state, decision.rule, *facts)
        case Action.WAIT | Action.NOTHING:
            outcome = "waiting" if _is_open(case.portal_return, state) else "nothing_new"
            world.record(state, decision.rule, *facts, case.settled(outcome))
    return outcome


def _is_open(portal_return: PortalReturn, state: ReturnState) -> bool:
    """Whether lines of the return are neither finished nor in a process call."""
    committed = state.committed_lines
    return any(
        line.status is LineStatus.OPEN and not line.keep_item and line.id not in committed
        for line in portal_return.lines
    )


def park_receipt(receipt: Receipt, return_id: str, verdict: Permanent, world: World) -> str:
    """Set a receipt aside for a person, and say so on the timeline.

    Raises:
        Conflict: Someone else changed the return; call again.
    """
    parked_id = parked_receipt_id(return_id, receipt.external_return_id)
    world.park(
        FLOW,
        parked_id,
        verdict,
        subject=return_id,
        payload=receipt.model_dump_json(include={"external_return_id", "version"}),
    )
    state = world.stores.returns.load(world.merchant, return_id)
    known = state.receipt(receipt.external_return_id)
    facts: list[Fact] = []
    if known is None or known.receipt != receipt.key:
        facts.append(
            ReceiptTaken(
                external_return_id=receipt.external_return_id,
                receipt=receipt.key,
                units=receipt.units(),
                decision="park",
            )
        )
    facts.append(Parked(flow=FLOW, parked_id=parked_id, code=verdict.code, reason=verdict.reason))
    facts.append(_settled(receipt, "parked"))
    world.record(state, "a person is asked", *facts)
    return "parked"


def _after_processing(portal_return: PortalReturn, state: ReturnState) -> str:
    if any(batch.outcome == "parked" for batch in state.batches):
        return "parked"
    return "processed_in_part" if _is_open(portal_return, state) else "processed"


def _flag(case: _Case, state: ReturnState) -> str:
    """Flag the return in the portal; the note goes first, so that a flag is never unexplained.

    The look-up is conclusive: the status is read back, and setting it moves neither money nor
    goods.
    """
    world, receipt, note = case.world, case.receipt, case.decision.note
    known = state.receipt(receipt.external_return_id)
    again = known is not None and known.replays > 0
    add_comment(world, state.return_id, f"flag/{receipt.key}", note, retry_rejected=again)
    operation = world.operation(
        flag_key(world.merchant, state.return_id, receipt.key),
        settle=FLAG_SETTLE_SECONDS,
        give_up=FLAG_GIVE_UP_SECONDS,
        retry_rejected=again,
    )

    def send(send_by: datetime) -> str:
        world.portal.set_status(state.return_id, ReturnStatus.FLAGGED, send_by)
        return "flagged"

    def look_up(_: Claim) -> LookUp:
        now = world.portal.read_return(state.return_id)
        if now.is_closed or now.status is ReturnStatus.FLAGGED:
            return Found("flagged")
        return NotFound()

    world.run(operation, send=send, look_up=look_up)
    world.stores.telemetry.count("Flagged", merchant=world.merchant)
    flagged = Flagged(receipt=receipt.key, note=note)
    world.record(state, case.decision.rule, flagged, case.settled("flagged"))
    return "flagged"


def _shadow(case: _Case, state: ReturnState) -> str:
    decision = case.decision
    lines = ", ".join(
        f"{line.sku} ({'restock' if line.restock else 'no restock'})" for line in decision.lines
    )
    would = WouldSend(
        partner="redo",
        operation=decision.action.value,
        summary=lines or decision.note or decision.rule,
    )
    case.world.record(state, decision.rule, *_taken(case, state), would, case.settled("shadow"))
    return "shadow"
