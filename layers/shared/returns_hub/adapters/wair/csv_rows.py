"""Rows as CSV: flat, one line for each SKU of an item, and nothing that a spreadsheet takes for a
formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from typing import Any

from returns_hub.adapters.wair.naming import Naming, plain
from returns_hub.domain.invoices import safe_cell
from returns_hub.domain.wair.fields import SKUS
from returns_hub.domain.wair.rows import Row


def csv_of(naming: Naming, rows: Iterable[Row]) -> tuple[bytes, int]:
    """A whole file in UTF-8 with a header, and how many lines it has besides."""
    made = BytesIO()
    text = TextIOWrapper(made, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(safe_cell(name) for name in _header(naming))
    count = 0
    for row in rows:
        for line in _lines(naming, row):
            writer.writerow(line)
            count += 1
    text.flush()
    text.detach()
    return made.getvalue(), count


def _header(naming: Naming) -> Iterator[str]:
    yield from (theirs for _, theirs in naming.flat)
    # A column of a SKU is told apart from the item's, which may have the same name.
    yield from (f"{naming.skus_name or SKUS}.{theirs}" for _, theirs in naming.skus)


def _lines(naming: Naming, row: Row) -> Iterator[list[Any]]:
    own = [_cell(getattr(row, ours)) for ours, _ in naming.flat]
    if not naming.skus_name:
        yield own
        return
    skus: tuple[object, ...] = getattr(row, SKUS)
    for sku in skus:
        yield [*own, *(_cell(getattr(sku, ours)) for ours, _ in naming.skus)]
    if not skus:
        yield [*own, *("" for _ in naming.skus)]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    told = plain(value)
    return safe_cell(told) if isinstance(told, str) else told
