"""What our fields are called at the sink, and rows in those words, one way and back."""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from returns_hub.domain.strict_json import number_of
from returns_hub.domain.wair.fields import NEEDED, ROW_OF, SKUS, field_names, neutral_names
from returns_hub.domain.wair.rows import Row, SkuRow
from returns_hub.domain.wair.settings import DataSetName, WairConnection
from returns_hub.errors import Misconfigured

Names = tuple[tuple[str, str], ...]
"""Our field, and its name there."""
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Naming:
    """One set's words at the sink.

    Args:
        data_set: Which set.
        wrapper: The array's name.
        flat: Fields of a row.
        skus: Fields of an item's SKUs; empty for other sets.
        skus_name: The name of an item's list of SKUs; empty for other sets.
        leaves_out_empty: Whether what is not known is left out, and not told as null.
    """

    data_set: DataSetName
    wrapper: str
    flat: Names
    skus: Names = ()
    skus_name: str = ""
    leaves_out_empty: bool = False

    def told(self, row: Row) -> dict[str, Any]:
        """A row in the sink's words."""
        content = self._named(row, self.flat)
        if self.skus_name:
            rows: tuple[SkuRow, ...] = getattr(row, SKUS)
            content[self.skus_name] = [self._named(sku, self.skus) for sku in rows]
        return content

    def body(self, rows: Iterable[Row]) -> bytes:
        """A whole body, held once: ``{wrapper: [row, ...]}``."""
        made = BytesIO()
        made.write(f'{{"{self.wrapper}":['.encode())
        between = b""
        for row in rows:
            made.write(between)
            made.write(ENCODER.encode(self.told(row)).encode("utf-8", "replace"))
            between = b","
        made.write(b"]}")
        return made.getvalue()

    def row(self, content: Any) -> Row:
        """A row from the sink's words; what is not told there is empty.

        Raises:
            Misconfigured: It lacks what a row cannot do without, or holds what is none of it.
        """
        if not isinstance(content, dict):
            raise self._unfit("a row is not an object")
        told: dict[str, Any] = {ours: content.get(theirs) for ours, theirs in self.flat}
        if self.skus_name:
            listed = content.get(self.skus_name)
            if not isinstance(listed, list):
                raise self._unfit(f"a row has no {self.skus_name}")
            told[SKUS] = tuple(self._sku(entry) for entry in listed)
        made: Row = self._made(ROW_OF[self.data_set], told, "", dict(self.flat))
        return made

    def _sku(self, content: Any) -> SkuRow:
        if not isinstance(content, dict):
            raise self._unfit("a SKU is not an object")
        told = {ours: content.get(theirs) for ours, theirs in self.skus}
        made: SkuRow = self._made(SkuRow, told, f"{SKUS}.", dict(self.skus))
        return made

    def _made(
        self, kind: type[Any], told: Mapping[str, Any], before: str, names: Mapping[str, str]
    ) -> Any:
        found: dict[str, Any] = {}
        for name, wanted, blank in _shape(kind):
            value = told.get(name)
            is_needed = f"{before}{name}" in NEEDED[self.data_set]
            if value is None or (is_needed and value == ""):
                if is_needed:
                    raise self._unfit(f"a row has no {names.get(name, name)}")
                found[name] = blank
                continue
            try:
                found[name] = _read(wanted, value)
            except (ValueError, TypeError, OverflowError):
                what = f"{names.get(name, name)} of a row cannot be read"
                raise self._unfit(what) from None
        return kind(**found)

    def _named(self, row: Any, names: Names) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for ours, theirs in names:
            value = getattr(row, ours)
            if self.leaves_out_empty and (value is None or value == ""):
                continue
            content[theirs] = value if isinstance(value, str | int) else plain(value)
        return content

    def _unfit(self, why: str) -> Misconfigured:
        where = f"wair.data_sets.{self.data_set}"
        return Misconfigured(
            "wair.read_back_unfit",
            f"what is read back of {self.data_set} does not fit: {why}; "
            f"correct {where}.read_path, wrapper or fields",
        )


def naming_of(connection: WairConnection, data_set: DataSetName) -> Naming:
    """The words of a set: WAIR's documented ones for its API, neutral ones elsewhere, and those of
    the file before either."""
    is_api = connection.sink == "wair_api"
    if is_api:
        named = connection.fields_of(data_set)
    else:
        found = connection.data_set(data_set)
        named = {**neutral_names(data_set), **found.fields}
        named = {ours: theirs for ours, theirs in named.items() if ours not in found.omit}
    # In the order of the row, whatever the order of the file.
    listed = [(ours, named[ours]) for ours in field_names(data_set) if ours in named]
    before = f"{SKUS}."
    return Naming(
        data_set=data_set,
        wrapper=connection.wrapper_of(data_set),
        flat=tuple(pair for pair in listed if pair[0] != SKUS and not pair[0].startswith(before)),
        skus=tuple((o.removeprefix(before), t) for o, t in listed if o.startswith(before)),
        skus_name=named.get(SKUS, ""),
        leaves_out_empty=is_api,
    )


def plain(value: Any) -> Any:
    """A value as JSON has it: a Decimal as a number, a time in UTC as ISO 8601."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return utc_text(value)
        case date():
            return value.isoformat()
    return value


def utc_text(moment: datetime) -> str:
    """A time as ISO 8601 in UTC, to the second unless it has parts of one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_SHAPES: dict[type[Any], tuple[tuple[str, Any, Any], ...]] = {}


def _shape(kind: type[Any]) -> tuple[tuple[str, Any, Any], ...]:
    """Each field of a row: its name, its type without None, and what it is when it is not told."""
    if kind not in _SHAPES:
        hints = get_type_hints(kind)
        _SHAPES[kind] = tuple(
            (field.name, _without_none(hints[field.name]), _blank(field, hints[field.name]))
            for field in fields(kind)
        )
    return _SHAPES[kind]


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(kind for kind in get_args(hint) if kind is not type(None))
    return hint


def _blank(field: Any, hint: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return {str: "", int: 0, datetime: datetime.fromtimestamp(0, UTC)}.get(hint)


def _read(wanted: Any, value: Any) -> Any:
    if wanted is str and isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if wanted in {int, Decimal} and isinstance(value, int | Decimal | str):
        if isinstance(value, bool):
            raise ValueError("not a number")
        number = number_of(str(value))
        if wanted is Decimal:
            return number
        if number != number.to_integral_value():
            raise ValueError("not a whole number")
        return int(number)
    if wanted is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    if get_origin(wanted) is tuple and isinstance(value, tuple):
        return value
    raise TypeError(type(value).__name__)
