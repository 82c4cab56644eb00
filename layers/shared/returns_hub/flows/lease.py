"""One run at a time: the lease of a cursor, held for as long as a run may take.

With the lease a run gives back what became of it: that it succeeded, what failed, whether it found
anything new. A flow that goes on after a failure says so itself (`lease.run.failed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.world import Stores
from returns_hub.ports import Lease

MARGIN_SECONDS = 30.0
"""So long a lease outlives the run's own time: what it sent last may still be under way."""


FAULT = "fault"
"""The code of a failure of the hub's own."""


@contextmanager
def reported(lease: Lease) -> Iterator[Lease]:
    """Note on the lease how the run ends; what it raises goes on."""
    try:
        yield lease
    except Verdict as verdict:
        lease.run.failed(verdict)
        raise
    except Conflict:
        raise
    except Exception:
        lease.run.failing = FAULT
        raise
    lease.run.ended = not lease.run.is_idle


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
        with reported(lease):
            yield lease
    finally:
        stores.cursors.release(lease)
