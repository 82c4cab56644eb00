"""Lists in pages of ``limit`` and ``offset`` that change while they are read.

An item that leaves the list moves all that follow it to lower offsets, so that a reader who goes on
by offset passes over some. So each page overlaps the page before; where its first row was not read
before, the reader steps back until it finds what it has read. Every item that is in the list all
the time is given, and given once, as long as the list keeps its order. A list that keeps none, or
counts more than it gave, is read again until one whole reading brings nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import Any

from returns_hub.adapters.miinto.errors import Told
from returns_hub.errors import Retryable

LEAST_SIZE = 2
MOST_READS = 1000
MOST_READINGS = 12
QUIET_READINGS = 3
MOST_AGAIN = 20
"""So often the same page, wherever it is asked for, and the list has no pages."""
OVERLAP = 8
"""Each page overlaps the one before by one row in so many."""

ReadPage = Callable[[int, int], Told]
"""One page by its limit and offset."""


def pages_of(read_page: ReadPage, size: int) -> Iterator[list[Any]]:
    """The rows that were not given yet, page by page.

    Args:
        read_page: Reads one page.
        size: Rows asked for at once; a service may give fewer.

    Raises:
        Retryable: The list cannot be read to its end.
    """
    reading = _Reading(read_page, max(size, LEAST_SIZE))
    is_whole = yield from reading.by_overlap()
    if not is_whole:
        yield from reading.again_and_again()


class _Reading:
    """One reading of a list: what was seen of it, and how many requests it took."""

    def __init__(self, read_page: ReadPage, size: int) -> None:
        self._read_page = read_page
        self._size = size
        self._seen: set[str] = set()
        self._twice = 0
        self._reads = 0

    def by_overlap(self) -> Generator[list[Any], None, bool]:
        """The rows of a list that keeps its order; False when it may have more."""
        offset = overlap = 0
        back = 1
        first: Told | None = None
        before: list[Any] = []
        again = 0
        while True:
            told, rows = self._page(offset)
            first = first or told
            again = again + 1 if rows == before else 0
            before = rows
            if rows and again == MOST_AGAIN:
                if self._missing(told.total or 0):
                    raise _gives_less(told.total or 0, len(self._seen))
                return True
            if offset and (not rows or _key(rows[0]) not in self._seen):
                if self._takes_too_many_reads():
                    return False
                back = min(2 * back, self._size - 1)
                offset = max(0, offset - back)
                continue
            back = max(1, self._size // OVERLAP)
            news = self._new_of(rows)
            if news:
                yield news
            end = offset + len(rows)
            if told.total is None:
                if not news and len(rows) <= overlap:
                    return True
            elif end >= told.total and len(rows) < self._size:
                grown = max(0, told.total - (first.total or 0))
                return self._missing(told.total) <= grown
            elif not rows[1:]:
                raise _gives_less(told.total, end)
            overlap = max(1, len(rows) // OVERLAP)
            offset = max(offset + 1, end - overlap)

    def again_and_again(self) -> Iterator[list[Any]]:
        """The rows of a list without order: read whole until as many were given as there are, or
        nothing new has come for a while."""
        quiet = 0
        totals: set[int | None] = set()
        for _ in range(MOST_READINGS):
            quiet += 1
            offset, goes_on = 0, True
            while goes_on:
                told, rows = self._page(offset)
                totals.add(told.total)
                news = self._new_of(rows)
                if news:
                    quiet = 0
                    yield news
                offset += len(rows)
                if told.total is not None and offset < told.total and not rows:
                    raise _gives_less(told.total, offset)
                goes_on = bool(rows) and (told.total is None or offset < told.total)
            if quiet == QUIET_READINGS or self._has_all(totals):
                return
        raise Retryable("miinto.list_unclear", "Miinto's list does not keep its order", after=60)

    def _has_all(self, totals: set[int | None]) -> bool:
        """Whether as many were given as there are, of a list that nothing joined or left.

        Of one that changes, rows that left are among those given, and hide that others are not.
        """
        (total, *others) = totals
        return total is not None and not others and len(self._seen) + self._twice == total

    def _missing(self, total: int) -> int:
        """How many of the list were not given; a row that is in it twice counts twice."""
        return max(0, total - len(self._seen) - self._twice)

    def _takes_too_many_reads(self) -> bool:
        """Whether stepping back leads nowhere, as it does where a list has no order."""
        return self._reads > 20 + 4 * len(self._seen) // self._size

    def _page(self, offset: int) -> tuple[Told, list[Any]]:
        self._reads += 1
        if self._reads > MOST_READS:
            raise Retryable(
                "miinto.endless_list", f"Miinto's list takes more than {MOST_READS} pages"
            )
        told = self._read_page(self._size, offset)
        return told, _rows(told)

    def _new_of(self, rows: list[Any]) -> list[Any]:
        news: dict[str, Any] = {}
        for row in rows:
            key = _key(row)
            if key in news:
                self._twice += 1
            elif key not in self._seen:
                news[key] = row
        self._seen |= news.keys()
        return list(news.values())


def _gives_less(total: int, given: int) -> Retryable:
    why = f"Miinto says that its list holds {total} and gives {given}"
    return Retryable("miinto.list_unclear", why, after=60)


def _rows(told: Told) -> list[Any]:
    if isinstance(told.data, list):
        return told.data
    if not told.data and told.total == 0:
        return []
    raise Retryable("miinto.unreadable", "Miinto's list is none", after=300)


def _key(row: Any) -> str:
    named = row.get("id") if isinstance(row, dict) else None
    return json.dumps(row if named is None else ["id", named], sort_keys=True, default=str)
