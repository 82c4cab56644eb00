"""What leaves a warehouse of Unleashed's with a shipment, and what builds itself for that.

A product whose bill of materials assembles by itself can be sold without any on hand; what is
missing is made from its components at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.replies import wrong
from local.simulators.unleashed.shapes import Record
from local.simulators.unleashed.stock import MISMATCH

BUILT = "auto_assembled"


class Outgoing(NamedTuple):
    """One movement; below nothing it leaves."""

    product: str
    warehouse: str
    quantity: Decimal
    batches: list[tuple[str, Decimal]]
    what: str = "shipment_dispatched"


def outgoing_of(
    company: Company, order: Record, shipment: Record, *, assign: bool
) -> list[Outgoing]:
    """What leaves, checked before anything is written; the lines get the batches that go.

    Args:
        company: Whose stock it is.
        order: The shipment's order.
        shipment: The shipment as it will be.
        assign: Whether batches are picked, the oldest first, where none are given.

    Raises:
        Refused: There is not so much, or batches and quantity differ.
    """
    place, levels = order["Warehouse"], dict[str, Decimal]()
    outgoing: list[Outgoing] = []
    for line in shipment["SalesShipmentLines"]:
        product, many = line["Product"], line["ShipmentQty"]
        if not company.stocked(product):
            continue
        there = levels.get(product, company.stock.there(product, place))
        if there < many:
            outgoing += _built(company, place, product, many - max(there, Decimal()), levels)
            there = levels.get(product, there)
        if there < many and company.settings.short_dispatch == "refuse":
            code = company.one("Products", product)["ProductCode"]
            raise wrong(f"There is not enough stock of {code}.")
        levels[product] = there - many
        batches = _batches(company, place, line, assign, outgoing)
        outgoing.append(Outgoing(product, place, -many, batches))
    return outgoing


def _built(
    company: Company, place: str, product: str, missing: Decimal, levels: dict[str, Decimal]
) -> list[Outgoing]:
    """What it takes to build what is missing; nothing where that cannot be."""
    for bill in company.all("BillOfMaterials").values():
        if bill["Product"] != product or not bill["CanAutoAssemble"]:
            continue
        parts = {row["Product"]: row["Quantity"] * missing for row in bill["BillOfMaterialsLines"]}
        left = {
            part: levels.get(part, company.stock.there(part, place)) - many
            for part, many in parts.items()
        }
        if min(left.values()) < 0:
            return []
        levels |= left
        levels[product] = levels.get(product, company.stock.there(product, place)) + missing
        taken = [Outgoing(part, place, -many, [], BUILT) for part, many in parts.items()]
        return [*taken, Outgoing(product, place, missing, [], BUILT)]
    return []


def _batches(
    company: Company, place: str, line: Record, assign: bool, outgoing: Sequence[Outgoing]
) -> list[tuple[str, Decimal]]:
    found = company.one("Products", line["Product"])
    serials = line["SerialNumbers"]
    if found["IsSerialized"] and serials and len(serials) != line["ShipmentQty"]:
        raise wrong(MISMATCH.replace("batch", "serial"))
    if not found["IsBatchTracked"] or not (assign or line["BatchNumbers"]):
        return []
    gone: dict[str, Decimal] = {}
    for earlier in outgoing:
        for name, many in earlier.batches if earlier.product == line["Product"] else []:
            gone[name] = gone.get(name, Decimal()) + many
    batches = company.stock.picked(
        line["Product"], place, line["ShipmentQty"], line["BatchNumbers"], gone=gone
    )
    line["BatchNumbers"] = [
        {"Number": name, "Quantity": -taken, "ExpiryDate": None} for name, taken in batches
    ]
    return batches


def carry_out(company: Company, outgoing: Sequence[Outgoing], shipment: Record, by: str) -> None:
    """Move the goods, and keep an assembly of what was built."""
    parts: list[Record] = []
    for moved in outgoing:
        value = None
        if moved.what == BUILT and moved.quantity < 0:
            cost = company.stock.cost(moved.product)
            parts.append({"Product": moved.product, "Quantity": -moved.quantity, "UnitCost": cost})
        elif moved.what == BUILT:
            value = sum((row["Quantity"] * row["UnitCost"] for row in parts), Decimal())
            _keep_assembly(company, moved, parts, shipment, by)
            parts = []
        company.stock.move(
            moved.product,
            moved.warehouse,
            moved.quantity,
            moved.what,
            shipment["Guid"],
            value=value,
            batches=moved.batches,
        )


def _keep_assembly(
    company: Company, made: Outgoing, parts: list[Record], shipment: Record, by: str
) -> None:
    company.line_guids(parts)
    record: Record = {
        "AssemblyNumber": company.number("Assemblies"),
        "AssemblyDate": company.today(),
        "AssemblyType": "Assembly",
        "AssemblyStatus": "Completed",
        "AutoAssembly": True,
        "Quantity": made.quantity,
        "Product": made.product,
        "SourceWarehouse": made.warehouse,
        "DestinationWarehouse": made.warehouse,
        "SalesOrderNumber": shipment["OrderNumber"],
        "AssemblyLines": parts,
    }
    company.add("Assemblies", record, by)
    codes = company.all("Products")
    company.note(
        BUILT,
        by,
        record["Guid"],
        assembly=record["AssemblyNumber"],
        product=codes[made.product]["ProductCode"],
        quantity=str(made.quantity),
        shipment=shipment["ShipmentNumber"],
    )
