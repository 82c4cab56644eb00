"""Orders of the simulated Mintsoft, as its API shows and changes them.

Recorded by client projects: the search matches tracking numbers and references too, ten rows of any
client, with columns left empty; lists ignore parameters that they do not know; writes by GET.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from local.simulators.mintsoft.making import COUNTRIES, HEADER, MONEY, OrderMaking
from local.simulators.mintsoft.replies import Refusal, number, object_of, text, toolkit
from local.simulators.mintsoft.tenant import (
    CANCELLED,
    NEW,
    NOT_SET,
    ON_BACK_ORDER,
    PAGE_LIMIT,
    Comment,
    Order,
    OrderItem,
    User,
)
from local.simulators.wire import Reply, Request, json_reply

MOST_FOUND = 10
HELD = frozenset({7, ON_BACK_ORDER, 10, 11, 12, 13, 14, 18})
"""Statuses in which nobody picks, besides NEW."""


class Orders(OrderMaking):
    """Orders as the API shows them."""

    # -- finding and reading ----------------------------------------------------------------

    def _orders_seen(self, user: User) -> list[Order]:
        """A client user sees its own; a warehouse user sees every client's. Newest first."""
        seen = [o for o in self.orders.values() if user.client_id in {None, o.client_id}]
        return sorted(seen, key=lambda order: order.id, reverse=True)

    def _orders_indexed(self, user: User) -> list[Order]:
        """What searches and lists show: orders appear there with a delay."""
        delay = timedelta(seconds=self.settings.index_delay_seconds)
        return [o for o in self._orders_seen(user) if o.created_at + delay <= self._now()]

    def _search_orders(self, query: dict[str, str], user: User) -> Reply:
        """By number, tracking number or reference; no other parameter filters, ClientId neither."""
        wanted = query.get("ordernumber", "").casefold()
        exactly = self.settings.search == "exact" or (
            self.settings.exact_match_heeded and query.get("exactmatch", "").lower() == "true"
        )

        def fits(order: Order) -> bool:
            texts = [order.number, order.tracking_number, order.external_reference]
            known = [one.casefold() for one in texts if one]
            return wanted in known if exactly else any(wanted in one for one in known)

        found = [o for o in self._orders_indexed(user) if wanted and fits(o)][:MOST_FOUND]
        items = query.get("includeorderitems", "").lower() == "true"
        bodies = [self._order_body(order, items=items) for order in found]
        if self.settings.search_rows_bare:
            empty = dict.fromkeys(("OrderStatusId", "CourierServiceName", "OrderItems"))
            bodies = [body | empty for body in bodies]
        return json_reply(200, bodies)

    def _list_orders(self, query: dict[str, str], user: User) -> Reply:
        page = number(query, "pageno", 1)
        limit = number(query, "limit", PAGE_LIMIT)
        if page == 0:
            return json_reply(500, {"Message": "An error has occurred."})
        if limit > PAGE_LIMIT and self.settings.over_limit == "refuse":
            return json_reply(400, {"Message": "The request is invalid."})
        found: Iterable[Order] = self._orders_indexed(user)
        filters: dict[str, Callable[[Order], Any]] = {
            "orderstatusid": lambda order: order.status_id,
            "clientid": lambda order: order.client_id,
            "warehouseid": lambda order: order.warehouse_id,
            "courierserviceid": lambda order: order.courier_id,
            "channelid": lambda order: order.header["ChannelId"],
        }
        for name, of in filters.items():
            if query.get(name):
                wanted = number(query, name)
                found = [order for order in found if of(order) == wanted]
        for name, kind in (("sincelastupdated", "updated_at"), ("sincedate", "created_at")):
            since = self.since(query.get(name, ""))
            if since is not None:
                found = [order for order in found if getattr(order, kind) >= since]
        left = self.since(query.get("sincedespatchdate", ""))
        if left is not None:
            found = [o for o in found if o.despatched_at is not None and o.despatched_at >= left]
        # No stable order is promised: a hash of the id stands for it.
        ordered = sorted(found, key=lambda order: (order.id * 2654435761) % 2**32)
        size = min(limit, PAGE_LIMIT)
        items = query.get("includeorderitems", "").lower() == "true"
        shown = ordered[(page - 1) * size : page * size]
        return json_reply(200, [self._order_body(order, items=items) for order in shown])

    def _order_seen(self, key: int, user: User) -> Order:
        order = self.orders.get(key)
        if order is None or user.client_id not in {None, order.client_id}:
            raise Refusal(Reply(404))
        return order

    def _read_order(self, key: int, user: User) -> Reply:
        return json_reply(200, self._order_body(self._order_seen(key, user), items=True))

    def _read_order_items(self, key: int, user: User) -> Reply:
        order = self._order_seen(key, user)
        return json_reply(200, [self._order_item_body(item, order) for item in order.items])

    def _read_scanned(self, key: int, user: User) -> Reply:
        """Units that were scanned when they were picked, with their batches and serial numbers."""
        order = self._order_seen(key, user)
        return json_reply(200, [{**row, "OrderId": order.id} for row in order.scanned])

    def _order_body(self, order: Order, *, items: bool) -> dict[str, Any]:
        code = order.header["Country"]
        country_id, code3, name = COUNTRIES[code]
        left = order.despatched_at
        personal = {key: order.header[key] for key in HEADER}
        money = {key: order.header.get(key) for key in MONEY}
        return (
            personal
            | money
            | {
                "ID": order.id,
                "ClientId": order.client_id,
                "CLIENT_CODE": self.tenant.clients[order.client_id][:3].upper(),
                "OrderNumber": order.number,
                "ExternalOrderReference": order.external_reference or None,
                "OrderDate": self.naive(order.created_at),
                "DespatchDate": self.naive(left) if left else NOT_SET,
                "RequiredDeliveryDate": order.header.get("RequiredDeliveryDate") or NOT_SET,
                "RequiredDespatchDate": order.header.get("RequiredDespatchDate") or NOT_SET,
                "OrderStatusId": order.status_id,
                "CountryId": country_id,
                "Country": {"Name": name, "Code": code, "Code3": code3, "ID": country_id},
                "Currency": {"Code": order.header["Currency"], "ID": 1},
                "TotalItems": sum(item.quantity for item in order.items),
                "Part": order.part,
                "NumberOfParts": order.parts,
                "CourierServiceId": order.courier_id,
                "CourierServiceName": self.tenant.couriers[order.courier_id]["name"],
                "TrackingNumber": order.tracking_number or None,
                "TrackingURL": order.tracking_url,
                "NumberOfParcels": order.parcels,
                "WarehouseId": order.warehouse_id,
                "ChannelId": order.header["ChannelId"],
                "PIIRemoved": False,
                "OrderItems": [self._order_item_body(i, order) for i in order.items]
                if items
                else None,
                "OrderNameValues": [
                    {**pair, "OrderId": order.id, "ID": at}
                    for at, pair in enumerate(order.name_values, 1)
                ],
                "LastUpdated": self.naive(order.updated_at),
                "LastUpdatedByUser": "warehouse",
            }
        )

    def _order_item_body(self, item: OrderItem, order: Order) -> dict[str, Any]:
        waits = order.status_id in {NEW, ON_BACK_ORDER}
        return {
            "ID": item.id,
            "OrderId": order.id,
            "ProductId": item.product_id,
            "SKU": item.sku,
            "Quantity": item.quantity,
            "Allocated": item.allocated,
            "Commited": item.committed,
            "OnBackOrder": item.quantity - item.allocated if waits else 0,
            "Price": item.price,
            "Discount": item.discount,
            "Details": item.details,
            "OrderItemNameValues": [],
        }

    # -- comments and cancelling ------------------------------------------------------------

    def _read_comments(self, key: int, user: User) -> Reply:
        order = self._order_seen(key, user)
        bodies = [
            {
                "ID": comment.id,
                "OrderId": order.id,
                "Comment": comment.text,
                "Admin": comment.admin,
                "LastUpdatedByUser": comment.user,
            }
            for comment in order.comments
        ]
        return json_reply(200, bodies)

    def _comment(self, key: int, request: Request, user: User) -> Reply:
        order = self._order_seen(key, user)
        body = object_of(request)
        said = text(body, "Comment")
        if not said:
            return toolkit(False, 0, "A comment needs a text")
        made = Comment(self.row_id(), said, bool(body.get("Admin")), user.name)
        order.comments.append(made)
        order.updated_at = self._now()
        self.note("order-comment", user.name, order_id=order.id, id=made.id, text=said)
        return toolkit(True, made.id, "Comment Added")

    def _cancel(self, key: int, user: User) -> Reply:
        order = self._order_seen(key, user)
        held = self.settings.cancels_held and order.status_id in HELD
        if order.status_id != NEW and not held:
            word = self.tenant.statuses[order.status_id][0]
            return toolkit(False, 0, f"Order cannot be cancelled in status {word}")
        order.status_id, order.updated_at = CANCELLED, self._now()
        self.note("cancel-order", user.name, id=order.id, number=order.number)
        self.allocate_all()
        return toolkit(True, order.id, "Order Cancelled")
