"""Money of the marketplace: whole minor units and the currency they are of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from returns_hub.domain.base import Frozen

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
MinorUnits = Annotated[int, Field(ge=0, le=10**12)]
EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "HUF": 2}
"""Digits of the minor unit where they are not 2 (ISO 4217); Miinto's own currencies all have 2."""


class Money(Frozen):
    """An amount, e.g. 49900 of DKK for 499 kroner."""

    minor: int
    currency: Currency

    @property
    def amount(self) -> Decimal:
        """The amount in the currency's own unit."""
        return Decimal(self.minor).scaleb(-EXPONENTS.get(self.currency, 2))

    def in_words(self) -> str:
        """For people: ``499.00 DKK``."""
        return f"{self.amount} {self.currency}"
