"""What makes a refund go home: written to the return's timeline with what it follows from.

The handler that looks at it is `refund_home`; in the transaction that says that Miinto took a batch
it becomes due, so that no crash can lose it.
"""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.facts import DueSet, Fact, RefundSettled
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import DueKind
from returns_hub.domain.miinto.refund_settings import RefundSettings
from returns_hub.domain.miinto.refunding import accepted_of
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, is_of_miinto
from returns_hub.domain.refunds import refund_id_of
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.flows.world import World

FLOW = "refund_home"
BY_HAND = "by-hand-"
"""Begins the subject of what is due of positions that Miinto shows as accepted, not by the hub."""
ASKED = "refund.asked"
FROM_STORE = "refund.from_store"
"""Skips: a person was asked, or the store refunded it itself; neither is due again by itself."""


def refund_later(batch: BatchState, state: ReturnState, world: World) -> list[Fact]:
    """What makes the refund of a batch that was processed now go home; nothing when none does."""
    settings = refund_settings(state.return_id, world)
    if settings is None or all(line.reject for line in batch.lines):
        return []
    return [_due(str(batch.number), world.stores.clock.now(), "the refund goes home")]


def refund_due_facts(state: ReturnState, rma: Rma, world: World) -> list[Fact]:
    """What makes the refund go home of positions that were accepted in Miinto's own admin panel.

    To be written to the return's timeline by whoever read the RMA. What was accepted before the
    hub looked after RMAs is not the hub's to tell: the return is on no timeline, and it was made
    before `live_from` or at a time that Miinto does not tell.
    """
    settings = refund_settings(state.return_id, world)
    live_from = world.live.merchant.live_from
    made = rma.created_at
    is_new = made is not None and live_from is not None and made >= live_from
    if settings is None or not (state.version or is_new):
        return []
    lines = accepted_of(rma, None, in_hand(state)).lines
    subject = by_hand_subject(rma, lines)
    settled = state.skipped(ASKED, subject) or state.skipped(FROM_STORE, subject)
    if not lines or settled or state.due_of(DueKind.REFUND_HOME, subject):
        return []
    return [_due(subject, world.stores.clock.now(), "accepted in Miinto's panel")]


def by_hand_subject(rma: Rma, positions: tuple[RmaPosition, ...]) -> str:
    """The subject of what is due of positions that were accepted in Miinto's own panel."""
    refund_id = refund_id_of(rma.return_id, tuple(position.id for position in positions))
    return f"{BY_HAND}{refund_id.rpartition('-')[2]}"


def in_hand(state: ReturnState) -> frozenset[str]:
    """Positions that are in a refund, or in a batch of the hub's that will bring theirs home.

    A batch that a person gave up brings none; nor does one bring home what the hub declined, should
    Miinto accept it all the same.
    """
    of_batches = (
        line.line_id
        for batch in state.batches
        for line in batch.lines
        if batch.outcome != "discarded" and not (line.reject and batch.outcome == "processed")
    )
    return state.refunded_lines | frozenset(of_batches)


def _due(subject: str, at: datetime, why: str) -> DueSet:
    return DueSet(due_kind=DueKind.REFUND_HOME, subject=subject, at=at, why=why)


def refund_settings(return_id: str, world: World) -> RefundSettings | None:
    """The switches, where this return's refunds go anywhere at all."""
    miinto = world.live.merchant.miinto
    if miinto is None or not is_of_miinto(return_id):
        return None
    settings = miinto.refunds
    return settings if settings.mode is not Mode.OFF and settings.targets else None


def again(parked_id: str, return_id: str, at: datetime) -> list[Fact]:
    """What makes a parked refund be tried again, when a person has it replayed."""
    about = parked_id.removeprefix(f"{FLOW}/{return_id}/")
    if about.startswith("due/"):
        return [_due(about.removeprefix("due/"), at, "a person had it done again")]
    refund_id, _, target = about.rpartition("/")
    if not refund_id:
        return [_due(about.removeprefix("batch-"), at, "a person had it done again")]
    return [
        RefundSettled(refund_id=refund_id, target=target, outcome="again"),
        _due(refund_id, at, "a person had it done again"),
    ]
