"""What stock intelligence advises. It is kept for people; no flow acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class StockTarget:
    """Units of a SKU that a location should have over the next seven days."""

    location: str
    sku: str
    quantity: Decimal
    forecast_date: date | None = None


@dataclass(frozen=True, slots=True)
class TransferProposal:
    """Units of a SKU that should go from one location to another.

    `reference` identifies the proposal: WAIR gives it again to whoever asks again.
    """

    reference: str
    from_location: str
    to_location: str
    sku: str
    quantity: Decimal
    kind: str = ""
    batch: str = ""
    batch_description: str = ""
    planned_for: datetime | None = None
