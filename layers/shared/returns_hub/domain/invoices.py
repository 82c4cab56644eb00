"""A portal's invoices to a merchant, and a table of their lines that a spreadsheet may open."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.errors import Permanent

OWN_COLUMNS = (
    "invoice_id",
    "invoice_status",
    "invoice_charge",
    "invoice_currency",
    "invoice_created_at",
    "invoice_updated_at",
)
PENDING = "pending"
"""In place of an invoice's id and status, for lines that are on no invoice yet."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet may take for the beginning of a formula, full-width forms included."""
CONTROL = frozenset("\t\r")
"""What some spreadsheets leave out before they look."""


class Invoice(Frozen):
    """An invoice; `charge` is an amount of `currency`, both empty when the portal gives none."""

    id: str
    status: str
    charge: Decimal | None = None
    currency: str = ""
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None


@dataclass(frozen=True)
class Lines:
    """The lines of one invoice: names of columns, each once, and rows as long as these."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_lines(content: bytes) -> Lines:
    """The portal's CSV, whose columns no source tells; a column that comes twice is numbered.

    Raises:
        Permanent: It is not CSV in UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
        table = [row for row in csv.reader(StringIO(text, newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error):
        raise Permanent("redo.unreadable", "the invoice's lines are not CSV in UTF-8") from None
    if not table:
        return Lines((), ())
    width = max(map(len, table))
    names = [*table[0], *[""] * (width - len(table[0]))]
    rows = ((*row, *[""] * (width - len(row))) for row in table[1:])
    return Lines(_each_once(names), tuple(rows))


def _each_once(names: Sequence[str]) -> tuple[str, ...]:
    """The names, where each is another; ours are taken."""
    taken = set(OWN_COLUMNS)
    found = []
    for position, name in enumerate(names, start=1):
        wanted = name.strip() or f"column {position}"
        unique, number = wanted, 2
        while unique in taken:
            unique, number = f"{wanted} ({number})", number + 1
        taken.add(unique)
        found.append(unique)
    return tuple(found)


def all_columns(parts: Iterator[Sequence[str]]) -> tuple[str, ...]:
    """Our columns, and then every column of the parts in the order in which they come."""
    return tuple(dict.fromkeys([*OWN_COLUMNS, *(name for part in parts for name in part)]))


def table_rows(
    invoice: Invoice | None, lines: Lines, columns: Sequence[str]
) -> Iterator[list[str]]:
    """The lines under `columns`, each with its invoice; None for what is on no invoice yet."""
    own = dict(zip(OWN_COLUMNS, _own_cells(invoice), strict=True))
    for row in lines.rows:
        cells = own | dict(zip(lines.columns, row, strict=True))
        yield [safe_cell(cells.get(name, "")) for name in columns]


def _own_cells(invoice: Invoice | None) -> tuple[str, ...]:
    if invoice is None:
        return (PENDING, PENDING, "", "", "", "")
    return (
        invoice.id,
        invoice.status,
        "" if invoice.charge is None else f"{invoice.charge:f}",
        invoice.currency,
        _time(invoice.created_at),
        _time(invoice.updated_at),
    )


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def safe_cell(text: str) -> str:
    """The text, which no spreadsheet takes for a formula: an apostrophe goes before one."""
    if NUMBER.fullmatch(text.strip(" ")):
        return text
    if text[:1] in CONTROL or text.lstrip()[:1] in FORMULA:
        return f"'{text}"
    return text
