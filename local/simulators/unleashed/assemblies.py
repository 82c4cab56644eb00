"""Unleashed's assemblies, and the bills of materials that they are made from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.document import Document
from local.simulators.unleashed.lists import Listing, Lists, dated, equal, since, words
from local.simulators.unleashed.replies import wrong
from local.simulators.unleashed.resource import Resource
from local.simulators.unleashed.shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    own,
    texts,
)

LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        Field("Product", "ref", of="Products", required=True),
        Field("Quantity", "number", required=True),
        *own("WastageQuantity", "UnitCost", "LineTotalCost", "LastModifiedOn"),
    )
)
ASSEMBLY = Shape(
    (
        Field("Guid", "guid"),
        *own("AssemblyNumber"),
        Field("AssemblyDate", "date"),
        Field("AssembleBy", "date"),
        *own("AssemblyType"),
        Field("AssemblyStatus", required=True),
        *texts(0, "CustomAssemblyStatus"),
        *own("AutoAssembly", kind="flag"),
        Field("Quantity", "number", required=True),
        *own("CanAssembleQuantity"),
        Field("Product", "ref", of="Products", required=True),
        Field("SourceWarehouse", "ref", of="Warehouses"),
        Field("DestinationWarehouse", "ref", of="Warehouses"),
        Field("Warehouse", "ref", of="Warehouses"),
        *texts(0, "Comments"),
        *own("Total", "TotalCost", "DisassembleCostTotal", "SalesOrderNumber"),
        *STAMPS,
        Field("AssemblyLines", "lines", lines=LINE),
    )
)
BILL_LINE = Shape(
    (
        *own("Guid", "LineNumber"),
        Field("Product", "ref", of="Products", own=True),
        *own("Quantity", "WastageQuantity", "UnitCost", "LineTotalCost", "ExpenseAccount"),
    )
)
BILL = Shape(
    (
        *own("Guid", "BillNumber", "CanAutoAssemble", "CanAutoDisassemble", "SortByProductCode"),
        Field("Product", "ref", of="Products", own=True),
        Field("BillOfMaterialsLines", "lines", lines=BILL_LINE, own=True),
        *own("TotalCost", "Obsolete"),
        *STAMPS,
    )
)


class Bills(Resource):
    """Bills of materials; written in the UI only, here."""

    name = "BillOfMaterials"
    shape = BILL
    lines = "BillOfMaterialsLines"

    def of_product(self, product: str) -> Record | None:
        """The bill of an assembled product."""
        return next((row for row in self.rows() if row["Product"] == product), None)

    def create(self, product: str, parts: Mapping[str, Decimal], *, auto: bool) -> Record:
        """Keep a bill: Guids of components and how many of each one piece takes."""
        products = self.company.all("Products")
        products[product]["IsAssembledProduct"] = True
        for part in parts:
            products[part]["IsComponent"] = True
        lines: list[Record] = [
            {"Product": part, "Quantity": many, "WastageQuantity": Decimal()}
            for part, many in parts.items()
        ]
        self.company.line_guids(lines)
        record: Record = {"BillNumber": self.company.number(self.name), "Product": product}
        record |= {"CanAutoAssemble": auto, "CanAutoDisassemble": False, "Obsolete": False}
        return self.company.add(self.name, record | {self.lines: lines})


class Assemblies(Document):
    """The resource. It knows no batches and no serials."""

    name = "Assemblies"
    shape = ASSEMBLY
    lines = "AssemblyLines"
    title = word = "assembly"
    status = "AssemblyStatus"
    line_shape = LINE
    listing = Listing(
        filters={
            "assemblyNumber": equal("AssemblyNumber"),
            "assemblyStatus": words("AssemblyStatus"),
            "customAssemblyStatus": words("CustomAssemblyStatus"),
            "startDate": since("startDate", "AssemblyDate"),
            **dated("AssemblyDate"),
        },
        single=("assemblyNumber",),
        overrides={"customAssemblyStatus": "assemblyStatus"},
        hidden=lambda row: row["AssemblyStatus"] == "Deleted",
        unhides=frozenset({"assemblyStatus", "assemblyNumber"}),
    )

    def __init__(self, company: Company, lists: Lists, bills: Bills) -> None:
        super().__init__(company, lists)
        self._bills = bills

    def checked(self, body: Mapping[str, Any]) -> Record:
        """A whole assembly as it may be written.

        Raises:
            Refused: It may not.
        """
        record = self.read(body)
        if record["AssemblyStatus"] != "Parked":
            raise wrong("AssemblyStatus is Parked; Complete does the rest.")
        if record["Quantity"] <= 0:
            raise wrong("Quantity has to be above 0.")
        place = record.pop("Warehouse")
        record["SourceWarehouse"] = record["SourceWarehouse"] or place
        record["DestinationWarehouse"] = record["DestinationWarehouse"] or record["SourceWarehouse"]
        if record["SourceWarehouse"] is None:
            raise wrong("Warehouse is required.")
        if not record[self.lines]:
            bill = self._bills.of_product(record["Product"])
            if bill is None:
                raise wrong("The product has no bill of materials.")
            record[self.lines] = [
                {"Product": row["Product"], "Quantity": row["Quantity"] * record["Quantity"]}
                for row in bill["BillOfMaterialsLines"]
            ]
        return record

    def create(self, record: Record, by: str, there: Record | None = None) -> Record:
        """Keep a checked assembly."""
        if there is None:
            record["AssemblyNumber"] = self.company.number(self.name)
        record |= {"AssemblyType": "Assembly", "AutoAssembly": False}
        record["AssemblyDate"] = record["AssemblyDate"] or self.company.today()
        self.company.line_guids(record[self.lines])
        kept = self.keep(record, there, by)
        self.note("assembly_made", kept, by)
        return kept

    def finish(self, record: Record, by: str) -> None:
        """Complete an assembly.

        Raises:
            Refused: There are not enough components.
        """
        stock, source = self.company.stock, record["SourceWarehouse"]
        needed: dict[str, Decimal] = {}
        for line in record[self.lines]:
            if self.company.stocked(line["Product"]):
                product = line["Product"]
                needed[product] = needed.get(product, Decimal()) + line["Quantity"]
        for product, many in needed.items():
            if stock.there(product, source) < many:
                code = self.company.one("Products", product)["ProductCode"]
                raise wrong(f"There is not enough stock of {code} to assemble.")
        guid, word = record["Guid"], "assembly_completed"
        cost = Decimal()
        for product, many in needed.items():
            cost += many * stock.cost(product)
            stock.move(product, source, -many, word, guid)
        place = record["DestinationWarehouse"]
        stock.move(record["Product"], place, record["Quantity"], word, guid, value=cost)
        record |= {"AssemblyStatus": "Completed", "TotalCost": cost, "Total": cost}
        self.company.touch(record, by)
        self.note(word, record, by)

    def note(self, what: str, record: Record, by: str) -> None:
        products, places = self.company.all("Products"), self.company.all("Warehouses")
        self.company.note(
            what,
            by,
            record["Guid"],
            assembly=record["AssemblyNumber"],
            product=products[record["Product"]]["ProductCode"],
            quantity=str(record["Quantity"]),
            warehouse=places[record["DestinationWarehouse"]]["WarehouseCode"],
            components={
                products[line["Product"]]["ProductCode"]: str(line["Quantity"])
                for line in record[self.lines]
            },
        )
