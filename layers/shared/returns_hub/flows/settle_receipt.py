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

from returns_hub.domain.case import Action, Case, Decision
from returns_hub.domain.decisions import decide
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
from returns_hub.domain.file_types import Mode
from returns_hub.domain.parked_ids import parked_receipt_id
from returns_hub.domain.receipts import Goods, Receipt
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnStatus
from returns_hub.domain.state import STILL_OPEN, ReceiptState, ReturnState
from returns_hub.errors import Permanent
from returns_hub.flows.comment import add_comment
from returns_hub.flows.flag import flag_return
from returns_hub.flows.make_case import identified, make_case
from returns_hub.flows.miinto.rma_proof import require_proven
from returns_hub.flows.process_lines import FLOW, finish_batches, send_batch
from returns_hub.flows.withdraw import goods_of_closed_return
from returns_hub.flows.world import World

STOP_WATCHING_AFTER = timedelta(days=30)
MOST_REMARKS = 1000
MOST_PHOTOS = 20


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
    if known is not None and known.receipt == receipt.key and not is_due(known, world):
        return _settled_before(receipt, known.settled, state, world)
    portal_return = world.portal.read_return(return_id)
    if portal_return.status is ReturnStatus.UNKNOWN:
        raise Permanent(
            "return.unknown_status",
            f"the portal says {portal_return.status_word!r}, a status the hub was not told of",
        )
    settings = world.live.merchant.flows.process_receipts
    if settings.mode is Mode.LIVE:
        require_proven(world)
        state = finish_batches(state, portal_return, world)
    if known is not None and _was_begun(receipt, known, state):
        return _finish(receipt, known, state, portal_return, world)
    goods = identified(receipt, portal_return, world)
    made_from = make_case(receipt, goods, state, portal_return, world)
    decision = decide(made_from, settings.policy, world.portal.abilities)
    case = _Case(receipt, goods, made_from, portal_return, decision, world)
    if settings.mode is Mode.SHADOW:
        return _shadow(case, state)
    return _carry_out(case, state)


@dataclass(frozen=True)
class _Case:
    receipt: Receipt
    goods: tuple[Goods, ...]
    made_from: Case
    portal_return: PortalReturn
    decision: Decision
    world: World

    def settled(self, outcome: str) -> ReceiptSettled:
        """The receipt is done with, or until the decision is to be made again."""
        seconds = self.decision.look_again_seconds
        if seconds is None or outcome not in STILL_OPEN:
            return _settled(self.receipt, outcome)
        return _settled(
            self.receipt, outcome, self.world.stores.clock.now() + timedelta(seconds=seconds)
        )


def _settled(receipt: Receipt, outcome: str, until: datetime | None = None) -> ReceiptSettled:
    return ReceiptSettled(
        external_return_id=receipt.external_return_id,
        receipt=receipt.key,
        outcome=outcome,
        until=until,
    )


def is_due(known: ReceiptState, world: World) -> bool:
    """Whether the same version of a receipt is to be dealt with."""
    if known.until is not None:
        return world.stores.clock.now() >= known.until
    return not known.settled


def _was_begun(receipt: Receipt, known: ReceiptState, state: ReturnState) -> bool:
    """Whether an earlier run committed lines for this receipt and did not come to its end."""
    return (
        known.receipt == receipt.key
        and not known.settled
        and not known.anew
        and any(batch.receipt == receipt.key for batch in state.batches)
    )


def _finish(
    receipt: Receipt,
    known: ReceiptState,
    state: ReturnState,
    portal_return: PortalReturn,
    world: World,
) -> str:
    outcome = _after_processing(portal_return, state)
    if outcome != "parked":
        _tell_differences(receipt, known.note, state, world)
    world.record(state, "finished what an earlier run began", _settled(receipt, outcome))
    return outcome


def _settled_before(receipt: Receipt, settled: str, state: ReturnState, world: World) -> str:
    age = world.stores.clock.now() - receipt.updated_at
    if settled in STILL_OPEN and age > STOP_WATCHING_AFTER:
        world.record(state, "nothing more came in 30 days", _settled(receipt, "stopped_watching"))
        return "stopped_watching"
    return "known"


