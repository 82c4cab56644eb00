"""Sales shipments of Unleashed become orders of the warehouse, and follow what is split off them.

One shipment is one order there. Who edits, splits, deletes or parks a shipment afterwards changes
its order while nobody has begun it; else a person decides. Units that go from one shipment to
another leave the first order before they come into the second (`shipment_siblings`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Found
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.order_changes import (
    ChangePlan,
    SendAddress,
    SetUnits,
    plan_changes,
    plan_deletion,
    plan_withdrawal,
)
from returns_hub.domain.unleashed.order_settings import OrderEdits, ShipmentImport
from returns_hub.domain.unleashed.orders_rule import (
    AskAboutOrder,
    ImportOrder,
    JudgedOrder,
    LeaveOrder,
    judge_shipment,
)
from returns_hub.domain.unleashed.sales_orders import is_any_status, is_status
from returns_hub.domain.unleashed.shipment_sent import CANCEL, ORDER, UNITS, Sent, sent_of
from returns_hub.domain.unleashed.shipments import (
    ParentOrder,
    Shipment,
    as_order,
    more_of,
    version_of,
)
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent, Retryable, Skip, Verdict
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shipment_siblings import (
    SHIPMENTS,
    held_orders,
    is_of_before,
    others_shown,
    require_goods,
)
from returns_hub.flows.unleashed.shipment_steps import (
    Wanted,
    address_step,
    cancel_step,
    look_for_order,
    order_step,
    set_units_step,
)
from returns_hub.flows.unleashed.warehouse_problems import require_place

ORDERS = "unleashed.orders"
NEW_FOR = timedelta(hours=1)
"""A new record of Unleashed may not be found for a while."""


class ShipmentsSource:
    """`flows.sync.shape.Source`."""

    name = SHIPMENTS

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._settings: ShipmentImport = world.connection.shipments

    @property
    def mode(self) -> Mode:
        """The switch `unleashed.shipments.mode`."""
        return self._settings.mode

    @property
    def every(self) -> timedelta:
        """As the file says."""
        return timedelta(minutes=self._settings.every_minutes)

    @property
    def overlap(self) -> timedelta:
        """As the file says."""
        return timedelta(minutes=self._settings.overlap_minutes)

    @property
    def first_look_back(self) -> timedelta:
        """As the file says."""
        return timedelta(hours=self._settings.first_look_back_hours)

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
            return self._follow(shipment, state)
        if state.is_open(ORDER):
            return self._go_on(shipment, state)
        return self._import(shipment, state)

    # -- not in the warehouse yet -------------------------------------------------------------

    def _import(self, shipment: Shipment, state: SyncState) -> Plan:
        self._require_ours(shipment)
        wanted = self._required(shipment, state)
        if shipment.created_at is None and is_of_before(self._world, wanted.order):
            raise Permanent(
                "unleashed.no_creation_time",
                f"shipment {shipment.number} does not say when it was made, and its order was made "
                "before live_from: look whether the connector that was there before sent it",
            )
        require_goods(self._world, shipment, wanted.order, state, wanted.judged.units())
        return Plan([order_step(self._world, wanted, lambda: None)], outcome="imported")

    def _go_on(self, shipment: Shipment, state: SyncState) -> Plan:
        """Its order was asked for, and nobody knows what came of that."""
        is_wanted = not shipment.is_deleted and not shipment.is_dispatched
        is_wanted = is_wanted and not self._is_withdrawn(shipment)
        if is_wanted:
            wanted = self._required(shipment, state)
            before = self._gate(wanted, state, wanted.judged.units())
            return Plan([order_step(self._world, wanted, before)], outcome="imported")
        begun = state.step(ORDER)
        number = str(begun.told.get("number", "")) if begun else ""
        if not isinstance(look_for_order(self._world, number, shipment.guid), Found):
            # It is withdrawn where it was never sent; else a person is asked.
            return Plan(outcome="not_wanted")
        return Plan([self._found_step(shipment, number)])

    def _found_step(self, shipment: Shipment, number: str) -> Step:
        """The order is there, and not wanted any more: its step ends with what is found."""

        def send(_: datetime) -> str:
            raise Retryable("unleashed.not_wanted", "the shipment is not to be sent any more")

        return Step(
            name=ORDER,
            partner="mintsoft",
            summary=f"order {number} was made",
            send=send,
            look_up=lambda claim: look_for_order(self._world, number, shipment.guid, claim),
            settle=self._world.world.live.merchant.mintsoft.settle_seconds,
            does="create",
        )

    def _require_ours(self, shipment: Shipment) -> None:
        created = shipment.created_at
        if created is not None and created < self._world.live_from:
            raise Skip(
                "unleashed.before_live",
                f"shipment {shipment.number} was made before live_from; the connector that was "
                "there before has it",
            )
        if not is_any_status(shipment.status, self._settings.statuses):
            code = "deleted" if shipment.is_deleted else "status"
            raise Skip(f"unleashed.{code}", f"shipments that are {shipment.status[:30]} are left")
        order = self._world.sync.load(ORDERS, shipment.order_guid or shipment.guid)
        if order.was_begun:
            raise Skip(
                "unleashed.order_imported",
                f"order {shipment.order_number} is in the warehouse already, imported as an order; "
                f"shipment {shipment.number} is the same goods",
            )

    def _required(self, shipment: Shipment, state: SyncState) -> Wanted:
        """What the warehouse's order is to be.

        Raises:
            Skip, Permanent, Retryable: It is not to be, it makes no sense, or cannot be told now.
        """
        order, judged = self._judged(shipment)
        if isinstance(judged, AskAboutOrder):
            raise Permanent(f"unleashed.{judged.code}", judged.why)
        if isinstance(judged, LeaveOrder):
            if state.was_begun:
                raise Permanent(
                    "unleashed.shipment_left",
                    f"shipment {shipment.number} is not one for this warehouse any more "
                    f"({judged.code}), and its order was asked for there; look for it",
                )
            raise Skip(f"unleashed.{judged.code}", f"shipment {shipment.number} is left")
        return Wanted(shipment, order, judged, as_order(shipment, order))

    def _judged(self, shipment: Shipment) -> tuple[ParentOrder, JudgedOrder]:
        require_place(self._world, shipment.warehouse_code)
        order = self._order_of(shipment)
        connection = self._world.connection
        # What is being picked or packed in Unleashed is followed as what was placed.
        statuses = (*self._settings.statuses, "placed", "picking", "packed")
        judged = judge_shipment(
            as_order(shipment, order),
            connection.orders,
            self._settings.model_copy(update={"statuses": statuses}),
            self._world.places,
            self._world.world.live.merchant.mintsoft.orders.number_length,
        )
        return order, judged

    def _order_of(self, shipment: Shipment) -> ParentOrder:
        order = self._world.erp.shipments.order_of(shipment)
        if order is not None and not is_status(order.status, "deleted"):
            return order
        why = f"order {shipment.order_number} of shipment {shipment.number} is not in Unleashed"
        made = shipment.created_at
        if order is None and made and self._world.stores.clock.now() - made < NEW_FOR:
            raise Retryable("unleashed.no_order_yet", why, after=60)
        raise Permanent("unleashed.no_order", f"{why}; look there, and replay or discard")

    # -- in the warehouse already -------------------------------------------------------------

    def _follow(self, shipment: Shipment, state: SyncState) -> Plan:
        sent = sent_of(state)
        if sent is None or state.done(CANCEL):
            return Plan(outcome="cancelled")
        held = held_orders(self._world, state)
        if shipment.is_deleted:
            change = plan_deletion(held, self._edits())
            self._ask(shipment, change, "unleashed.shipment_deleted")
            steps = self._open_units(state, sent)
            if change.steps:
                steps.append(cancel_step(self._world, held[0].order_id, sent.number))
            return Plan(steps, outcome="cancelled" if change.steps else "deleted")
        if shipment.is_dispatched:
            return Plan(self._open_units(state, sent), outcome="dispatched")
        if self._is_withdrawn(shipment):
            self._ask(shipment, plan_withdrawal(held, shipment.status), "unleashed.withdrawn")
            return Plan(self._open_units(state, sent), outcome="withdrawn")
        return self._edit(shipment, state, sent, held)

    def _is_withdrawn(self, shipment: Shipment) -> bool:
        """Whether it went back to a status that is not imported."""
        return not (
            is_any_status(shipment.status, self._settings.statuses)
            or is_status(shipment.status, "placed")
            or shipment.is_on_its_way
        )

    def _edit(
        self, shipment: Shipment, state: SyncState, sent: Sent, held: tuple[WarehouseOrder, ...]
    ) -> Plan:
        order, judged = self._judged(shipment)
        if isinstance(judged, AskAboutOrder):
            raise Permanent(f"unleashed.{judged.code}", judged.why)
        if isinstance(judged, LeaveOrder) and judged.code != "no_goods":
            raise Permanent(
                "unleashed.shipment_left",
                f"shipment {shipment.number} is not one for this warehouse any more "
                f"({judged.code}), and is order {sent.number} there",
            )
        wanted = None
        if isinstance(judged, ImportOrder):
            wanted = Wanted(shipment, order, judged, as_order(shipment, order))
            self._require_same(wanted, sent, held)
        units = judged.units() if isinstance(judged, ImportOrder) else {}
        begun = self._open_units(state, sent, wanted, units)
        if begun:
            return Plan(begun, outcome="going_on", again=True)
        change = plan_changes(
            sent=sent.units,
            wanted=units,
            held=held,
            edits=self._edits(),
            address_changed=wanted is not None and wanted.address != sent.address,
        )
        self._ask(shipment, change, "unleashed.shipment_edited")
        self._require_decreases(shipment, change, sent)
        return self._carried_over(change, wanted, state, sent)

    def _require_same(self, wanted: Wanted, sent: Sent, held: tuple[WarehouseOrder, ...]) -> None:
        shipment, judged = wanted.shipment, wanted.judged
        if judged.warehouse_id != sent.warehouse_id:
            raise Permanent(
                "unleashed.warehouse_changed",
                f"shipment {shipment.number} moved to warehouse {shipment.warehouse_code[:20]}, "
                f"and is order {sent.number} in Mintsoft's warehouse {sent.warehouse_id}; cancel "
                "that one, and send it from the other by hand",
            )
        if not held or all(order.is_cancelled for order in held):
            raise Permanent(
                "unleashed.order_cancelled",
                f"shipment {shipment.number} is {shipment.status[:30]} in Unleashed, and its order "
                f"{sent.number} was cancelled in Mintsoft, which takes no second one with that "
                "number; make one by hand, or delete the shipment, and discard this",
            )

    def _edits(self) -> OrderEdits:
        """With `splitting` fewer units reach the warehouse, whatever `orders.edits` says."""
        edits = self._world.connection.orders.edits
        decreases = edits.decreases or self._settings.splitting
        return edits.model_copy(update={"decreases": decreases})

    def _ask(self, shipment: Shipment, change: ChangePlan, code: str) -> None:
        if change.ask:
            others = others_shown(self._world, shipment)
            also = f" (the order's other shipments: {others})" if others else ""
            raise Permanent(code, f"shipment {shipment.number}{also}: {change.ask}")

    def _require_decreases(self, shipment: Shipment, change: ChangePlan, sent: Sent) -> None:
        fewer = [left for left in change.left if left.why == "decreases_off"]
        if not fewer:
            return
        others = others_shown(self._world, shipment)
        rows = ", ".join(f"{x.sku[:60]} {x.sent} -> {x.wanted}" for x in fewer[:5])
        whose = f"; they may be in {others} now" if others else ""
        raise Permanent(
            "unleashed.split",
            f"shipment {shipment.number} has fewer units than its order {sent.number} in Mintsoft "
            f"({rows}){whose}, and unleashed.shipments.splitting is off; take them off there and "
            "discard this, or switch it on and replay",
        )

    def _carried_over(
        self, change: ChangePlan, wanted: Wanted | None, state: SyncState, sent: Sent
    ) -> Plan:
        world = self._world
        sets = [step for step in change.steps if isinstance(step, SetUnits)]
        fewer = [step for step in sets if step.units < step.before]
        try:
            if wanted is not None:
                more = more_of({step.sku: step.units for step in sets}, sent.units)
                require_goods(world, wanted.shipment, wanted.order, state, more)
        except Verdict:
            # What others wait for goes first, unless that would leave the order empty.
            after = {**sent.units, **{step.sku: step.units for step in fewer}}
            if not fewer or not any(after.values()):
                raise
            steps = [set_units_step(world, state, step, wanted) for step in fewer]
            return Plan(steps, outcome="waiting", again=True)
        steps = [set_units_step(world, state, step, wanted) for step in sets]
        if wanted and any(isinstance(step, SendAddress) for step in change.steps):
            steps.append(address_step(world, state, wanted))
        if change.left and not steps:
            raise Skip("unleashed.edit_left", "the file does not want these changes carried over")
        return Plan(steps, outcome="updated" if steps else "in_step")

    def _open_units(
        self,
        state: SyncState,
        sent: Sent,
        wanted: Wanted | None = None,
        units: Mapping[str, int] | None = None,
    ) -> list[Step]:
        """Steps that set units and whose end nobody knows. They go on, before anything else is
        decided: with what is wanted now, or without `units` with what they told."""
        found: list[Step] = []
        for step in state.open_steps:
            told = dict(step.told.get("units", {})) if step.name.startswith(UNITS) else {}
            for sku, many in told.items():
                held = int(step.told.get("before", sent.units.get(sku, 0)))
                target = int(many) if units is None else self._target(sku, sent, units)
                found.append(
                    set_units_step(
                        self._world,
                        state,
                        SetUnits(sku, target, held),
                        wanted,
                        self._gate(wanted, state, {sku: target - sent.units.get(sku, 0)}),
                    )
                )
        return found

    def _target(self, sku: str, sent: Sent, units: Mapping[str, int]) -> int:
        """The units that are wanted, where the file wants such a change carried over."""
        old, new, edits = sent.units.get(sku, 0), units.get(sku, 0), self._edits()
        return new if (edits.increases if new > old else edits.decreases) else old

    def _gate(
        self, wanted: Wanted | None, state: SyncState, more: Mapping[str, int]
    ) -> Callable[[], None]:
        def before() -> None:
            if wanted is not None:
                added = {sku: many for sku, many in more.items() if many > 0}
                require_goods(self._world, wanted.shipment, wanted.order, state, added)

        return before


def _change(shipment: Shipment) -> Change[Shipment]:
    return Change(shipment.guid, version_of(shipment), shipment.modified_at, shipment)
