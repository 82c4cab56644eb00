"""The refund of an accepted RMA goes home to the store of record, once, however it was accepted.

The return's timeline decides which positions a refund holds: no two hold the same one. The RMA is
read again before anything is told: a refund goes home for what Miinto shows as accepted, and for
nothing else. What the store refunded of its own accord is never told back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from returns_hub.domain.facts import (
    DueCleared,
    Fact,
    RefundCommitted,
    RefundSettled,
    Skipped,
    WouldSend,
)
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.refunding import Accepted, accepted_of, refund_of
from returns_hub.domain.miinto.requests import kind_of, own_request
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.refunds import Refund
from returns_hub.domain.state import BatchState, RefundState, ReturnState
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.check_processing import FLOW as CHECKING
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.refund_due import (
    ASKED,
    BY_HAND,
    FLOW,
    FROM_STORE,
    in_hand,
    refund_settings,
)
from returns_hub.flows.miinto.refund_order import (
    booked_by_the_store,
    market_world,
    order_of,
    read_rma,
    tie,
)
from returns_hub.flows.miinto.rma_proof import require_rma_proof
from returns_hub.flows.miinto.tell_refund import tell_refund
from returns_hub.flows.world import World

SHOWN_WITHIN = timedelta(hours=1)
"""So long Miinto may show a position as pending after it took the decision."""


def refund_at_once(state: ReturnState, batch: BatchState, world: World) -> ReturnState:
    """Try right after the batch was processed; what cannot be done now stays due."""
    due = state.due_of(DueKind.REFUND_HOME, str(batch.number))
    if due is None:
        return state
    try:
        refund_home(state, due, world)
    except Conflict:
        pass
    except Verdict as verdict:
        world.tell_if_misconfigured(verdict)
        world.stores.telemetry.log(
            "refund home comes back",
            return_id=state.return_id,
            code=verdict.code,
            reason=verdict.reason,
        )
    return world.stores.returns.load(world.merchant, state.return_id)


def refund_home(state: ReturnState, due: Due, world: World) -> str:
    """Carry home what is due of a return; a handler of `flows.watch_returns`.

    Returns:
        ``sent``, ``shadow``, ``from_store`` (a store refunded it, and Miinto only followed),
        ``nothing``, ``not_yet`` (Miinto does not show the decision yet), or ``parked``.
    """
    try:
        return _carry_home(state, due, world)
    except Permanent as verdict:
        now = world.stores.returns.load(world.merchant, state.return_id)
        asked = ask_person(
            world,
            state.return_id,
            flow=FLOW,
            about=f"due/{due.subject}",
            code=verdict.code,
            reason=verdict.reason,
        )
        facts: list[Fact] = [asked, _ended(due)]
        if due.subject.startswith(BY_HAND):
            facts.append(Skipped(flow=FLOW, code=ASKED, reason=verdict.code, subject=due.subject))
        world.record(now, "a person is asked", *facts)
        return "parked"


def _carry_home(state: ReturnState, due: Due, world: World) -> str:
    settings = refund_settings(state.return_id, world)
    if settings is None:
        raise _off()
    market, rmas = market_world(world)
    outcome = "nothing"
    batch = next((b for b in state.batches if str(b.number) == due.subject), None)
    if batch is not None or due.subject.startswith(BY_HAND):
        require_rma_proof(world.live, world.stores.capabilities)
        rma = read_rma(state.return_id, market, rmas)
        state, outcome = _commit(state, _Accepting(due, batch, rma, order_of(rma, market)), market)
    if outcome == "not_yet":
        return outcome
    tied = [refund for refund in state.refunds if refund.open_targets]
    if tied and settings.mode is Mode.SHADOW:
        raise _off()
    for refund in tied:
        tie(refund.refund, market)
    state = _tell_all(state, tied, world)
    world.record(state, "the refund is dealt with", _ended(due))
    return "sent" if tied and outcome != "shadow" else outcome


def _off() -> Permanent:
    return Permanent(
        "refund.off",
        "miinto.refunds was switched off while this refund was on its way; switch it on and "
        "replay this, or discard it",
    )


@dataclass(frozen=True)
class _Accepting:
    """What is due, and how Miinto shows it just now; without a batch it was accepted by hand."""

    due: Due
    batch: BatchState | None
    rma: Rma
    order: OrderState

    def accepted(self, state: ReturnState) -> Accepted:
        if self.batch is None:
            return accepted_of(self.rma, None, in_hand(state))
        wanted = {line.line_id for line in self.batch.lines if not line.reject}
        return accepted_of(self.rma, wanted, state.refunded_lines)


def _commit(
    state: ReturnState, accepting: _Accepting, market: MarketWorld
) -> tuple[ReturnState, str]:
    """Put a refund of the accepted positions on the timeline, whose version keeps them apart."""
    world, settings = market.world, market.settings.refunds
    batch, rma, order = accepting.batch, accepting.rma, accepting.order
    accepted = accepting.accepted(state)
    now = world.stores.clock.now()
    decided_at = (batch.processed_at if batch else None) or rma.updated_at or now
    if accepted.pending and now < decided_at + SHOWN_WITHIN:
        return state, "not_yet"
    facts = _tell_others(accepted, state, batch, world)
    if not accepted.lines:
        return (world.record(state, "nothing to refund", *facts), "nothing")
    own = own_request(rma, order)
    if own is not None and own.origin == "store":
        return _never_told_back(own.source, facts, state, accepting, world)
    if kind_of(rma, order) == "twice":
        raise Permanent(
            "refund.requested_too",
            f"RMA {rma.id} was accepted for units that the hub had requested an RMA for as well; "
            "look at both in Miinto before anything is refunded in the store",
        )
    refund = refund_of(
        rma,
        accepted.lines,
        order,
        market.settings,
        merchant=world.merchant,
        skus=_announced(state),
        by_hub=batch is not None,
        accepted_at=decided_at,
    )
    booked = booked_by_the_store(refund, market) if order.version else ""
    if booked:
        return _never_told_back(booked, facts, state, accepting, world)
    if settings.mode is Mode.SHADOW:
        summary = f"{refund.refund_id}: " + ", ".join(
            f"{line.quantity} x {line.sku or '?'}" for line in refund.lines
        )
        would = WouldSend(partner="store", operation="refund home", summary=summary)
        committed = RefundCommitted(refund=refund, shadow=True)
        return world.record(state, "shadow", *facts, would, committed), "shadow"
    committed = RefundCommitted(refund=refund, targets=settings.targets)
    return world.record(state, "accepted", *facts, committed), "sent"


def _never_told_back(
    source: str, facts: list[Fact], state: ReturnState, accepting: _Accepting, world: World
) -> tuple[ReturnState, str]:
    why = f"the store refunded it itself ({source}); Miinto only followed"
    skipped = Skipped(flow=FLOW, code=FROM_STORE, reason=why, subject=accepting.due.subject)
    return world.record(state, "never told back", *facts, skipped), "from_store"


def _tell_others(
    accepted: Accepted, state: ReturnState, batch: BatchState | None, world: World
) -> list[Fact]:
    """A person is asked about positions that the hub accepted and Miinto does not show so."""
    if batch is None:
        return []
    # Whoever sent the batch read it again, and may have asked about these already.
    asked = f"{CHECKING}/{state.return_id}/otherwise-{batch.number}" in state.parked_beside
    rows = [f"position {one} is declined" for one in accepted.declined if not asked]
    rows += [f"position {one} is not decided" for one in accepted.pending]
    if not rows:
        return []
    reason = (
        f"the hub had these accepted in batch {batch.number}, and Miinto shows otherwise: "
        f"{'; '.join(rows[:20])}. Nothing was refunded in the store for them"
    )
    about = f"batch-{batch.number}"
    return [
        ask_person(
            world,
            state.return_id,
            flow=FLOW,
            about=about,
            code="refund.not_accepted",
            reason=reason,
        )
    ]


def _announced(state: ReturnState) -> dict[str, str]:
    return {
        line.line_id: line.sku for shipment in state.shipments for line in shipment.planned.lines
    }


def _tell_all(state: ReturnState, refunds: list[RefundState], world: World) -> ReturnState:
    """Tell each open target; one's trouble does not stop the others."""
    trouble: Verdict | None = None
    for refund in refunds:
        for target in refund.open_targets:
            try:
                how = tell_refund(refund.refund, target, world)
            except Permanent as verdict:
                asked = ask_person(
                    world,
                    state.return_id,
                    flow=FLOW,
                    about=f"{refund.refund.refund_id}/{target}",
                    code=verdict.code,
                    reason=verdict.reason,
                )
                fact = _settled(refund.refund, target, "parked")
                state = world.record(state, "a person is asked", asked, fact)
            except (Retryable, UnknownOutcome) as verdict:
                trouble = trouble or verdict
            else:
                fact = _settled(refund.refund, target, "sent", how)
                state = world.record(state, "the refund went home", fact)
                world.stores.telemetry.count("RefundsHome", merchant=world.merchant, outcome=target)
    if trouble is not None:
        raise trouble
    return state


def _settled(refund: Refund, target: str, outcome: str, how: str = "") -> RefundSettled:
    return RefundSettled.model_validate(
        {"refund_id": refund.refund_id, "target": target, "outcome": outcome, "how": how}
    )


def _ended(due: Due) -> DueCleared:
    return DueCleared(due_kind=due.kind, subject=due.subject)
