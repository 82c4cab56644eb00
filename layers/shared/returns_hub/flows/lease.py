"""One run at a time: the lease of a cursor, held for as long as a run may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from returns_hub.flows.world import Stores
from returns_hub.ports import Lease

MARGIN_SECONDS = 30.0
"""So long a lease outlives the run's own time: what it sent last may still be under way."""


@contextmanager
def leased(stores: Stores, name: str) -> Iterator[Lease | None]:
    """The cursor's lease, given back at the end.

    Yields:
        None, which is logged, while another run holds it.
    """
    lease = stores.cursors.acquire(name, stores.owner, stores.clock.remaining() + MARGIN_SECONDS)
    if lease is None:
        stores.telemetry.log("another run holds the lease", cursor=name)
        yield None
        return
    try:
        yield lease
    finally:
        stores.cursors.release(lease)
