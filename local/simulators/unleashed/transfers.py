"""Unleashed's warehouse transfers: no Guids of the caller's, goods move when one is completed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.document import PARKED, Document
from local.simulators.unleashed.lists import Listing, since, words
from local.simulators.unleashed.replies import Call, Route, not_found, wrong
from local.simulators.unleashed.shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    View,
    own,
    texts,
)
from local.simulators.wire import Reply

LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        Field("Product", "ref", of="Products", required=True),
        Field("TransferQuantity", "number", required=True),
        *texts(1024, "Comments"),
        *own("LastModifiedOn"),
    )
)
TRANSFER = Shape(
    (
        Field("Guid", "guid"),
        *own("TransferOrderNumber"),
        Field("TransferStatus", most=20, required=True),
        Field("SourceWarehouse", "ref", of="Warehouses", required=True),
        Field("DestinationWarehouse", "ref", of="Warehouses", required=True),
        Field("OrderDate", "date"),
        Field("DeliveryDate", "date"),
        *texts(1024, "Comments"),
        *STAMPS,
        Field("TransferDetails", "lines", lines=LINE, required=True),
    )
)


class Transfers(Document):
    """The resource."""

    name = "WarehouseStockTransfers"
    shape = TRANSFER
    lines = "TransferDetails"
    title = word = "transfer"
    status = "TransferStatus"
    line_shape = LINE
    listing = Listing(
        filters={
            "modifiedSince": since("modifiedSince", "LastModifiedOn"),
            "transferStatus": words("TransferStatus"),
        }
    )

    def routes(self) -> list[Route]:
        """Besides those of every document: one by its number."""
        return [*super().routes(), ("GET", rf"/{self.name}/(TX-\d+)", self.by_number)]

    def show(self, record: Record, view: View) -> dict[str, Any]:
        """A transfer, its number under the key that the setting says."""
        key = self.company.settings.transfer_number_key
        written = super().show(record, view)
        return {key if name == "TransferOrderNumber" else name: v for name, v in written.items()}

    def by_number(self, call: Call, number: str) -> Reply:
        """``GET /WarehouseStockTransfers/TX-00000077``."""
        for record in self.rows():
            if record["TransferOrderNumber"] == number:
                return self.single(call, record["Guid"])
        raise not_found(f"Transfer {number}")

    def post(self, call: Call) -> Reply:
        """``POST /WarehouseStockTransfers``: only Unleashed says what its Guid is."""
        _no_parameters(call)
        record = self.checked(call.content())
        if record["Guid"] or any(line["Guid"] for line in record[self.lines]):
            raise wrong("Guid cannot be set by the caller.")
        return self.made(call, self.create(record, call.by))

    def put(self, call: Call, guid: str) -> Reply:
        """See `Document.put`."""
        _no_parameters(call)
        return super().put(call, guid)

    def checked(self, body: Mapping[str, Any]) -> Record:
        """See `Document.checked`."""
        record = self.read(body)
        if record["TransferStatus"] != PARKED:
            raise wrong("TransferStatus is Parked; Complete does the rest.")
        if record["SourceWarehouse"] == record["DestinationWarehouse"]:
            raise wrong("The warehouses are the same.")
        for line in record[self.lines]:
            self.check_line(line)
        return record

    def check_line(self, line: Record) -> None:
        """See `Document.check_line`."""
        if line["TransferQuantity"] <= 0:
            raise wrong("TransferQuantity has to be above 0.")

    def create(self, record: Record, by: str, there: Record | None = None) -> Record:
        """See `Document.create`."""
        record["TransferOrderNumber"] = self.company.number(self.name)
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        self.note("transfer_made", kept, by)
        return kept

    def finish(self, record: Record, by: str) -> None:
        """Complete a transfer.

        Raises:
            Refused: There is not so much at its source.
        """
        stock, source = self.company.stock, record["SourceWarehouse"]
        needed: dict[str, Decimal] = {}
        for line in record[self.lines]:
            product = line["Product"]
            needed[product] = needed.get(product, Decimal()) + line["TransferQuantity"]
        for product, many in needed.items():
            if self.company.stocked(product) and stock.there(product, source) < many:
                code = self.company.one("Products", product)["ProductCode"]
                raise wrong(f"There is not enough stock of {code} at the source.")
        for product, many in needed.items():
            if not self.company.stocked(product):
                continue
            tracked = self.company.one("Products", product)["IsBatchTracked"]
            inside = sum(stock.batches(product, source).values(), Decimal())
            out = stock.picked(product, source, many, None) if tracked and inside >= many else []
            back = [(number, -part) for number, part in out]
            guid, word = record["Guid"], "transfer_completed"
            worth = many * stock.cost(product)
            stock.move(product, source, -many, word, guid, value=-worth, batches=out)
            place = record["DestinationWarehouse"]
            stock.move(product, place, many, word, guid, value=worth, batches=back)
        record["TransferStatus"] = "Completed"
        self.company.touch(record, by)
        self.note("transfer_completed", record, by)

    def note(self, what: str, record: Record, by: str) -> None:
        products, places = self.company.all("Products"), self.company.all("Warehouses")
        lines: dict[str, str] = {}
        for line in record[self.lines]:
            code = products[line["Product"]]["ProductCode"]
            lines[code] = str(Decimal(lines.get(code, "0")) + line["TransferQuantity"])
        self.company.note(
            what,
            by,
            record["Guid"],
            transfer=record["TransferOrderNumber"],
            source=places[record["SourceWarehouse"]]["WarehouseCode"],
            destination=places[record["DestinationWarehouse"]]["WarehouseCode"],
            comments=record["Comments"],
            lines=lines,
        )


def _no_parameters(call: Call) -> None:
    if call.query:
        raise wrong("This call takes no parameters.")
