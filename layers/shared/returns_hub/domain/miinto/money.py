"""Money of the marketplace: whole minor units and the currency they are of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from returns_hub.domain.base import Frozen
from returns_hub.domain.minor_units import EXPONENTS

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
MinorUnits = Annotated[int, Field(ge=0, le=10**12)]


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
