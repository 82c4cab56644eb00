"""Whether there is time to read on: what was found has to be kept too."""

from __future__ import annotations

from returns_hub.errors import Retryable
from returns_hub.flows.drift.drift_world import DriftWorld

NO_TIME = "lint.no_time"
LEAST_SECONDS = 50.0
"""With less than this left a look reads no more; keeping what it found takes up to 45."""
LEAST_OF_A_PART = 15.0
"""The same for whoever reads a part only, and keeps nothing."""


def require_time(world: DriftWorld, where: str, least: float = LEAST_SECONDS) -> None:
    """Stop a lint where the time is nearly up.

    Raises:
        Retryable: It is; `where` the lint stood by then.
    """
    if world.stores.clock.remaining() < least:
        raise Retryable(NO_TIME, f"the time was up {where}", after=3600)
