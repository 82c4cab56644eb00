"""What the verbs of Miinto share: money and shops in words, days, and masks over buyers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol

import click

from returns_hub.domain.miinto.money import Money
from returns_hub.domain.miinto.orders import Address, Customer
from returns_hub.domain.minor_units import EXPONENTS

MINUTES = "%Y-%m-%d %H:%M"
HIDDEN = "\u2022\u2022\u2022"
LONGEST_NAMED = 40
AREA_LETTERS = 2
"""Characters of a postcode that tell the area and not the street."""


class Priced(Protocol):
    """A line of a transfer or an order."""

    @property
    def quantity(self) -> int:
        """Units."""

    @property
    def price(self) -> int:
        """Minor units, for a unit or for the line."""


def when(moment: datetime | None) -> str:
    """A time for a table."""
    return f"{moment.astimezone(UTC):{MINUTES}}" if moment else "-"


def money(minor: int | None, currency: str | None) -> str:
    """An amount in words; minor units where its currency was not told."""
    if minor is None:
        return "-"
    if currency is None:
        return f"{minor} minor units, currency not told"
    return Money(minor=minor, currency=currency).in_words()


def worth(lines: Iterable[Priced], price_is: str) -> tuple[int, int]:
    """What lines are worth, at least and at most: the two differ while nobody has told whether a
    price is of a unit or of the line."""
    rows = tuple(lines)
    of_lines = sum(row.price for row in rows)
    of_units = sum(row.price * row.quantity for row in rows)
    if price_is == "unknown":
        return of_lines, of_units
    exactly = of_lines if price_is == "line" else of_units
    return exactly, exactly


def worth_in_words(lines: Iterable[Priced], currency: str | None, price_is: str) -> str:
    """`worth`, for people."""
    least, most = worth(lines, price_is)
    told = money(most, currency)
    return told if least == most else f"{money(least, currency)} or {told}"


def minor_units(amount: Decimal, currency: str | None) -> Decimal:
    """An amount in its currency's own unit, in minor units."""
    return amount.scaleb(EXPONENTS.get(currency or "", 2))


def named(value: str) -> str:
    """An argument as it is named in a refusal: in quotes, and no longer than a line."""
    return repr(value if len(value) <= LONGEST_NAMED else f"{value[: LONGEST_NAMED - 1]}\u2026")


class Amount(click.ParamType[Decimal]):
    """An amount of money, such as 499 or 499.95."""

    name = "amount"

    def convert(
        self, value: str | Decimal, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        if isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(value.strip())
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= 10**9:
            self.fail(f"{named(value)} is no amount; say it like 499 or 499.95", param, ctx)
        return amount


class Day(click.ParamType[datetime]):
    """A day (UTC), e.g. 2026-05-01."""

    name = "day"

    def __init__(self, *, ends: bool = False) -> None:
        self._ends = ends

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            day = datetime.strptime(value.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
            return day + timedelta(days=1) if self._ends else day
        except (ValueError, OverflowError):
            self.fail(f"{named(value)} is no day; say it like 2026-05-01", param, ctx)


def masked(customer: Customer) -> Customer:
    """The customer as far as a colleague needs it: initials, the postcode's area, the country."""
    return Customer(
        name=initials(customer.name),
        email=_hidden(customer.email),
        phone=_hidden(customer.phone),
        billing=_masked_address(customer.billing),
        delivery=_masked_address(customer.delivery),
    )


def _masked_address(address: Address) -> Address:
    return Address(
        name=initials(address.name),
        street=_hidden(address.street),
        postcode=area_of(address.postcode),
        city=_hidden(address.city),
        country=address.country,
    )


def initials(name: str) -> str:
    """``I. H.`` for a name; no more of it."""
    return " ".join(f"{part[0].upper()}." for part in name.split() if part[0].isalpha())


def area_of(postcode: str) -> str:
    """The first characters of a postcode; none of one that has hardly more."""
    bare = postcode.strip()
    return f"{bare[:AREA_LETTERS]}{HIDDEN}" if len(bare) > AREA_LETTERS + 1 else _hidden(bare)


def _hidden(text: str) -> str:
    return HIDDEN if text else ""
