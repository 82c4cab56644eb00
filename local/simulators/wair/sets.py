"""Data sets of WAIR's simulator: what a record has to have, and what becomes of a load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from local.simulators.wair.settings import Settings, SetWords

Kind = Literal["id", "text", "number", "time", "object", "skus"]
Key = tuple[str, ...]
Record = dict[str, Any]
MOST_TOLD = 20
LONGEST_ID = 100


@dataclass(frozen=True)
class Field:
    """A field of a record by its documented name."""

    kind: Kind
    needed: bool = False


def _coded(identifier: str, **more: Field) -> dict[str, Field]:
    """Master data: a stable id, a human code, a description."""
    named = {"code": Field("text", True), "description": Field("text")}
    return {identifier: Field("id", True), **named, **more}


ATTRIBUTES = {name: Field("text") for name in ("themeId", "brandId", "seasonId", "collectionId")}
SKU: Final = {
    **_coded("skuId"),
    **{name: Field("text") for name in ("styleId", "colorId", "sizeId")},
    **ATTRIBUTES,
}
PAIR = {"locationId": Field("id", True), "skuId": Field("id", True)}
FIELDS: Final[Mapping[str, Mapping[str, Field]]] = {
    "locations": _coded(
        "locationId", type=Field("text"), gln=Field("text"), address=Field("object")
    ),
    "sizes": _coded("sizeId", sortOrder=Field("number")),
    "colors": _coded("colorId"),
    "items": _coded("itemId", skus=Field("skus", True), **ATTRIBUTES),
    "stock": {**PAIR, "quantity": Field("number", True)},
    "reserved": {
        "id": Field("id", True),
        **PAIR,
        "startDateTime": Field("time", True),
        "endDateTime": Field("time"),
        "quantity": Field("number", True),
    },
}
KEYS: Final[Mapping[str, Key]] = {
    "locations": ("locationId",),
    "sizes": ("sizeId",),
    "colors": ("colorId",),
    "items": ("itemId",),
    "stock": ("locationId", "skuId"),
    "reserved": ("id",),
}
ADVISED: Final[Mapping[str, int]] = {"stock": 50_000, "items": 25_000}
"""Records of a call at most, as far as the pages name them for these sets."""


class Invalid(Exception):  # noqa: N818 - an answer, not a fault
    """What is wrong with a body, one sentence for each fault."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


def records_of(name: str, content: Any, settings: Settings) -> list[Record]:
    """A body's records, in documented names.

    Raises:
        Invalid: The wrapper is missing, a record is not valid, or there are too many.
    """
    words = settings.words[name]
    if not isinstance(content, dict):
        raise Invalid(["The body is not an object."])
    rows = content.get(words.wrapper)
    if not isinstance(rows, list):
        raise Invalid([f"The {words.wrapper} field is required and is an array."])
    if content.keys() - {words.wrapper}:
        raise Invalid([f"The body has nothing but {words.wrapper}."])
    most = ADVISED.get(name)
    if most is not None and len(rows) > most and settings.over_advised == "refuse":
        raise Invalid([f"At most {most} records in one call, and there are {len(rows)}."])
    errors: list[str] = []
    ignores = settings.unknown_keys == "ignore"
    found: list[Record] = []
    for number, row in enumerate(rows):
        found.append(
            _record(
                row,
                fields=FIELDS[name],
                names=_names(words, FIELDS[name]),
                nested=_names(words, SKU, "skus."),
                where=f"{words.wrapper}[{number}]",
                ignores=ignores,
                errors=errors,
            )
        )
        if len(errors) >= MOST_TOLD:
            break
    if errors:
        raise Invalid(errors[:MOST_TOLD])
    return found


def told(name: str, record: Record, words: SetWords) -> Record:
    """A record in the dialect's names."""
    names = _names(words, FIELDS[name])
    inner = _names(words, SKU, "skus.")
    content = {names[key]: value for key, value in record.items() if key != "skus"}
    if "skus" in record:
        content[names["skus"]] = [
            {inner[key]: value for key, value in sku.items()} for sku in record["skus"]
        ]
    return content


def _names(words: SetWords, fields: Mapping[str, Field], before: str = "") -> dict[str, str]:
    return {name: words.names.get(f"{before}{name}", name) for name in fields}


def _record(
    row: Any,
    *,
    fields: Mapping[str, Field],
    names: Mapping[str, str],
    nested: Mapping[str, str],
    where: str,
    ignores: bool,
    errors: list[str],
) -> Record:
    if not isinstance(row, dict):
        errors.append(f"{where} is not an object.")
        return {}
    unknown = row.keys() - set(names.values())
    if unknown and not ignores:
        errors.append(f"{where}.{min(unknown)} is not known.")
    found: Record = {}
    for name, wanted in fields.items():
        at, value = f"{where}.{names[name]}", row.get(names[name])
        if value is None:
            if wanted.needed:
                errors.append(f"The {at} field is required.")
            continue
        if wanted.kind == "skus":
            if not isinstance(value, list):
                errors.append(f"{at} is not an array.")
                continue
            found[name] = [
                _record(
                    sku,
                    fields=SKU,
                    names=nested,
                    nested={},
                    where=f"{at}[{number}]",
                    ignores=ignores,
                    errors=errors,
                )
                for number, sku in enumerate(value)
            ]
        elif fault := _fault(wanted.kind, value):
            errors.append(f"{at} {fault}")
        else:
            found[name] = value
    return found


def _fault(kind: Kind, value: Any) -> str:
    """What is wrong with a value; empty when nothing."""
    if kind == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number else "is not a number."
    if kind == "object":
        return "" if isinstance(value, dict) else "is not an object."
    if not isinstance(value, str):
        return "is not a text."
    if kind == "id":
        return "" if value.strip() and len(value) <= LONGEST_ID else "is not an id."
    if kind == "time":
        try:
            return "" if datetime.fromisoformat(value).tzinfo else "has no time zone."
        except ValueError:
            return "is not a time (ISO 8601)."
    return ""


@dataclass
class KeptSet:
    """What one data set holds, by key; and a full load that has not come to its end."""

    name: str
    records: dict[Key, Record] = field(default_factory=dict)
    staged: dict[Key, Record] | None = None

    def load(
        self, records: list[Record], *, full: bool, more: bool
    ) -> Iterator[tuple[Key, Record | None, Record | None]]:
        """Take records as upserts; each that changed, before and after.

        With `full` the set is replaced once the last part has come; until then nothing changes.
        """
        coming = {self.key(record): record for record in records}
        if full:
            self.staged = {**(self.staged or {}), **coming}
            if more:
                return
            coming, self.staged = self.staged, None
            for key in [key for key in self.records if key not in coming]:
                yield key, self.records.pop(key), None
        for key, record in coming.items():
            before = self.records.get(key)
            if before != record:
                self.records[key] = record
                yield key, before, record

    def key(self, record: Record) -> Key:
        """What makes a record the same one again."""
        return tuple(str(record[name]) for name in KEYS[self.name])
