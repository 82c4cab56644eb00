"""Orders of the shop's that Mintsoft takes in by itself: they leave, are edited, and cancelled."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.mintsoft.tenant import CLOSED, ON_BACK_ORDER, Order
from tests.simulation.drift_plans import HOUR, ShopOrder

if TYPE_CHECKING:
    from tests.simulation.drift import DriftSimulation

CLIENT = 12
COURIER = 7
BETWEEN_PARTS = HOUR
WAITS = 2 * HOUR
"""The warehouse looks again so much later at an order that is short of stock."""
PREFIX = "S-"
EDITED = "-E1"


class Shop:
    """The shop, its buyers, and the warehouse's work for them."""

    def __init__(self, run: DriftSimulation) -> None:
        self._run = run
        self.last_act = 0.0
        self.changed: dict[str, ShopOrder] = {}
        """Number -> the plan of an order whose buyer changed it, and that was told."""

    def begin(self) -> None:
        """From now on things happen."""
        for plan in self._run.drift.shop:
            self._later(plan.at, partial(self._order, plan))

    def _later(self, seconds: float, act: Any) -> None:
        run = self._run
        self.last_act = max(self.last_act, run.scheduler.seconds + seconds)
        run.scheduler.after(seconds, act)

    def take_in(self, number: str, warehouse: int, goods: Any) -> Order:
        """Mintsoft takes an order in."""
        body = {
            "OrderNumber": number,
            "Country": "GB",
            "WarehouseId": warehouse,
            "CourierServiceId": COURIER,
            "OrderItems": [{"SKU": sku, "Quantity": units} for sku, units in goods],
        }
        made = self._run.mintsoft.make_order(CLIENT, body)
        self._run.note("shop", f"order {number} ({made.id}): {dict(goods)}")
        return made

    def _order(self, plan: ShopOrder) -> None:
        made = self.take_in(f"{PREFIX}{plan.number}", plan.warehouse, plan.goods)
        if plan.change:
            self._later(plan.change_after, partial(self._change, plan, made))
        # The warehouse leaves alone what is being changed.
        held = plan.change_after + 3 * self._run.drift.period[1] if plan.change else 0.0
        self._later(held + plan.sent_after, partial(self._send, plan, made.id))

    def _change(self, plan: ShopOrder, made: Order) -> None:
        if made.status_id in CLOSED:
            return
        self.changed[made.number] = plan
        event: dict[str, Any] = {"order": made.number, "kind": plan.change}
        if plan.change == "edited":
            goods = tuple((sku, units + 1) for sku, units in plan.goods)
            other = self.take_in(f"{made.number}{EDITED}", plan.warehouse, goods)
            event["replaced_by"] = other.number
            self._later(plan.sent_after + HOUR, partial(self._send, plan, other.id))
        self.tell(f"change-{plan.number}", **event)

    def tell(self, change_id: str, **event: Any) -> None:
        """The shop's channel tells of a change."""
        run = self._run
        content = {
            "schema": "order-change/1",
            "merchant": run.merchant,
            "id": change_id,
            "occurred_at": run.scheduler.now().isoformat(),
            "source": "shop",
            **event,
        }
        run.note("shop", f"tells {event}")
        run.queues["order-changes"].send(json.dumps(content))

    def _send(self, plan: ShopOrder, order_id: int) -> None:
        mintsoft = self._run.mintsoft
        order = mintsoft.orders.get(order_id)
        if order is None or order.status_id in CLOSED:
            return
        if order.status_id == ON_BACK_ORDER:
            self._later(WAITS, partial(self._send, plan, order_id))
            return
        if plan.parts and len(order.items) > 1 and order.parts == 1:
            first = order.items[0]
            away = mintsoft.split(order_id, {first.sku: first.quantity})
            self._later(BETWEEN_PARTS, partial(self._send, plan, away.id))
        self._run.note("shop", f"{order.number} ({order_id}) leaves")
        mintsoft.despatch(order_id, courier_id=COURIER, tracking_number=f"T{order_id}")
