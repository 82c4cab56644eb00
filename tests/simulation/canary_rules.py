"""Nothing of a run's own holds what is planted at its partners: a buyer's data, or a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from returns_hub.observability import redact
from tests.support.canaries import first_in, leaks

if TYPE_CHECKING:
    from tests.simulation.world import Simulation


def told(run: Simulation) -> Iterator[str]:
    """Where something planted is that must not be there."""
    yield from leaks(places_of(run))


def places_of(run: Simulation) -> dict[str, str]:
    """Everything that is stored, sent between the hub's parts, or said: place -> text."""
    places = {name: repr(table.items) for name, table in run.plain.tables.items()}
    places |= {f"queue {name}": repr(queue.bodies) for name, queue in run.queues.items()}
    places["comments of returns"] = repr(
        [row.comments for record in run.mintsoft.returns.values() for row in record.rows]
    )
    places["metrics"] = repr(run.telemetry.counts)
    places["faults"] = repr(run.faults)
    # As lines are written: hardly one has anything to be redacted, and telling takes long.
    lines = repr(run.telemetry.lines)
    places["log"] = repr([redact(line) for line in run.telemetry.lines]) if first_in(lines) else ""
    return places
