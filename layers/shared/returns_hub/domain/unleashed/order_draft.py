"""A sales order of Unleashed as the warehouse is told it, and what of it is compared later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal

from returns_hub.domain.base import short_hash
from returns_hub.domain.miinto.order_draft import as_id
from returns_hub.domain.unleashed.echoes import CUSTOMER_REFERENCE, reference_of
from returns_hub.domain.unleashed.orders_rule import ImportOrder
from returns_hub.domain.unleashed.sales_orders import SalesLine, SalesOrder
from returns_hub.domain.warehouse_orders import OrderDraft, Recipient

MOST_NAMED = 10
AT = "@"


def draft_of(order: SalesOrder, judged: ImportOrder, recipient: Recipient) -> OrderDraft:
    """The order to be made in the warehouse.

    Args:
        order: As it was read just now.
        judged: What it becomes.
        recipient: Who gets the goods, with the customer's address where the order has none.
    """
    charges = f"Charges: {', '.join(judged.charges)}" if judged.charges else ""
    ids = (
        ("Unleashed order", order.number),
        ("Unleashed Guid", order.guid),
        (CUSTOMER_REFERENCE, order.customer_reference),
    )
    return OrderDraft(
        number=judged.number,
        warehouse_id=judged.warehouse_id,
        recipient=replace(recipient, country=judged.country),
        items=judged.lines,
        currency=order.currency,
        external_reference=reference_of("order", order.guid),
        courier=as_id(judged.courier),
        channel=as_id(judged.channel),
        delivery_notes=order.delivery_instruction,
        comments="\n".join(text for text in (order.comments, charges) if text),
        name_values=tuple((name, value) for name, value in ids if value),
        ioss_number=judged.ioss_number,
    )


def texts_of(order: SalesOrder) -> tuple[str, ...]:
    """What people and programs wrote onto a sales order, where a recommendation's id may stand.

    Unleashed's sales orders have no fields of the merchant's own (its list of keys).
    """
    return (order.comments, order.customer_reference, order.delivery_instruction, order.source_id)


def has_address(recipient: Recipient) -> bool:
    """Whether it says where to: a country alone does not."""
    return bool(recipient.address or recipient.town or recipient.postcode)


def with_customers(own: Recipient, customers: Recipient) -> Recipient:
    """The customer's address, for who the order names."""
    person = {
        name: value
        for name in ("first_name", "last_name", "title", "company", "email", "phone")
        if (value := getattr(own, name))
    }
    if own.first_name or own.last_name:
        # A name is one thing: half of another person's is nobody's.
        person |= {"first_name": own.first_name, "last_name": own.last_name}
    return replace(customers, country=customers.country or own.country, **person)


def version_of(order: SalesOrder) -> str:
    """What the warehouse's order is made of, as one word; with the warehouse's code behind it.

    Never the time of the last change: our own writes to the order change that.
    """
    content = {
        "texts": [
            order.number,
            order.status.casefold(),
            order.custom_status.casefold(),
            order.currency,
            order.source_id,
            order.customer_code,
            order.customer_reference,
            order.delivery_method,
            order.delivery_instruction,
            order.comments,
            order.unreadable,
            str(order.created_at),
        ],
        "recipient": asdict(order.recipient),
        "lines": [_of_line(line) for line in sorted(order.lines, key=lambda one: one.number)],
    }
    return f"{short_hash(_written(content))}{AT}{order.warehouse_code}"


def warehouse_in(version: str) -> str:
    """The code of the warehouse in a version; empty where it has none."""
    return version.partition(AT)[2]


def address_mark(order: SalesOrder) -> str:
    """A word that differs when the delivery address does; nothing of a person can be read in it."""
    return short_hash(_written([order.guid, asdict(order.recipient)]))


def goods_in_words(units: Mapping[str, int]) -> str:
    """``2 x TEE, 1 x CAP``, the first few."""
    told = [f"{many} x {sku[:60]}" for sku, many in units.items()]
    more = [f"and {len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
    return ", ".join(told[:MOST_NAMED] + more)


def _of_line(line: SalesLine) -> list[str]:
    price = "" if line.unit_price is None else _plain(line.unit_price)
    charge = line.description if line.is_charge else ""
    return [str(line.number), line.sku, _plain(line.quantity), price, str(line.is_charge), charge]


def _plain(number: Decimal) -> str:
    """Without the zeros by which one number is written in several ways."""
    return f"{number.normalize():f}" if number.is_finite() else str(number)


def _written(content: object) -> str:
    # In ASCII, so that a text that is no proper Unicode can be hashed as well.
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
