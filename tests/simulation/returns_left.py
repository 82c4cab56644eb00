"""What is still to be done for returns: a run goes on until there is nothing left."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from returns_hub.domain.state import ReturnState
from tests.simulation import market_left
from tests.simulation.scenario import ReturnPlan

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

NOT_OVER = frozenset({"in_work", "announced", "shadow"})
LATE = timedelta(hours=1)
"""How long after its time a clock may still have to ring: two ticks once the faults stopped."""
LONGEST_HOLD = timedelta(hours=6)
"""A hold that a run waits for; one of weeks is still held at its end."""


def undone(run: Simulation) -> list[str]:
    """What is still to be done, in a line each."""
    left = []
    for plan in run.scenario.returns:
        state = run.returns.load(plan.merchant, plan.return_id)
        where = f"return {plan.number}"
        if not knows(state):
            if _must_be_known(run, plan):
                left.append(f"{where} is unknown")
            continue
        waits = (
            _never_arrives(run, plan, state)
            or _waits_by_policy(run, state)
            or _is_done_by_hand(run, plan)
        )
        if state.outcome in NOT_OVER and not waits:
            left.append(f"{where} is {state.outcome}")
        left += [f"{where}: batch {b.number} open" for b in state.batches if not b.outcome]
        left += [f"{where}: {r.receipt} open" for r in state.receipts if not r.settled]
        left += _overdue(run, state, where)
        left += _unseen(run, plan, state)
    left += [f"{name} is not done: {why}" for name, why in run.desk.pending.items()]
    if run.telling is not None:
        left += run.telling.undone()
    if run.market is not None:
        left += market_left.undone(run.market)
    return left


def knows(state: ReturnState) -> bool:
    """Whether the hub was told of the return; what a person did to it is not that."""
    return state.portal_updated_at is not None or state.is_parked


def _must_be_known(run: Simulation, plan: ReturnPlan) -> bool:
    """Whether somebody has told the hub of the return, or should have found it."""
    if plan.return_id not in run.redo[plan.merchant].returns:
        return False
    if run.desk.has_found(plan.merchant, plan.return_id):
        return True
    if run.telling is not None:
        return run.telling.must_be_known(plan.merchant, plan.return_id)
    return bool(plan.message_delays) or _is_open_there(run, plan)


def _overdue(run: Simulation, state: ReturnState, where: str) -> list[str]:
    """What should have been looked at by now; clocks go on ringing after all else is over."""
    late = run.scheduler.now() - LATE
    if not run.scenario.watched:
        return []
    return [f"{where}: {due.kind} is overdue" for due in state.due if due.at < late]


def _is_open_there(run: Simulation, plan: ReturnPlan) -> bool:
    """Whether the portal still waits for it; one that was closed untold is none of ours."""
    return bool(run.redo[plan.merchant].returns[plan.return_id]["status"] == "open")


def _is_done_by_hand(run: Simulation, plan: ReturnPlan) -> bool:
    """Whether the team completed every line; the return may be open again all the same."""
    found = run.redo[plan.merchant].returns[plan.return_id]
    return all(line["status"] != "open" for line in found["items"])


def _never_arrives(run: Simulation, plan: ReturnPlan, state: ReturnState) -> bool:
    """Whether the warehouse confirms nothing of what was announced."""
    return bool(state.is_announced) and not any(
        run.mintsoft.returns[s.external_return_id].confirmed or plan.received
        for s in state.shipments
        if s.external_return_id in run.mintsoft.returns
    )


def _waits_by_policy(run: Simulation, state: ReturnState) -> bool:
    """Whether the decision table has it wait: for a hold's end, or for another shipment."""
    if not run.scenario.policy or not state.is_announced:
        return False
    ends = run.scheduler.now() + LONGEST_HOLD
    held = [r.settled == "held" and (r.until is None or r.until > ends) for r in state.receipts]
    waiting = [receipt.settled == "waiting" for receipt in state.receipts]
    return any(held) or any(waiting)


def _unseen(run: Simulation, plan: ReturnPlan, state: ReturnState) -> list[str]:
    """Confirmations that no receipt on the timeline tells of."""
    left = []
    for shipped in state.shipments:
        record = run.mintsoft.returns.get(shipped.external_return_id or 0)
        if record is None:
            continue
        if plan.received and not record.confirmed:
            left.append(f"return {plan.number}: {record.id} is not confirmed yet")
        known = state.receipt(record.id)
        if record.confirmed and known is None:
            left.append(f"return {plan.number}: the receipt of {record.id} was not seen")
    return left
