"""The fields of every set's rows: what a file can name, leave out, and cannot do without."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Final

from returns_hub.domain.wair.rows import (
    ColorRow,
    ItemRow,
    LocationRow,
    ReservedRow,
    Row,
    SizeRow,
    SkuRow,
    StockRow,
)

SKUS: Final = "skus"
"""The one field that holds rows itself."""
ROW_OF: Final[Mapping[str, type[Row]]] = {
    "locations": LocationRow,
    "sizes": SizeRow,
    "colors": ColorRow,
    "items": ItemRow,
    "stock": StockRow,
    "reserved": ReservedRow,
}
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "locations": ("location",),
    "sizes": ("size",),
    "colors": ("color",),
    "items": ("item", "skus", "skus.sku"),
    "stock": ("location", "sku", "on_hand"),
    "reserved": ("id", "location", "sku", "quantity"),
}
"""Without these a row says nothing, or cannot be told from another."""


def field_names(data_set: str) -> tuple[str, ...]:
    """Every field of the set's rows, those of an item's SKUs as ``skus.NAME``."""
    names = tuple(field.name for field in fields(ROW_OF[data_set]))
    if data_set != "items":
        return names
    return (*names, *(f"{SKUS}.{field.name}" for field in fields(SkuRow)))


def neutral_names(data_set: str) -> dict[str, str]:
    """Our field -> itself in camelCase, for a place that has no names of its own."""
    return {name: _camel(name.rpartition(".")[2]) for name in field_names(data_set)}


def naming_problem(data_set: str, named: Mapping[str, str], omitted: Collection[str]) -> str:
    """Why fields cannot be named and left out like this; empty when they can."""
    known = field_names(data_set)
    for name in (*named, *omitted):
        if name not in known:
            return f"a row has no {name}; it has {', '.join(known)}"
    for name in NEEDED[data_set]:
        if name in omitted:
            return f"{name} cannot be left out"
    taken: dict[tuple[str, str], str] = {}
    for ours, theirs in named.items():
        other = taken.setdefault((ours.rpartition(".")[0], theirs), ours)
        if other != ours:
            return f"{other} and {ours} are both named {theirs}"
    return ""


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)
