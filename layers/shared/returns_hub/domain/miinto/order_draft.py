"""An order of the marketplace as an order of the store of record: pure, and nothing is guessed.

Facts about Miinto's orders: one full name for each person, one street line, a delivery type of
`CompanyDelivery`, `HomeDelivery` or `ParcelShopDelivery` (Setono's plugin, developed with Miinto).
What a position's price counts for is not told anywhere; see `Transfers.price_is`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from returns_hub.domain.miinto.money import Money
from returns_hub.domain.miinto.orders import Address, Customer, MarketOrder, OrderLine, OrderState
from returns_hub.domain.miinto.rule import PriceIs
from returns_hub.domain.miinto.settings import MiintoShop, Orders
from returns_hub.domain.miinto.transfers import Item, Position
from returns_hub.domain.warehouse_orders import OrderDraft, Recipient
from returns_hub.domain.warehouse_orders import OrderLine as DraftLine
from returns_hub.errors import Permanent

ISO_COUNTRY = {"UK": "GB", "EL": "GR"}
"""Miinto's word for a country -> ISO 3166; its site says UK where its API may say GB."""


def number_of(prefix: str, slug: str, order: int) -> str:
    """The store of record's number: Miinto's are unique for each market only.

    Ids are digits, so that the last dash parts shop and id: two orders never get one number.
    """
    return f"{prefix}{slug}-{order}"


def lines_of(
    positions: Iterable[Position], skus: Mapping[int, str | None]
) -> tuple[OrderLine, ...]:
    """The order's lines, with the SKU that each was found to be."""
    return tuple(
        OrderLine(
            position=position.id,
            quantity=position.quantity,
            price=position.price,
            sku=skus.get(position.id),
            product_id=position.item.product_id,
            gtin=position.item.gtin,
            name=position.item.name,
        )
        for position in positions
    )


def item_of(line: OrderLine) -> Item:
    """What Miinto told of a line's product."""
    return Item(product_id=line.product_id, gtin=line.gtin, name=line.name)


def are_same_goods(lines: Iterable[OrderLine], positions: Iterable[Position]) -> bool:
    """Whether the order still holds what was seen of it: positions, units and prices."""
    seen = {(line.position, line.quantity, line.price) for line in lines}
    return seen == {(position.id, position.quantity, position.price) for position in positions}


def unknown_products(lines: Iterable[OrderLine]) -> str:
    """Which lines have no SKU, for a person; nothing when each has one."""
    told = [
        f"position {line.position} (item {line.product_id or 'without id'}, "
        f"GTIN {line.gtin or 'none'}, {line.name[:60] or 'no name'})"
        for line in lines
        if line.sku is None
    ]
    return ", ".join(told[:5]) + (f" and {len(told) - 5} more" if len(told) > 5 else "")


def split_name(name: str) -> tuple[str, str]:
    """First and last name of a full one: ``Ida Holm``, ``Holm, Ida``.

    The first word is the first name and all others the last, so that no word is lost; a name of
    one word is a last name, which couriers ask for. Joined again it reads as it did.
    """
    last, comma, first = name.partition(",")
    if comma and first.strip() and last.strip() and "," not in first:
        return " ".join(first.split()), " ".join(last.split())
    words = name.split()
    if len(words) < 2:
        return "", " ".join(words)
    return words[0], " ".join(words[1:])


def recipient_of(order: MarketOrder) -> Recipient:
    """Who gets the goods, and where.

    To a parcel shop goes the pick-up point's address, with the point's name as the company; the
    buyer's name is kept, since they fetch it.

    Raises:
        Permanent: There is no customer, or the address lacks what no courier can do without.
    """
    customer = order.customer
    if customer is None:
        raise Permanent("miinto.no_customer", f"Miinto tells no customer of order {order.id}")
    address = customer.delivery
    missing = [what for what in ("street", "postcode", "city", "country") if not _of(address, what)]
    if missing:
        raise Permanent(
            "miinto.bad_address",
            f"the delivery address of Miinto's order {order.id} has no {', no '.join(missing)}",
        )
    person, company = _names(order, customer)
    if not person and not company:
        raise Permanent("miinto.bad_address", f"Miinto's order {order.id} names no recipient")
    first, last = split_name(person)
    country = address.country.strip().upper()
    return Recipient(
        country=ISO_COUNTRY.get(country, country),
        first_name=first,
        last_name=last,
        company=company,
        address=(address.street.strip(),),
        town=address.city.strip(),
        postcode=address.postcode.strip(),
        email=customer.email.strip(),
        phone=customer.phone.strip(),
    )


