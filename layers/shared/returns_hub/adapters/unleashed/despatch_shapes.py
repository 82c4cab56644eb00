"""Shipments and orders, as far as despatches go, between Unleashed's words and ours."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    keeps_stock,
    number_of,
    part_of,
    rows_of,
    text_of,
    value_of,
    warehouse_of,
)
from returns_hub.adapters.unleashed.whole import Fields, holds
from returns_hub.domain.unleashed.despatches import (
    DespatchNote,
    ErpShipment,
    GoodsLine,
    LineApart,
    SoldOrder,
    Tracked,
)
from returns_hub.errors import Permanent
from returns_hub.ports.erp.despatches import NewShipment

LINES = "SalesShipmentLines"
SHIPMENTS = "/SalesShipments"
SHIPMENT = f"{SHIPMENTS}/{{guid}}"
LONGEST_COMMENT = 500
CHARGE = "charge"


def order_of(raw: Raw) -> SoldOrder:
    """A sales order and its goods.

    Raises:
        Permanent: A line of goods cannot be read.
    """
    number = text_of(raw, "OrderNumber")
    rows = _rows(raw, "SalesOrderLines", f"order {number}")
    goods = [row for row in rows if text_of(row, "LineType").lower() != CHARGE]
    return SoldOrder(
        guid=guid_of(raw),
        number=number,
        status=text_of(raw, "OrderStatus"),
        lines=tuple(_line(row, "LineNumber", "OrderQuantity", f"order {number}") for row in goods),
        warehouse=warehouse_of(raw),
    )


def shipment_of(raw: Raw) -> ErpShipment:
    """A shipment.

    A line without the number of the order's line has its own: clients saw it left out.

    Raises:
        Permanent: A line cannot be read.
    """
    number = text_of(raw, "ShipmentNumber")
    what = f"shipment {number}"
    rows = _rows(raw, LINES, what)
    return ErpShipment(
        guid=guid_of(raw),
        number=number,
        order_guid=guid_of(raw, "OrderGuid"),
        order_number=text_of(raw, "OrderNumber"),
        status=text_of(raw, "ShipmentStatus"),
        lines=tuple(
            _line(
                row,
                "SalesOrderLineNumber" if value_of(row, "SalesOrderLineNumber") else "LineNumber",
                "ShipmentQty",
                what,
            )
            for row in rows
        ),
        tracking=text_of(raw, "TrackingNumber"),
        comments=text_of(raw, "Comments"),
    )


def _rows(raw: Raw, name: str, what: str) -> list[dict[str, Any]]:
    try:
        return rows_of(raw, name)
    except ValueError:
        raise Permanent("unleashed.unreadable", f"the lines of {what} cannot be read") from None


def _line(row: Raw, number: str, quantity: str, what: str) -> GoodsLine:
    product = part_of(row, "Product")
    try:
        at, many = number_of(row, number), number_of(row, quantity)
    except ValueError:
        at = many = None
    if at is None or many is None:
        raise Permanent(
            "unleashed.unreadable", f"a line of {what} has no number, or no quantity, in Unleashed"
        )
    return GoodsLine(
        line=int(at),
        sku=text_of(product, "ProductCode"),
        quantity=many,
        product=guid_of(product),
        guid=guid_of(row),
    )


def tracked_of(raw: Raw) -> Tracked:
    """Whether a product's units are told apart."""
    return Tracked(
        batches=value_of(raw, "IsBatchTracked") is True,
        serials=value_of(raw, "IsSerialized") is True,
        keeps_stock=keeps_stock(raw),
    )


def made_of(new: NewShipment) -> dict[str, Any]:
    """The body of a shipment to be made. Source: the fields that a digest and a client name; the
    address is the order's."""
    comments = f"{new.comments} {new.marker}".strip()
    return {
        "Guid": new.guid,
        "OrderNumber": new.order.number,
        "ShipmentStatus": "Parked",
        "Comments": comments[-LONGEST_COMMENT:],
        LINES: [
            {
                "LineNumber": at,
                "SalesOrderLineNumber": line.line,
                "Product": {"ProductCode": line.sku}
                if not line.product
                else {"Guid": line.product, "ProductCode": line.sku},
                "ShipmentQty": new.units[line.line],
            }
            for at, line in enumerate(new.lines, start=1)
        ],
    }


def fields_of(note: DespatchNote) -> dict[str, Any]:
    """What a shipment is told; what the warehouse does not tell is left as it is."""
    fields: dict[str, Any] = {}
    if note.tracking:
        fields["TrackingNumber"] = note.tracking
    if note.company:
        fields["ShippingCompany"] = {"Name": note.company}
    if note.packages:
        fields["NumberOfPackages"] = note.packages
    return fields


def apart_rows(shipment: ErpShipment, note: DespatchNote) -> dict[str, Fields]:
    """Batches and serial numbers by the Guid of the shipment's line."""
    left = dict(note.apart)
    rows: dict[str, Fields] = {}
    for line in shipment.lines:
        apart = left.pop(line.line, None)
        if apart is not None:
            rows[line.guid] = _apart(apart)
    return rows


def has_apart(raw: Raw, note: DespatchNote) -> bool:
    """Whether a shipment has the batches and serial numbers of the note."""
    return holds(raw, {}, {LINES: apart_rows(shipment_of(raw), note)})


def _apart(apart: LineApart) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if apart.batches:
        row["BatchNumbers"] = [
            {"Number": number, "Quantity": Decimal(many)} for number, many in apart.batches
        ]
    if apart.serials:
        row["SerialNumbers"] = _serials(apart.serials)
    return row


def _serials(numbers: Iterable[str]) -> list[dict[str, str]]:
    return [{"Identifier": number} for number in numbers]
