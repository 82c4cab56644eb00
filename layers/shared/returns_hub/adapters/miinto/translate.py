"""From Miinto's words to ours. What cannot be read is unreadable, never a guess."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from returns_hub.adapters.miinto import models
from returns_hub.domain.miinto.orders import (
    Address,
    Customer,
    DeliveryType,
    MarketOrder,
    ShippingProvider,
)
from returns_hub.domain.miinto.transfers import Item, Position, Transfer

Model = TypeVar("Model", bound=BaseModel)

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
DELIVERY: dict[str, DeliveryType] = {
    "companydelivery": "company",
    "homedelivery": "home",
    "parcelshopdelivery": "parcel_shop",
}


class Unreadable(Exception):  # noqa: N818 - the adapter makes a verdict of it, by where it was read
    """A body that cannot be what it should be; the message says where, without values."""


def read_as(model: type[Model], content: Any) -> Model:
    """A body as its model.

    Raises:
        Unreadable: It has another shape.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Unreadable(f"at {where[:80] or 'its top'}") from None


def to_transfer(content: Any, shop: str) -> Transfer:
    """A transfer.

    Raises:
        Unreadable: It cannot be read.
    """
    body = read_as(models.Transfer, content)
    return _made(
        Transfer,
        shop=shop,
        id=body.id,
        currency=currency_of(body.currency),
        created_at=body.created_at,
        pending=_positions(body.pending),
    )


def to_order(
    content: Any,
    shop: str,
    *,
    with_buyer: bool = False,
    label_field: str | None = None,
    tracking_field: str | None = None,
) -> MarketOrder:
    """An order; its buyer, label and tracking number only `with_buyer`.

    Raises:
        Unreadable: It cannot be read.
    """
    body = read_as(models.Order, content)
    found: dict[str, Any] = {}
    if with_buyer:
        buyer = read_as(models.Buyer, content)
        word = buyer.shipping.delivery.type
        found = {
            "delivery_type": DELIVERY.get(word.lower(), "unknown"),
            "delivery_word": word[:40],
            "customer": _customer(buyer),
            "label_url": _address_of_a_page(text_at(content, label_field)),
            "tracking_seen": text_at(content, tracking_field),
        }
    return _made(
        MarketOrder,
        shop=shop,
        id=body.id,
        parent_id=body.parent.id[:60],
        created_at=created_at(body),
        currency=currency_of(body.currency),
        accepted=_positions(body.accepted),
        pending=_positions(body.pending),
        declined=_positions(body.declined),
        **found,
    )


def created_at(body: models.Order) -> datetime | None:
    """When the order was made; the basket's time where the order tells none of its own."""
    return body.created_at or body.parent.created_at


def to_providers(rows: Any) -> tuple[ShippingProvider, ...]:
    """The providers allowed for an order, each once.

    Raises:
        Unreadable: It is no list of providers.
    """
    if isinstance(rows, dict):
        rows = list(rows.values())
    if not isinstance(rows, list):
        raise Unreadable("at its top")
    found = (read_as(models.Provider, row) for row in rows)
    named: dict[str, ShippingProvider] = {}
    for one in found:
        if one.id:
            named.setdefault(one.id, ShippingProvider(id=one.id, name=one.name))
    return tuple(named.values())


def currency_of(word: str) -> str | None:
    """The ISO code, whose case varies; None for what is none."""
    code = word.upper()
    return code if CURRENCY.fullmatch(code) else None


def text_at(content: Any, path: str | None) -> str | None:
    """The text, or a number's digits, at a dotted path; a list on the way is searched for its first
    that has it."""
    if not path:
        return None
    name, _, rest = path.partition(".")
    if isinstance(content, list):
        found = (text_at(entry, path) for entry in content)
        return next((text for text in found if text), None)
    inner = content.get(name) if isinstance(content, dict) else None
    if rest or isinstance(inner, list):
        return text_at(inner, rest) if rest else _first_text(inner)
    return _first_text([inner])


def _first_text(values: Any) -> str | None:
    texts = (
        str(value).strip()
        for value in values or ()
        if isinstance(value, str | int) and not isinstance(value, bool)
    )
    return next((text[: models.LONGEST] for text in texts if text), None)


def _positions(rows: tuple[models.Position, ...]) -> tuple[Position, ...]:
    """The lines that still hold goods: one that was returned keeps its status with quantity 0."""
    return tuple(
        _made(
            Position,
            id=row.id,
            quantity=row.quantity,
            price=row.price,
            item=Item(
                product_id=row.item.product_id or None,
                gtin=row.item.gtin or None,
                name=row.item.name[:200],
                brand=row.item.brand[:100] or None,
            ),
        )
        for row in rows
        if row.quantity != 0
    )


def _customer(buyer: models.Buyer) -> Customer:
    pays, goes = buyer.billing, buyer.shipping.delivery
    return Customer(
        name=pays.name or goes.name,
        email=pays.email,
        phone=pays.phone,
        billing=_address(pays.name, pays.address),
        delivery=_address(goes.name, goes.address),
    )


def _address(name: str, body: models.Address) -> Address:
    return Address(
        name=name,
        street=body.street,
        postcode=body.postcode,
        city=body.city,
        country=body.country.upper()[:3],
    )


def _address_of_a_page(text: str | None) -> str | None:
    """A link that a person may be given; no other scheme than HTTPS, and no user in it."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return None
    is_link = parts.scheme == "https" and parts.hostname and not parts.username
    return text if is_link and text and text.isprintable() and " " not in text else None


def _made(model: type[Model], **fields: Any) -> Model:
    try:
        return model(**fields)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Unreadable(f"at {where[:80]}") from None
