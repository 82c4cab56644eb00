"""Sales shipments of Unleashed, and what they have of their orders, in our words.

Sources: keys that several clients read (``ShipmentQty``, ``SalesOrderLineNumber``, ``BatchNumbers``
with ``Number`` and ``Quantity``, ``SerialNumbers`` with ``Identifier``); the carrier is a text for
one and an object for two; lists may be null; addresses of customers say ``PostalCode`` where those
of orders say ``DeliveryPostCode``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from returns_hub.domain.miinto.order_draft import split_name
from returns_hub.domain.unleashed.sales_orders import SalesLine
from returns_hub.domain.unleashed.shipments import (
    NOWHERE,
    ParentOrder,
    Shipment,
    ShipmentLine,
    has_address,
)
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
        recipient=recipient_of(raw),
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
        customer: At its customer's address, which counts where the order has none.

    Raises:
        ValueError: It cannot be read.
    """
    own = recipient_of(raw)
    return ParentOrder(
        guid=guid_of(raw),
        number=text_of(raw, "OrderNumber"),
        status=text_of(raw, "OrderStatus"),
        currency=text_of(part_of(raw, "Currency"), "CurrencyCode").upper(),
        lines=tuple(_order_line(row) for row in rows_of(raw, "SalesOrderLines")),
        recipient=own if has_address(own) else _at(customer, own),
        warehouse_code=str(value_of(part_of(raw, "Warehouse"), "WarehouseCode") or ""),
        created_at=_moment(raw, "CreatedOn"),
        source_id=text_of(raw, "SourceId"),
        delivery_method=text_of(raw, "DeliveryMethod"),
        customer_code=text_of(part_of(raw, "Customer"), "CustomerCode"),
        delivery_notes=text_of(raw, "DeliveryInstruction"),
    )


def recipient_of(raw: Raw) -> Recipient:
    """Who gets the goods of an order or a shipment; empty where it does not say.

    With a contact that person's name counts, and the delivery's name is where they are.
    """
    contact = part_of(raw, "DeliveryContact")
    phones = ("MobilePhone", "PhoneNumber", "OfficePhone")
    street = ("DeliveryStreetAddress", "DeliveryStreetAddress2", "DeliverySuburb")
    first, last, company = _named(
        text_of(contact, "FirstName"), text_of(contact, "LastName"), text_of(raw, "DeliveryName")
    )
    return Recipient(
        country=text_of(raw, "DeliveryCountry"),
        first_name=first,
        last_name=last,
        company=company,
        address=tuple(text for name in street if (text := text_of(raw, name))),
        town=text_of(raw, "DeliveryCity"),
        county=text_of(raw, "DeliveryRegion"),
        postcode=text_of(raw, "DeliveryPostCode"),
        email=text_of(contact, "EmailAddress"),
        phone=next((found for key in phones if (found := text_of(contact, key))), ""),
    )


def at_customer(raw: Raw) -> Recipient:
    """A customer at the address that its goods go to; `NOWHERE` when it has none."""
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


def _at(customer: Recipient, own: Recipient) -> Recipient:
    """The customer's address, for whom the order names."""
    named = own if own.first_name or own.last_name else customer
    return replace(
        customer,
        country=customer.country or own.country,
        first_name=named.first_name,
        last_name=named.last_name,
        company=own.company or customer.company,
        email=own.email or customer.email,
        phone=own.phone or customer.phone,
    )


def _named(first: str, last: str, name: str) -> tuple[str, str, str]:
    """First name, last name and company. Without a contact the name is taken for a person's."""
    if first or last:
        is_theirs = name.casefold() == f"{first} {last}".strip().casefold()
        return first, last, "" if is_theirs else name
    return (*split_name(name), "")


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
