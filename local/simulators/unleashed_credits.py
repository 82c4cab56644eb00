"""Unleashed's credit notes: free-entry ones are written here, a completed one may return stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed_company import cents
from local.simulators.unleashed_lists import Listing, dated, equal, words
from local.simulators.unleashed_replies import Call, Route, wrong
from local.simulators.unleashed_resource import ONE, Resource
from local.simulators.unleashed_shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    numbers,
    own,
    read,
    same_guid,
    texts,
)
from local.simulators.wire import Reply

FREE = "FreeCredit"
LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        Field("Product", "ref", of="Products", required=True),
        Field("CreditQuantity", "number", required=True),
        Field("CreditPrice", "number", required=True),
        Field("Reason", required=True),
        Field("Return", "flag", required=True),
        *texts(1024, "Comments"),
        *own("LineTotal", "LineTax", "TaxRate"),
        Field("PendingBatchNumbers", "batches"),
        Field("PendingSerialNumbers", "serials"),
        Field("BatchNumbers", "batches", own=True),
        Field("SerialNumbers", "serials", own=True),
        *own("LastModifiedOn"),
    )
)
CREDIT = Shape(
    (
        Field("Guid", "guid"),
        *own("CreditNumber", "CreditType", "Status", "InvoiceNumber"),
        Field("CreditDate", "date", required=True),
        Field("Customer", "ref", of="Customers", required=True),
        Field("Warehouse", "ref", of="Warehouses", required=True),
        Field("Currency", "ref", of="Currencies", own=True),
        Field("ExchangeRate", "number", required=True),
        Field("Tax", "ref", of="Taxes"),
        *numbers("TaxRate"),
        *texts(1024, "Comments"),
        *texts(500, "Reference"),
        *own("SubTotal", "TaxTotal", "Total"),
        *STAMPS,
        Field("CreditLines", "lines", lines=LINE, required=True),
    )
)


class Credits(Resource):
    """The resource."""

    name = "CreditNotes"
    shape = CREDIT
    lines = "CreditLines"
    listing = Listing(
        filters={
            "creditNumber": equal("CreditNumber"),
            "creditStatus": words("Status"),
            **dated("CreditDate"),
        },
        single=("creditNumber",),
        hidden=lambda row: row["Status"] == "Deleted",
        unhides=frozenset({"creditStatus", "creditNumber"}),
        newest=True,
        counts=True,
    )

    def routes(self) -> list[Route]:
        """Besides lists: free-entry credits, and their lines, update, completion, deletion."""
        return [
            *super().routes(),
            ("POST", rf"/{self.name}/FreeCredit", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("POST", rf"/{self.name}/{ONE}/Complete", self.complete),
            ("POST", rf"/{self.name}/{ONE}/Lines", self.add_line),
            ("PUT", rf"/{self.name}/{ONE}/Lines/{ONE}", self.put_line),
            ("DELETE", rf"/{self.name}/{ONE}/Lines/{ONE}", self.remove_line),
        ]

    def post(self, call: Call) -> Reply:
        """``POST /CreditNotes/FreeCredit``: parked."""
        record = self.checked(call.content())
        record["Guid"], there = self.company.guid_of_new(self.name, record["Guid"])
        return self.made(call, self.create(record, call.by, there))

    def checked(self, body: Mapping[str, Any]) -> Record:
        """A whole credit as it may be written.

        Raises:
            Refused: It may not.
        """
        record = self.read(body)
        for line in record[self.lines]:
            self._check_line(line)
        return record

    def _check_line(self, line: Record) -> None:
        if line["CreditQuantity"] <= 0:
            raise wrong("CreditQuantity has to be above 0.")
        if line["CreditPrice"] < 0:
            raise wrong("CreditPrice is below 0.")

    def create(
        self, record: Record, by: str, there: Record | None = None, *, kind: str = FREE
    ) -> Record:
        """Keep a checked credit, parked."""
        if there is None:
            record["CreditNumber"] = self.company.number(self.name)
        customer = self.company.one("Customers", record["Customer"])
        record |= {"CreditType": kind, "Status": "Parked", "Currency": customer["Currency"]}
        record["InvoiceNumber"] = record.get("InvoiceNumber")
        for line in record[self.lines]:
            line |= {"BatchNumbers": None, "SerialNumbers": None}
        self._amounts(record)
        kept = self.keep(record, there, by)
        self._note("credit_made", kept, by)
        return kept

    def _amounts(self, record: Record) -> None:
        """Totals; the tax is added to the lines' prices."""
        taxes = self.company.all("Taxes")
        of_tax = taxes.get(record["Tax"] or "", {}).get("TaxRate")
        rate = record["TaxRate"] if record["TaxRate"] is not None else of_tax or Decimal()
        for line in record[self.lines]:
            net = line["CreditQuantity"] * line["CreditPrice"]
            line |= {"LineTotal": net, "LineTax": cents(net * rate), "TaxRate": rate}
        net = sum((line["LineTotal"] for line in record[self.lines]), Decimal())
        tax = sum((line["LineTax"] for line in record[self.lines]), Decimal())
        record |= {"SubTotal": net, "TaxTotal": tax, "Total": net + tax}
        self.company.line_guids(record[self.lines])

    def parked(self, guid: str) -> Record:
        """A free-entry credit that can still be changed.

        Raises:
            Refused: It cannot.
        """
        found = self.one(guid)
        if found["CreditType"] != FREE:
            raise wrong("Only free-entry credit notes can be changed.")
        if found["Status"] != "Parked":
            raise wrong(f"The credit note is {found['Status']}.")
        return found

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT /CreditNotes/{guid}``: the whole object."""
        there = self.parked(guid)
        body = call.content()
        same_guid(there["Guid"], body)
        record = self.checked(body)
        record[self.lines] = self.replaced_lines(there, record[self.lines])
        there |= record | {"Guid": there["Guid"]}
        return self._changed(call, there)

    def _changed(self, call: Call, record: Record) -> Reply:
        self._amounts(record)
        self.company.touch(record, call.by)
        self._note("credit_changed", record, call.by)
        return self.reply(call, record)

    def add_line(self, call: Call, guid: str) -> Reply:
        """``POST …/Lines``."""
        there = self.parked(guid)
        line = read(LINE, call.content(), self.company)
        self._check_line(line)
        there[self.lines].append(line | {"BatchNumbers": None, "SerialNumbers": None})
        return self._changed(call, there)

    def put_line(self, call: Call, guid: str, number: str) -> Reply:
        """``PUT …/Lines/{guid}``: the whole line."""
        there = self.parked(guid)
        line = self.line(there, number)
        body = call.content()
        same_guid(line["Guid"], body)
        wanted = read(LINE, body, self.company)
        self._check_line(wanted)
        line |= wanted | {"Guid": line["Guid"]}
        return self._changed(call, there)

    def remove_line(self, call: Call, guid: str, number: str) -> Reply:
        """``DELETE …/Lines/{guid}``."""
        there = self.parked(guid)
        if len(there[self.lines]) == 1:
            raise wrong("The last line cannot be removed.")
        there[self.lines].remove(self.line(there, number))
        self._changed(call, there)
        return Reply(200)

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE …/{guid}``."""
        record = self.parked(guid)
        record["Status"] = "Deleted"
        self.company.touch(record, call.by)
        self._note("credit_deleted", record, call.by)
        return Reply(200)

    def complete(self, call: Call, guid: str) -> Reply:
        """``POST …/Complete``: what is returned goes back to stock."""
        call.no_content()
        record = self.one(guid)
        self.finish(record, call.by)
        return self.reply(call, record)

    def finish(self, record: Record, by: str) -> None:
        """Complete a credit.

        Raises:
            Refused: It is not parked, or batches do not make the quantity.
        """
        if record["Status"] != "Parked":
            raise wrong(f"The credit note is {record['Status']}.")
        back = [
            line
            for line in record[self.lines]
            if line["Return"] and self.company.stocked(line["Product"])
        ]
        for line in back:
            found = self.company.one("Products", line["Product"])
            pending = line["PendingBatchNumbers"] or []
            inside = sum((row["Quantity"] for row in pending), Decimal())
            if found["IsBatchTracked"] and inside != line["CreditQuantity"]:
                raise wrong(f"The batches of {found['ProductCode']} do not make its quantity.")
        for line in back:
            pending = line["PendingBatchNumbers"] or []
            self.company.stock.move(
                line["Product"],
                record["Warehouse"],
                line["CreditQuantity"],
                "credit_returned",
                record["Guid"],
                batches=[(row["Number"], row["Quantity"]) for row in pending],
            )
            line |= {"BatchNumbers": pending or None, "PendingBatchNumbers": None}
        record["Status"] = "Completed"
        self.company.touch(record, by)
        self._note("credit_completed", record, by)

    def _note(self, what: str, record: Record, by: str) -> None:
        products, customers = self.company.all("Products"), self.company.all("Customers")
        self.company.note(
            what,
            by,
            record["Guid"],
            credit=record["CreditNumber"],
            customer=customers[record["Customer"]]["CustomerCode"],
            reference=record["Reference"],
            total=str(record["Total"]),
            lines=[
                {
                    "product": products[line["Product"]]["ProductCode"],
                    "quantity": str(line["CreditQuantity"]),
                    "return": line["Return"],
                }
                for line in record[self.lines]
            ],
        )
