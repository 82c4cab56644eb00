"""Shipments that were dispatched in Unleashed before the warehouse sent them; nothing is written.

People complete orders and dispatch shipments by hand. Unleashed's stock has the units no more then,
and the warehouse's has: until they left, the stock sync has to know of them (`untold`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.despatches import ErpShipment
from returns_hub.domain.unleashed.names import DESPATCHES, DISPATCHED
from returns_hub.flows.sync.shape import Change, Plan
from returns_hub.flows.unleashed.despatches.parts import RecordKey, SentOrders
from returns_hub.flows.unleashed.despatches.steps import COMPLETE, MAKE
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.timed import TimedFromPast

VERSION = "dispatched"
"""A shipment is dispatched once."""


class DispatchedSource(TimedFromPast):
    """`flows.sync.shape.Source` of shipments that somebody else dispatched, of records that the
    warehouse has. A key is the record's, and the shipment's Guid behind it."""

    name = DISPATCHED

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.despatches)
        self._world = world
        self._sent = SentOrders(world)

    def pull(self, since: datetime) -> Iterator[Change[RecordKey]]:
        """Dispatched shipments of records that the warehouse has; those that the hub made, or that
        came of its completing an order, are left out."""
        for shipment, changed_at in self._world.erp.despatches.dispatched_since(since):
            key = self._record_of(shipment)
            if key is not None and not self._is_ours(key, shipment.guid):
                yield Change(f"{key.text}/{shipment.guid}", VERSION, changed_at, key)

    def read(self, key: str) -> Change[RecordKey] | None:
        """The record of a key; nothing is asked of Unleashed."""
        return Change(key, VERSION, None, record_of(key))

    def plan(self, change: Change[RecordKey], state: SyncState) -> Plan:  # noqa: ARG002
        """Wait until the warehouse has nothing left to send of it, and the despatches are done
        with what it sent: while they are not, or a person is asked, the record alone does not say
        that Unleashed has booked it."""
        sent = self._sent.of_key(change.content)
        told = self._world.sync.load(DESPATCHES, change.content.text)
        is_told = bool(told.version) and not told.in_work and not told.parked
        if sent is not None and (sent.waiting or not is_told):
            return Plan(outcome="not_sent_yet", again=True)
        return Plan(outcome="sent")

    def _record_of(self, shipment: ErpShipment) -> RecordKey | None:
        for key in (
            RecordKey("shipments", shipment.guid),
            RecordKey("orders", shipment.order_guid),
        ):
            if key.guid and self._world.sync.load(key.imported_by, key.guid).was_begun:
                return key
        return None

    def _is_ours(self, key: RecordKey, guid: str) -> bool:
        state = self._world.sync.load(DESPATCHES, key.text)
        made = (step for step in state.steps if step.name.startswith(MAKE))
        return state.done(COMPLETE) or any(step.partner_id == guid for step in made)


def record_of(key: str) -> RecordKey:
    """The record in a key of this source."""
    return RecordKey.of(key.rpartition("/")[0])
