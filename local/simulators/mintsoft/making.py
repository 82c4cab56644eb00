"""Orders made in the simulated Mintsoft by its API.

From its Swagger and help centre: what an order needs, and that its number and its reference are
unique for a client. The answer is an array; a refusal is HTTP 200 with ``Success: false``.
"""

from __future__ import annotations

from typing import Any

from local.simulators.mintsoft.replies import Refusal, object_of, rows, text, whole
from local.simulators.mintsoft.returns import Returns
from local.simulators.mintsoft.tenant import NEW, Order, OrderItem, User
from local.simulators.wire import Reply, Request, json_reply

HEADER = (
    *("Title", "CompanyName", "FirstName", "LastName", "Address1", "Address2", "Address3"),
    *("Town", "County", "PostCode", "Email", "Phone", "Mobile", "Comments", "DeliveryNotes"),
    *("GiftMessages", "VATNumber"),
)
MONEY = ("ShippingTotalExVat", "ShippingTotalVat", "DiscountTotalExVat", "DiscountTotalVat")
COUNTRIES = {
    "GB": (1, "GBR", "United Kingdom"),
    "US": (5, "USA", "United States"),
    "DK": (45, "DNK", "Denmark"),
    "SE": (46, "SWE", "Sweden"),
    "NO": (47, "NOR", "Norway"),
    "PL": (48, "POL", "Poland"),
    "DE": (49, "DEU", "Germany"),
    "NL": (31, "NLD", "Netherlands"),
    "BE": (32, "BEL", "Belgium"),
    "FR": (33, "FRA", "France"),
    "ES": (34, "ESP", "Spain"),
    "IT": (39, "ITA", "Italy"),
    "CH": (41, "CHE", "Switzerland"),
    "AT": (43, "AUT", "Austria"),
    "FI": (58, "FIN", "Finland"),
    "IE": (53, "IRL", "Ireland"),
}
CURRENCIES = ("GBP", "EUR", "USD", "DKK", "SEK", "NOK", "PLN", "CHF", "CNY", "JPY")


class Unfit(Exception):  # noqa: N818 - an answer, not a fault
    """Why an order is refused, with HTTP 200 and ``Success: false``."""


