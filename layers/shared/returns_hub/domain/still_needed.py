"""What keeps a person from being forgotten: goods, money or a question that is under way. Pure.

A module of its own, so that no function loads it: only who forgets asks.
"""

from __future__ import annotations

from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.requests import position_status
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.state import ReturnState
from returns_hub.domain.sync.records import SyncState


def return_needs(state: ReturnState) -> str:
    """Why what is kept of a return is still needed; empty when it is not.

    Goods that are awaited are found by order and tracking number, and money that is on its way is
    accounted for by the very lines: neither may be lost for the sake of forgetting.
    """
    if state.step is not None:
        return f"it waits: {state.step.in_words}"
    if state.is_parked:
        return f"a person is asked: {', '.join(sorted(state.parked_ids))}"
    if any(known.open_targets and not known.shadow for known in state.refunds):
        return "a refund of it has not arrived everywhere"
    if state.due:
        kinds = ", ".join(sorted({due.kind for due in state.due}))
        return f"it is looked at again at {min(d.at for d in state.due):%Y-%m-%d %H:%M} ({kinds})"
    return ""


def order_needs(state: OrderState) -> str:
    """The same of an order of the marketplace."""
    if state.in_work:
        return f"the order is {state.standing.replace('_', ' ')}, and something is to be done yet"
    if state.parked or any(request.outcome in {"asked", "committed"} for request in state.requests):
        return "a person is asked about the order, or an RMA request of it is open"
    return ""


def rma_needs(rma: Rma) -> str:
    """The same of an RMA."""
    words = {rma.status, *(position_status(rma, position) for position in rma.positions)}
    return "" if words.isdisjoint({"pending", "unknown"}) else "the RMA is not decided"


def record_needs(state: SyncState) -> str:
    """The same of a record that is kept in step."""
    if state.in_work or state.open_steps:
        return "it is being kept in step now"
    return f"a person is asked: {state.parked}" if state.parked else ""
