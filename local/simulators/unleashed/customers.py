"""Unleashed's customers: made or updated by one and the same POST."""

from __future__ import annotations

from local.simulators.unleashed.lists import Listing, contains, equal, prefix, since
from local.simulators.unleashed.replies import Call, Route, answer, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import STAMPS, Field, Record, Shape, own, same_guid, texts
from local.simulators.wire import Reply

KEPT = ("DeliveryInstruction",)
CUSTOMER = Shape(
    (
        Field("Guid", "guid"),
        Field("CustomerCode", required=True),
        Field("CustomerName", required=True),
        *texts(0, "Email", "PhoneNumber", "MobileNumber", "FaxNumber", "Website"),
        *texts(0, "ContactFirstName", "ContactLastName", "CustomerType", "Notes"),
        *texts(500, "DeliveryInstruction"),
        *texts(0, "DeliveryMethod", "TaxCode", "GSTVATNumber", "SellPriceTier", "SourceId"),
        Field("Currency", "ref", of="Currencies"),
        *own("CurrencyId"),
        Field("Taxable", "flag", default=True),
        Field("StopCredit", "flag", default=False),
        Field("Obsolete", "flag", default=False),
        Field("Addresses", "plain"),
        *STAMPS,
    )
)


class Customers(Resource):
    """The resource."""

    name = "Customers"
    shape = CUSTOMER
    listing = Listing(
        filters={
            "customerCode": prefix("CustomerCode"),
            "customerName": prefix("CustomerName"),
            "customer": contains("CustomerCode", "CustomerName"),
            "contactEmail": equal("Email"),
            "stopCredit": lambda row, on: row["StopCredit"] is (on == "true"),
            "includeObsolete": lambda row, on: on == "true" or not row["Obsolete"],
            "modifiedSince": since("modifiedSince", "LastModifiedOn"),
        },
        also=frozenset({"includeAllContacts"}),
        hidden=lambda row: bool(row["Obsolete"]),
        unhides=frozenset({"includeObsolete"}),
        code="CustomerCode",
    )

    def routes(self) -> list[Route]:
        """Besides lists: create or update, and contacts, of which there are none."""
        return [
            *super().routes(),
            ("GET", rf"/{self.name}/{ONE}/Contacts", self.contacts),
            ("POST", rf"/{self.name}", lambda call: self.write(call, None)),
            ("POST", rf"/{self.name}/{ONE}", self.write),
        ]

    def contacts(self, call: Call, guid: str) -> Reply:
        """The contacts of a customer."""
        self.one(guid)
        return answer({"Items": []}, camel=self.company.settings.keys == "camel")

    def write(self, call: Call, guid: str | None) -> Reply:
        """``POST /Customers/{guid}``: a new customer, or the whole of one that there is."""
        body = call.content()
        if guid:
            same_guid(guid.lower(), body)
        record = self.read(body)
        record["Guid"] = guid.lower() if guid else record["Guid"]
        there = self.company.all(self.name).get(record["Guid"])
        if there is None:
            if self.company.by_code(self.name, record["CustomerCode"]):
                raise wrong(f"Customer code {record['CustomerCode']} already exists.")
            return self.made(call, self.create(record, call.by))
        if record["CustomerCode"] != there["CustomerCode"]:
            raise wrong("CustomerCode cannot be changed.")
        there |= record | {key: there[key] for key in KEPT if record[key] is None}
        self.company.touch(there, call.by)
        self.company.note("customer_changed", call.by, there["Guid"], code=there["CustomerCode"])
        self.company.tell("customer.updated", customerGuid=there["Guid"])
        return self.reply(call, there)

    def create(self, record: Record, by: str) -> Record:
        """Keep a new customer; its currency is the company's first where it names none."""
        currencies = self.company.all("Currencies")
        record["Currency"] = record["Currency"] or next(iter(currencies), None)
        record["CurrencyId"] = 1 + list(currencies).index(record["Currency"])
        self.company.add(self.name, record, by)
        self.company.note("customer_made", by, record["Guid"], code=record["CustomerCode"])
        self.company.tell("customer.created", customerGuid=record["Guid"])
        return record
