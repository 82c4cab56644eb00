"""How many flows of one merchant run at a time, over all environments together.

Flows of one merchant wait for the same two partners, so that more of them at a time would not be
faster: they would hold the environments that other merchants need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.settings import FlowName
from returns_hub.flows.lease import MARGIN_SECONDS
from returns_hub.flows.unleashed.sources import CALLS
from returns_hub.flows.world import Stores
from returns_hub.ports import Lease

AT_ONCE = 3
"""Flows of a merchant at a time; of those that read in bulk one, so that it stands in nobody's
way."""


def turn_name(number: int, merchant: str) -> str:
    """The name of one turn's lease."""
    return f"unleashed/turn-{number}/{merchant}"


@contextmanager
def turn(stores: Stores, merchant: str, flow: FlowName) -> Iterator[bool]:
    """Take a turn while the work lasts; whether there was one."""
    lease = _take(stores, merchant, flow)
    try:
        yield lease is not None
    finally:
        if lease is not None:
            stores.cursors.release(lease)


def _take(stores: Stores, merchant: str, flow: FlowName) -> Lease | None:
    is_bulk = CALLS.get(flow) is CallClass.BULK
    seconds = stores.clock.remaining() + MARGIN_SECONDS
    for number in range(AT_ONCE if is_bulk else 1, AT_ONCE + 1):
        lease = stores.cursors.acquire(turn_name(number, merchant), stores.owner, seconds)
        if lease is not None:
            return lease
    return None
