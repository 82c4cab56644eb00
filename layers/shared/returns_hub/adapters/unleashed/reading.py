"""Reading Unleashed's objects, whose keys and shapes are not the same everywhere.

Sources: official samples say ``SalesPerson`` where clients read ``Salesperson``; a shipment's
``ShippingCompany`` is a text for one client and an object for two; lists may be null; purchase
orders are ``Complete`` where sales orders are ``Completed``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.dates import moment_of

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
Raw = Mapping[str, Any]
"""An object as it was read."""


def key_in(raw: Raw, name: str) -> str | None:
    """The key under which an object holds this name, whatever its case; None when it has none."""
    if name in raw:
        return name
    wanted = name.lower()
    return next((key for key in raw if key.lower() == wanted), None)


def value_of(raw: Raw, name: str) -> Any:
    """The value under a name, whatever its case; None when it is missing."""
    key = key_in(raw, name)
    return None if key is None else raw[key]


def text_of(raw: Raw, name: str) -> str:
    """A text without blanks around it; empty when it is null, missing or no text."""
    value = value_of(raw, name)
    return value.strip() if isinstance(value, str) else ""


def number_of(raw: Raw, name: str) -> Decimal | None:
    """A number; None when it is null or missing.

    Raises:
        ValueError: It is something else.
    """
    value = value_of(raw, name)
    if value is None:
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise ValueError(f"{name} is no number")


def rows_of(raw: Raw, name: str) -> list[dict[str, Any]]:
    """The objects of a list; none when it is null or missing.

    Raises:
        ValueError: It is something else.
    """
    value = value_of(raw, name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError(f"{name} is no list of objects")
    return list(value)


def part_of(raw: Raw, name: str) -> Raw:
    """An object within; empty when it is null, missing or none."""
    value = value_of(raw, name)
    return value if isinstance(value, dict) else {}


def number_or_none(raw: Raw, name: str) -> Decimal | None:
    """A number; None where it is none: one odd field must not hide a list."""
    try:
        return number_of(raw, name)
    except ValueError:
        return None


def moment_in(raw: Raw, *names: str) -> datetime | None:
    """The first of these times that can be read; None where none can."""
    for name in names:
        try:
            found = moment_of(value_of(raw, name))
        except ValueError:
            found = None
        if found is not None:
            return found
    return None


def code_of(raw: Raw, name: str) -> str:
    """A code or a number as Unleashed has it, with the blanks that it may have: by those alone two
    may differ. Empty where it is no text."""
    value = value_of(raw, name)
    return value if isinstance(value, str) else ""


def warehouse_of(raw: Raw, *names: str) -> str:
    """The code of the first of these warehouses that it has."""
    found = (code_of(part_of(raw, name), "WarehouseCode") for name in names or ("Warehouse",))
    return next((code for code in found if code), "")


def keeps_stock(product: Raw) -> bool:
    """Whether a product lies in stock, as goods do and services do not."""
    return value_of(product, "NeverDiminishing") is not True


def is_tracked(product: Raw) -> bool:
    """Whether units of a product are told apart, by batch or by serial number."""
    return any(value_of(product, name) is True for name in ("IsBatchTracked", "IsSerialized"))


def guid_of(raw: Raw, name: str = "Guid") -> str:
    """A Guid in lower case, as texts compare; empty when it has none. Another text is none: it
    would be kept, asked for, and shown as a record's name."""
    guid = text_of(raw, name).lower()
    return guid if GUID.fullmatch(guid) else ""


def modified_of(raw: Raw) -> str:
    """When it was changed last, as text that differs when the time does."""
    value = value_of(raw, "LastModifiedOn")
    try:
        moment = moment_of(value)
    except ValueError:
        return str(value)
    return "" if moment is None else moment.isoformat()


def status_of(raw: Raw, name: str) -> str:
    """A status in lower case; ``completed`` also where Unleashed says ``Complete``."""
    word = text_of(raw, name).lower()
    return "completed" if word == "complete" else word


def shipping_company_of(raw: Raw) -> str:
    """The carrier's name, given as a text or as an object with a name."""
    company = value_of(raw, "ShippingCompany")
    return (
        text_of(company, "Name") if isinstance(company, dict) else text_of(raw, "ShippingCompany")
    )
