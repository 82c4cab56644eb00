"""What is still to be done for WAIR, the channel and changed orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation import drift_rules
from tests.simulation.drift_gather import books_of

if TYPE_CHECKING:
    from tests.simulation.drift import DriftSimulation


def undone(run: DriftSimulation) -> list[str]:
    """What is still to be done, in a line each."""
    books = books_of(run)
    return [*drift_rules.feed(books), *drift_rules.untold(books), *drift_rules.unchanged(books)]
