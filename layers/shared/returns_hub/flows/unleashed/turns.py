"""How many flows of one merchant run at a time, over all environments together.

Flows of one merchant wait for the same two partners, so that more of them at a time would not be
faster: they would hold the environments that other merchants need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import UnleashedConnection
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
def turn(
    stores: Stores, merchant: str, flow: FlowName, connection: UnleashedConnection | None
) -> Iterator[bool]:
    """Take a turn while the work lasts, or all of them where it has to be alone (`works_alone`);
    whether there was one."""
    taken = _take(stores, merchant, flow, alone=works_alone(flow, connection))
    try:
        yield bool(taken)
    finally:
        for lease in taken:
            stores.cursors.release(lease)


def works_alone(flow: FlowName, connection: UnleashedConnection | None) -> bool:
    """Whether no other flow of the merchant may be at work meanwhile.

    An adjustment that sets a total overwrites what others book between its reading and its writing.
    """
    if flow != "stock" or connection is None:
        return False
    stock = connection.stock
    is_live = connection.modes["stock"] is Mode.LIVE
    return is_live and stock.master == "mintsoft" and stock.adjustment_means == "absolute"


def _take(stores: Stores, merchant: str, flow: FlowName, *, alone: bool) -> tuple[Lease, ...]:
    is_bulk = CALLS.get(flow) is CallClass.BULK
    seconds = stores.clock.remaining() + MARGIN_SECONDS
    taken: list[Lease] = []
    for number in range(AT_ONCE if is_bulk and not alone else 1, AT_ONCE + 1):
        lease = stores.cursors.acquire(turn_name(number, merchant), stores.owner, seconds)
        if lease is not None:
            taken.append(lease)
        if not alone and lease is not None:
            break
        if alone and lease is None:
            for other in taken:
                stores.cursors.release(other)
            return ()
    return tuple(taken)
