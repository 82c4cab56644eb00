"""What is wrong with a file, or worth a warning, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_WORDS = 300


@dataclass(frozen=True)
class Problem:
    """Something wrong, or worth a warning, at a line of a file."""

    where: str
    line: int
    text: str
    is_warning: bool = False


def in_one_line(text: str) -> str:
    """Printable, and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST_WORDS])
    return " ".join(printable.split())[:LONGEST_WORDS]


def line_of(path: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> int:
    """The line of the key, or of the nearest one around it."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 1)
