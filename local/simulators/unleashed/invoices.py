"""Unleashed's sales invoices: made when an order is completed, and read only."""

from __future__ import annotations

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.lists import Listing, Lists, dated, equal, prefix, words
from local.simulators.unleashed.resource import Resource
from local.simulators.unleashed.shapes import STAMPS, Field, Record, Shape, own

LINE = Shape(
    (
        *own("Guid", "LineNumber", "LineType"),
        Field("Product", "ref", of="Products", own=True),
        *own("OrderQuantity", "InvoiceQuantity", "UnitPrice", "DiscountRate", "LineTotal"),
        *own("LineTax", "TaxRate", "LineTaxCode", "Comments"),
        Field("SerialNumbers", "serials", own=True),
        Field("BatchNumbers", "batches", own=True),
    )
)
INVOICE = Shape(
    (
        *own("Guid", "InvoiceNumber", "OrderNumber", "InvoiceDate", "DueDate", "InvoiceStatus"),
        Field("Customer", "ref", of="Customers", own=True),
        *own("Comments", "ExchangeRate", "SubTotal", "TaxTotal", "Total"),
        *own("BCSubTotal", "BCTaxTotal", "BCTotal"),
        *STAMPS,
        Field("InvoiceLines", "lines", lines=LINE, own=True),
    )
)
FROM_LINE = (
    "LineNumber",
    "LineType",
    "Product",
    "OrderQuantity",
    "UnitPrice",
    "DiscountRate",
    "LineTotal",
    "LineTax",
    "TaxRate",
    "LineTaxCode",
    "Comments",
)
FROM_ORDER = (
    "OrderNumber",
    "Customer",
    "ExchangeRate",
    "SubTotal",
    "TaxTotal",
    "Total",
    "BCSubTotal",
    "BCTaxTotal",
    "BCTotal",
)


class Invoices(Resource):
    """The resource."""

    name = "Invoices"
    shape = INVOICE
    lines = "InvoiceLines"

    def __init__(self, company: Company, lists: Lists) -> None:
        super().__init__(company, lists)
        customers = company.all("Customers")
        self.listing = Listing(
            filters={
                "customerCode": lambda row, v: prefix("CustomerCode")(
                    customers[row["Customer"]], v
                ),
                "invoiceNumber": equal("InvoiceNumber"),
                "invoiceStatus": words("InvoiceStatus"),
                "orderNumber": equal("OrderNumber"),
                **dated("InvoiceDate"),
            },
            also=frozenset({"serialBatch"}),
            hidden=lambda row: row["InvoiceStatus"] == "Deleted",
            unhides=frozenset({"invoiceStatus"}),
            newest=True,
            counts=True,
        )

    def of_order(self, order: Record, by: str) -> Record:
        """The invoice of an order that is completed."""
        record = {name: order[name] for name in FROM_ORDER}
        record |= {
            "InvoiceNumber": self.company.number(self.name),
            "InvoiceDate": self.company.today(),
            "DueDate": order["PaymentDueDate"],
            "InvoiceStatus": "Completed",
            "Comments": order["Comments"],
            "_journal_only": order["SendAccountingJournalOnly"],
            self.lines: [
                {name: line[name] for name in FROM_LINE}
                | {
                    "Guid": self.company.new_guid(),
                    "InvoiceQuantity": line["OrderQuantity"],
                    "SerialNumbers": None,
                    "BatchNumbers": None,
                }
                for line in order["SalesOrderLines"]
            ],
        }
        self.company.add(self.name, record, by)
        self.company.note(
            "invoice_made",
            by,
            record["Guid"],
            invoice=record["InvoiceNumber"],
            order=order["OrderNumber"],
            journal_only=order["SendAccountingJournalOnly"],
            total=str(record["Total"]),
        )
        return record
