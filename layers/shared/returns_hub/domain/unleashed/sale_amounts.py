"""Lines of a sales order with their amounts, so that lines and totals agree to the last cent.

Unleashed takes SubTotal, TaxTotal and Total only where they are the sums of the lines' (reported by
a client). So each line is rounded first, half up to the currency's decimal places, and the totals
are sums of what was rounded: nothing is rounded twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from returns_hub.domain.minor_units import exponent_of

PricesAre = Literal["net", "gross"]
UNIT_PLACES = Decimal("0.0001")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A line to be sold.

    Args:
        sku: The product's code; empty for a charge, which has none.
        quantity: Units, at least 1.
        unit_price: Before tax, to four decimal places, for people.
        total: Of the whole line before tax, in whole minor units.
        tax: Of the whole line.
        description: For people; what a charge is called.
    """

    sku: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    tax: Decimal
    description: str = ""


@dataclass(frozen=True, slots=True)
class SaleTotals:
    """Sums of lines."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """With tax."""
        return self.net + self.tax


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount in whole minor units of its currency, half up.

    Raises:
        ValueError: It is no currency.
    """
    return amount.quantize(Decimal(1).scaleb(-exponent_of(currency)), ROUND_HALF_UP)


def line_of(
    sku: str,
    quantity: int,
    amount: Decimal,
    *,
    tax_rate: Decimal,
    currency: str,
    prices: PricesAre,
    description: str = "",
) -> SaleLine:
    """A line of so many units, for an amount for all of them.

    Net: the amount is rounded, and tax is the rate of what was rounded. Gross: what was paid is
    rounded and kept; before tax it is paid / (1 + rate), rounded, and the tax is the rest of it, so
    that both make what was paid.

    Raises:
        ValueError: It is no currency, or the quantity is below 1.
    """
    if quantity < 1:
        raise ValueError("a line has at least one unit")
    whole = rounded(amount, currency)
    if prices == "gross":
        net = rounded(amount / (1 + tax_rate), currency)
        tax = whole - net
    else:
        net, tax = whole, rounded(whole * tax_rate, currency)
    unit = (net / quantity).quantize(UNIT_PLACES, ROUND_HALF_UP)
    return SaleLine(sku, quantity, unit, net, tax, description)


def totals_of(lines: Iterable[SaleLine]) -> SaleTotals:
    """The sums of lines."""
    rows = list(lines)
    return SaleTotals(sum((row.total for row in rows), ZERO), sum((row.tax for row in rows), ZERO))


def shared_out(amount: Decimal, shares: Iterable[Decimal], currency: str) -> list[Decimal]:
    """An amount in parts of these shares, each rounded; the last one has what is left, so that the
    parts make the whole. Shares that are all 0 are taken for equal ones.

    No part is below 0: of a few cents for many parts those in front have what there is.

    Args:
        amount: At least 0.
        shares: At least 0 each.
        currency: ISO 4217.

    Raises:
        ValueError: It is no currency.
    """
    weights = list(shares)
    total = sum(weights, ZERO)
    if not total:
        weights, total = [Decimal(1)] * len(weights), Decimal(len(weights))
    parts, left = [], amount
    for weight in weights[:-1]:
        part = min(rounded(amount * weight / total, currency), left)
        parts.append(part)
        left -= part
    return [*parts, left] if weights else []
