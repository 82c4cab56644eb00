"""A full stock sync that a person asked for: every product is compared in the next run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from returns_hub.errors import Retryable
from returns_hub.flows.world import Stores

HOLD_SECONDS = 10.0


def full_name(merchant: str) -> str:
    """The name of the cursor that says when a full sync was asked for."""
    return f"sync/unleashed.stock.full/{merchant}"


def ask_full(stores: Stores, merchant: str) -> None:
    """Ask for a full stock sync; the next run that begins after this moment does it.

    Raises:
        Retryable: Somebody else asks for one at this moment.
    """
    lease = stores.cursors.acquire(full_name(merchant), stores.owner, HOLD_SECONDS)
    if lease is None:
        raise Retryable("unleashed.busy", "somebody else asks for a full sync now", after=10)
    try:
        stores.cursors.advance(lease, {"asked": stores.clock.now().isoformat()})
    finally:
        stores.cursors.release(lease)


def full_asked_at(stores: Stores, merchant: str) -> datetime | None:
    """When a full sync was asked for last; None when never. 1 read."""
    value: Mapping[str, object] = stores.cursors.read(full_name(merchant))
    asked = value.get("asked")
    return datetime.fromisoformat(asked) if isinstance(asked, str) else None
