"""What is still to be done between Unleashed and the warehouse: a run goes on until nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from local.simulators.mintsoft_tenant import CLOSED
from returns_hub.domain.sync.records import SyncState
from tests.simulation import erp_rules, erp_stock_rules
from tests.simulation.erp_gather import books_of

if TYPE_CHECKING:
    from tests.simulation.erp import ErpSimulation

DISPATCHED = "unleashed.dispatched"


def undone(run: ErpSimulation) -> list[str]:
    """What is still to be done, in a line each."""
    left = [*_in_work(run)]
    if left:
        return left
    books = books_of(run)
    left += erp_rules.lost(books)
    if books.adjusts:
        left += erp_stock_rules.left_apart(books)
    return left


def _in_work(run: ErpSimulation) -> Iterator[str]:
    for state in run.states():
        if state.in_work and not _waits(run, state):
            steps = [(step.name, step.stuck, step.how) for step in state.steps]
            yield f"{state.flow} {state.key} is in work: {state.outcome} {steps}"


def _waits(run: ErpSimulation, state: SyncState) -> bool:
    """Whether it waits for something that the warehouse's people never do."""
    if state.flow != DISPATCHED:
        return False
    guid = state.key.split("/")[1]
    orders = [o for o in run.mintsoft.orders.values() if o.external_reference.endswith(guid)]
    return any(order.status_id not in CLOSED for order in orders)
