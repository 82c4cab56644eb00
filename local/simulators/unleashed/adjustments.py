"""Unleashed's stock adjustments, and the counts that a user makes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.lists import Listing, Lists, dated, since
from local.simulators.unleashed.replies import Call, Route, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import STAMPS, Field, Record, Shape, own, same_guid, texts
from local.simulators.wire import Reply

STATUSES = ("Parked", "Completed")
LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        Field("Product", "ref", of="Products", required=True),
        Field("NewQuantity", "number", required=True),
        Field("NewActualValue", "number", required=True),
        *texts(200, "Comments"),
        Field("SerialNumbers", "serials"),
        Field("BatchNumbers", "batches"),
        *own("LastModifiedOn"),
    )
)
ADJUSTMENT = Shape(
    (
        Field("Guid", "guid"),
        *own("AdjustmentNumber"),
        Field("AdjustmentDate", "date"),
        Field("AdjustmentReason", most=20, required=True),
        *texts(20, "Status"),
        Field("Warehouse", "ref", of="Warehouses", required=True),
        *texts(50, "AccountCode"),
        *own("ConfirmedBy", "ConfirmedOn"),
        *STAMPS,
        Field("StockAdjustmentLines", "lines", lines=LINE, required=True),
    )
)
Move = tuple[str, Decimal, Decimal, list[tuple[str, Decimal]]]
"""Product, quantity, value, batches."""


class Adjustments(Resource):
    """The resource. There is no PUT, no DELETE, and no call to complete one."""

    name = "StockAdjustments"
    shape = ADJUSTMENT
    lines = "StockAdjustmentLines"

    def __init__(self, company: Company, lists: Lists) -> None:
        super().__init__(company, lists)
        warehouses, products = company.all("Warehouses"), company.all("Products")

        def of_product(row: Record, value: str) -> bool:
            codes = {products[line["Product"]]["ProductCode"] for line in row[self.lines]}
            return value in codes

        self.listing = Listing(
            filters={
                "adjustmentDate": since("adjustmentDate", "AdjustmentDate"),
                "modifiedSince": since("modifiedSince", "LastModifiedOn"),
                "productCode": of_product,
                "warehouseCode": lambda row, v: warehouses[row["Warehouse"]]["WarehouseCode"] == v,
            }
        )

    def routes(self) -> list[Route]:
        """Besides lists: create."""
        return [
            *super().routes(),
            ("POST", rf"/{self.name}", lambda call: self.post(call, None)),
            ("POST", rf"/{self.name}/{ONE}", self.post),
        ]

    def post(self, call: Call, guid: str | None) -> Reply:
        """``POST /StockAdjustments/{guid}``."""
        if call.query:
            raise wrong("This call takes no parameters.")
        body = call.content()
        if guid:
            same_guid(guid.lower(), body)
        record = self.read(body)
        wanted = guid.lower() if guid else record["Guid"]
        record["Guid"], there = self.company.guid_of_new(self.name, wanted)
        return self.made(call, self.create(record, call.by, there))

    def create(self, record: Record, by: str, there: Record | None = None) -> Record:
        """Keep an adjustment; a completed one moves stock at once.

        Raises:
            Refused: It cannot be.
        """
        settings = self.company.settings
        record["Status"] = record["Status"] or settings.adjustment_default
        if record["Status"] not in STATUSES:
            raise wrong(f"Status is one of {', '.join(STATUSES)}.")
        if record["AdjustmentReason"] not in self.company.reasons:
            raise wrong(f"There is no adjustment reason {record['AdjustmentReason']}.")
        done = record["Status"] == "Completed"
        moves = [self._move(record["Warehouse"], line, done) for line in record[self.lines]]
        self._not_below_nothing(record["Warehouse"], moves)
        if there is None:
            record["AdjustmentNumber"] = self.company.number(self.name)
        record["AdjustmentDate"] = record["AdjustmentDate"] or self.company.today()
        record |= {"ConfirmedBy": by if done else None}
        record |= {"ConfirmedOn": self.company.stamp() if done else None}
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        for product, quantity, value, batches in moves if done else []:
            self.company.stock.move(
                product,
                kept["Warehouse"],
                quantity,
                "stock_adjusted",
                kept["Guid"],
                value=value,
                batches=batches,
            )
        self._note(kept, moves, by, done)
        return kept

    def _move(self, warehouse: str, line: Record, done: bool) -> Move:
        """What a line moves: its own quantity, or what it takes to get there."""
        product, quantity, value = line["Product"], line["NewQuantity"], line["NewActualValue"]
        found = self.company.one("Products", product)
        code, stock = found["ProductCode"], self.company.stock
        if found["NeverDiminishing"]:
            raise wrong(f"{code} has no stock.")
        given = line["BatchNumbers"] or line["SerialNumbers"]
        if given and not done:
            raise wrong("Batches and serials are for Completed adjustments only.")
        if self.company.settings.adjustment == "absolute":
            if quantity < 0:
                raise wrong(f"The new quantity of {code} is below 0.")
            there = stock.there(product, warehouse)
            quantity, value = quantity - there, value - there * stock.cost(product)
        batches = [(row["Number"], row["Quantity"]) for row in line["BatchNumbers"] or []]
        if found["IsBatchTracked"] and done and quantity:
            strict = self.company.settings.tracked_adjustment == "refuse"
            sum_of_batches = sum((many for _, many in batches), Decimal())
            if (batches or strict) and sum_of_batches != quantity:
                raise wrong(f"The batches of {code} do not make its quantity.")
            self._in_batches(product, warehouse, batches)
        return product, quantity, value, batches

    def _in_batches(self, product: str, warehouse: str, batches: list[tuple[str, Decimal]]) -> None:
        there = self.company.stock.batches(product, warehouse)
        for number, many in batches:
            if there.get(number, Decimal()) + many < 0:
                raise wrong(f"Batch {number} has not so much in this warehouse.")

    def _not_below_nothing(self, warehouse: str, moves: list[Move]) -> None:
        sums: dict[str, Decimal] = {}
        for product, quantity, _, _ in moves:
            sums[product] = sums.get(product, Decimal()) + quantity
        for product, quantity in sums.items():
            if self.company.stock.there(product, warehouse) + quantity < 0:
                code = self.company.one("Products", product)["ProductCode"]
                raise wrong(f"The stock of {code} would be below 0.")

    def _note(self, record: Record, moves: list[Move], by: str, done: bool) -> None:
        products, warehouses = self.company.all("Products"), self.company.all("Warehouses")
        lines: dict[str, str] = {}
        for product, quantity, _, _ in moves:
            code = products[product]["ProductCode"]
            lines[code] = str(Decimal(lines.get(code, "0")) + quantity)
        self.company.note(
            "stock_adjusted" if done else "adjustment_parked",
            by,
            record["Guid"],
            adjustment=record["AdjustmentNumber"],
            reason=record["AdjustmentReason"],
            warehouse=warehouses[record["Warehouse"]]["WarehouseCode"],
            lines=lines,
            comments=[line["Comments"] for line in record[self.lines]],
        )


COUNT_LINE = Shape(
    (
        *own("Guid", "LineNumber"),
        Field("Product", "ref", of="Products", own=True),
        *own("OnHandQuantity", "AvailableQuantity", "CountQuantity", "ExpiryDate"),
    )
)
COUNT = Shape(
    (
        *own("Guid", "StockTakeCode", "StockTakeName", "CountType", "Status", "CountDate"),
        *own("CompletedDate"),
        Field("Warehouse", "ref", of="Warehouses", own=True),
        *STAMPS,
        Field("StockCountLines", "lines", lines=COUNT_LINE, own=True),
    )
)


class Counts(Resource):
    """Stock counts: read only to the API, made by users."""

    name = "StockCounts"
    shape = COUNT
    lines = "StockCountLines"
    listing = Listing(
        filters={
            "completedAfter": since("completedAfter", "CompletedDate"),
            **dated("CountDate"),
        }
    )

    def take(self, warehouse: str, counted: Mapping[str, Decimal], by: str) -> Record:
        """A user counts products of a warehouse; what there is becomes what was counted."""
        stock, lines = self.company.stock, []
        record: dict[str, Any] = {
            "StockTakeCode": self.company.number(self.name),
            "StockTakeName": "Count",
            "CountType": "Partial",
            "Status": "Completed",
            "CountDate": self.company.today(),
            "CompletedDate": self.company.today(),
            "Warehouse": warehouse,
        }
        self.company.add(self.name, record, by)
        for product, many in counted.items():
            there = stock.there(product, warehouse)
            lines.append({"Product": product, "OnHandQuantity": there, "CountQuantity": many})
            stock.move(product, warehouse, many - there, "stock_counted", record["Guid"])
        self.company.line_guids(lines)
        record[self.lines] = lines
        codes = self.company.all("Products")
        self.company.note(
            "stock_counted",
            by,
            record["Guid"],
            lines={codes[product]["ProductCode"]: str(many) for product, many in counted.items()},
            warehouse=self.company.all("Warehouses")[warehouse]["WarehouseCode"],
        )
        return record
