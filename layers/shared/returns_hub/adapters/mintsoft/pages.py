"""Lists of Mintsoft's that come in pages of at most 100 rows, without a total.

A short page is not the end: only an empty one is (recorded by client projects). Rows come in no
stable order, so one may slip from a page to another between two calls.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from returns_hub.errors import Retryable

PAGE_SIZE = 100
"""Mintsoft's cap; a list of ASNs answers a larger one with 400."""
QUIET_PASSES = 2
"""Readings of a list of several pages, one after the other, that have to give nothing new."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Walk(Generic[Row]):
    """Rows of a list; `next_page` is where to go on, and None when it came to its end."""

    rows: tuple[Row, ...]
    calls: int
    next_page: int | None = None


def walk(
    page: Callable[[int], list[Row]],
    key: Callable[[Row], Hashable],
    most_calls: int,
    first_page: int = 1,
) -> Walk[Row]:
    """Read pages up to an empty one.

    Raises:
        Retryable: A full page came again: paging is not honoured, and it hides what comes after.
    """
    found: dict[Hashable, Row] = {}
    end = first_page + most_calls
    for number in range(first_page, end):
        rows = page(number)
        fresh = {key(row): row for row in rows}
        if not fresh.keys() - found.keys():
            if len(rows) >= PAGE_SIZE:
                raise Retryable(
                    "mintsoft.unreadable", "Mintsoft gives the same page of a list again", after=300
                )
            return Walk(tuple(found.values()), number - first_page + 1)
        found |= fresh
    return Walk(tuple(found.values()), most_calls, next_page=end)


def walk_all(
    page: Callable[[int], list[Row]], key: Callable[[Row], Hashable], most_calls: int
) -> Walk[Row]:
    """Read the list again and again until it gives nothing new: a row that is not in it is nowhere.

    One page needs one reading: nothing can slip from it to another.
    """
    found: dict[Hashable, Row] = {}
    calls, quiet = 0, 0
    while calls < most_calls:
        read = walk(page, key, most_calls - calls)
        calls += read.calls
        fresh = {key(row): row for row in read.rows}
        quiet = 0 if fresh.keys() - found.keys() else quiet + 1
        found |= fresh
        if read.next_page is not None:
            break
        if len(fresh) < PAGE_SIZE or quiet == QUIET_PASSES:
            return Walk(tuple(found.values()), calls)
    return Walk(tuple(found.values()), calls, next_page=1)


@dataclass(frozen=True)
class Given:
    """How far a list was given away; `next_page` is where to go on, and None when it came to its
    end or hid what comes after."""

    calls: int
    complete: bool
    next_page: int | None = None


def give_each(
    page: Callable[[int], list[Row]],
    key: Callable[[Row], Hashable],
    take: Callable[[Row], None],
    most_calls: int,
    first_page: int = 1,
) -> Given:
    """Give away each row of a list, a page at a time: none is kept here, and what was given counts
    though the list did not come to its end."""
    seen: set[Hashable] = set()
    for calls in range(1, most_calls + 1):
        rows = {key(row): row for row in page(first_page + calls - 1)}
        fresh = [row for told, row in rows.items() if told not in seen]
        if not fresh:
            # Empty; or the same page again, for paging is not honoured: then a full one hides what
            # comes after it.
            return Given(calls, complete=len(rows) < PAGE_SIZE)
        seen |= rows.keys()
        for row in fresh:
            take(row)
    return Given(most_calls, complete=False, next_page=first_page + most_calls)
