"""Money as whole minor units with an ISO 4217 currency, and as the decimals partners write."""

from __future__ import annotations

import re
from decimal import Decimal

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
EXPONENTS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
            *("PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Decimal places of the currencies that do not have two (ISO 4217, list one)."""
NO_MONEY = frozenset(
    {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XSU", "XUA", "XBA", "XBB", "XBC", "XBD"}
)
"""Codes of ISO 4217 that have no minor unit: metals, units of account, bonds, tests."""


def exponent_of(currency: str) -> int:
    """Decimal places of the currency.

    Raises:
        ValueError: It is no code of ISO 4217 with a minor unit.
    """
    if not CURRENCY.fullmatch(currency) or currency in NO_MONEY:
        raise ValueError(f"{currency[:10]!r} is not a currency's code of three capital letters")
    return EXPONENTS.get(currency, 2)


def amount_of(minor: int, currency: str) -> Decimal:
    """Minor units as an amount: 1890 and GBP are 18.90, 1890 and JPY are 1890.

    Raises:
        ValueError: See `exponent_of`.
    """
    return Decimal(minor).scaleb(-exponent_of(currency))
