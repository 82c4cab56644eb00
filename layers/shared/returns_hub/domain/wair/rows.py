"""Rows that stock intelligence is told, in our words; what they are called there is a setting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place that has stock."""

    location: str
    code: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SizeRow:
    """A size; the smaller `sort_order` comes first."""

    size: str
    code: str
    name: str
    sort_order: int


@dataclass(frozen=True, slots=True)
class ColorRow:
    """A colour."""

    color: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SkuRow:
    """A SKU of an item; lengths in cm and the weight in kg, None where they are not known."""

    sku: str
    code: str
    style: str
    color: str = ""
    size: str = ""
    barcode: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with every one of its SKUs: objects are told whole."""

    item: str
    code: str
    name: str
    skus: tuple[SkuRow, ...]


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of a SKU at a location, summed over its warehouses.

    Args:
        location: The location's id.
        sku: The SKU.
        on_hand: Units that are there, those allocated and in quarantine among them.
        available: Units that can be promised; None where the warehouse does not tell which of its
            numbers is which.
        updated_at: When it changed last, as far as the warehouse tells.
    """

    location: str
    sku: str
    on_hand: int
    available: int | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReservedRow:
    """Units that are there and not for replenishment: allocated, or in quarantine."""

    id: str
    location: str
    sku: str
    quantity: int
    starts_at: datetime


Row = LocationRow | SizeRow | ColorRow | ItemRow | StockRow | ReservedRow
