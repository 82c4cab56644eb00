"""Purchase orders between Unleashed's words and ours.

Source: keys of working clients. A batch is ``Number`` in Unleashed's own JSON, and one client reads
``BatchNumber``; both are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.dates import date_of, day, moment_of
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    keeps_stock,
    modified_of,
    moment_in,
    number_of,
    part_of,
    rows_of,
    text_of,
    value_of,
    warehouse_of,
)
from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.purchase_orders import (
    ZERO,
    LineReceipt,
    PurchaseBatch,
    PurchasedProduct,
    PurchaseLine,
    PurchaseOrder,
)

LINES = "PurchaseOrderLines"
BATCHES = ("PendingBatchNumbers", "PendingSerialNumbers", "BatchNumbers", "SerialNumbers")


def to_order(raw: Raw) -> PurchaseOrder:
    """An order as we see it; what makes no sense is told in `unreadable`."""
    guid, number = guid_of(raw), text_of(raw, "OrderNumber")
    status = text_of(raw, "OrderStatus")
    stamp = modified_of(raw) or short_hash(json.dumps(raw, sort_keys=True, default=str), 32)
    try:
        return PurchaseOrder(
            guid=guid,
            number=number,
            status=status,
            warehouse_code=warehouse_of(raw),
            lines=tuple(_line(row) for row in rows_of(raw, LINES)),
            stamp=stamp,
            custom_status=text_of(raw, "CustomOrderStatus"),
            supplier=text_of(part_of(raw, "Supplier"), "SupplierName"),
            expected=date_of(value_of(raw, "DeliveryDate")),
            modified_at=moment_of(value_of(raw, "LastModifiedOn")),
            created_at=moment_of(value_of(raw, "CreatedOn")),
            was_received=bool(value_of(raw, "ReceivedDate")),
        )
    except ValueError as error:
        why = f"Unleashed shows it in a way that cannot be read: {error}"
        return PurchaseOrder(
            guid=guid,
            number=number,
            status=status,
            warehouse_code=warehouse_of(raw),
            lines=(),
            stamp=stamp,
            created_at=moment_in(raw, "CreatedOn"),
            unreadable=why,
        )


def to_product(raw: Raw) -> PurchasedProduct:
    """A product as purchase orders need it."""
    return PurchasedProduct(
        sku=text_of(raw, "ProductCode"),
        unit=text_of(part_of(raw, "UnitOfMeasure"), "Name"),
        keeps_stock=keeps_stock(raw),
    )


def receipt_fields(row: LineReceipt, *, tracked: bool) -> dict[str, Any]:
    """What a line's write changes for its receipt."""
    fields: dict[str, Any] = {"ReceiptQuantity": row.units}
    if tracked:
        fields["PendingBatchNumbers"] = [
            {"Number": batch.number, "Quantity": batch.quantity}
            | ({"ExpiryDate": day(batch.expires)} if batch.expires else {})
            for batch in row.batches
        ]
        fields["PendingSerialNumbers"] = [{"Identifier": name} for name in row.serials]
    return fields


def without_batches(line: Raw) -> dict[str, Any]:
    """A line that was read without batches, so that writing it back blanks none."""
    names = {name.lower() for name in BATCHES}
    return {key: value for key, value in line.items() if key.lower() not in names}


def _line(raw: Raw) -> PurchaseLine:
    product = part_of(raw, "Product")
    ordered = number_of(raw, "OrderQuantity")
    if ordered is None:
        raise ValueError("a line without OrderQuantity")
    return PurchaseLine(
        guid=guid_of(raw),
        number=int(number_of(raw, "LineNumber") or 0),
        sku=text_of(product, "ProductCode"),
        product_guid=guid_of(product),
        quantity=ordered,
        receipt=number_of(raw, "ReceiptQuantity") or ZERO,
        unit=text_of(part_of(raw, "UnitOfMeasure"), "Name"),
        unit_price=number_of(raw, "UnitPrice") or ZERO,
        discount=number_of(raw, "DiscountRate") or ZERO,
        total=number_of(raw, "LineTotal") or ZERO,
        tax=number_of(raw, "LineTax") or ZERO,
        tax_rate=number_of(raw, "LineTaxRate"),
        pending=tuple(_batches(rows_of(raw, "PendingBatchNumbers"))),
        pending_serials=tuple(_serials(rows_of(raw, "PendingSerialNumbers"))),
        batches=tuple(_batches(rows_of(raw, "BatchNumbers"))),
        serials=tuple(_serials(rows_of(raw, "SerialNumbers"))),
    )


def _batches(rows: Iterable[Raw]) -> Iterable[PurchaseBatch]:
    for row in rows:
        number = text_of(row, "Number") or text_of(row, "BatchNumber")
        units = number_of(row, "Quantity") or Decimal(0)
        yield PurchaseBatch(number, units, date_of(value_of(row, "ExpiryDate")))


def _serials(rows: Iterable[Raw]) -> Iterable[str]:
    return (text_of(row, "Identifier") for row in rows)
