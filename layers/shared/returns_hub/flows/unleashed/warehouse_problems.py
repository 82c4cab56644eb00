"""A warehouse that may not be worked with stops its records."""

from __future__ import annotations

from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld


def require_place(world: ErpWorld, code: str) -> int | None:
    """The Mintsoft warehouse of a code; None for one that the file says is elsewhere.

    Raises:
        Retryable: The warehouse is stopped; its records wait.
    """
    place = world.places.of(code)
    if place.why:
        raise Retryable("unleashed.warehouse_stopped", place.why, after=900)
    return place.warehouse_id
