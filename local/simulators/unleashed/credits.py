"""Unleashed's credit notes: free-entry ones are written here, a completed one may return stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import cents
from local.simulators.unleashed.document import Document
from local.simulators.unleashed.lists import Listing, dated, equal, words
from local.simulators.unleashed.replies import Call, wrong
from local.simulators.unleashed.shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    numbers,
    own,
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


class Credits(Document):
    """The resource."""

    name = "CreditNotes"
    shape = CREDIT
    lines = "CreditLines"
    title = "credit note"
    word = "credit"
    status = "Status"
    line_shape = LINE
    made_at = f"/{FREE}"
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

    def checked(self, body: Mapping[str, Any]) -> Record:
        """A whole credit as it may be written.

        Raises:
            Refused: It may not.
        """
        record = self.read(body)
        for line in record[self.lines]:
            self.check_line(line)
        return record

    def check_line(self, line: Record) -> None:
        """See `Document.check_line`."""
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
        self.arrange(record)
        kept = self.keep(record, there, by)
        self.note("credit_made", kept, by)
        return kept

    def parked(self, guid: str) -> Record:
        """See `Document.parked`; only free-entry ones can be changed."""
        if self.one(guid)["CreditType"] != FREE:
            raise wrong("Only free-entry credit notes can be changed.")
        return super().parked(guid)

    def read_line(self, body: Mapping[str, Any]) -> Record:
        """See `Document.read_line`; batches and serials come when it is completed."""
        return super().read_line(body) | {"BatchNumbers": None, "SerialNumbers": None}

    def arrange(self, record: Record) -> None:
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
        self.note("credit_completed", record, by)

    def note(self, what: str, record: Record, by: str) -> None:
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