class OrderMaking(Returns):
    """Orders as the API makes them."""

    def _create_order(self, request: Request, user: User) -> Reply:
        body = object_of(request)
        order_number, reference = text(body, "OrderNumber"), text(body, "ExternalOrderReference")
        try:
            client_id = self._client_of(body, user)
            existing = self._existing(client_id, order_number, reference)
            if existing is not None:
                names = existing.id if self.settings.duplicate_names_order else 0
                return _result(order_number, f"Order {order_number} already exists", names)
            made = self._order(body, client_id, order_number, reference)
        except Unfit as why:
            return _result(order_number, str(why), 0)
        dropped = self._drop_ship(made)
        self.allocate(made)
        for order in filter(None, (made if made.items else None, dropped)):
            self.orders[order.id] = order
            self.note(
                "create-order",
                user.name,
                id=order.id,
                client_id=client_id,
                number=order_number,
                external_reference=reference,
                warehouse_id=order.warehouse_id,
                units=[[item.sku, item.quantity] for item in order.items],
            )
        return json_reply(200, [self._made(made, dropped)])

    def make_order(self, client_id: int, body: dict[str, Any]) -> Order:
        """Somebody orders in a shop that Mintsoft itself knows; the body is the API's.

        Raises:
            ValueError: It is no order that Mintsoft takes.
        """
        try:
            made = self._order(body, client_id, text(body, "OrderNumber"), "")
        except Unfit as why:
            raise ValueError(str(why)) from None
        self.allocate(made)
        self.orders[made.id] = made
        self.note("make-order", "a shop", id=made.id, client_id=client_id, number=made.number)
        return made

    def _made(self, made: Order, dropped: Order | None) -> dict[str, Any]:
        return {
            "OrderId": made.id if made.items else 0,
            "DropShipOrderId": dropped.id if dropped else 0,
            "OrderNumber": made.number,
            "Success": True,
            "OrderStatusId": made.status_id,
            "OrderStatus": self.tenant.statuses[made.status_id][0],
            "Message": "Order Created",
            "OrderItems": [{"SKU": item.sku, "ID": item.id} for item in made.items],
        }

    def _client_of(self, body: dict[str, Any], user: User) -> int:
        if user.client_id is not None:
            if "ClientId" in body:
                raise Unfit("Client Users cannot specify a ClientId when creating an Order!")
            return user.client_id
        client_id = whole(body, "ClientId", default=0)
        if client_id not in self.tenant.clients:
            raise Unfit("Client does not exist")
        return client_id

    def _existing(self, client_id: int, order_number: str, reference: str) -> Order | None:
        """Letters' case does not count, as databases like this one compare."""
        for order in self.orders.values():
            same_number = order.number.casefold() == order_number.casefold()
            same_reference = reference.casefold() == order.external_reference.casefold() != ""
            if order.client_id == client_id and (same_number or same_reference):
                return order
        return None

    def _order(
        self, body: dict[str, Any], client_id: int, order_number: str, reference: str
    ) -> Order:
        """The order that the body describes; nothing is kept yet."""
        if not order_number or len(order_number) > self.settings.order_number_length:
            raise Unfit("OrderNumber is missing or too long")
        country = _country(body)
        currency = text(body, "Currency") or "GBP"
        if currency not in CURRENCIES:
            raise Unfit(f"Currency {currency} does not exist")
        items = [self._order_item(row, client_id) for row in rows(body, "OrderItems")]
        if not items:
            raise Unfit("An order needs OrderItems")
        header: dict[str, Any] = {name: text(body, name) for name in HEADER}
        header |= {name: body.get(name) for name in MONEY}
        header |= {"Country": country, "Currency": currency, "ChannelId": self._channel_of(body)}
        now = self._now()
        self._next_order_id += 1
        return Order(
            id=self._next_order_id,
            client_id=client_id,
            number=order_number,
            external_reference=reference,
            warehouse_id=self._warehouse_of(body),
            status_id=NEW,
            courier_id=self._courier_of(body),
            items=items,
            created_at=now,
            updated_at=now,
            header=header,
            name_values=[
                {"Name": text(pair, "Name"), "Value": text(pair, "Value")}
                for pair in rows(body, "OrderNameValues")
            ],
        )

    def _order_item(self, row: dict[str, Any], client_id: int) -> OrderItem:
        sku = text(row, "SKU")
        product_id = whole(row, "ProductId", default=0) or self.product_with(sku, client_id)
        product = self.tenant.products.get(product_id)
        if product is None or product["client_id"] != client_id:
            raise Unfit(f"Product {sku} does not exist")
        quantity = whole(row, "Quantity")
        if quantity < 1:
            raise Unfit("Quantity must be at least 1")
        price = row.get("UnitPrice")
        if isinstance(price, bool) or not isinstance(price, int | float | None):
            raise Refusal(Reply(400))
        made = OrderItem(
            self.row_id(), product["sku"], product_id, quantity, price, text(row, "Details")
        )
        made.discount = row.get("Discount")
        return made

    def _warehouse_of(self, body: dict[str, Any]) -> int:
        wanted = whole(body, "WarehouseId", default=0) or next(
            (
                key
                for key, row in self.tenant.warehouses.items()
                if row["name"] == text(body, "Warehouse")
            ),
            0,
        )
        if wanted not in self.tenant.warehouses:
            raise Unfit("Warehouse does not exist")
        return wanted

    def _courier_of(self, body: dict[str, Any]) -> int:
        """``AUTO`` lets the shipping rules choose: here the first service there is."""
        name, wanted = text(body, "CourierService"), whole(body, "CourierServiceId", default=0)
        if name == "AUTO":
            return next(key for key in self.tenant.couriers if key > 1)
        if name:
            known = {row["name"]: key for key, row in self.tenant.couriers.items()}
            wanted = known.get(name, 0)
        if wanted not in self.tenant.couriers:
            raise Unfit("Courier Service does not exist")
        return wanted

    def _channel_of(self, body: dict[str, Any]) -> int:
        name, wanted = text(body, "Channel"), whole(body, "ChannelId", default=1)
        if name:
            wanted = {known: key for key, known in self.tenant.channels.items()}.get(name, 0)
        if wanted not in self.tenant.channels:
            raise Unfit(f"Channel {name or wanted} does not exist")
        return wanted

    def _drop_ship(self, order: Order) -> Order | None:
        """Items that somebody else sends become a second order; how it is numbered is not told."""
        products = self.tenant.products
        theirs = [item for item in order.items if products[item.product_id].get("drop_ship")]
        if not theirs:
            return None
        order.items = [item for item in order.items if item not in theirs]
        self._next_order_id += 1
        parts = 2 if order.items else 1
        order.parts = parts
        return Order(
            id=self._next_order_id,
            client_id=order.client_id,
            number=order.number,
            external_reference=order.external_reference,
            warehouse_id=order.warehouse_id,
            status_id=NEW,
            courier_id=order.courier_id,
            items=theirs,
            created_at=order.created_at,
            updated_at=order.updated_at,
            header=dict(order.header),
            part=parts,
            parts=parts,
        )


def _result(order_number: str, message: str, names: int) -> Reply:
    """A refusal, in the array that this call answers with."""
    row: dict[str, Any] = {
        "OrderId": names,
        "DropShipOrderId": 0,
        "OrderNumber": order_number,
        "Success": False,
        "OrderStatusId": 0,
        "OrderStatus": None,
        "Message": message,
        "OrderItems": None,
    }
    return json_reply(200, [row])


def _country(body: dict[str, Any]) -> str:
    wanted, by_id = text(body, "Country"), whole(body, "CountryId", default=0)
    for code, (key, code3, name) in COUNTRIES.items():
        if wanted in {code, code3, name} or by_id == key:
            return code
    raise Unfit(f"Country {wanted} does not exist")
