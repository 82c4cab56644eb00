"""Sales shipments of Unleashed, and what they have of their orders, in our words.

Sources: keys that several clients read (``ShipmentQty``, ``SalesOrderLineNumber``, ``BatchNumbers``
with ``Number`` and ``Quantity``, ``SerialNumbers`` with ``Identifier``); the carrier is a text for
one and an object for two; lists may be null; addresses of customers say ``PostalCode`` where those
of orders say ``DeliveryPostCode``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from returns_hub.adapters.unleashed.dates import moment_of
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    number_of,
    part_of,
    rows_of,
    shipping_company_of,
    text_of,
    value_of,
)
from returns_hub.domain.unleashed.sales_orders import SalesLine
from returns_hub.domain.unleashed.shipments import NOWHERE, ParentOrder, Shipment, ShipmentLine
from returns_hub.domain.warehouse_orders import Recipient

CHARGE = "charge"
ADDRESS_TYPES = ("shipping", "physical", "postal")
"""Of a customer's addresses, the one that goods go to first."""
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

    modified_at = tried("LastModifiedOn", lambda: _moment(raw, "LastModifiedOn"), None)
    created_at = tried("CreatedOn", lambda: _moment(raw, "CreatedOn"), None)
    no_lines: tuple[ShipmentLine, ...] = ()
    lines = tried("SalesShipmentLines", lambda: _lines(raw), no_lines)
    needed = ("ShipmentNumber", "ShipmentStatus")
    problems += [f"{name} is missing" for name in needed if not text_of(raw, name)]
    return Shipment(
        guid=guid_of(raw),
        number=text_of(raw, "ShipmentNumber"),
        status=text_of(raw, "ShipmentStatus"),
        order_guid=text_of(raw, "OrderGuid").lower(),
        order_number=text_of(raw, "OrderNumber"),
        warehouse_code=str(value_of(part_of(raw, "Warehouse"), "WarehouseCode") or ""),
        lines=lines,
        recipient=delivery_of(raw),
        modified_at=modified_at,
        created_at=created_at,
        customer_reference=text_of(raw, "CustomerRef"),
        tracking_number=text_of(raw, "TrackingNumber"),
        shipping_company=shipping_company_of(raw),
        comments=text_of(raw, "Comments"),
        delivery_notes=text_of(raw, "DeliveryInstruction"),
        problem="; ".join(problems)[:300],
    )


def parent_of(raw: Raw, customer: Recipient = NOWHERE) -> ParentOrder:
    """What a shipment has of its order.

    Args:
        raw: The sales order.
        customer: Its customer's address, which counts where the order has none.

    Raises:
        ValueError: It cannot be read.
    """
    own = delivery_of(raw)
    return ParentOrder(
        guid=guid_of(raw),
        number=text_of(raw, "OrderNumber"),
        status=text_of(raw, "OrderStatus"),
        currency=text_of(part_of(raw, "Currency"), "CurrencyCode").upper(),
        lines=tuple(_order_line(row) for row in rows_of(raw, "SalesOrderLines")),
        recipient=own if own != NOWHERE else customer,
        created_at=_moment(raw, "CreatedOn"),
        source_id=text_of(raw, "SourceId"),
        delivery_method=text_of(raw, "DeliveryMethod"),
        customer_code=text_of(part_of(raw, "Customer"), "CustomerCode"),
        delivery_notes=text_of(raw, "DeliveryInstruction"),
    )


def delivery_of(raw: Raw) -> Recipient:
    """The delivery address of an order or a shipment; `NOWHERE` when it says nothing of one.

    A name or a contact alone is no address.
    """
    street = tuple(
        text
        for name in ("DeliveryStreetAddress", "DeliveryStreetAddress2", "DeliverySuburb")
        if (text := text_of(raw, name))
    )
    town, county = text_of(raw, "DeliveryCity"), text_of(raw, "DeliveryRegion")
    postcode, country = text_of(raw, "DeliveryPostCode"), text_of(raw, "DeliveryCountry")
    name = text_of(raw, "DeliveryName")
    if not (street or town or postcode or country):
        return NOWHERE
    contact = part_of(raw, "DeliveryContact")
    phones = ("PhoneNumber", "MobilePhone", "OfficePhone")
    first, last, company = _named(text_of(contact, "FirstName"), text_of(contact, "LastName"), name)
    return Recipient(
        country=country,
        first_name=first,
        last_name=last,
        company=company,
        address=street,
        town=town,
        county=county,
        postcode=postcode,
        email=text_of(contact, "EmailAddress"),
        phone=next((found for key in phones if (found := text_of(contact, key))), ""),
    )


def customer_address_of(raw: Raw) -> Recipient:
    """The address that a customer's goods go to; `NOWHERE` when it has none."""
    rows = {text_of(row, "AddressType").lower(): row for row in reversed(rows_of(raw, "Addresses"))}
    row = next((rows[kind] for kind in ADDRESS_TYPES if kind in rows), None)
    if row is None:
        return NOWHERE
    first, last, company = _named(
        text_of(raw, "ContactFirstName"),
        text_of(raw, "ContactLastName"),
        text_of(raw, "CustomerName"),
    )
    street = (text_of(row, "StreetAddress"), text_of(row, "StreetAddress2"), text_of(row, "Suburb"))
    return Recipient(
        country=text_of(row, "Country"),
        first_name=first,
        last_name=last,
        company=company,
        address=tuple(text for text in street if text),
        town=text_of(row, "City"),
        county=text_of(row, "Region"),
        postcode=text_of(row, "PostalCode") or text_of(row, "PostCode"),
        email=text_of(raw, "Email"),
        phone=text_of(raw, "PhoneNumber") or text_of(raw, "MobileNumber"),
    )


def _named(first: str, last: str, name: str) -> tuple[str, str, str]:
    """First name, last name and company. Without a contact the name is taken for a person's."""
    if first or last:
        return first, last, "" if name == f"{first} {last}".strip() else name
    begin, _, end = name.rpartition(" ")
    return begin, end, ""


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


def _order_line(raw: Raw) -> SalesLine:
    product = part_of(raw, "Product")
    price, discount = number_of(raw, "UnitPrice"), number_of(raw, "DiscountRate") or Decimal(0)
    return SalesLine(
        number=_whole(raw, "LineNumber") or 0,
        sku=text_of(product, "ProductCode"),
        quantity=number_of(raw, "OrderQuantity") or Decimal(0),
        unit_price=None if price is None else price * (1 - discount),
        is_charge=text_of(raw, "LineType").lower() == CHARGE,
        description=text_of(product, "ProductDescription"),
        guid=guid_of(raw),
    )


def _whole(raw: Raw, name: str) -> int | None:
    found = number_of(raw, name)
    return None if found is None else int(found)


def _moment(raw: Raw, name: str) -> datetime | None:
    return moment_of(value_of(raw, name))
