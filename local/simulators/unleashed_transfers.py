"""Unleashed's warehouse transfers: no Guids of the caller's, goods move when one is completed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.unleashed_company import Company
from local.simulators.unleashed_lists import Listing, Lists, since, words
from local.simulators.unleashed_replies import Call, Route, not_found, wrong
from local.simulators.unleashed_resource import ONE, Resource
from local.simulators.unleashed_shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    View,
    own,
    read,
    same_guid,
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


class Transfers(Resource):
    """The resource."""

    name = "WarehouseStockTransfers"
    shape = TRANSFER
    lines = "TransferDetails"
    listing = Listing(
        filters={
            "modifiedSince": since("modifiedSince", "LastModifiedOn"),
            "transferStatus": words("TransferStatus"),
        }
    )

    def __init__(self, company: Company, lists: Lists) -> None:
        super().__init__(company, lists)

    def routes(self) -> list[Route]:
        """Besides lists: one by its number, create, update, complete, delete, lines."""
        return [
            *super().routes(),
            ("GET", rf"/{self.name}/(TX-\d+)", self.by_number),
            ("POST", rf"/{self.name}", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("POST", rf"/{self.name}/{ONE}/Complete", self.complete),
            ("POST", rf"/{self.name}/{ONE}/Lines", self.add_line),
            ("PUT", rf"/{self.name}/{ONE}/Lines/{ONE}", self.put_line),
            ("DELETE", rf"/{self.name}/{ONE}/Lines/{ONE}", self.remove_line),
        ]

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
        record = self._read(call)
        if record["Guid"] or any(line["Guid"] for line in record[self.lines]):
            raise wrong("Guid cannot be set by the caller.")
        return self.made(call, self.create(record, call.by))

    def _read(self, call: Call) -> Record:
        if call.query:
            raise wrong("This call takes no parameters.")
        record = self.read(call.content())
        if record["TransferStatus"] != "Parked":
            raise wrong("TransferStatus is Parked; Complete does the rest.")
        if record["SourceWarehouse"] == record["DestinationWarehouse"]:
            raise wrong("The warehouses are the same.")
        for line in record[self.lines]:
            _above_nothing(line)
        return record

    def create(self, record: Record, by: str) -> Record:
        """Keep a checked transfer, parked."""
        record["TransferOrderNumber"] = self.company.number(self.name)
        self.company.line_guids(record[self.lines])
        self.company.add(self.name, record, by)
        self._note("transfer_made", record, by)
        return record

    def parked(self, guid: str) -> Record:
        """A transfer that can still be changed.

        Raises:
            Refused: It cannot.
        """
        found = self.one(guid)
        if found["TransferStatus"] != "Parked":
            raise wrong(f"The transfer is {found['TransferStatus']}.")
        return found

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT /WarehouseStockTransfers/{guid}``: the whole object."""
        there = self.parked(guid)
        same_guid(there["Guid"], call.content())
        record = self._read(call)
        record[self.lines] = self.replaced_lines(there, record[self.lines])
        there |= record | {"Guid": there["Guid"]}
        return self._changed(call, there)

    def _changed(self, call: Call, record: Record) -> Reply:
        self.company.line_guids(record[self.lines])
        self.company.touch(record, call.by)
        self._note("transfer_changed", record, call.by)
        return self.reply(call, record)

    def add_line(self, call: Call, guid: str) -> Reply:
        """``POST …/Lines``."""
        there = self.parked(guid)
        line = read(LINE, call.content(), self.company)
        _above_nothing(line)
        there[self.lines].append(line)
        return self._changed(call, there)

    def put_line(self, call: Call, guid: str, number: str) -> Reply:
        """``PUT …/Lines/{guid}``: the whole line."""
        there = self.parked(guid)
        line = self.line(there, number)
        body = call.content()
        same_guid(line["Guid"], body)
        wanted = read(LINE, body, self.company)
        _above_nothing(wanted)
        line |= wanted | {"Guid": line["Guid"]}
        return self._changed(call, there)

    def remove_line(self, call: Call, guid: str, number: str) -> Reply:
        """``DELETE …/Lines/{guid}``."""
        there = self.parked(guid)
        line = self.line(there, number)
        if len(there[self.lines]) == 1:
            raise wrong("The last line cannot be removed.")
        there[self.lines].remove(line)
        self._changed(call, there)
        return Reply(200)

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE …/{guid}``: of a parked transfer."""
        self.delete(self.parked(guid), call.by)
        return Reply(200)

    def delete(self, record: Record, by: str) -> None:
        """A parked transfer is deleted; the list has it all the same."""
        record["TransferStatus"] = "Deleted"
        self.company.touch(record, by)
        self._note("transfer_deleted", record, by)

    def complete(self, call: Call, guid: str) -> Reply:
        """``POST …/Complete``: the goods leave one warehouse and are in the other."""
        call.no_content()
        record = self.parked(guid)
        self.finish(record, call.by)
        return self.reply(call, record)

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
        self._note("transfer_completed", record, by)

    def _note(self, what: str, record: Record, by: str) -> None:
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


def _above_nothing(line: Record) -> None:
    if line["TransferQuantity"] <= 0:
        raise wrong("TransferQuantity has to be above 0.")
