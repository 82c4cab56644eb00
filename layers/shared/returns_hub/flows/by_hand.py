"""Lines that a person decided on their own account, without a receipt: sent once, and finished.

The batch is committed on the return's timeline in the person's name, and sent as every other batch
is. Who was cut off in between is finished for: by the runs that look at what is due, by the same
command again, or by a replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from returns_hub.domain.case import LineToProcess
from returns_hub.domain.facts import DueCleared, DueSet, Event, Fact, LinesCommitted, OperatorActed
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.state import BY_HAND, BatchState, ReturnState
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.process_lines import send_batch
from returns_hub.flows.world import World

FINISH_AFTER = timedelta(minutes=3)


def commit_by_hand(
    state: ReturnState, who: str, lines: Sequence[LineToProcess], note: str, world: World
) -> ReturnState:
    """Write to the timeline what the person decided; from here on no other call may hold the lines.

    Raises:
        Conflict: Someone else changed the return; look again.
    """
    at = world.stores.clock.now()
    number = len(state.batches) + 1
    decided = {line.line_id: "reject" if line.reject else "process" for line in lines}
    facts: list[Fact] = [
        OperatorActed(act="decided", subject=f"batch-{number}", note=note, answers=decided),
        LinesCommitted(batch=number, receipt=BY_HAND, lines=tuple(lines)),
        DueSet(due_kind=DueKind.BY_HAND, at=at + FINISH_AFTER, why="is what was begun finished?"),
    ]
    events = [
        Event(
            sequence=state.version + place,
            at=at,
            actor=who,
            rule="by hand",
            config_version=world.live.version,
            fact=fact,
        )
        for place, fact in enumerate(facts, start=1)
    ]
    return world.stores.returns.append(state, events)


def unfinished(state: ReturnState) -> tuple[BatchState, ...]:
    """Batches that a person committed and nobody has seen to their end."""
    return tuple(b for b in state.batches if b.receipt == BY_HAND and not b.outcome)


def finish_by_hand(world: World, return_id: str) -> ReturnState:
    """Send what a person committed and was not seen to its end; the state afterwards.

    Raises:
        Retryable, UnknownOutcome: Come back; what was sent is being watched.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state = world.stores.returns.load(world.merchant, return_id)
        if not unfinished(state):
            return state
        try:
            return send_unfinished(state, world.portal.read_return(return_id), world)
        except Conflict:
            continue
    raise Retryable("return.contended", "others keep changing this return", after=10)


def send_unfinished(state: ReturnState, portal_return: PortalReturn, world: World) -> ReturnState:
    """As `finish_by_hand`, with the return as it was read just now.

    Raises:
        Conflict: Someone else changed the return; call again.
    """
    for batch in unfinished(state):
        state = send_batch(batch, state, portal_return, world)
    if state.due_of(DueKind.BY_HAND) is not None:
        state = world.record(state, "by hand", DueCleared(due_kind=DueKind.BY_HAND))
    return state


def finish_what_was_begun(state: ReturnState, due: Due, world: World) -> str:
    """A person's command was cut off; it is finished for them, once."""
    begun = unfinished(state)
    if not begun:
        world.record(state, "nothing is left", DueCleared(due_kind=due.kind, subject=due.subject))
        return "nothing"
    finish_by_hand(world, state.return_id)
    return "finished"