def _of(address: Address, what: str) -> str:
    value: str = getattr(address, what)
    return value.strip()


def _names(order: MarketOrder, customer: Customer) -> tuple[str, str]:
    """The person and the company (or pick-up point) that goods are addressed to."""
    buyer, told = customer.name.strip(), customer.delivery.name.strip()
    if order.delivery_type in {"company", "parcel_shop"} and told.casefold() != buyer.casefold():
        return buyer, told
    return told or buyer, ""


def unit_price(line: OrderLine, price_is: PriceIs) -> int | None:
    """What one unit costs, in minor units; None where nobody can tell it exactly."""
    if line.quantity == 1 or price_is == "unit":
        return line.price
    if price_is == "line" and line.price % line.quantity == 0:
        return line.price // line.quantity
    return None


def draft_of(
    state: OrderState,
    order: MarketOrder,
    shop: MiintoShop,
    *,
    courier: str,
    price_is: PriceIs,
    settings: Orders,
) -> OrderDraft:
    """The order to be made.

    Args:
        state: With number, warehouse and lines, as planned.
        order: As read from Miinto just now, with its customer.
        shop: Whose order it is.
        courier: The warehouse's courier service.
        price_is: What a position's price counts for.
        settings: Channel.

    Raises:
        Permanent: A product, the currency or the address is not known.
    """
    unknown = unknown_products(state.lines)
    if unknown:
        raise Permanent(
            "miinto.unknown_product",
            f"no SKU, or more than one, is known for {unknown}; mend the product map or the feed, "
            "then replay",
        )
    currency = order.currency or state.currency
    if currency is None:
        raise Permanent("miinto.no_currency", f"Miinto's order {order.id} names no currency")
    parent = order.parent_id or state.parent_id
    told = f"Miinto shop {shop.id}, order {order.id}" + (f", customer's {parent}" if parent else "")
    return OrderDraft(
        number=state.number,
        warehouse_id=state.warehouse or shop.warehouse,
        recipient=recipient_of(order),
        items=tuple(_draft_line(line, currency, price_is) for line in state.lines),
        currency=currency,
        external_reference=f"{parent}/{state.number}" if parent else "",
        courier=as_id(courier),
        channel=as_id(settings.channel or ""),
        comments=told + _about_delivery(order),
        delivery_notes=_pick_up(order),
        name_values=tuple(
            (name, value)
            for name, value in (
                ("Miinto shop", shop.id),
                ("Miinto order", str(order.id)),
                ("Miinto parent order", parent),
            )
            if value
        ),
    )


def texts_of(order: MarketOrder, lines: Iterable[OrderLine]) -> tuple[str, ...]:
    """What Miinto tells of an order in words, without its customer: it has no comments."""
    return (order.parent_id, *(line.name for line in lines))


def _draft_line(line: OrderLine, currency: str, price_is: PriceIs) -> DraftLine:
    price = unit_price(line, price_is)
    details = ""
    if price is None:
        money = Money(minor=line.price, currency=currency).in_words()
        details = f"{money}, for all {line.quantity} or for each: see Miinto"
        if price_is == "line":
            details = f"{money} for all {line.quantity}"
    return DraftLine(
        sku=line.sku or "", quantity=line.quantity, unit_price_minor=price, details=details
    )


def _about_delivery(order: MarketOrder) -> str:
    if order.delivery_type == "unknown":
        word = order.delivery_word[:40] or "none"
        return f"; delivery type {word}: not known to the hub, sent to the delivery address"
    return ""


def _pick_up(order: MarketOrder) -> str:
    if order.delivery_type != "parcel_shop" or order.customer is None:
        return ""
    return f"Parcel shop: {order.customer.delivery.name.strip()}".rstrip(": ")


def as_id(word: str) -> int | str:
    """The warehouse's id where the word is one, else the name that it is."""
    return int(word) if word.isascii() and word.isdigit() else word


def courier_for(allowed: Iterable[str], settings: Orders) -> tuple[str, str]:
    """Miinto's provider and the warehouse's courier: the first that Miinto allows for the order
    and the merchant has mapped; else none, and the default."""
    for provider in allowed:
        if provider in settings.couriers:
            return provider, settings.couriers[provider]
    return "", settings.courier_default
