"""Miinto's own words, of which only what the job needs is read.

Sources: the Sylius plugin that was made with Miinto's feedback (transfers, positions, customer,
address) and two clients of merchants (orders, parent order). What no source proves is optional.
Who bought is in a model of its own, which is read only where an order is made.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LONGEST = 2000


class Theirs(BaseModel):
    """A body of Miinto's; what we do not read is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


def _whole(value: Any) -> int:
    """A whole number or its digits; 499.00 is none, for nobody knows in which unit it would be."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    raise ValueError("must be a whole number")


def _text(value: Any) -> str:
    """A text, or a number's digits; anything else is none."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    """A time with its offset, in UTC; what cannot be read is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _one(value: Any) -> Any:
    """An object; PHP writes an empty one as ``[]``."""
    return value if isinstance(value, dict) else {}


def _many(value: Any) -> Any:
    """A list; one with gaps comes from PHP as an object, and none at all as null."""
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None else value


Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, BeforeValidator(_text)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Item(Theirs):
    """A position's product; only ``gtin`` is proven on transfers."""

    name: Text = ""
    brand: Text = ""
    gtin: Text = ""
    product_id: Text = Field(default="", alias="productId")


class Position(Theirs):
    """A line. `price` in minor units; a quantity of 0 is a line that was returned."""

    id: Whole
    quantity: Whole
    price: Whole
    item: Annotated[Item, BeforeValidator(_one)] = Item()


Positions = Annotated[tuple[Position, ...], BeforeValidator(_many)]


class Transfer(Theirs):
    """An entry of ``GET /shops/{id}/transfers``."""

    id: Whole
    currency: Text = ""
    created_at: Moment = Field(default=None, alias="createdAt")
    pending: Positions = Field(default=(), alias="pendingPositions")


class ParentOrder(Theirs):
    """The buyer's whole basket."""

    id: Text = ""
    created_at: Moment = Field(default=None, alias="createdAt")


class Order(Theirs):
    """An order; nothing of its buyer is read."""

    id: Whole
    created_at: Moment = Field(default=None, alias="createdAt")
    parent: Annotated[ParentOrder, BeforeValidator(_one)] = Field(
        default=ParentOrder(), alias="parentOrder"
    )
    currency: Text = ""
    accepted: Positions = Field(default=(), alias="acceptedPositions")
    pending: Positions = Field(default=(), alias="pendingPositions")
    declined: Positions = Field(default=(), alias="declinedPositions")


class Address(Theirs):
    """An address without its name."""

    street: Text = Field(default="", repr=False)
    postcode: Text = Field(default="", repr=False)
    city: Text = Field(default="", repr=False)
    country: Text = Field(default="", alias="countryCode")


class Billing(Theirs):
    """Who pays."""

    name: Text = Field(default="", repr=False)
    email: Text = Field(default="", repr=False)
    phone: Text = Field(default="", repr=False)
    address: Annotated[Address, BeforeValidator(_one)] = Field(default=Address(), repr=False)


class DeliveryAddress(Theirs):
    """Where the parcel goes."""

    type: Text = ""
    name: Text = Field(default="", repr=False)
    address: Annotated[Address, BeforeValidator(_one)] = Field(default=Address(), repr=False)


class Shipping(Theirs):
    """How the parcel goes."""

    delivery: Annotated[DeliveryAddress, BeforeValidator(_one)] = Field(
        default=DeliveryAddress(), alias="deliveryAddress"
    )


class Buyer(Theirs):
    """Who bought an order, and where it goes: personal data."""

    billing: Annotated[Billing, BeforeValidator(_one)] = Field(
        default=Billing(), alias="billingInformation", repr=False
    )
    shipping: Annotated[Shipping, BeforeValidator(_one)] = Field(
        default=Shipping(), alias="shippingInformation", repr=False
    )


class Provider(Theirs):
    """A shipping provider; only its id is proven."""

    id: Text
    name: Text = ""


class NewOrder(Theirs):
    """The order that accepting made."""

    id: Whole


class Decided(Theirs):
    """Answer of a decision; `new_order` only where something was accepted."""

    new_order: NewOrder | None = Field(default=None, alias="newOrder")


class Shop(Theirs):
    """Answer of ``GET /shops/{id}``."""

    name: Text = ""
