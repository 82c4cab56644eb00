"""Warehouses that are stopped: what is about one waits, until its map is mended."""

from __future__ import annotations

from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld

WAIT_SECONDS = 900.0


def require_place(world: ErpWorld, code: str) -> int | None:
    """Mintsoft's warehouse id of a code of Unleashed's; None when it is elsewhere.

    Raises:
        Retryable: The warehouse is stopped.
    """
    place = world.places.of(code)
    if place.why:
        raise Retryable("unleashed.warehouse_stopped", place.why, after=WAIT_SECONDS)
    return place.warehouse_id
