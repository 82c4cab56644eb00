"""Money of the marketplace counts a currency's decimal places as every other money does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from returns_hub.domain.miinto.money import Money
from returns_hub.domain.minor_units import amount_of


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("DKK", "18.90"), ("JPY", "1890"), ("CLP", "1890"), ("KWD", "1.890"), ("CLF", "0.1890")],
)
def test_an_amount_has_its_currencys_decimal_places(currency: str, amount: str) -> None:
    money = Money(minor=1890, currency=currency)
    assert money.amount == amount_of(1890, currency) == Decimal(amount)
    assert money.in_words() == f"{amount} {currency}"
