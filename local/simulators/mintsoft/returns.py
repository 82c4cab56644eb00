"""Returns of the simulated Mintsoft: made by the API, or in the warehouse."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.simulators.mintsoft.replies import (
    Refusal,
    day,
    invalid,
    number,
    object_of,
    toolkit,
    whole,
)
from local.simulators.mintsoft.stock import StockRoom
from local.simulators.mintsoft.tenant import (
    NO_EXPIRY,
    PAGE_LIMIT,
    REFERENCE_LENGTH,
    ExternalReturn,
    Row,
    User,
)
from local.simulators.wire import Reply, Request, json_reply


class Returns(StockRoom):
    """External returns, and internal ones, which have an order."""

    def _create(self, request: Request, user: User) -> Reply:
        body = object_of(request)
        if user.client_id is not None and "ClientId" in body:
            return toolkit(False, 0, "Client Users cannot specify a ClientId!")
        client_id = user.client_id or whole(body, "ClientId")
        if client_id not in self.tenant.clients:
            return toolkit(False, 0, "Client does not exist")
        warehouse_id = whole(body, "WarehouseId")
        if warehouse_id not in self.tenant.warehouses:
            return toolkit(False, 0, "Warehouse does not exist")
        reference = body.get("Reference") or ""
        if not isinstance(reference, str):
            raise Refusal(invalid("Reference"))
        if len(reference) > REFERENCE_LENGTH:
            return toolkit(False, 0, "Reference is too long")
        items = body.get("ReturnItems") or []
        if not isinstance(items, list):
            raise Refusal(invalid("ReturnItems"))
        rows = []
        for item in items:
            row = self._row(item, client_id)
            if isinstance(row, str):
                return toolkit(False, 0, row)
            rows.append(row)
        now = self._now()
        made = ExternalReturn(self._next_id, client_id, warehouse_id, reference, rows, now, now)
        self.returns[made.id] = made
        self._next_id += 1
        self.note(
            "create-external-return",
            user.name,
            id=made.id,
            client_id=client_id,
            reference=reference,
            units=[[row.sku, row.quantity] for row in rows],
        )
        return toolkit(True, made.id, f"External Return Created ID:{made.id}")

    def _row(self, item: Any, client_id: int) -> Row | str:
        """A row from an item, or the message of its refusal."""
        if not isinstance(item, dict):
            raise Refusal(invalid("ReturnItems"))
        if item.get("Action", "NONE") != "NONE":
            raise Refusal(invalid("ReturnItems.Action"))
        product_id = whole(item, "ProductId", default=0)
        product = self.tenant.products.get(product_id)
        if product_id and (product is None or product["client_id"] != client_id):
            return "Product does not exist"
        if product is None:
            return f"Product does not exist: {item.get('SKU')}"
        reason_id = whole(item, "ReturnReasonId", default=0)
        if reason_id != 0 and reason_id not in self.tenant.reasons:
            return "Return Reason does not exist"
        quantity = whole(item, "Quantity")
        if quantity < 1:
            return "Quantity must be at least 1"
        comments = item.get("Comments") or ""
        return Row(self.row_id(), product["sku"], product_id, quantity, reason_id, str(comments))

    def _visible(self, user: User) -> list[ExternalReturn]:
        """A client user sees its own; a warehouse user sees every client's."""
        return [
            found for found in self.returns.values() if user.client_id in {None, found.client_id}
        ]

    def _read(self, key: int, user: User) -> Reply:
        found = next((row for row in self._visible(user) if row.id == key), None)
        return Reply(404) if found is None else json_reply(200, self._body(found))

    def _read_items(self, key: int, user: User) -> Reply:
        found = next((row for row in self._visible(user) if row.id == key), None)
        if found is None:
            return Reply(404)
        return json_reply(200, self._body(found)["ReturnItems"])

    def _indexed(self, user: User) -> list[ExternalReturn]:
        """What searches and lists show: records appear there with a delay."""
        delay = timedelta(seconds=self.settings.index_delay_seconds)
        return [row for row in self._visible(user) if row.created_at + delay <= self._now()]

    def _by_date(self, query: dict[str, str], user: User) -> Reply:
        """An unreadable date is ignored: then it is today's returns that come."""
        wanted_day = day(query.get("date", ""))
        zone = ZoneInfo(self.settings.zone)
        wanted = wanted_day or self._now().astimezone(zone).date().isoformat()
        rows = [
            row
            for row in self._indexed(user)
            if self._compared(row).astimezone(zone).date().isoformat() == wanted
        ]
        return json_reply(200, [self._body(row, in_list=True) for row in rows])

    def _compared(self, row: ExternalReturn) -> datetime:
        return row.updated_at if self.settings.by_date == "updated" else row.created_at

    def _list(self, query: dict[str, str], user: User) -> Reply:
        page = number(query, "pageno", 1)
        limit = number(query, "limit", PAGE_LIMIT)
        if page == 0:
            return json_reply(500, {"Message": "An error has occurred."})
        if limit > PAGE_LIMIT and self.settings.over_limit == "refuse":
            return json_reply(400, {"Message": "The request is invalid."})
        rows = self._indexed(user)
        if query.get("clientid"):
            rows = [row for row in rows if row.client_id == number(query, "clientid")]
        since = self.since(query.get("sincelastupdated", ""))
        if since is not None and self.settings.returns_list == "honoured":
            rows = [row for row in rows if row.updated_at >= since]
        # No stable order is promised: a hash of the id stands for it.
        rows.sort(key=lambda row: (row.id * 2654435761) % 2**32)
        size = min(limit, PAGE_LIMIT)
        shown = rows[(page - 1) * size : page * size]
        return json_reply(200, [self._body(row, in_list=True) for row in shown])

    def _body(self, row: ExternalReturn, *, in_list: bool = False) -> dict[str, Any]:
        with_items = self.settings.items_in_lists or not in_list
        return {
            "ID": row.id,
            "OrderId": row.order_id,
            "OrderNumber": self.orders[row.order_id].number if row.order_id else "ExternalReturn",
            "ClientId": row.client_id,
            "Reference": row.reference,
            "AdvancedExternalReturn": False,
            "Confirmed": row.confirmed,
            "Refunded": False,
            "Exchanged": False,
            "ExchangedOrderId": 0,
            "Invoiced": False,
            "ReturnItems": [self._item(item, row) for item in row.rows] if with_items else None,
            "ReturnNameValues": [],
            "LastUpdated": self.naive(row.updated_at),
            "LastUpdatedByUser": "warehouse",
        }

    def _item(self, item: Row, row: ExternalReturn) -> dict[str, Any]:
        reason = self.tenant.reasons.get(item.reason_id, {})
        return {
            "ID": item.id,
            "ReturnId": row.id,
            "OrderItemId": 0,
            "ProductId": item.product_id,
            "SKU": item.sku,
            "NAME": self.tenant.products.get(item.product_id, {}).get("name", item.sku),
            "Quantity": item.quantity,
            "ReturnReasonId": item.reason_id,
            "ReturnReasonName": reason.get("name"),
            "Action": "NONE",
            "StockAction": reason.get("stock_action", "DoNothing"),
            "Comments": item.comments,
            "ExpiryDate": NO_EXPIRY,
            "BatchNo": None,
            "SerialNo": item.serial,
            "ReturnedToStock": row.confirmed,
            "LeftToPutAway": 0,
            "LastUpdated": self.naive(row.updated_at),
            "LastUpdatedByUser": "warehouse",
        }

    # -- the warehouse's hands, and the books -----------------------------------------------

    def receive(
        self, external_return_id: int, goods: list[dict[str, Any]] | None = None
    ) -> ExternalReturn:
        """The warehouse books goods in and confirms.

        Args:
            external_return_id: Which.
            goods: Rows ``{sku, quantity, serials?, reason_id?, remark?}`` that arrived; None for
                exactly what was announced. Rows replace those that were there, and may name other
                SKUs; with ``serials`` every unit gets a row of its own.
        """
        row = self.returns[external_return_id]
        if goods is not None:
            marked = row.rows[0].comments if row.rows else ""
            row.rows = [made for good in goods for made in self._goods(good, marked)]
        if not row.confirmed:
            self._put_away(row)
        row.confirmed = True
        row.updated_at = self._now()
        return row

    def _put_away(self, row: ExternalReturn) -> None:
        """What the reason's stock action does with the goods; scrap goes nowhere."""
        for item in row.rows:
            action = self.tenant.reasons.get(item.reason_id, {}).get("stock_action", "DoNothing")
            if item.product_id and action in {"DoNothing", "Quarantine"}:
                held = item.quantity if action == "Quarantine" else 0
                self.add_stock(row.warehouse_id, item.product_id, item.quantity, held)

    def make_return(
        self,
        goods: list[dict[str, Any]],
        *,
        order_id: int = 0,
        client_id: int = 0,
        warehouse_id: int = 0,
        reference: str = "",
        confirm: bool = True,
    ) -> ExternalReturn:
        """Somebody in the warehouse books goods in that nobody announced.

        With an order it is an internal return, of that order's client and warehouse; without one
        it is an external return with a reference. `goods` as in `receive`.
        """
        if order_id:
            order = self.orders[order_id]
            client_id = order.client_id
            warehouse_id = warehouse_id or order.warehouse_id
        if client_id not in self.tenant.clients or warehouse_id not in self.tenant.warehouses:
            raise ValueError("a return without an order needs its client_id and warehouse_id")
        now = self._now()
        made = ExternalReturn(
            self._next_id,
            client_id,
            warehouse_id,
            reference,
            [row for good in goods for row in self._goods(good, "")],
            now,
            now,
            order_id=order_id,
            made_by="warehouse",
        )
        self._next_id += 1
        self.returns[made.id] = made
        return self.receive(made.id) if confirm else made

    def _goods(self, good: dict[str, Any], comments: str) -> list[Row]:
        ids = {product["sku"]: key for key, product in self.tenant.products.items()}
        sku, quantity = good["sku"], int(good["quantity"])
        serials: list[str | None] = good.get("serials") or [None]
        each = 1 if good.get("serials") else quantity
        return [
            Row(
                self.row_id(),
                sku,
                ids.get(sku, 0),
                each,
                int(good.get("reason_id", 1)),
                " ".join(filter(None, [comments, good.get("remark")])),
                serial,
            )
            for serial in serials
        ]