def _taken(case: _Case, state: ReturnState) -> list[Fact]:
    """The receipt with its decision, unless an earlier run that was cut short wrote it."""
    known = state.receipt(case.receipt.external_return_id)
    decision = case.decision
    if known is not None and known.receipt == case.receipt.key:
        same = known.decision == decision.action.value and known.note == decision.note
        if same and not known.settled and not known.anew:
            return []
    return [
        ReceiptTaken(
            external_return_id=case.receipt.external_return_id,
            receipt=case.receipt.key,
            units=case.receipt.units(),
            decision=decision.action.value,
            findings=decision.findings,
            note=decision.note,
            goods=case.goods,
            policy=decision.policy,
            case=case.made_from,
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
            if outcome != "parked":
                _tell_differences(case.receipt, decision.note, state, world)
            world.record(state, decision.rule, case.settled(outcome))
        case Action.FLAG:
            state = world.record(state, decision.rule, *facts)
            outcome = _flag(case, state)
        case Action.ASK:
            outcome = _ask(case, state, facts)
        case Action.SKIP_CLOSED:
            outcome = "skipped_closed"
            skipped = Skipped(
                flow=FLOW,
                code="return.closed",
                reason=f"the return is {case.portal_return.status.value} already",
            )
            again = state.skipped(skipped.code)
            facts += goods_of_closed_return(case.receipt, case.portal_return, state, world)
            facts += [case.settled(outcome)] if again else [skipped, case.settled(outcome)]
            world.record(state, decision.rule, *facts)
        case Action.HOLD:
            outcome = "held"
            world.record(state, decision.rule, *facts, case.settled(outcome))
        case Action.WAIT | Action.NOTHING:
            outcome = "waiting" if _is_open(case.portal_return, state) else "nothing_new"
            if decision.look_again_seconds is not None:
                outcome = "held"
            world.record(state, decision.rule, *facts, case.settled(outcome))
    return outcome


def _is_open(portal_return: PortalReturn, state: ReturnState) -> bool:
    """Whether lines of the return are neither finished nor in a process call."""
    committed = state.committed_lines
    return any(
        line.status is LineStatus.OPEN and not line.keep_item and line.id not in committed
        for line in portal_return.lines
    )


def _tell_differences(receipt: Receipt, note: str, state: ReturnState, world: World) -> None:
    """Tell the portal's timeline what was processed although it differs, and in whose words.

    The warehouse's remarks and photos go to the portal alone: they are free text, which the hub
    does not keep.
    """
    if not world.live.merchant.flows.process_receipts.policy.note_differences:
        return
    told = [f"{note}."] if note else []
    remarks = [f"{row.sku}: {row.remark}" for row in receipt.rows if row.remark]
    photos = [url for row in receipt.rows for url in row.photos]
    if remarks:
        told.append(f"The warehouse wrote: {'; '.join(dict.fromkeys(remarks))[:MOST_REMARKS]}.")
    if photos:
        told.append(f"Photos: {' '.join(dict.fromkeys(photos[:MOST_PHOTOS]))}")
    if told:
        again = any(r.receipt == receipt.key and r.replays for r in state.receipts)
        about = f"differences/{receipt.key}/{len(state.batches)}"
        add_comment(world, state.return_id, about, " ".join(told), retry_rejected=again)


def _ask(case: _Case, state: ReturnState, facts: list[Fact]) -> str:
    """Put the return before a person; what they answer goes before the policy."""
    receipt, world = case.receipt, case.world
    verdict = Permanent("decision.ask", f"{case.decision.note}; see `hub decide`")
    parked = _parked(receipt, state.return_id, verdict, world)
    world.record(state, case.decision.rule, *facts, parked, _settled(receipt, "parked"))
    return "parked"


def _parked(receipt: Receipt, return_id: str, verdict: Permanent, world: World) -> Parked:
    """Into the list of parked work; the fact that says so."""
    parked_id = parked_receipt_id(return_id, receipt.external_return_id)
    world.park(
        FLOW,
        parked_id,
        verdict,
        subject=return_id,
        payload=receipt.model_dump_json(include={"external_return_id", "version"}),
    )
    return Parked(flow=FLOW, parked_id=parked_id, code=verdict.code, reason=verdict.reason)


def park_receipt(receipt: Receipt, return_id: str, verdict: Permanent, world: World) -> str:
    """Set a receipt aside for a person, and say so on the timeline.

    Raises:
        Conflict: Someone else changed the return; call again.
    """
    parked = _parked(receipt, return_id, verdict, world)
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
                goods=receipt.goods(),
            )
        )
    facts += [parked, _settled(receipt, "parked")]
    world.record(state, "a person is asked", *facts)
    return "parked"


def _after_processing(portal_return: PortalReturn, state: ReturnState) -> str:
    if any(batch.outcome == "parked" for batch in state.batches):
        return "parked"
    return "processed_in_part" if _is_open(portal_return, state) else "processed"


def _flag(case: _Case, state: ReturnState) -> str:
    world, receipt, note = case.world, case.receipt, case.decision.note
    known = state.receipt(receipt.external_return_id)
    again = known is not None and known.replays > 0
    about = f"receipt/{receipt.key}"
    flag_return(world, state.return_id, about, note, retry_rejected=again)
    world.stores.telemetry.count("Flagged", merchant=world.merchant)
    flagged = Flagged(receipt=receipt.key, note=note)
    world.record(state, case.decision.rule, flagged, case.settled("flagged"))
    return "flagged"


def _shadow(case: _Case, state: ReturnState) -> str:
    decision = case.decision
    lines = ", ".join(f"{line.sku} ({line.in_words()})" for line in decision.lines)
    would = WouldSend(
        partner=case.world.live.merchant.portal,
        operation=decision.action.value,
        summary=lines or decision.note or decision.rule,
    )
    case.world.record(state, decision.rule, *_taken(case, state), would, case.settled("shadow"))
    return "shadow"
