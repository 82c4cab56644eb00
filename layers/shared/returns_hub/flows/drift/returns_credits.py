"""Refunds that were to be told, and credit notes that were to be made, and were not.

The hub writes down what is due in the same transaction in which lines are processed, so that both
are found by two bounded queries of its own, whatever the portal lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.miinto.money import Money
from returns_hub.domain.refunds import Refund
from returns_hub.domain.state import BatchState, RefundState, ReturnState
from returns_hub.domain.unleashed.names import CREDIT_NOTES
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    delay_or_fault,
    grace_of,
    is_stalled,
    is_with_people,
    settings_of,
    timeline_of,
)

REFUND_NOT_TOLD = "returns.refund_not_told"
NO_CREDIT_NOTE = "returns.no_credit_note"
KINDS = frozenset({REFUND_NOT_TOLD, NO_CREDIT_NOTE})
MOST_DUE = 2000
MOST_IN_WORK = 1000


def applies(world: DriftWorld) -> bool:
    """Whether returns are compared, and refunds go home or credit notes are made."""
    merchant = world.world.live.merchant
    refunds = merchant.miinto is not None and merchant.miinto.refunds.mode is not Mode.OFF
    notes = merchant.unleashed is not None and merchant.unleashed.credit_notes.mode is not Mode.OFF
    return settings_of(world).returns and (refunds or notes)


def differences(world: DriftWorld) -> Iterator[Difference]:
    """What is overdue.

    Raises:
        Retryable: More is due than a look reads.
    """
    stores = world.stores
    rows = stores.returns.due(world.merchant, world.at - grace_of(world), MOST_DUE)
    for return_id in dict.fromkeys(return_id for _, return_id in rows):
        state = stores.returns.load(world.merchant, return_id)
        if not is_with_people(state):
            for due in state.due:
                yield from _overdue(due, state, world)
    if len(rows) == MOST_DUE:
        raise Retryable("drift.long_list", "more returns are due than one look reads")
    yield from _notes_in_work(world)


def _overdue(due: Due, state: ReturnState, world: DriftWorld) -> Iterator[Difference]:
    if world.at - due.at < grace_of(world):
        return
    if due.kind == DueKind.REFUND_HOME:
        yield _refund(due, state, world)
    elif due.kind == DueKind.CREDIT_NOTE:
        batch = next((b for b in state.batches if str(b.number) == due.subject), None)
        yield _note(
            f"return {state.return_id}, batch {due.subject}",
            len(batch.lines) if batch is not None else 0,
            due,
            timeline_of(world, state.return_id),
            "the run that looks after what is due does not come to its end",
        )


def _refund(due: Due, state: ReturnState, world: DriftWorld) -> Difference:
    batch = next((b for b in state.batches if str(b.number) == due.subject), None)
    known = _refund_of(batch, state)
    refund = known.refund if known is not None else None
    targets = known.open_targets if known is not None else ()
    told = f"batch {due.subject}" if batch is not None else due.subject
    value, currency = _worth(refund)
    return Difference(
        kind=REFUND_NOT_TOLD,
        subject=f"return {state.return_id}, {told}",
        says={"miinto": "accepted", **dict.fromkeys(targets or ("store",), "not told")},
        units=sum(line.quantity for line in refund.lines) if refund is not None else 0,
        value=value,
        currency=currency,
        since=due.at,
        cause="where the refund goes does not take it, or the run does not come to its end",
        mend=timeline_of(world, state.return_id),
    )


def _refund_of(batch: BatchState | None, state: ReturnState) -> RefundState | None:
    """The open refund of a batch's lines, or of what was accepted beside every batch; None before
    it was put together."""
    batches = state.batches if batch is None else (batch,)
    lines = {line.line_id for each in batches for line in each.lines}
    for known in state.refunds:
        is_of_batches = any(line.position in lines for line in known.refund.lines)
        if known.open_targets and is_of_batches is (batch is not None):
            return known
    return None


def _worth(refund: Refund | None) -> tuple[Decimal | None, str]:
    if refund is None or refund.total_minor is None or refund.currency is None:
        return None, ""
    return Money(minor=refund.total_minor, currency=refund.currency).amount, refund.currency


def _notes_in_work(world: DriftWorld) -> Iterator[Difference]:
    """Credit notes that were begun, and are not made for long."""
    if world.erp is None:
        return
    records = world.erp.sync.records.in_work(world.merchant, CREDIT_NOTES, MOST_IN_WORK)
    for record in records:
        if not is_stalled(record.began_at, world):
            continue
        return_id, _, batch = record.key.rpartition("/")
        cause = delay_or_fault(
            record.began_at,
            world,
            "the sales order may not be in Unleashed yet",
            "the sales order that it was sold on is not found in Unleashed, or refuses it",
        )
        state = world.stores.returns.load(world.merchant, return_id)
        found = next((b for b in state.batches if str(b.number) == batch), None)
        due = Due(kind=DueKind.CREDIT_NOTE, subject=batch, at=record.began_at or world.at)
        yield _note(
            f"return {return_id}, batch {batch}",
            len(found.lines) if found is not None else 0,
            due,
            f"hub unleashed plan {world.merchant} credit_notes",
            cause,
        )
    if len(records) == MOST_IN_WORK:
        raise Retryable("drift.long_list", "more credit notes are in work than one look reads")


def _note(subject: str, units: int, due: Due, mend: str, cause: str) -> Difference:
    return Difference(
        kind=NO_CREDIT_NOTE,
        subject=subject,
        says={"hub": "processed", "unleashed": "no credit note"},
        units=units,
        since=due.at,
        cause=cause,
        mend=mend,
    )


COMPARISON = Comparison("returns.credits", KINDS, applies, differences)
