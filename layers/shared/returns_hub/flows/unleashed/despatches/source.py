"""Despatches: what the warehouse sent is told to Unleashed, once.

The source is the warehouse's list of orders that changed. Each that was made for a record of
Unleashed's becomes that record (``orders/<guid>``, ``shipments/<guid>``) with all of its parts as
they are then, so that it does not matter in which order their changes come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import DESPATCHES
from returns_hub.flows.long_orders import cut_off, orders_from
from returns_hub.flows.sync.shape import Change, Plan, Reached
from returns_hub.flows.unleashed.despatches.facts import LEFT_OPEN
from returns_hub.flows.unleashed.despatches.parts import RecordKey, Sent, SentOrders
from returns_hub.flows.unleashed.despatches.plan import plan_despatch
from returns_hub.flows.unleashed.despatches.steps import Telling
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.timed import TimedByWarehouse

__all__ = ["LEFT_OPEN", "MOST_CALLS", "DespatchesSource"]

MOST_CALLS = 60
"""Pages of the warehouse's list, of a hundred orders each, for who needs all of it at once."""


class DespatchesSource(TimedByWarehouse):
    """`flows.sync.shape.Source` and `LongList` of what the warehouse sent."""

    name = DESPATCHES
    basis = ""

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.despatches)
        self._world = world
        self._sent = SentOrders(world)

    def pull(self, since: datetime) -> Iterator[Change[Sent]]:
        """Records of which something left the warehouse, or was cancelled there."""
        found, is_whole = self._sent.since(since, MOST_CALLS)
        for sent in found:
            if sent.is_news:
                yield sent.change()
        if not is_whole:
            raise cut_off(f"{MOST_CALLS} pages hold")

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[Sent] | Reached]:
        """See `LongList.pull_from`; the places are those of `orders_from`."""
        for told in orders_from(self._world.orders, since, place):
            if isinstance(told, Reached):
                yield told
                continue
            for sent in self._sent.of_rows(told):
                if sent.is_news:
                    yield sent.change()

    def read(self, key: str) -> Change[Sent] | None:
        """A record with all of its parts."""
        sent = self._sent.of_key(RecordKey.of(key))
        return sent.change() if sent is not None else None

    def plan(self, change: Change[Sent], state: SyncState) -> Plan:
        """See `plan`."""
        return plan_despatch(Telling(self._world, change.content, state))
