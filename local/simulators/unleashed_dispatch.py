"""What leaves a warehouse of Unleashed's when a shipment is dispatched."""

from __future__ import annotations

from decimal import Decimal

from local.simulators.unleashed_company import Company
from local.simulators.unleashed_replies import wrong
from local.simulators.unleashed_shapes import Record
from local.simulators.unleashed_stock import MISMATCH

Outgoing = tuple[str, str, Decimal, list[tuple[str, Decimal]]]
"""Product, warehouse, quantity below nothing, batches."""


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
    stock, place = company.stock, order["Warehouse"]
    needed: dict[str, Decimal] = {}
    outgoing: list[Outgoing] = []
    for line in shipment["SalesShipmentLines"]:
        product, many = line["Product"], line["ShipmentQty"]
        if not company.stocked(product):
            continue
        needed[product] = needed.get(product, Decimal()) + many
        found = company.one("Products", product)
        short = needed[product] > stock.there(product, place)
        if short and company.settings.short_dispatch == "refuse":
            raise wrong(f"There is not enough stock of {found['ProductCode']}.")
        batches: list[tuple[str, Decimal]] = []
        if found["IsBatchTracked"] and (assign or line["BatchNumbers"]):
            batches = stock.picked(product, place, many, line["BatchNumbers"])
            line["BatchNumbers"] = [
                {"Number": name, "Quantity": -taken, "ExpiryDate": None} for name, taken in batches
            ]
        serials = line["SerialNumbers"]
        if found["IsSerialized"] and serials and len(serials) != many:
            raise wrong(MISMATCH.replace("batch", "serial"))
        outgoing.append((product, place, -many, batches))
    return outgoing
