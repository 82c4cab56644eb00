"""Whether there is time to read on: what was found has to be kept too."""

from __future__ import annotations

from returns_hub.errors import Retryable
from returns_hub.flows.drift.drift_world import DriftWorld

NO_TIME = "lint.no_time"
LEAST_SECONDS = 20.0
"""With less than this left nothing more is read."""


def has_time(world: DriftWorld) -> bool:
    """Whether there is time for some more pages."""
    return world.stores.clock.remaining() >= LEAST_SECONDS


def require_time(world: DriftWorld, where: str) -> None:
    """Stop a lint where the time is nearly up.

    Raises:
        Retryable: It is; `where` the lint stood by then.
    """
    if not has_time(world):
        raise Retryable(NO_TIME, f"the time was up {where}", after=3600)
