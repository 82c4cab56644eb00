"""How every write to a partner is done: once. No flow has a way of its own.

The claim comes before the request, the settlement after it. Who created the record, or took over
one that was released as known not done, may send at once. Who takes over a claim that was never
settled looks up first; no conclusive look-up, no second send.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from returns_hub.domain.operations import (
    Claim,
    ClaimedFrom,
    Found,
    HeldElsewhere,
    Inconclusive,
    LookUp,
    NotFound,
    Operation,
    OperationState,
    Rehearsed,
    Settled,
)
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome
from returns_hub.ports import Clock, Ledger

LOOK_AGAIN_SECONDS = 4.0


@dataclass(frozen=True)
class Done:
    """The write is done: the partner's id of what it made, and how we know."""

    partner_id: str
    how: Literal["sent", "looked_up", "already"]


def run_operation(
    operation: Operation,
    *,
    ledger: Ledger,
    clock: Clock,
    owner: str,
    send: Callable[[datetime], str],
    look_up: Callable[[Claim], LookUp],
) -> Done:
    """Do one write to a partner, once.

    Args:
        operation: What, under a deterministic key.
        ledger: Where claims and outcomes are kept.
        clock: For the age of a claim.
        owner: Who works, unique to this run.
        send: Makes the request, unless it cannot leave before the moment given: then it raises
            Retryable. Returns the partner's id of what it made (may be empty).
        look_up: Finds out whether an earlier request was carried out.

    Raises:
        Retryable: Known not done, or someone else is at it.
        Permanent: Known refused, or parked because nobody can know.
        UnknownOutcome: May have been done; come back when the claim's lease has ended.
    """
    claim = ledger.claim(operation, owner, retry_rejected=operation.retry_rejected)
    if isinstance(claim, Settled):
        return _settled_before(claim)
    if isinstance(claim, HeldElsewhere):
        wait = _wait_for(operation, claim, clock)
        raise Retryable("operation.in_work", "another run is doing it", after=wait)
    if claim.claimed_from is ClaimedFrom.UNSETTLED:
        found = _resolve(operation, claim, clock=clock, look_up=look_up)
        if found is not None:
            _settle(ledger, claim, OperationState.CONFIRMED, partner_id=found.partner_id)
            return Done(found.partner_id, "looked_up")
    return _send(claim, operation.send_by(claim), ledger=ledger, send=send)


def withdraw_operation(operation: Operation, *, ledger: Ledger, owner: str) -> Done | None:
    """Close a write that is not wanted any more, so that nobody carries it out.

    Returns:
        What it made, when it was carried out; None when it was not, and never will be unless
        somebody asks for it with `Operation.retry_rejected`.

    Raises:
        Retryable: Someone else is at it.
        UnknownOutcome: It may have been carried out, and without a look-up nobody can tell.
    """
    claim = ledger.claim(operation, owner)
    if isinstance(claim, HeldElsewhere):
        raise Retryable("operation.in_work", "another run is doing it", after=LOOK_AGAIN_SECONDS)
    if isinstance(claim, Settled):
        is_done = claim.state is OperationState.CONFIRMED
        return Done(claim.partner_id, "already") if is_done else None
    if claim.claimed_from not in {ClaimedFrom.NOTHING, ClaimedFrom.RELEASED}:
        raise UnknownOutcome(
            "operation.unknown_outcome", "it was sent, and nobody knows whether it was carried out"
        )
    end, why = OperationState.REJECTED, "it was not wanted any more, and had not been sent"
    _settle(ledger, claim, end, code="operation.withdrawn", reason=why)
    return None


def _wait_for(operation: Operation, held: HeldElsewhere, clock: Clock) -> float:
    """Seconds until looking again pays: soon while the first request can still be answered, else
    when the lease has ended and the claim may be taken over; the older the later."""
    now = clock.now()
    left = (held.lease_until - now).total_seconds()
    age = (now - held.first_claimed_at).total_seconds()
    if age < operation.request_seconds:
        return LOOK_AGAIN_SECONDS
    return max(left + 1.0, _patience(age))


def _patience(age: float) -> float:
    """Seconds to leave alone what could not be found for so long; at most an hour."""
    return min(age / 4, 3600.0)


def _settled_before(settled: Settled) -> Done:
    if settled.state is OperationState.CONFIRMED:
        return Done(settled.partner_id, "already")
    raise Permanent(settled.code, settled.reason)


def _resolve(
    operation: Operation, claim: Claim, *, clock: Clock, look_up: Callable[[Claim], LookUp]
) -> Found | None:
    """What became of a request that nobody heard the end of; None when it was not carried out."""
    answer = look_up(claim)
    match answer:
        case Found():
            return answer
        case NotFound():
            return None
        case Inconclusive():
            gone = clock.now() - claim.first_claimed_at
            if gone >= timedelta(seconds=operation.give_up_seconds):
                raise Permanent("operation.unknown_outcome", answer.why)
            after = max(operation.lease_seconds + 1, _patience(gone.total_seconds()))
            raise UnknownOutcome("operation.unknown_outcome", answer.why, after=after)


def _send(
    claim: Claim, send_by: datetime, *, ledger: Ledger, send: Callable[[datetime], str]
) -> Done:
    try:
        partner_id = send(send_by)
    except Rehearsed as trial:
        partner_id = trial.made_by(claim.key)
    except Retryable as verdict:
        _settle(ledger, claim, OperationState.RELEASED, code=verdict.code, reason=verdict.reason)
        raise
    except Permanent as verdict:
        _settle(ledger, claim, OperationState.REJECTED, code=verdict.code, reason=verdict.reason)
        raise
    _settle(ledger, claim, OperationState.CONFIRMED, partner_id=partner_id)
    return Done(partner_id, "sent")


def _settle(
    ledger: Ledger,
    claim: Claim,
    state: OperationState,
    *,
    partner_id: str = "",
    code: str = "",
    reason: str = "",
) -> None:
    try:
        ledger.settle(claim, state, partner_id=partner_id, code=code, reason=reason)
    except Conflict:
        # We were slower than our lease. Whoever took over looks up, so our word is not needed;
        # and what we know may be older than what they know.
        raise UnknownOutcome(
            "operation.lease_lost", "the claim was taken over while we worked"
        ) from None
