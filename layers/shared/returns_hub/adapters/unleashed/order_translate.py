"""Sales orders in Unleashed's words, as we see them.

Sources: the keys of the official sample and a working client's types. Any text, collection and
part may be null; keys differ in case. Of the delivery address every part may be missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from returns_hub.adapters.unleashed.dates import moment_of
from returns_hub.adapters.unleashed.reading import (
    Raw,
    code_of,
    guid_of,
    number_of,
    part_of,
    rows_of,
    text_of,
    value_of,
    warehouse_of,
)
from returns_hub.domain.miinto.order_draft import split_name
from returns_hub.domain.unleashed.sales_orders import SalesLine, SalesOrder
from returns_hub.domain.warehouse_orders import Recipient

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
CHARGE = "charge"
DELIVERY = "Delivery"


def to_sales_order(raw: Raw) -> SalesOrder:
    """A sales order; what makes no sense is said in its `unreadable`, never raised."""
    created, no_created = _moment(raw, "CreatedOn")
    modified, no_modified = _moment(raw, "LastModifiedOn")
    why = no_created or no_modified
    lines: tuple[SalesLine, ...] = ()
    try:
        lines = tuple(
            _line(row, at) for at, row in enumerate(rows_of(raw, "SalesOrderLines"), start=1)
        )
    except (ValueError, ArithmeticError) as error:
        why = why or str(error)
    return SalesOrder(
        guid=guid_of(raw),
        number=code_of(raw, "OrderNumber"),
        status=text_of(raw, "OrderStatus"),
        custom_status=text_of(raw, "CustomOrderStatus"),
        warehouse_code=warehouse_of(raw),
        currency=text_of(part_of(raw, "Currency"), "CurrencyCode").upper(),
        lines=lines,
        recipient=to_recipient(raw),
        source_id=text_of(raw, "SourceId"),
        customer_code=code_of(part_of(raw, "Customer"), "CustomerCode"),
        customer_reference=text_of(raw, "CustomerRef"),
        delivery_method=text_of(raw, "DeliveryMethod"),
        comments=text_of(raw, "Comments"),
        delivery_instruction=text_of(raw, "DeliveryInstruction"),
        created_at=created,
        modified_at=modified or created or NEVER,
        unreadable=why,
    )


def to_recipient(raw: Raw) -> Recipient:
    """Who gets the goods of an order or a shipment; empty where it does not say.

    With a contact that person's name counts, and the delivery's name is where they are.
    """
    contact = part_of(raw, "DeliveryContact")
    first, last = text_of(contact, "FirstName"), text_of(contact, "LastName")
    name = text_of(raw, f"{DELIVERY}Name")
    company = ""
    if not (first or last):
        first, last = split_name(name)
    elif name.casefold() != f"{first} {last}".strip().casefold():
        company = name
    phones = (text_of(contact, key) for key in ("MobilePhone", "PhoneNumber", "OfficePhone"))
    lines = (
        text_of(raw, f"{DELIVERY}{key}") for key in ("StreetAddress", "StreetAddress2", "Suburb")
    )
    return Recipient(
        country=text_of(raw, f"{DELIVERY}Country"),
        first_name=first,
        last_name=last,
        company=company,
        address=tuple(line for line in lines if line),
        town=text_of(raw, f"{DELIVERY}City"),
        county=text_of(raw, f"{DELIVERY}Region"),
        postcode=text_of(raw, f"{DELIVERY}PostCode"),
        email=text_of(contact, "EmailAddress"),
        phone=next((phone for phone in phones if phone), ""),
    )


def _line(raw: Raw, at: int) -> SalesLine:
    """A line; its place counts where it has no number.

    Raises:
        ValueError: A number of it is none, or it has no quantity.
    """
    product = part_of(raw, "Product")
    number = number_of(raw, "LineNumber")
    place = at if number is None else int(number)
    is_charge = text_of(raw, "LineType").lower() == CHARGE
    quantity = number_of(raw, "OrderQuantity")
    if quantity is None and not is_charge:
        raise ValueError(f"line {place} has no OrderQuantity")
    return SalesLine(
        number=place,
        sku=text_of(product, "ProductCode"),
        quantity=Decimal(0) if quantity is None else quantity,
        unit_price=_unit_price(raw),
        is_charge=is_charge,
        description=text_of(product, "ProductDescription") or text_of(raw, "Comments"),
        guid=guid_of(raw),
    )


def _unit_price(raw: Raw) -> Decimal | None:
    """After the line's discount, which is a share from 0 to 1; None without a price."""
    price, discount = number_of(raw, "UnitPrice"), number_of(raw, "DiscountRate")
    if price is None or discount is None or not 0 <= discount <= 1:
        return price
    return price * (1 - discount)


def _moment(raw: Raw, name: str) -> tuple[datetime | None, str]:
    try:
        return moment_of(value_of(raw, name)), ""
    except ValueError:
        return None, f"{name} is no time"
