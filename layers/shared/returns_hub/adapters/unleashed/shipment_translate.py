"""Sales shipments of Unleashed, in our words.

Sources: keys that several clients read (``ShipmentQty``, ``SalesOrderLineNumber``, ``BatchNumbers``
with ``Number`` and ``Quantity``, ``SerialNumbers`` with ``Identifier``); the carrier is a text for
one and an object for two; lists may be null.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from returns_hub.adapters.unleashed.dates import moment_of
from returns_hub.adapters.unleashed.order_translate import to_recipient
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    number_of,
    part_of,
    rows_of,
    shipping_company_of,
    text_of,
    value_of,
    warehouse_of,
)
from returns_hub.domain.unleashed.shipments import (
    Shipment,
    ShipmentLine,
)

Told = TypeVar("Told")


def shipment_of(raw: Raw) -> Shipment:
    """A shipment. What cannot be read of it is its `problem`; the rest is read all the same."""
    problems: list[str] = []

    def tried(name: str, read: Callable[[], Told], instead: Told) -> Told:
        try:
            return read()
        except ValueError as error:
            problems.append(f"{name}: {error}")
            return instead

    modified_at = tried("LastModifiedOn", lambda: moment_of(value_of(raw, "LastModifiedOn")), None)
    created_at = tried("CreatedOn", lambda: moment_of(value_of(raw, "CreatedOn")), None)
    no_lines: tuple[ShipmentLine, ...] = ()
    lines = tried("SalesShipmentLines", lambda: _lines(raw), no_lines)
    needed = ("ShipmentNumber", "ShipmentStatus")
    problems += [f"{name} is missing" for name in needed if not text_of(raw, name)]
    return Shipment(
        guid=guid_of(raw),
        number=text_of(raw, "ShipmentNumber"),
        status=text_of(raw, "ShipmentStatus"),
        order_guid=guid_of(raw, "OrderGuid"),
        order_number=text_of(raw, "OrderNumber"),
        warehouse_code=warehouse_of(raw),
        lines=lines,
        recipient=to_recipient(raw),
        modified_at=modified_at,
        created_at=created_at,
        customer_reference=text_of(raw, "CustomerRef"),
        tracking_number=text_of(raw, "TrackingNumber"),
        shipping_company=shipping_company_of(raw),
        comments=text_of(raw, "Comments"),
        delivery_instruction=text_of(raw, "DeliveryInstruction"),
        problem="; ".join(problems)[:300],
    )


def _lines(raw: Raw) -> tuple[ShipmentLine, ...]:
    return tuple(
        _line(row, at) for at, row in enumerate(rows_of(raw, "SalesShipmentLines"), start=1)
    )


def _line(raw: Raw, at: int) -> ShipmentLine:
    product = part_of(raw, "Product")
    quantity = number_of(raw, "ShipmentQty")
    if quantity is None:
        raise ValueError(f"line {at} has no ShipmentQty")
    return ShipmentLine(
        number=_whole(raw, "LineNumber") or at,
        order_line=_whole(raw, "SalesOrderLineNumber"),
        sku=text_of(product, "ProductCode"),
        quantity=quantity,
        description=text_of(product, "ProductDescription"),
        batches=tuple(
            (text_of(row, "Number"), number_of(row, "Quantity") or Decimal(0))
            for row in rows_of(raw, "BatchNumbers")
        ),
        serials=tuple(text_of(row, "Identifier") for row in rows_of(raw, "SerialNumbers")),
    )


def _whole(raw: Raw, name: str) -> int | None:
    found = number_of(raw, name)
    return None if found is None else int(found)
