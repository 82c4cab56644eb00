"""Unleashed's shipments: goods leave when one is dispatched, and only then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.dispatch import Outgoing, carry_out, outgoing_of
from local.simulators.unleashed.invoices import Invoices
from local.simulators.unleashed.lists import Listing, Lists, dated, equal, words
from local.simulators.unleashed.replies import Call, Refused, Route, not_found, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import (
    DELIVERY,
    Record,
    same_guid,
)
from local.simulators.unleashed.shipment_shape import SHIPMENT, whole_shipment
from local.simulators.wire import Reply

STATUSES = ("Parked", "Placed", "Picking", "Packed", "Dispatched")
SHIPPABLE = ("Placed", "Backordered")
INHERITED = ("Customer", "CustomerRef", "Warehouse", "DeliveryContact")
ADDRESS = (*(known.name for known in DELIVERY), "DeliveryInstruction")
LATE = ("Comments", "TrackingNumber")
"""What can be edited after a dispatch."""


class Shipments(Resource):
    """The resource."""

    name = "SalesShipments"
    shape = SHIPMENT
    lines = "SalesShipmentLines"

    def __init__(self, company: Company, lists: Lists, invoices: Invoices) -> None:
        super().__init__(company, lists)
        self._invoices = invoices
        warehouses = company.all("Warehouses")
        self.listing = Listing(
            filters={
                "orderNumber": equal("OrderNumber"),
                "shipmentStatus": words("ShipmentStatus"),
                "warehouseCode": lambda row, v: warehouses[row["Warehouse"]]["WarehouseCode"] == v,
                **dated("DispatchDate"),
            },
            single=("orderNumber",),
            also=frozenset({"serialBatch", "orderBy", "sort"}),
            hidden=lambda row: row["ShipmentStatus"] == "Deleted",
            unhides=frozenset({"shipmentStatus"}),
            newest=True,
        )

    def routes(self) -> list[Route]:
        """Besides lists: create, update, delete; dispatching is an update."""
        return [
            *super().routes(),
            ("POST", rf"/{self.name}", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("DELETE", rf"/{self.name}/Lines/{ONE}", self.remove_line),
        ]

    def page(self, call: Call, number: int) -> Reply:
        """One page; there is one word to order by."""
        if call.query.get("orderBy", "ShipmentNumber") != "ShipmentNumber":
            raise wrong("orderBy is ShipmentNumber.")
        return super().page(call, number)

    # -- what an order's shipments come to --------------------------------------------------

    def of_order(self, order: Record) -> list[Record]:
        """An order's shipments, deleted ones aside."""
        found: list[Record] = order["_shipments"]
        return [row for row in found if row["ShipmentStatus"] != "Deleted"]

    def on_their_way(self, order: Record, line: str | None, but: Record | None = None) -> Decimal:
        """How much of an order's line its shipments have, dispatched or not."""
        return sum(
            (
                row["ShipmentQty"]
                for shipment in self.of_order(order)
                if shipment is not but
                for row in shipment[self.lines]
                if row["_line"] == line
            ),
            Decimal(),
        )

    def left_of(self, order: Record) -> dict[str, Decimal]:
        """How much of each line with stock has not been dispatched."""
        gone: dict[str, Decimal] = {}
        for shipment in self.of_order(order):
            if shipment["ShipmentStatus"] == "Dispatched":
                for row in shipment[self.lines]:
                    gone[row["_line"]] = gone.get(row["_line"], Decimal()) + row["ShipmentQty"]
        return {
            line["Guid"]: line["OrderQuantity"] - gone.get(line["Guid"], Decimal())
            for line in order["SalesOrderLines"]
            if self.company.stocked(line["Product"])
        }

    # -- create and update ------------------------------------------------------------------

    def post(self, call: Call) -> Reply:
        """``POST /SalesShipments``, with ``serialBatch=true`` for batches and serials."""
        body = call.content()
        record = self._read(call, body)
        order = self._order(record["OrderNumber"])
        if order["OrderStatus"] not in SHIPPABLE:
            raise wrong(f"The order is {order['OrderStatus']}.")
        if not self.company.management and self.of_order(order):
            raise wrong("Without Order Management an order has one shipment.")
        if self.company.management and not record["ShipmentStatus"]:
            raise wrong("ShipmentStatus is required.")
        record["Guid"], there = self.company.guid_of_new(self.name, record["Guid"])
        self._tie(record, order, there, strict=False)
        assign = call.flag("serialBatch")
        made = self.make(order, record, call.by, there=there, assign=assign)
        return self.made(call, made)

    def _read(self, call: Call, body: Mapping[str, Any]) -> Record:
        if set(call.query) - {"serialBatch"}:
            raise wrong("The only parameter is serialBatch.")
        record = self.read(body)
        if (record["ShipmentStatus"] or "Parked") not in STATUSES:
            raise wrong(f"ShipmentStatus is one of {', '.join(STATUSES)}.")
        if not call.flag("serialBatch"):
            for line in record[self.lines]:
                line |= {"SerialNumbers": None, "BatchNumbers": None}
        return record

    def _order(self, number: str) -> Record:
        for order in self.company.all("SalesOrders").values():
            if order["OrderNumber"] == number:
                return order
        raise wrong(f"Sales order {number} does not exist.")

    def _tie(self, record: Record, order: Record, there: Record | None, *, strict: bool) -> None:
        """Find each line's line of the order, and see that no more is shipped than was ordered."""
        sums: dict[str, Decimal] = {}
        for line in record[self.lines]:
            if line["ShipmentQty"] <= 0:
                raise wrong("ShipmentQty has to be above 0.")
            wanted = line["SalesOrderLineNumber"]
            if wanted is None and strict:
                raise wrong("SalesOrderLineNumber is required.")
            fitting = [
                x
                for x in order["SalesOrderLines"]
                if x["Product"] == line["Product"] and wanted in {None, x["LineNumber"]}
            ]
            if len(fitting) != 1:
                raise wrong("A line is not one of the order's; say SalesOrderLineNumber.")
            found = fitting[0]
            line |= {"_line": found["Guid"], "SalesOrderLineNumber": found["LineNumber"]}
            sums[found["Guid"]] = sums.get(found["Guid"], Decimal()) + line["ShipmentQty"]
            already = self.on_their_way(order, found["Guid"], there)
            if sums[found["Guid"]] + already > found["OrderQuantity"]:
                raise wrong(f"Line {found['LineNumber']} would be shipped more than was ordered.")

    def make(
        self,
        order: Record,
        record: Record,
        by: str,
        *,
        there: Record | None = None,
        assign: bool = False,
    ) -> Record:
        """Keep a shipment of an order; its address is the order's where it has none."""
        status = record["ShipmentStatus"] or "Parked"
        outgoing = (
            outgoing_of(self.company, order, record, assign=assign)
            if status == "Dispatched"
            else []
        )
        record |= {name: record.get(name) or order[name] for name in ADDRESS}
        record |= {name: order[name] for name in INHERITED}
        record |= {"OrderGuid": order["Guid"], "ShipmentStatus": status}
        if there is None:
            record["ShipmentNumber"] = self.company.number(self.name)
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        if there is None:
            order["_shipments"].append(kept)
        self._note("shipment_made", kept, by)
        self._go(order, kept, outgoing, by)
        return kept

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT /SalesShipments/{guid}``: the whole object; ``Dispatched`` sends the goods off."""
        there = self.one(guid)
        body = call.content()
        same_guid(there["Guid"], body)
        record = self._read(call, body)
        if there["ShipmentStatus"] == "Deleted":
            raise wrong("The shipment is Deleted.")
        order = self.company.one("SalesOrders", there["OrderGuid"])
        if record["OrderNumber"] != order["OrderNumber"]:
            raise wrong("A shipment stays with its order.")
        if there["ShipmentStatus"] == "Dispatched":
            self._edit_late(there, record, call.by)
            return self.reply(call, there)
        self._tie(record, order, there, strict=True)
        self.update(order, there, record, call.by, assign=call.flag("serialBatch"))
        return self.reply(call, there)

    def update(
        self, order: Record, there: Record, record: Record, by: str, *, assign: bool = False
    ) -> None:
        """Write a whole shipment over one that there is, and dispatch it if it says so."""
        status = record["ShipmentStatus"] or "Parked"
        outgoing = (
            outgoing_of(self.company, order, record, assign=assign)
            if status == "Dispatched"
            else []
        )
        lines = self.replaced_lines(there, record[self.lines])
        there |= record | {
            "Guid": there["Guid"], "ShipmentStatus": status, self.lines: lines
        }  # fmt: skip
        self.company.touch(there, by)
        self._note("shipment_changed", there, by)
        self._go(order, there, outgoing, by)

    def _edit_late(self, there: Record, record: Record, by: str) -> None:
        """After a dispatch only comments and tracking can be changed."""
        fixed = ("ShipmentStatus", "ShippingCompany", "NumberOfPackages", "ShipmentWeight")
        same = all(record[name] == there[name] for name in fixed)
        quantities = [line["ShipmentQty"] for line in record[self.lines]]
        same = same and quantities == [line["ShipmentQty"] for line in there[self.lines]]
        if not same and self.company.settings.dispatched_edit == "refuse":
            raise wrong("Of a dispatched shipment only Comments and TrackingNumber can be changed.")
        there |= {name: record[name] for name in LATE}
        self.company.touch(there, by)
        self._note("shipment_changed", there, by)

    # -- dispatch ---------------------------------------------------------------------------

    def _go(self, order: Record, shipment: Record, outgoing: Sequence[Outgoing], by: str) -> None:
        if shipment["ShipmentStatus"] != "Dispatched":
            return
        shipment["DispatchDate"] = shipment["DispatchDate"] or self.company.today()
        carry_out(self.company, outgoing, shipment, by)
        self._note("shipment_dispatched", shipment, by)
        wanted = self.company.settings.dispatch_completes
        completes = wanted == "always" or (
            wanted == "without_management" and not self.company.management
        )
        if completes and not any(self.left_of(order).values()):
            self.close(order, by)

    def close(self, order: Record, by: str) -> None:
        """An order is completed, and invoiced."""
        order |= {"OrderStatus": "Completed", "CompletedDate": self.company.today()}
        order["CustomOrderStatus"] = None
        self.company.touch(order, by)
        invoice = self._invoices.of_order(order, by)
        self.company.note(
            "order_completed",
            by,
            order["Guid"],
            order=order["OrderNumber"],
            invoice=invoice["InvoiceNumber"],
        )
        self.company.tell("salesorder.updated", salesOrderGuid=order["Guid"])

    def make_whole(self, order: Record, status: str, by: str, *, assign: bool = False) -> Record:
        """Keep a shipment of everything that is ordered."""
        return self.make(order, whole_shipment(order, status), by, assign=assign)

    def ship_all(self, order: Record, by: str, *, assign: bool) -> None:
        """Dispatch the order's one shipment, made now if there is none.

        Raises:
            Refused: There are not enough goods, or the shipment has not all of the order.
        """
        there = self.of_order(order)
        if not there:
            self.make_whole(order, "Dispatched", by, assign=assign)
            return
        for line in order["SalesOrderLines"]:
            shipped = self.on_their_way(order, line["Guid"])
            if self.company.stocked(line["Product"]) and line["OrderQuantity"] != shipped:
                raise Refused(400, "Not everything of this order has been dispatched.")
        for shipment in there:
            if shipment["ShipmentStatus"] != "Dispatched":
                record = dict(shipment, ShipmentStatus="Dispatched")
                self.update(order, shipment, record, by, assign=assign)

    # -- removal ----------------------------------------------------------------------------

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE /SalesShipments/{guid}``."""
        self.delete(self.one(guid), call.by)
        return Reply(200)

    def delete(self, shipment: Record, by: str) -> None:
        """A shipment is deleted.

        Raises:
            Refused: Its goods have gone.
        """
        if shipment["ShipmentStatus"] in {"Dispatched", "Deleted"}:
            raise wrong(f"The shipment is {shipment['ShipmentStatus']}.")
        shipment["ShipmentStatus"] = "Deleted"
        self.company.touch(shipment, by)
        self._note("shipment_deleted", shipment, by)

    def remove_line(self, call: Call, guid: str) -> Reply:
        """``DELETE /SalesShipments/Lines/{guid}``."""
        for shipment in self.rows():
            kept = [line for line in shipment[self.lines] if line["Guid"] != guid.lower()]
            if len(kept) < len(shipment[self.lines]):
                if shipment["ShipmentStatus"] in {"Dispatched", "Deleted"} or not kept:
                    raise wrong("The line cannot be removed.")
                shipment[self.lines] = kept
                self.company.touch(shipment, call.by)
                self._note("shipment_changed", shipment, call.by)
                return Reply(200)
        raise not_found(f"Shipment line {guid}")

    def _note(self, what: str, shipment: Record, by: str) -> None:
        codes = self.company.all("Products")
        lines: dict[str, str] = {}
        for line in shipment[self.lines]:
            code = codes[line["Product"]]["ProductCode"]
            lines[code] = str(Decimal(lines.get(code, "0")) + line["ShipmentQty"])
        self.company.note(
            what,
            by,
            shipment["Guid"],
            shipment=shipment["ShipmentNumber"],
            order=shipment["OrderNumber"],
            status=shipment["ShipmentStatus"],
            tracking=shipment["TrackingNumber"],
            lines=lines,
        )
