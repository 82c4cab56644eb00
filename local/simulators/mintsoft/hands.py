"""What the warehouse does with orders in the simulated Mintsoft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from local.simulators.mintsoft.orders import Orders
from local.simulators.mintsoft.tenant import CLOSED, DESPATCHED, Order


class OrderHands(Orders):
    """People at work: statuses, despatch, splits and merges."""

    def set_status(self, order_id: int, status_id: int) -> Order:
        """An order goes on, or is held up. Despatch has a way of its own."""
        if status_id not in self.tenant.statuses:
            raise ValueError(f"no status {status_id}")
        order = self.orders[order_id]
        order.status_id, order.updated_at = status_id, self._now()
        if status_id in CLOSED:
            self.allocate_all()
        return order

    def despatch(
        self,
        order_id: int,
        *,
        courier_id: int = 0,
        tracking_number: str = "",
        tracking_url: str = "",
        status_id: int = DESPATCHED,
        parcels: int = 1,
        scanned: Iterable[Mapping[str, Any]] = (),
    ) -> Order:
        """A parcel leaves with what the order holds, and the units leave the stock.

        `scanned` are rows ``{sku, quantity, batch?, serial?}`` that were recorded at the pick.
        """
        order = self.orders[order_id]
        if order.status_id in CLOSED:
            raise ValueError(f"order {order_id} is closed")
        for item in order.items:
            if (order.warehouse_id, item.product_id) in self.stock:
                self.add_stock(order.warehouse_id, item.product_id, -item.quantity, 0)
            item.committed, item.allocated = item.quantity, 0
        order.courier_id = courier_id or order.courier_id
        order.tracking_number, order.tracking_url = tracking_number, tracking_url
        order.parcels = parcels
        items = {item.sku: item.id for item in order.items}
        order.scanned = [
            {
                "ID": self.row_id(),
                "OrderItemId": items[row["sku"]],
                "Quantity": row["quantity"],
                "BatchNo": row.get("batch"),
                "SerialNo": row.get("serial"),
            }
            for row in scanned
        ]
        order.status_id = status_id
        order.despatched_at = order.updated_at = self._now()
        return order

    def split(self, order_id: int, units: dict[str, int]) -> Order:
        """Units of an order become a part of their own, under the same number."""
        order = self.orders[order_id]
        moved = []
        for item in order.items:
            away = min(units.get(item.sku, 0), item.quantity)
            if away:
                aside = min(away, item.allocated)
                moved.append(replace(item, id=self.row_id(), quantity=away, allocated=aside))
                item.quantity -= away
                item.allocated -= aside
        order.items = [item for item in order.items if item.quantity]
        if not moved or not order.items:
            raise ValueError("a split needs units on both sides")
        self._next_order_id += 1
        parts = order.parts + 1
        now = self._now()
        made = replace(
            order,
            id=self._next_order_id,
            items=moved,
            header=dict(order.header),
            comments=[],
            scanned=[],
            part=parts,
            updated_at=now,
        )
        self.orders[made.id] = made
        for part in self.orders.values():
            if (part.client_id, part.number) == (order.client_id, order.number):
                part.parts, part.updated_at = parts, now
        return made

    def merge(self, order_id: int, other_id: int) -> Order:
        """Two orders become one, numbered ``a+b``; the second one's id is gone."""
        order, other = self.orders[order_id], self.orders.pop(other_id)
        order.number = f"{order.number}+{other.number}"
        order.items += other.items
        order.updated_at = self._now()
        return order
