"""Unleashed's lists: pages by number, which are clamped and which shift while they are read.

Sources: Unleashed's page on pagination; a client's comment from live use: a page past the end is
the last page again, never an empty one. Orders, shipments, invoices and credit notes come with the
newest change first, so that a row that changes moves to the front while later pages are read: the
rows before it are seen twice, and it is missed. A row that leaves moves all behind it forward, past
a reader. So a list of more than one page is known to be whole only when nothing moved: as many rows
came as it says it has, it said the same all the time, and its first page is as it was. Else it is
read again, until two readings bring nothing that had changed before the first one began: what
changes meanwhile is the next poll's. What this leaves to the next full reading: a row that is
passed over because, within the seconds of one reading, another left a list in the order of codes
and a third one came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.reading import guid_of, modified_of, text_of, value_of
from returns_hub.errors import Retryable

MOST_PAGES = 2000
MOST_READINGS = 8
QUIET_READINGS = 2
"""One that brings nothing may itself have been passed by what it looked for."""
LARGEST_SIZE = 1000

Row = dict[str, Any]
ReadPage = Callable[[int], Any]
"""The content of one page, by its number from 1."""


@dataclass(frozen=True)
class Page:
    """The rows of a page that were not given before.

    Args:
        number: Which page, from 1.
        pages: How many there are; None when the list does not say.
        rows: In the list's order.
        items: How many rows the list has in all; None when it does not say.
    """

    number: int
    pages: int | None
    rows: list[Row]
    items: int | None = None


def pages_of(read_page: ReadPage, *, first: int = 1, settle: bool = True) -> Iterator[Page]:
    """The rows of a list, page by page while it is read, each version of a row once.

    A row that changed meanwhile comes again, as it is then.

    Args:
        read_page: Reads one page.
        first: Where to begin, to go on with what an earlier reading began; take one page before
            its last, since rows may have moved.
        settle: Whether to read again what moved; a full sync that is repeated soon need not.

    Raises:
        Retryable: The list cannot be read to its end, or does not come to rest.
        What `read_page` raises.
    """
    reading = _Reading(read_page)
    is_whole = yield from reading.once(first, settle=settle)
    if not settle or (is_whole and first == 1):
        return
    quiet = 0
    for _ in range(MOST_READINGS - 1):
        reading.begin_again()
        is_whole = yield from reading.once(1)
        quiet = 0 if reading.missed else quiet + 1
        if is_whole or quiet == QUIET_READINGS:
            return
    raise Retryable("unleashed.list_unclear", "Unleashed's list does not come to rest", after=60)


class _Reading:
    """What was given of a list so far, and what the reading in hand brought."""

    def __init__(self, read_page: ReadPage) -> None:
        self._read_page = read_page
        self._given: set[str] = set()
        self._identities: set[str] = set()
        self._newest: str | None = None
        self.missed = 0

    def begin_again(self) -> None:
        """The next reading; what changed after the first began is not counted as missed."""
        self._newest = self._newest or ""
        self._identities.clear()
        self.missed = 0

    def once(self, first: int, *, settle: bool = True) -> Generator[Page, None, bool]:
        """Every page once; the generator's value is whether the list is known to be whole.

        Who need not know does not ask whether it moved.
        """
        counts: set[int | None] = set()
        number, front, newest = first, None, ""
        pages: int | None = None
        while True:
            if number - first >= MOST_PAGES:
                raise Retryable(
                    "unleashed.endless_list",
                    f"Unleashed's list takes more than {MOST_PAGES} pages",
                )
            told = self._page(number)
            if told is None:
                if number == first or pages is not None:
                    # Only a list that says nothing of pages may know no second one.
                    raise _unclear(f"no page {number}")
                return len(counts) == 1 and number == first + 1
            odd = told.oddness(number)
            if odd:
                raise _unclear(odd)
            pages = told.pages
            front = front or [_version(row) for row in told.rows]
            counts.add(told.items)
            known = len(self._identities)
            news = self._new_of(told.rows)
            newest = max([newest, *(modified_of(row) for row in told.rows)])
            if news:
                yield Page(number, told.pages, news, told.items)
            if told.is_last(number) or (told.pages is None and known == len(self._identities)):
                break
            number += 1
        if self._newest is None:
            self._newest = newest
        # Where nothing is said of pages, a second one that brings nothing is the first again.
        read = number - first + (told.pages is not None)
        return read <= 1 or (settle and self._nothing_moved(counts, front or []))

    def _nothing_moved(self, counts: set[int | None], front: list[str]) -> bool:
        if counts != {len(self._identities)}:
            return False
        told = self._page(1)
        return told is not None and [_version(row) for row in told.rows] == front

    def _page(self, number: int) -> _Told | None:
        try:
            return _told_in(self._read_page(number))
        except NotThere:
            if number > 1:
                # A list without pages may know no second one.
                return None
            raise

    def _new_of(self, rows: list[Row]) -> list[Row]:
        news: dict[str, Row] = {}
        for row in rows:
            self._identities.add(_identity(row))
            version = _version(row)
            if version in self._given or version in news:
                continue
            news[version] = row
            if self._newest is not None and modified_of(row) <= self._newest:
                self.missed += 1
        self._given |= news.keys()
        return list(news.values())


@dataclass(frozen=True)
class _Told:
    rows: list[Row]
    number: int | None = None
    pages: int | None = None
    items: int | None = None

    def is_last(self, asked: int) -> bool:
        """Whether nothing comes after it: it says so, or it is another page than was asked for."""
        if self.number is not None and self.number != asked:
            return True
        return self.pages is not None and asked >= self.pages

    def oddness(self, asked: int) -> str:
        """What of it cannot be so: on the word of such a page no list has come to its end."""
        if self.pages is None:
            return ""
        if not self.rows and (self.items or not self.is_last(asked)):
            # No page of Unleashed's is empty; one by one they would cost the month's calls.
            return f"an empty page {asked} of {self.pages}"
        is_clamped = self.number in {None, asked, self.pages}
        if self.rows and not is_clamped:
            return f"page {self.number} of {self.pages} in place of page {asked}"
        return ""


def _told_in(content: Any) -> _Told:
    rows = value_of(content, "Items") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Retryable("unleashed.unreadable", "Unleashed's list is none", after=300)
    told = value_of(content, "Pagination") if isinstance(content, dict) else None
    if not isinstance(told, dict):
        return _Told(rows)
    names = ("PageNumber", "NumberOfPages", "NumberOfItems")
    number, pages, items = (_count(value_of(told, name)) for name in names)
    return _Told(rows, number, pages, items)


def _unclear(has: str) -> Retryable:
    return Retryable("unleashed.list_unclear", f"Unleashed's list has {has}", after=300)


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None


def _identity(row: Row) -> str:
    """What makes a row itself: its Guid, and in a list of stock its warehouse."""
    guid = guid_of(row)
    if not guid:
        return json.dumps(row, sort_keys=True, default=str)
    return f"{guid}/{text_of(row, 'WarehouseId')}" if text_of(row, "WarehouseId") else guid


def _version(row: Row) -> str:
    return f"{_identity(row)}@{modified_of(row)}"
