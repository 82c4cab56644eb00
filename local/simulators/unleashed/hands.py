"""What people do in Unleashed's own pages with sales orders and shipments.

Everything is named by what people see: codes and numbers, and quantities as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.desk import Desk
from local.simulators.unleashed.order_shape import ORDER_LINE
from local.simulators.unleashed.replies import NOBODY
from local.simulators.unleashed.shapes import Record, decimals
from local.simulators.unleashed.shipment_shape import whole_shipment

CLERK = "clerk@example.test"
Goods = Mapping[str, Any]
"""Product code -> quantity."""


class SalesHands:
    """A user of a company. A refusal of Unleashed's rules is a `Refused` here too."""

    def __init__(self, desk: Desk, user: str = CLERK) -> None:
        self.desk = desk
        self.company = desk.company
        self.user = user

    def numbered(self, resource: str, number: str) -> Record:
        """A document by its number.

        Raises:
            ValueError: There is none.
        """
        for record in self.company.all(resource).values():
            if number in {record.get(key) for key in NUMBER_KEYS}:
                return record
        raise ValueError(f"no {resource} {number}")

    # -- sales orders -----------------------------------------------------------------------

    def place_order(
        self,
        customer: str,
        goods: Goods,
        *,
        warehouse: str = "MAIN",
        status: str = "Placed",
        custom: str | None = None,
        charges: Goods | None = None,
        tax: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A sales order, at the products' sell prices.

        Args:
            customer: Its code.
            goods: What is ordered.
            warehouse: From where.
            status: ``Parked``, ``Placed`` or ``Backordered``.
            custom: A custom status, of a Parked order.
            charges: Charge lines: text -> net price.
            tax: A tax's code; the first one's without it.
            fields: Any keys of the API's object, such as ``CustomerRef`` or an address.

        Returns:
            ``{"guid", "number"}``.
        """
        taxes = self.company.all("Taxes").values()
        found = self.company.coded("Taxes", tax) if tax else next(iter(taxes))
        rate = Decimal(str(found["TaxRate"]))
        lines = [
            self._order_line(at, code, many, rate)
            for at, (code, many) in enumerate(goods.items(), start=1)
        ]
        for text, price in (charges or {}).items():
            lines.append(_charge_line(len(lines) + 1, text, Decimal(str(price)), rate))
        body: dict[str, Any] = {
            "OrderStatus": "Parked" if custom else status,
            "CustomOrderStatus": custom,
            "Customer": {"CustomerCode": customer},
            "Warehouse": {"WarehouseCode": warehouse},
            "Tax": {"TaxCode": found["TaxCode"]},
            "TaxRate": rate,
            "ExchangeRate": 1,
            "OrderDate": self.company.today().strftime("%Y-%m-%d"),
            **totals(lines),
            "SalesOrderLines": lines,
            **decimals(fields or {}),
        }
        record = self.desk.orders.checked(body, None)
        made = self.desk.orders.create(record, None, self.user)
        return {"guid": made["Guid"], "number": made["OrderNumber"]}

    def _order_line(self, at: int, code: str, many: Any, rate: Decimal) -> dict[str, Any]:
        product = self.company.coded("Products", code)
        price = product["DefaultSellPrice"] or Decimal(10)
        return priced(
            {"LineNumber": at, "Product": {"ProductCode": code}}, Decimal(str(many)), price, rate
        )

    def edit_order(self, number: str, goods: Goods, *, warehouse: str | None = None) -> Any:
        """Other quantities; a product that is new gets a line, with 0 a line goes."""
        order = self._open_order(number)
        rate, codes = order["TaxRate"] or Decimal(), self.company.all("Products")
        wanted = {self.desk.product(code): Decimal(str(many)) for code, many in goods.items()}
        lines = []
        for line in order["SalesOrderLines"]:
            many = wanted.pop(line["Product"], None)
            if many is None:
                lines.append(dict(line))
            elif many:
                if many < self.desk.shipments.on_their_way(order, line["Guid"]):
                    raise ValueError("more of it is in shipments")
                lines.append(priced(dict(line), many, line["UnitPrice"], rate))
        last = max((line["LineNumber"] for line in order["SalesOrderLines"]), default=0)
        for at, (product, many) in enumerate(wanted.items(), start=1):
            blank = {known.name: None for known in ORDER_LINE.fields}
            price = codes[product]["DefaultSellPrice"] or Decimal(10)
            new = blank | {"LineNumber": last + at, "Product": product}
            lines.append(priced(new, many, price, rate))
        if not lines:
            raise ValueError("an order has at least one line; delete it")
        if warehouse:
            order["Warehouse"] = self.desk.warehouse(warehouse)
        self.desk.orders.set_lines(order, lines, self.user)
        return {"number": number}

    def _open_order(self, number: str) -> Record:
        order = self.numbered("SalesOrders", number)
        if order["OrderStatus"] not in {"Parked", "Placed", "Backordered"}:
            raise ValueError(f"the order is {order['OrderStatus']}")
        return order

    def set_order_status(self, number: str, status: str, custom: str | None = None) -> Any:
        """Parked with or without a custom status, Placed, Backordered."""
        order = self._open_order(number)
        if custom and custom not in self.company.custom_statuses:
            raise ValueError(f"no custom status {custom}")
        order |= {"OrderStatus": "Parked" if custom else status, "CustomOrderStatus": custom}
        self.desk.orders.set_lines(order, order["SalesOrderLines"], self.user)
        return {"number": number}

    def set_order_fields(self, number: str, fields: Mapping[str, Any]) -> Any:
        """Other texts of an order, by the API's keys, such as an address."""
        order = self._open_order(number)
        order |= self.desk.orders.read(decimals(fields), partial=True)
        self.desk.orders.set_lines(order, order["SalesOrderLines"], self.user)
        return {"number": number}

    def delete_order(self, number: str) -> Any:
        """The order is deleted."""
        self.desk.orders.delete(self._open_order(number), self.user)
        return {"number": number}

    def complete_order(self, number: str) -> Any:
        """The order is completed, and what goes with it."""
        self.desk.orders.finish(self._open_order(number), self.user, assign=True)
        return {"number": number}

    def ship(
        self, number: str, goods: Goods | None = None, *, status: str = "Placed"
    ) -> dict[str, Any]:
        """A shipment of an order; without goods, of everything that has none yet."""
        order, shipments = self._open_order(number), self.desk.shipments
        if not self.company.management and shipments.of_order(order):
            raise ValueError("without Order Management an order has one shipment")
        record = whole_shipment(order, status)
        wanted = {self.desk.product(code): Decimal(str(m)) for code, m in (goods or {}).items()}
        lines = []
        for line in record["SalesShipmentLines"]:
            left = line["ShipmentQty"] - shipments.on_their_way(order, line["_line"])
            many = left if goods is None else min(wanted.pop(line["Product"], Decimal()), left)
            if many > 0:
                lines.append(line | {"ShipmentQty": many})
        if not lines or any(wanted.values()):
            raise ValueError("there is nothing such to ship")
        record["SalesShipmentLines"] = lines
        made = shipments.make(order, record, self.user, assign=True)
        return {"guid": made["Guid"], "number": made["ShipmentNumber"]}

    def set_shipment_status(self, number: str, status: str) -> Any:
        """Another status of a shipment; ``Dispatched`` sends its goods off."""
        shipment = self.numbered("SalesShipments", number)
        if status == "Deleted":
            self.desk.shipments.delete(shipment, self.user)
            return {"number": number}
        if shipment["ShipmentStatus"] in {"Dispatched", "Deleted"}:
            raise ValueError(f"the shipment is {shipment['ShipmentStatus']}")
        order = self.company.one("SalesOrders", shipment["OrderGuid"])
        wanted = dict(shipment, ShipmentStatus=status)
        self.desk.shipments.update(order, shipment, wanted, self.user, assign=True)
        return {"number": number}


NUMBER_KEYS = (
    "OrderNumber",
    "ShipmentNumber",
    "TransferOrderNumber",
    "AssemblyNumber",
    "CreditNumber",
)


def priced(head: Mapping[str, Any], many: Decimal, price: Decimal, rate: Decimal) -> dict[str, Any]:
    net = (many * price).quantize(Decimal("0.01"))
    tax = (net * rate).quantize(Decimal("0.01"))
    more = {"OrderQuantity": many, "UnitPrice": price, "LineTotal": net, "LineTax": tax}
    return {**head, **more}


def _charge_line(at: int, text: str, price: Decimal, rate: Decimal) -> dict[str, Any]:
    head = {"LineNumber": at, "LineType": "Charge", "Product": {"Guid": NOBODY}, "Comments": text}
    return priced(head, Decimal(1), price, rate)


def totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    net = sum((line["LineTotal"] for line in lines), Decimal())
    tax = sum((line["LineTax"] for line in lines), Decimal())
    return {"SubTotal": net, "TaxTotal": tax, "Total": net + tax}
