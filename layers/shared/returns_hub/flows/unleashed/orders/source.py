"""Sales orders of Unleashed become orders of the warehouse; edits and deletions follow.

What becomes of an order is `orders_rule`'s word, what of an edit `order_changes`'; here stands what
was done before, and what is asked of whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.names import ORDER, ORDERS
from returns_hub.domain.unleashed.order_draft import (
    address_mark,
    draft_of,
    has_address,
    texts_of,
    version_of,
    warehouse_in,
    with_customers,
)
from returns_hub.domain.unleashed.orders_rule import (
    AskAboutOrder,
    ImportOrder,
    JudgedOrder,
    LeaveOrder,
    judge_order,
)
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.wair.order_context import with_context
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.sync.shape import Change, Plan
from returns_hub.flows.unleashed.before_live import is_of_before, of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.orders.edits import OrderEditing
from returns_hub.flows.unleashed.orders.steps import OrderSteps, Told
from returns_hub.flows.unleashed.shipments.siblings import sent_as_shipments
from returns_hub.flows.unleashed.timed import TimedFromPast
from returns_hub.flows.unleashed.warehouse_problems import require_place

WHY_LEFT = {
    "ours": "the hub made it, of an order that the warehouse has already",
    "status": "orders of its status are not imported",
    "deleted": "it was deleted in Unleashed before the warehouse got it",
    "elsewhere": "it is sent from a warehouse that is not in this Mintsoft",
    "no_goods": "it has no line of goods",
}
ASKED = {
    "order": "unleashed.order_unfit",
    "currency": "unleashed.order_currency",
    "country": "unleashed.order_country",
}


@dataclass(frozen=True)
class WaitingOrder:
    """An order of a stopped warehouse, which need not be read to wait on.

    Args:
        warehouse_code: Of the warehouse.
    """

    warehouse_code: str


Content = SalesOrder | WaitingOrder


class OrdersSource(TimedFromPast):
    """`flows.sync.shape.Source`: sales orders -> orders of the warehouse."""

    name = ORDERS

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.orders)
        self._world = world
        self._settings = world.connection.orders
        self._steps = OrderSteps(world)
        self._editing = OrderEditing(self._settings, self._steps)

    def pull(self, since: datetime) -> Iterator[Change[Content]]:
        """Orders of every status, so that one which is taken back is seen."""
        for order in self._world.erp.orders.changed_since(since):
            yield _change(order)

    def read(self, key: str) -> Change[Content] | None:
        """One order. Those that wait for a stopped warehouse cost no call, however many: the list
        brings one that changes meanwhile."""
        state = self._world.sync.load(ORDERS, key)
        code = warehouse_in(state.source_version)
        if state.in_work and not state.was_begun and code in self._world.places.stopped:
            return Change(key, state.source_version, state.changed_at, WaitingOrder(code))
        order = self._world.erp.orders.read(key)
        return None if order is None else _change(order)

    def plan(self, change: Change[Content], state: SyncState) -> Plan:
        """What is to be done about an order as it is now."""
        order = change.content
        if isinstance(order, WaitingOrder):
            require_place(self._world, order.warehouse_code)
            return Plan(outcome="waits", again=True)
        if order.unreadable:
            raise Permanent("unleashed.unreadable_order", _about(order, order.unreadable))
        made = state.step(ORDER)
        if made is not None and made.how:
            return self._follow(order, state, made)
        if made is not None and made.is_open:
            return self._go_on(order, made)
        if made is None:
            self._require_ours_to_import(order)
        return self._import(order, self._judged(order), None)

    # -- an order that the warehouse does not have -------------------------------------------

    def _require_ours_to_import(self, order: SalesOrder) -> None:
        if is_of_before(self._world, order.created_at):
            raise of_before(f"order {order.number[:60]}")

    def _import(self, order: SalesOrder, judged: JudgedOrder, earlier: Told | None) -> Plan:
        match judged:
            case LeaveOrder(code):
                raise Skip(f"unleashed.order_{code}", WHY_LEFT[code])
            case AskAboutOrder():
                raise self._asked(order, judged)
        if order.created_at is None and is_of_before(self._world, None, if_unknown=True):
            raise Permanent(
                "unleashed.unreadable_order",
                _about(
                    order,
                    "it has no CreatedOn, which tells whether the connector before had imported it",
                ),
            )
        shipped = sent_as_shipments(self._world, order.guid)
        if shipped:
            raise Permanent(
                "unleashed.shipments_imported",
                _about(
                    order,
                    f"its goods are in the warehouse as {', '.join(shipped[:5])}, imported from "
                    "its shipments; send the rest by hand and discard this, or cancel those there "
                    "and replay",
                ),
            )
        draft = with_context(
            draft_of(order, judged, self._recipient(order)),
            self._world.world.live.merchant.wair,
            texts_of(order),
        )
        step = self._steps.make(draft, address_mark(order), earlier)
        return Plan((step,), outcome="imported")

    def _go_on(self, order: SalesOrder, made: StepState) -> Plan:
        """It was begun, and nobody knows its end. Where it is not wanted any more, it is not sent
        again; but when the warehouse has it, that is known first."""
        told, judged = Told.of(made), self._judged(order)
        if not isinstance(judged, ImportOrder):
            found = self._steps.find(told.number, reference_of("order", order.guid))
            if found is not None:
                return Plan((self._steps.adopt(found, told),), outcome="imported", again=True)
        return self._import(order, judged, told)

    # -- an order that the warehouse has ------------------------------------------------------

    def _follow(self, order: SalesOrder, state: SyncState, made: StepState) -> Plan:
        told, order_id = Told.of(made), int(made.partner_id)
        if order.is_deleted:
            return self._editing.deleted(order_id, told, state)
        judged = self._judged(order)
        match judged:
            case LeaveOrder("status") if order.is_completed:
                return Plan(outcome="completed")
            case LeaveOrder("status"):
                return self._editing.withdrawn(order_id, told, order.custom_status or order.status)
            case LeaveOrder(code):
                return self._editing.left(order_id, told, WHY_LEFT[code])
            case AskAboutOrder():
                raise self._asked(order, judged)
        if judged.warehouse_id != told.warehouse_id:
            why = f"it is sent from warehouse {order.warehouse_code} now"
            return self._editing.left(order_id, told, why)
        recipient = replace(self._recipient(order), country=judged.country)
        return self._editing.edited(order, judged, recipient, state)

    # -- both ---------------------------------------------------------------------------------

    def _judged(self, order: SalesOrder) -> JudgedOrder:
        world = self._world
        length = world.world.live.merchant.mintsoft.orders.number_length
        judged = judge_order(order, self._settings, world.places, length)
        is_asked = isinstance(judged, AskAboutOrder) and judged.code == "country"
        if not (is_asked or isinstance(judged, ImportOrder)) or has_address(order.recipient):
            return judged
        at_customers = replace(order, recipient=self._recipient(order))
        return judge_order(at_customers, self._settings, world.places, length)

    def _recipient(self, order: SalesOrder) -> Recipient:
        """Who gets the goods; at the customer's address where the order has none of its own."""
        own, code = order.recipient, order.customer_code
        if has_address(own) or not code:
            return own
        customers = self._world.erp.customers.address_of(code)
        return own if customers is None else with_customers(own, customers)

    def _asked(self, order: SalesOrder, judged: AskAboutOrder) -> Permanent:
        """The question, unless it is the whole warehouse's.

        Raises:
            Retryable: It is, and the order waits.
        """
        if judged.stops_warehouse:
            require_place(self._world, order.warehouse_code)
        return Permanent(ASKED[judged.code], judged.why)


def _change(order: SalesOrder) -> Change[Content]:
    return Change(order.guid, version_of(order), order.modified_at, order)


def _about(order: SalesOrder, why: str) -> str:
    return f"order {order.number[:60] or 'without a number'}: {why}"
