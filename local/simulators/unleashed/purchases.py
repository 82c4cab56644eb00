"""Unleashed's purchase orders: received by a POST without a body, from what the lines say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import Company, line_totals, totals_agree
from local.simulators.unleashed.lists import Listing, Lists, dated, equal, prefix, since, words
from local.simulators.unleashed.purchase_shape import PURCHASE, PURCHASE_LINE
from local.simulators.unleashed.replies import Call, Route, answer, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import Record, View, read, same_guid
from local.simulators.wire import Reply

STATUSES = ("Parked", "Placed", "Unapproved", "Costed")
BATCHES = ("PendingBatchNumbers", "PendingSerialNumbers", "BatchNumbers", "SerialNumbers")


class Purchases(Resource):
    """The resource."""

    name = "PurchaseOrders"
    shape = PURCHASE
    lines = "PurchaseOrderLines"

    def __init__(self, company: Company, lists: Lists) -> None:
        super().__init__(company, lists)
        suppliers, warehouses = company.all("Suppliers"), company.all("Warehouses")

        def before(row: Record, value: str) -> bool:
            done = row["CompletedDate"] is not None
            return done and not since("completedBefore", "CompletedDate")(row, value)

        self.listing = Listing(
            filters={
                "orderNumber": equal("OrderNumber"),
                "orderStatus": words("OrderStatus"),
                "customOrderStatus": words("CustomOrderStatus"),
                "supplierCode": lambda row, v: prefix("SupplierCode")(
                    suppliers[row["Supplier"]], v
                ),
                "warehouseCode": lambda row, v: warehouses[row["Warehouse"]]["WarehouseCode"] == v,
                "completedAfter": since("completedAfter", "CompletedDate"),
                "completedBefore": before,
                **dated("OrderDate"),
            },
            single=("orderNumber",),
            overrides={"customOrderStatus": "orderStatus"},
            also=frozenset({"serialBatch", "brief"}),
            hidden=lambda row: row["OrderStatus"] == "Deleted",
            unhides=frozenset({"orderStatus", "orderNumber"}),
        )

    def routes(self) -> list[Route]:
        """Besides lists: create, update, lines, receipt, complete, delete, costs."""
        return [
            *super().routes(),
            ("GET", rf"/{self.name}/{ONE}/Costs", self.costs),
            ("POST", rf"/{self.name}", lambda call: self.post(call, None)),
            ("POST", rf"/{self.name}/{ONE}", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("POST", rf"/{self.name}/{ONE}/Lines", self.add_line),
            ("PUT", rf"/{self.name}/{ONE}/Lines/{ONE}", self.put_line),
            ("DELETE", rf"/{self.name}/{ONE}/Lines/{ONE}", self.remove_line),
            ("POST", rf"/{self.name}/{ONE}/Receipt", self.receipt),
            ("POST", rf"/{self.name}/{ONE}/Complete", self.complete),
        ]

    def show(self, record: Record, view: View) -> dict[str, Any]:
        """An order; ``brief=false`` shows more of the products."""
        written = super().show(record, view)
        if not view.brief:
            for line, row in zip(written[self.lines], record[self.lines], strict=True):
                more = {"SupplierProductCode": None, "SupplierProductDescription": None}
                group = self.company.one("Products", row["Product"]).get("ProductGroup")
                line["Product"] |= more | {"ProductGroup": group}
        return written

    def costs(self, call: Call, guid: str) -> Reply:
        """``GET …/Costs``: none."""
        self.one(guid)
        return answer({"Items": []}, camel=self.company.settings.keys == "camel")

    # -- create and update ------------------------------------------------------------------

    def post(self, call: Call, guid: str | None) -> Reply:
        """``POST /PurchaseOrders/{guid}``."""
        body = call.content()
        if guid:
            same_guid(guid.lower(), body)
        record = self.checked(body)
        wanted = guid.lower() if guid else record["Guid"]
        record["Guid"], there = self.company.guid_of_new(self.name, wanted)
        return self.made(call, self.create(record, call.by, there))

    def checked(self, body: Mapping[str, Any]) -> Record:
        """A whole order as it may be made.

        Raises:
            Refused: It may not.
        """
        record = self.read(body)
        if record["OrderStatus"] not in STATUSES:
            raise wrong(f"OrderStatus is one of {', '.join(STATUSES)}.")
        supplier = self.company.one("Suppliers", record["Supplier"])
        record["Currency"] = record["Currency"] or supplier["Currency"]
        totals_agree(record, self.lines)
        for line in record[self.lines]:
            self._check_line(line)
        return record

    def _check_line(self, line: Record) -> None:
        if line["OrderQuantity"] <= 0:
            raise wrong("OrderQuantity has to be above 0.")
        if (line["ReceiptQuantity"] or 0) < 0:
            raise wrong("ReceiptQuantity is below 0.")

    def create(self, record: Record, by: str, there: Record | None = None) -> Record:
        """Keep a checked order."""
        warehouses = self.company.all("Warehouses").values()
        default = next((row["Guid"] for row in warehouses if row.get("IsDefault")), None)
        record["Warehouse"] = record["Warehouse"] or default
        if there is None:
            record["OrderNumber"] = self.company.number(self.name)
        record |= {"CompletedDate": None, "ReceivedDate": None}
        for line in record[self.lines]:
            line |= {"_receipted": Decimal(), "BatchNumbers": None, "SerialNumbers": None}
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        self._note("purchase_made", kept, by)
        return kept

    def changeable(self, guid: str) -> Record:
        """An order that can still be changed.

        Raises:
            Refused: It cannot.
        """
        found = self.one(guid)
        if found["OrderStatus"] not in STATUSES:
            raise wrong(f"The purchase order is {found['OrderStatus']}.")
        return found

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT /PurchaseOrders/{guid}``: lenient, what is left out stays; batches are ignored."""
        there = self.changeable(guid)
        body = call.content()
        same_guid(there["Guid"], body)
        record = self.read(body, partial=True)
        for name in ("Supplier", "OrderStatus"):
            if not record.get(name):
                raise wrong(f"{name} is required.")
        if record["OrderStatus"] not in STATUSES:
            raise wrong("OrderStatus cannot be set so; Receipt and Complete do the rest.")
        if record.get("Currency", there["Currency"]) != there["Currency"]:
            raise wrong("The currency cannot be changed.")
        lines = record.pop(self.lines, None)
        for line in lines or []:
            self._check_line(line)
        merged = [self._lenient(there, line) for line in lines or []]
        checked = there | record | ({self.lines: merged} if lines else {})
        totals_agree(checked, self.lines)
        there |= {**checked, "Guid": there["Guid"]}
        return self._changed(call, there)

    def _lenient(self, there: Record, line: Record) -> Record:
        guid = line.get("Guid")
        found = self.line(there, guid) if guid else {"_receipted": Decimal()}
        blank = {known.name: None for known in PURCHASE_LINE.fields}
        given = {name: value for name, value in line.items() if name not in BATCHES}
        return blank | found | given

    def _changed(self, call: Call, record: Record) -> Reply:
        self.company.line_guids(record[self.lines])
        self.company.touch(record, call.by)
        self._note("purchase_changed", record, call.by)
        return self.reply(call, record)

    def add_line(self, call: Call, guid: str) -> Reply:
        """``POST …/Lines``; the totals are made anew."""
        there = self.changeable(guid)
        line = read(PURCHASE_LINE, call.content(), self.company)
        self._check_line(line)
        line |= {"_receipted": Decimal(), "BatchNumbers": None, "SerialNumbers": None}
        there[self.lines].append(line)
        there |= line_totals(there[self.lines])
        return self._changed(call, there)

    def put_line(self, call: Call, guid: str, number: str) -> Reply:
        """``PUT …/Lines/{guid}``: the exception, what is left out stays as it was."""
        there = self.changeable(guid)
        line = self.line(there, number)
        body = call.content()
        same_guid(line["Guid"], body)
        wanted = line | read(PURCHASE_LINE, body, self.company, partial=True)
        self._check_line(wanted)
        line |= wanted | {"Guid": line["Guid"]}
        there |= line_totals(there[self.lines])
        return self._changed(call, there)

    def remove_line(self, call: Call, guid: str, number: str) -> Reply:
        """``DELETE …/Lines/{guid}``."""
        there = self.changeable(guid)
        line = self.line(there, number)
        if len(there[self.lines]) == 1 or line["_receipted"]:
            raise wrong("The line cannot be removed.")
        there[self.lines].remove(line)
        there |= line_totals(there[self.lines])
        self._changed(call, there)
        return Reply(200)

    # -- receipt and the end ----------------------------------------------------------------

    def receipt(self, call: Call, guid: str) -> Reply:
        """``POST …/Receipt``, without a body: books each line's stored ReceiptQuantity."""
        call.no_content()
        record = self.one(guid)
        self.receive(record, call.by)
        return self.reply(call, record)

    def receive(self, record: Record, by: str) -> None:
        """Goods arrive.

        Raises:
            Refused: The order is not placed, nothing came or too much, or batches do not fit.
        """
        if record["OrderStatus"] != "Placed":
            raise wrong(f"The purchase order is {record['OrderStatus']}; a receipt needs Placed.")
        coming = [line for line in record[self.lines] if line["ReceiptQuantity"]]
        if not coming:
            raise wrong("There is nothing to receipt: ReceiptQuantity is not set on any line.")
        for line in coming:
            self._receivable(line)
        rate = record["ExchangeRate"] or Decimal(1)
        for line in coming:
            self._take_in(record, line, rate)
        left = [line for line in record[self.lines] if line["_receipted"] < line["OrderQuantity"]]
        if not left or self.company.settings.partial_receipt == "closes":
            record["OrderStatus"] = "Receipted"
        else:
            for line in coming:
                line["ReceiptQuantity"] = None
        record["ReceivedDate"] = self.company.today()
        self.company.touch(record, by)
        self._note("purchase_receipted", record, by)

    def _receivable(self, line: Record) -> None:
        found = self.company.one("Products", line["Product"])
        code, many = found["ProductCode"], line["ReceiptQuantity"]
        if many + line["_receipted"] > line["OrderQuantity"]:
            raise wrong(f"The receipt quantity of {code} is more than its order quantity.")
        pending = line["PendingBatchNumbers"] or []
        sum_of_batches = sum((row["Quantity"] for row in pending), Decimal())
        if found["IsBatchTracked"] and sum_of_batches != many:
            raise wrong(f"The receipt quantity of {code} differs from its pending batches.")
        serials = line["PendingSerialNumbers"] or []
        if found["IsSerialized"] and len(serials) != many:
            raise wrong(f"The receipt quantity of {code} differs from its pending serials.")

    def _take_in(self, record: Record, line: Record, rate: Decimal) -> None:
        many = line["ReceiptQuantity"]
        line["_receipted"] += many
        batches = line["PendingBatchNumbers"] or []
        line["BatchNumbers"] = [*(line["BatchNumbers"] or []), *batches] or None
        line["SerialNumbers"] = [
            *(line["SerialNumbers"] or []),
            *(line["PendingSerialNumbers"] or []),
        ] or None
        line |= {"PendingBatchNumbers": None, "PendingSerialNumbers": None}
        if self.company.stocked(line["Product"]):
            self.company.stock.move(
                line["Product"],
                record["Warehouse"],
                many,
                "purchase_receipted",
                record["Guid"],
                value=many * line["UnitPrice"] / rate,
                batches=[(row["Number"], row["Quantity"]) for row in batches],
            )

    def complete(self, call: Call, guid: str) -> Reply:
        """``POST …/Complete``, of a receipted order."""
        call.no_content()
        record = self.one(guid)
        if record["OrderStatus"] != "Receipted":
            raise wrong(f"The purchase order is {record['OrderStatus']}; complete needs Receipted.")
        record |= {"OrderStatus": "Complete", "CompletedDate": self.company.today()}
        self.company.touch(record, call.by)
        self._note("purchase_completed", record, call.by)
        return self.reply(call, record)

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE /PurchaseOrders/{guid}``."""
        self.delete(self.changeable(guid), call.by)
        return Reply(200)

    def delete(self, record: Record, by: str) -> None:
        """An order is deleted.

        Raises:
            Refused: Goods of it have come.
        """
        if any(line["_receipted"] for line in record[self.lines]):
            raise wrong("Goods of this order have been receipted.")
        record["OrderStatus"] = "Deleted"
        self.company.touch(record, by)
        self._note("purchase_deleted", record, by)

    def _note(self, what: str, record: Record, by: str) -> None:
        products = self.company.all("Products")
        for line in record[self.lines]:
            if self.company.stocked(line["Product"]):
                self.company.stock.touch(line["Product"], record["Warehouse"])
        lines = {
            products[line["Product"]]["ProductCode"]: {
                "ordered": str(line["OrderQuantity"]),
                "receipted": str(line["_receipted"]),
            }
            for line in record[self.lines]
        }
        told = {"purchase": record["OrderNumber"], "status": record["OrderStatus"]}
        self.company.note(what, by, record["Guid"], **told, lines=lines)
