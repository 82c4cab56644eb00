"""What is still to be done between Unleashed and the warehouse: a run goes on until nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from local.simulators.mintsoft.tenant import CLOSED
from returns_hub.domain.sync.records import SyncState
from tests.simulation import erp_rules, erp_stock_rules
from tests.simulation.erp_gather import books_of

if TYPE_CHECKING:
    from tests.simulation.erp import ErpSimulation

DISPATCHED, DESPATCHES = "unleashed.dispatched", "unleashed.despatches"


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
    """Whether it waits for something that people never do, at the warehouse or at the desk."""
    if state.flow != DISPATCHED:
        return False
    record, _, _ = state.key.rpartition("/")
    orders = run.mintsoft.orders.values()
    of_it = [o for o in orders if o.external_reference.endswith(record.partition("/")[2])]
    is_asked = run.records.load(run.merchant, DESPATCHES, record).parked
    return bool(is_asked) or any(order.status_id not in CLOSED for order in of_it)
