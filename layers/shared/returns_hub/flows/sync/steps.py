"""One step of a record, through the ledger: taken, or withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from returns_hub.domain.operations import Claim, Inconclusive, LookUp
from returns_hub.domain.sync.records import StepPlanned, StepState, SyncState
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.operation import Done, withdraw_operation
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.sync.sync_world import Draft, SyncWorld


class Stuck(Exception):  # noqa: N818 - a step's end, not a fault
    """A step goes to a person: it is known refused, or nobody knows."""

    def __init__(self, verdict: Permanent, why: Literal["refused", "unknown"]) -> None:
        super().__init__(why)
        self.verdict = verdict
        self.why = why


def planned(step: Step) -> StepPlanned:
    """The step, for its record's timeline."""
    told = dict(step.told)
    return StepPlanned(step=step.name, summary=step.summary, told=told, passing=step.passing)


def carry_out(step: Step, draft: Draft, sync: SyncWorld) -> Done:
    """Do the step's write, once, whatever version began it.

    Raises:
        Stuck: A person has to look.
        Retryable: Known not done, or someone else is at it.
        UnknownOutcome: It may have been done.
    """
    state = draft.state.step(step.name) or StepState(name=step.name)
    operation = sync.world.operation(
        draft.state.operation_key(step.name),
        settle=step.settle,
        give_up=step.give_up,
        retry_rejected=state.retry,
    )
    unsure = False

    def send(by: datetime) -> str:
        if state.turn != draft.state.turn:
            # An earlier version's request was not carried out; this one's goes instead.
            draft.note("planned anew", planned(step))
            try:
                draft.write()
            except Conflict:
                reason = "another run is at this record"
                raise Retryable("sync.contended", reason, after=10) from None
        return step.send(by)

    def look_up(claim: Claim) -> LookUp:
        nonlocal unsure
        unsure = True
        answer = step.look_up(claim)
        unsure = isinstance(answer, Inconclusive)
        return answer

    try:
        return sync.world.run(operation, send=send, look_up=look_up)
    except Permanent as verdict:
        raise Stuck(verdict, "unknown" if unsure else "refused") from verdict


def withdraw(step: StepState, state: SyncState, sync: SyncWorld) -> Done | None:
    """See `flows.operation.withdraw_operation`."""
    stores = sync.stores
    operation = sync.world.operation(state.operation_key(step.name), settle=60.0, give_up=0.0)
    return withdraw_operation(operation, ledger=stores.ledger, owner=stores.owner)
