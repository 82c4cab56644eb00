"""Invoices as one table: every line with its invoice, and never half a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from returns_hub.domain.invoices import (
    Invoice,
    Lines,
    all_columns,
    read_lines,
    safe_cell,
    table_rows,
)
from returns_hub.errors import Permanent
from returns_hub.ports import Invoices


def export(invoices: Invoices, wanted: Sequence[Invoice | None], out: TextIO) -> int:
    """Write the lines of invoices as CSV; how many lines.

    Everything is read before the first word is written: an invoice that cannot be had leaves
    nothing behind. One invoice at a time is in memory; the others wait in files.

    Args:
        invoices: The portal's.
        wanted: The invoices, in order; None for the lines that are on no invoice yet.
        out: Takes the table, in UTF-8 and with its line ends as they are written.

    Raises:
        Permanent: An invoice is unknown, or its lines are not CSV.
        Retryable: The portal cannot be asked now.
    """
    with TemporaryDirectory() as folder:
        parts = [Path(folder) / str(position) for position, _ in enumerate(wanted)]
        columns: list[tuple[str, ...]] = []
        for invoice, part in zip(wanted, parts, strict=True):
            content = invoices.pending_items() if invoice is None else invoices.items(invoice.id)
            columns.append(_read(invoice, content).columns)
            part.write_bytes(content)
        header = all_columns(iter(columns))
        table = csv.writer(out)
        table.writerow([safe_cell(name) for name in header])
        count = 0
        for invoice, part in zip(wanted, parts, strict=True):
            for row in table_rows(invoice, _read(invoice, part.read_bytes()), header):
                table.writerow(row)
                count += 1
    return count


def chosen(invoices: Invoices, invoice_id: str) -> Invoice:
    """One invoice of the list.

    Raises:
        Permanent: There is none with this id.
    """
    for invoice in invoices.list():
        if invoice.id == invoice_id:
            return invoice
    raise Permanent("redo.not_found", f"the store has no invoice {invoice_id}")


def _read(invoice: Invoice | None, content: bytes) -> Lines:
    try:
        return read_lines(content)
    except Permanent as verdict:
        name = invoice.id if invoice else "what is on no invoice yet"
        raise Permanent(verdict.code, f"{name}: {verdict.reason}") from None
