"""Changes to orders of the simulated Mintsoft: their items, and their header.

From its Swagger and its help centre: one item at a time, and of the header only what is sent. In
which statuses it lets an order be changed no source tells; here, while nobody has begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.mintsoft.goods_in import GoodsIn
from local.simulators.mintsoft.making import COUNTRIES, HEADER, Unfit
from local.simulators.mintsoft.replies import object_of, text, toolkit, whole
from local.simulators.mintsoft.tenant import NEW, ON_BACK_ORDER, Order, User
from local.simulators.wire import Reply, Request, json_reply

HOLDING, AWAITING_CONFIRMATION, AWAITING_PAYMENT = 7, 10, 12
CHANGEABLE = {NEW, ON_BACK_ORDER, HOLDING, AWAITING_CONFIRMATION, AWAITING_PAYMENT}
DATES = ("RequiredDeliveryDate", "RequiredDespatchDate")


class OrderChanges(GoodsIn):
    """Orders that are changed."""

    def _order_change_routes(
        self, request: Request, user: User
    ) -> list[tuple[str, str, Callable[..., Reply]]]:
        items = r"/api/order/(\d+)/items"
        return [
            ("POST", r"/api/order/(\d+)", lambda i: self._update_order(int(i), request, user)),
            ("PUT", items, lambda i: self._add_item(int(i), request, user)),
            (
                "POST",
                items + r"/(\d+)",
                lambda i, item: self._change_item(int(i), int(item), request, user),
            ),
            (
                "DELETE",
                items + r"/(\d+)",
                lambda i, item: self._remove_item(int(i), int(item), user),
            ),
            ("GET", r"/api/refdata/countries", self._countries),
        ]

    def _countries(self) -> Reply:
        rows = [
            {"ID": key, "Name": name, "Code": code, "Code3": code3}
            for code, (key, code3, name) in COUNTRIES.items()
        ]
        return json_reply(200, rows)

    def _unchangeable(self, order: Order) -> Reply | None:
        if order.status_id in CHANGEABLE:
            return None
        word = self.tenant.statuses[order.status_id][0]
        return toolkit(False, 0, f"Order cannot be edited in status {word}")

    def _add_item(self, key: int, request: Request, user: User) -> Reply:
        order = self._order_seen(key, user)
        refused = self._unchangeable(order)
        if refused:
            return refused
        try:
            item = self._order_item(object_of(request), order.client_id)
        except Unfit as why:
            return toolkit(False, 0, str(why))
        order.items.append(item)
        self._changed("add-order-item", order, user, sku=item.sku, quantity=item.quantity)
        return toolkit(True, item.id, "Order Item Added")

    def _change_item(self, key: int, item_id: int, request: Request, user: User) -> Reply:
        order = self._order_seen(key, user)
        item = next((item for item in order.items if item.id == item_id), None)
        if item is None:
            return Reply(404)
        refused = self._unchangeable(order)
        if refused:
            return refused
        quantity = whole(object_of(request), "Quantity")
        if quantity < 1:
            return toolkit(False, 0, "Quantity must be at least 1")
        item.quantity, item.allocated = quantity, min(item.allocated, quantity)
        self._changed("change-order-item", order, user, sku=item.sku, quantity=quantity)
        return toolkit(True, item.id, "Order Item Updated")

    def _remove_item(self, key: int, item_id: int, user: User) -> Reply:
        order = self._order_seen(key, user)
        item = next((item for item in order.items if item.id == item_id), None)
        if item is None:
            return Reply(404)
        refused = self._unchangeable(order)
        if refused:
            return refused
        order.items.remove(item)
        self._changed("remove-order-item", order, user, sku=item.sku)
        return toolkit(True, item_id, "Order Item Deleted")

    def _changed(self, call: str, order: Order, user: User, **what: Any) -> None:
        order.updated_at = self._now()
        self.allocate_all()
        self.note(call, user.name, order_id=order.id, **what)

    def _update_order(self, key: int, request: Request, user: User) -> Reply:
        order = self._order_seen(key, user)
        refused = self._unchangeable(order)
        if refused:
            return refused
        body = object_of(request)
        country = whole(body, "CountryId", default=0)
        codes = {row[0]: code for code, row in COUNTRIES.items()}
        if country and country not in codes:
            return toolkit(False, 0, "Country does not exist")
        reference = text(body, "ExternalOrderReference")
        other = self._existing(order.client_id, "", reference)
        if reference and other is not None and other is not order:
            return toolkit(False, 0, f"Order with reference {reference} already exists")
        header = {name: text(body, name) for name in (*HEADER, *DATES) if name in body}
        try:
            if "CourierService" in body or "CourierServiceId" in body:
                order.courier_id = self._courier_of(body)
        except Unfit as why:
            return toolkit(False, 0, str(why))
        if "ExternalOrderReference" in body:
            order.external_reference = reference
        if country:
            order.header["Country"] = codes[country]
        order.header |= header
        order.updated_at = self._now()
        self.note("update-order", user.name, id=order.id, fields=sorted(body))
        return toolkit(True, order.id, "Order Updated")
