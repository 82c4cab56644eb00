"""Tables of figures: on the screen, as Markdown, and between the marks of a page of docs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as Shown

BEGIN, END = "<!-- measured: {name} -->", "<!-- end -->"


@dataclass(frozen=True)
class Table:
    """A table; the first column is words, the others are figures."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(console: Console, table: Table) -> None:
    """On the screen."""
    shown = Shown(title=table.title, title_justify="left")
    for at, head in enumerate(table.heads):
        shown.add_column(head, justify="right" if at else "left")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


def as_markdown(tables: Iterable[Table]) -> str:
    """Several, each under its title."""
    parts = [f"**{table.title}**\n\n{markdown(table.heads, table.rows)}\n" for table in tables]
    return "\n".join(parts)


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """One; every column but the first stands to the right."""
    lines = [f"| {' | '.join(heads)} |"]
    lines.append("|---|" + "---:|" * (len(heads) - 1))
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def write_between(page: Path, name: str, text: str) -> None:
    """Put what was measured between its marks.

    Raises:
        SystemExit: The page has no such marks.
    """
    content = page.read_text(encoding="utf-8")
    begin = BEGIN.format(name=name)
    before, found, rest = content.partition(begin)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise SystemExit(f"bench: {page.name} has no {begin} … {END}")
    page.write_text(f"{before}{begin}\n{text}\n{END}{after}", encoding="utf-8")
