"""Unleashed's sales orders: whole objects, totals that have to agree, statuses, completion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import API, Company, line_totals, totals_agree
from local.simulators.unleashed.lists import Lists
from local.simulators.unleashed.order_lists import order_listing
from local.simulators.unleashed.order_shape import ORDER, ORDER_LINE
from local.simulators.unleashed.replies import Call, Refused, Route, not_found, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import Record, View, read, same_guid
from local.simulators.unleashed.shipments import Shipments
from local.simulators.wire import Reply

OPEN = ("Parked", "Placed", "Backordered")
WRITE_FLAGS = frozenset({"serialBatch", "taxInclusive", "saveAddress", "sendAccountingJournalOnly"})
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Orders(Resource):
    """The resource."""

    name = "SalesOrders"
    shape = ORDER
    lines = "SalesOrderLines"

    def __init__(self, company: Company, lists: Lists, shipments: Shipments) -> None:
        super().__init__(company, lists)
        self._shipments = shipments
        self.listing = order_listing(company)

    def routes(self) -> list[Route]:
        """Besides lists: create, update, delete, complete, and lines as the setting has them."""
        routes: list[Route] = [
            *super().routes(),
            ("POST", rf"/{self.name}", lambda call: self.post(call, None)),
            ("POST", rf"/{self.name}/{ONE}", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("POST", rf"/{self.name}/{ONE}/Complete", self.complete),
            ("DELETE", rf"/{self.name}/Lines/{ONE}", self.remove_line),
        ]
        if self.company.settings.order_line_calls == "all":
            routes += [
                ("POST", rf"/{self.name}/{ONE}/Lines", self.add_line),
                ("PUT", rf"/{self.name}/{ONE}/Lines/{ONE}", self.put_line),
                (
                    "DELETE",
                    rf"/{self.name}/{ONE}/Lines/{ONE}",
                    lambda c, _, n: self.remove_line(c, n),
                ),
            ]
        return routes

    def single(self, call: Call, guid: str) -> Reply:
        """One order; a new one may not be found yet."""
        record = self.one(guid)
        visible = record["CreatedOn"] + timedelta(seconds=self.company.settings.visible_seconds)
        if self.company.stamp() < visible:
            raise not_found(f"Sales order {guid}")
        return super().single(call, guid)

    def show(self, record: Record, view: View) -> dict[str, Any]:
        """An order, its salesperson under the key that the setting says."""
        written = super().show(record, view)
        key = self.company.settings.salesperson_key
        content = {key if name == "SalesPerson" else name: v for name, v in written.items()}
        for line in content[self.lines]:
            if line["Product"] is None:
                nobody = {"Guid": "00000000-0000-0000-0000-000000000000", "ProductCode": None}
                line["Product"] = nobody | {"ProductDescription": line["Comments"]}
        return content

    # -- create and update ------------------------------------------------------------------

    def post(self, call: Call, guid: str | None) -> Reply:
        """``POST /SalesOrders`` or ``/SalesOrders/{guid}``."""
        self._flags(call)
        body = call.content()
        if guid:
            same_guid(guid.lower(), body)
        record = self.checked(body, None)
        self._without_batches(call, record)
        record["SendAccountingJournalOnly"] |= call.flag("sendAccountingJournalOnly")
        wanted = guid.lower() if guid else record["Guid"]
        record["Guid"], there = self.company.guid_of_new(self.name, wanted)
        self.create(record, there, call.by, number=body.get("OrderNumber"))
        return self.made(call, there or record)

    def _flags(self, call: Call) -> None:
        unknown = sorted(set(call.query) - WRITE_FLAGS)
        if unknown and self.company.settings.unknown_parameters == "refuse":
            raise wrong(f"There is no parameter {', '.join(unknown)}.")
        for name in call.query.keys() & WRITE_FLAGS:
            call.flag(name)

    def _without_batches(self, call: Call, record: Record) -> None:
        if not call.flag("serialBatch"):
            for line in record[self.lines]:
                line["BatchNumbers"] = None

    def checked(self, body: Mapping[str, Any], there: Record | None) -> Record:
        """A whole order as it may be written.

        Raises:
            Refused: It may not.
        """
        record = self.read(body)
        status, custom = record["OrderStatus"], record["CustomOrderStatus"]
        if status not in OPEN:
            raise wrong(
                f"OrderStatus is one of {', '.join(OPEN)}; Complete and DELETE do the rest."
            )
        if custom and custom not in self.company.custom_statuses:
            raise wrong(f"There is no custom order status {custom}.")
        if custom and status != "Parked":
            raise wrong("A custom order status is one of Parked orders.")
        if record["Tax"] is None and record["TaxRate"] is None:
            raise wrong("Tax is required.")
        if record["RequiredDate"] and record["RequiredDate"] <= EARLIEST:
            raise wrong("RequiredDate has to be after 2000-01-01.")
        self._same_currency(record)
        totals_agree(record, self.lines)
        for line in record[self.lines]:
            self._check_line(line, there)
        return record

    def _same_currency(self, record: Record) -> None:
        customer = self.company.one("Customers", record["Customer"])
        record["Currency"] = record["Currency"] or customer["Currency"]
        if record["Currency"] != customer["Currency"]:
            raise wrong("The currency has to be the customer's.")

    def _check_line(self, line: Record, there: Record | None) -> None:
        if line["LineType"] not in {None, "Charge"}:
            raise wrong("LineType is Charge or nothing.")
        if line["Product"] is None and line["LineType"] != "Charge":
            raise wrong("Product is required.")
        if line["LineType"] != "Charge" and line["OrderQuantity"] <= 0:
            raise wrong("OrderQuantity has to be above 0.")
        shipped = self._shipments.on_their_way(there, line.get("Guid")) if there else Decimal()
        if line["OrderQuantity"] < shipped:
            raise wrong(f"OrderQuantity is below the {shipped} of the order's shipments.")

    def create(
        self, record: Record, there: Record | None, by: str = API, *, number: Any = None
    ) -> Record:
        """Keep a checked order, new or over the one with its Guid."""
        if there is None:
            record |= {"_shipments": [], "OrderNumber": self._number(number)}
        record |= {"CompletedDate": None}
        self._amounts(record)
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        self._changed("order_made" if there is None else "order_overwritten", kept, by)
        self.company.tell("salesorder.created", salesOrderGuid=kept["Guid"])
        self._shipped_with_it(kept, by)
        return kept

    def _number(self, wanted: Any) -> str:
        taken = self.company.settings.order_number
        if wanted and taken == "refused":
            raise wrong("OrderNumber cannot be set.")
        if wanted and taken == "taken":
            if not isinstance(wanted, str) or len(wanted) > 17:
                raise wrong("OrderNumber has at most 17 characters.")
            if any(row["OrderNumber"] == wanted for row in self.rows()):
                raise wrong(f"Order number {wanted} already exists.")
            return wanted
        return self.company.number(self.name)

    def _amounts(self, record: Record) -> None:
        rate = record["ExchangeRate"]
        for name in ("SubTotal", "TaxTotal", "Total"):
            record[f"BC{name}"] = record[name] / rate if rate else record[name]
        record |= {"TotalVolume": Decimal(), "TotalWeight": Decimal()}

    def _changed(self, what: str, record: Record, by: str, **more: Any) -> None:
        for line in record[self.lines]:
            if self.company.stocked(line["Product"]):
                self.company.stock.touch(line["Product"], record["Warehouse"])
        codes = self.company.all("Products")
        lines = {
            codes[line["Product"]]["ProductCode"]: str(line["OrderQuantity"])
            for line in record[self.lines]
            if line["Product"]
        }
        told = {"order": record["OrderNumber"], "status": record["OrderStatus"], "lines": lines}
        self.company.note(what, by, record["Guid"], **told, source_id=record["SourceId"], **more)

    def _shipped_with_it(self, record: Record, by: str) -> None:
        """Without order management a placed order has its one shipment, if the setting says so."""
        early = self.company.settings.auto_shipment == "placed" and not self.company.management
        first = early and not self._shipments.of_order(record)
        if first and record["OrderStatus"] == "Placed":
            self._shipments.make_whole(record, "Placed", by)

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT /SalesOrders/{guid}``: the whole object; what it leaves out is blank after it."""
        self._flags(call)
        there = self._open(guid)
        body = call.content()
        same_guid(there["Guid"], body)
        record = self.checked(body, there)
        self._without_batches(call, record)
        self.update(there, record, call.by)
        return self.reply(call, there)

    def _open(self, guid: str) -> Record:
        there = self.one(guid)
        if there["OrderStatus"] not in OPEN:
            raise wrong(f"The order is {there['OrderStatus']} and cannot be changed.")
        return there

    def update(self, there: Record, record: Record, by: str) -> None:
        """Write a checked whole order over one that there is.

        Raises:
            Refused: A line is not one of the order's, or has shipments and is left out.
        """
        lines = self.replaced_lines(there, record[self.lines])
        left = {line["Guid"] for line in lines}
        for line in there[self.lines]:
            if line["Guid"] not in left and self._shipments.on_their_way(there, line["Guid"]):
                raise Refused(400, "A line with shipments cannot be removed.")
        record[self.lines] = lines
        if self.company.settings.put_lines == "merge":
            record |= line_totals(lines)
        self._amounts(record)
        there |= {**record, "Guid": there["Guid"]}
        self.company.touch(there, by)
        self._changed("order_changed", there, by)
        self.company.tell("salesorder.updated", salesOrderGuid=there["Guid"])
        self._shipped_with_it(there, by)

    # -- lines ------------------------------------------------------------------------------

    def remove_line(self, call: Call, guid: str) -> Reply:
        """``DELETE /SalesOrders/Lines/{guid}``; the totals are made anew."""
        for order in self.rows():
            if any(line["Guid"] == guid.lower() for line in order[self.lines]):
                self._open(order["Guid"])
                if len(order[self.lines]) == 1:
                    raise wrong("The last line cannot be removed.")
                if self._shipments.on_their_way(order, guid.lower()):
                    raise wrong("A line with shipments cannot be removed.")
                self.set_lines(
                    order, [x for x in order[self.lines] if x["Guid"] != guid.lower()], call.by
                )
                return Reply(200)
        raise not_found(f"Sales order line {guid}")

    def add_line(self, call: Call, guid: str) -> Reply:
        """``POST /SalesOrders/{guid}/Lines``, where there is such a call."""
        there = self._open(guid)
        line = read(ORDER_LINE, call.content(), self.company)
        self._check_line(line, None)
        self.set_lines(there, [*there[self.lines], line], call.by)
        return self.reply(call, there)

    def put_line(self, call: Call, guid: str, number: str) -> Reply:
        """``PUT /SalesOrders/{guid}/Lines/{guid}``, where there is such a call."""
        there = self._open(guid)
        line = self.line(there, number)
        body = call.content()
        same_guid(line["Guid"], body)
        wanted = read(ORDER_LINE, body, self.company) | {"Guid": line["Guid"]}
        self._check_line(wanted, there)
        lines = [wanted if x is line else x for x in there[self.lines]]
        self.set_lines(there, lines, call.by)
        return self.reply(call, there)

    def set_lines(self, order: Record, lines: list[Record], by: str) -> None:
        """Give an order other lines, and the totals that they make."""
        self.company.line_guids(lines)
        order |= {self.lines: lines, **line_totals(lines)}
        self._amounts(order)
        self.company.touch(order, by)
        self._changed("order_changed", order, by)
        self.company.tell("salesorder.updated", salesOrderGuid=order["Guid"])

    # -- the end ----------------------------------------------------------------------------

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE /SalesOrders/{guid}``."""
        self.delete(self._open(guid), call.by)
        return Reply(200)

    def delete(self, order: Record, by: str) -> None:
        """An order is deleted; it is listed when deleted ones are asked for.

        Raises:
            Refused: Goods of it have gone.
        """
        shipments = self._shipments.of_order(order)
        if any(row["ShipmentStatus"] == "Dispatched" for row in shipments):
            raise wrong("An order with dispatched shipments cannot be deleted.")
        for shipment in shipments:
            self._shipments.delete(shipment, by)
        order["OrderStatus"] = "Deleted"
        self.company.touch(order, by)
        self._changed("order_deleted", order, by)
        self.company.tell("salesorder.deleted", salesOrderGuid=order["Guid"])

    def complete(self, call: Call, guid: str) -> Reply:
        """``POST /SalesOrders/{guid}/Complete``."""
        self._flags(call)
        call.no_content()
        order = self._open(guid)
        self.finish(order, call.by, assign=call.flag("serialBatch"))
        return self.reply(call, order)

    def finish(self, order: Record, by: str, *, assign: bool = False) -> None:
        """Complete an order: without order management that ships what has not been shipped.

        Raises:
            Refused: Goods are left, or there are not enough of them.
        """
        left = self._shipments.left_of(order)
        if self.company.management and any(left.values()):
            raise wrong("Not everything of this order has been dispatched.")
        if not self.company.management:
            self._shipments.ship_all(order, by, assign=assign)
        self._shipments.close(order, by)
