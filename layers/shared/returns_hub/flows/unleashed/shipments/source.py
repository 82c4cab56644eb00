"""Sales shipments of Unleashed become orders of the warehouse, and follow what is split off them.

One shipment is one order there. Who edits, splits, deletes or parks a shipment afterwards changes
its order while nobody has begun it; else a person decides. Units that go from one shipment to
another leave the first order before they come into the second (`siblings`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import ORDER, ORDERS, SHIPMENTS
from returns_hub.domain.unleashed.orders_rule import LeaveOrder
from returns_hub.domain.unleashed.sales_orders import SalesOrder, is_any_status
from returns_hub.domain.unleashed.shipments import Shipment, is_withdrawn, version_of
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.sync.shape import Change, Plan
from returns_hub.flows.unleashed.before_live import is_of_before, of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shipments.edits import follow, gate
from returns_hub.flows.unleashed.shipments.judging import judged
from returns_hub.flows.unleashed.shipments.siblings import (
    may_be_of_before,
    require_goods,
)
from returns_hub.flows.unleashed.shipments.steps import (
    Wanted,
    order_step,
    withdrawn_step,
)
from returns_hub.flows.unleashed.timed import TimedFromPast


class ShipmentsSource(TimedFromPast):
    """`flows.sync.shape.Source`: sales shipments -> orders of the warehouse."""

    name = SHIPMENTS

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.shipments)
        self._world = world
        self._settings = world.connection.shipments

    def pull(self, since: datetime) -> Iterator[Change[Shipment]]:
        """Shipments of every status: what was imported is followed wherever it goes."""
        for shipment in self._world.erp.shipments.changed_since(since):
            yield _change(shipment)

    def read(self, key: str) -> Change[Shipment] | None:
        """One shipment."""
        shipment = self._world.erp.shipments.read(key)
        return None if shipment is None else _change(shipment)

    def plan(self, change: Change[Shipment], state: SyncState) -> Plan:
        """See `Source.plan`."""
        shipment = change.content
        if shipment.problem:
            raise Permanent(
                "unleashed.unreadable_shipment",
                f"shipment {shipment.number or shipment.guid} cannot be read: {shipment.problem}",
            )
        if state.done(ORDER):
            return follow(self._world, shipment, state)
        if state.is_open(ORDER):
            return self._go_on(shipment, state)
        return self._import(shipment, state)

    def _import(self, shipment: Shipment, state: SyncState) -> Plan:
        """The warehouse does not have it."""
        self._require_due(shipment)
        wanted = self._wanted(shipment, state)
        self._require_ours(shipment, wanted.order)
        require_goods(self._world, shipment, wanted.order, state, wanted.judged.units())
        return Plan([order_step(self._world, wanted, lambda: None)], outcome="imported")

    def _go_on(self, shipment: Shipment, state: SyncState) -> Plan:
        """Its order was asked for, and nobody knows what came of that."""
        is_over = shipment.is_deleted or shipment.is_dispatched
        if not is_over and not is_withdrawn(shipment.status, self._settings.statuses):
            wanted = self._wanted(shipment, state)
            before = gate(self._world, wanted, state, wanted.judged.units())
            return Plan([order_step(self._world, wanted, before)], outcome="imported")
        begun = state.step(ORDER)
        if begun is None or begun.told.get("withdrawn"):
            # It was looked for, and is not there: nobody carries it out any more.
            return Plan(outcome="not_wanted")
        number = str(begun.told.get("number", ""))
        return Plan([withdrawn_step(self._world, number, shipment.guid)])

    def _wanted(self, shipment: Shipment, state: SyncState) -> Wanted:
        verdict = judged(self._world, shipment)
        if not isinstance(verdict, LeaveOrder):
            return verdict
        if state.was_begun:
            raise Permanent(
                "unleashed.shipment_left",
                f"shipment {shipment.number} is not one for this warehouse any more "
                f"({verdict.code}), and its order was asked for there; look for it",
            )
        raise Skip(f"unleashed.shipment_{verdict.code}", f"shipment {shipment.number} is left")

    def _require_due(self, shipment: Shipment) -> None:
        if is_of_before(self._world, shipment.created_at):
            raise of_before(f"shipment {shipment.number}")
        if shipment.is_ours:
            raise Skip(
                "unleashed.shipment_ours",
                f"the hub made shipment {shipment.number}, of goods that the warehouse sent",
            )
        if not is_any_status(shipment.status, self._settings.statuses):
            code = "deleted" if shipment.is_deleted else "status"
            raise Skip(
                f"unleashed.shipment_{code}", f"shipments that are {shipment.status[:30]} are left"
            )

    def _require_ours(self, shipment: Shipment, order: SalesOrder) -> None:
        """Raise where its goods are, or may be, in the warehouse by another way."""
        if shipment.created_at is None and may_be_of_before(self._world, order):
            raise Permanent(
                "unleashed.no_creation_time",
                f"shipment {shipment.number} does not say when it was made, and its order was made "
                "before live_from: look whether the connector that was there before sent it",
            )
        state = self._world.sync.load(ORDERS, order.guid)
        if not state.was_begun:
            return
        why = (
            f"order {order.number} is in the warehouse, imported as an order; shipment "
            f"{shipment.number} is of the same goods"
        )
        if not state.done(ORDER):
            raise Permanent("unleashed.order_imported", f"{why}, and its end there is not known")
        held = self._world.orders.read_order(int(state.partner_id(ORDER)))
        if held is not None and not held.is_cancelled:
            raise Skip("unleashed.order_imported", why)


def _change(shipment: Shipment) -> Change[Shipment]:
    return Change(shipment.guid, version_of(shipment), shipment.modified_at, shipment)
