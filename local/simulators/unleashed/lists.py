"""Unleashed's lists: filters, order, pages that end in the last one again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.replies import Call, answer, day_or_time, wrong
from local.simulators.unleashed.shapes import Record
from local.simulators.wire import Reply

DEFAULT_SIZE, LARGEST_SIZE = 200, 1000
Test = Callable[[Record, str], bool]
"""Whether a record is what a parameter's value asks for."""


@dataclass(frozen=True)
class Listing:
    """How a list is asked for.

    Attributes:
        filters: Parameter -> test.
        single: Parameters that override every other one.
        overrides: Parameter -> the one that it overrides.
        also: Parameters that do not filter.
        hidden: What is left out unless one of `unhides` is given.
        code: The key that the list is sorted by; empty: by the last change.
        newest: Whether the last change comes first; None: as the setting has it.
        counts: Whether ``pageSize=0`` counts.
        paged: Whether there are pages at all.
    """

    filters: Mapping[str, Test] = field(default_factory=dict)
    single: tuple[str, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    hidden: Callable[[Record], bool] = lambda _: False
    unhides: frozenset[str] = frozenset()
    code: str = ""
    newest: bool | None = None
    counts: bool = False
    paged: bool = True


class Lists:
    """The lists of one company, and how often each was begun."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._passes: dict[str, int] = {}

    def page(
        self,
        call: Call,
        resource: str,
        number: int,
        listing: Listing,
        *,
        rows: list[Record],
        show: Callable[[Record], Any],
    ) -> Reply:
        """One page.

        Raises:
            Refused: A parameter is not there or has a value that is none.
        """
        settings = self._company.settings
        chosen = [row for row in rows if self._wanted(call, listing, row)]
        self._sort(call, listing, chosen)
        camel = settings.keys == "camel"
        if not listing.paged:
            return answer({"Items": [show(row) for row in chosen]}, camel=camel)
        size = self._size(call, listing)
        if size == 0:
            counted = {"NumberOfItems": len(chosen), "PageSize": 0, "PageNumber": 1}
            return answer({"Pagination": counted | {"NumberOfPages": 0}, "Items": []}, camel=camel)
        shift = self._shift(call, resource, number)
        begins = {"arrive": -1, "vanish": 1}.get(shift, 0)
        many = max(len(chosen) - begins, 0)
        pages = -(-many // size)
        at = max(min(number, pages), 1)
        first = max((at - 1) * size + (begins if at > 1 else 0), 0)
        content: dict[str, Any] = {}
        if resource not in settings.without_pagination:
            told = at if settings.clamped_number == "last" else number
            content["Pagination"] = {
                "NumberOfItems": many,
                "PageSize": size,
                "PageNumber": told,
                "NumberOfPages": pages,
            }
        content["Items"] = [show(row) for row in chosen[first : first + size]]
        return answer(content, camel=camel)

    def _wanted(self, call: Call, listing: Listing, row: Record) -> bool:
        asked = set(call.query)
        for name in listing.single:
            if name in asked:
                return listing.filters[name](row, call.query[name])
        if not asked & listing.unhides and listing.hidden(row):
            return False
        ignored = {other for name, other in listing.overrides.items() if name in asked}
        return all(
            listing.filters[name](row, call.query[name])
            for name in asked - ignored
            if name in listing.filters
        )

    def check(self, call: Call, listing: Listing) -> None:
        """Every parameter is one of the list's.

        Raises:
            Refused: One is not.
        """
        known = set(listing.filters) | listing.also | {"pageSize"}
        unknown = sorted(set(call.query) - known)
        if unknown and self._company.settings.unknown_parameters == "refuse":
            raise wrong(f"There is no parameter {', '.join(unknown)}.")
        for name in ("modifiedSince", "startDate", "endDate"):
            if name in call.query:
                day_or_time(name, call.query[name])

    def _sort(self, call: Call, listing: Listing, rows: list[Record]) -> None:
        wanted, way = call.query.get("orderBy"), call.query.get("sort")
        if way not in {None, "asc", "desc"}:
            raise wrong("sort is asc or desc.")
        if wanted is not None:
            key = (
                next((key for key in rows[0] if key.lower() == wanted.lower()), "") if rows else ""
            )
            if rows and not key:
                raise wrong(f"orderBy {wanted} is not known.")
            rows.sort(key=lambda row: row[key], reverse=way == "desc")
        elif listing.code:
            rows.sort(key=lambda row: row[listing.code])
        else:
            newest = listing.newest
            if newest is None:
                newest = self._company.settings.other_order == "newest"
            # What changed within one millisecond keeps the order of the changes.
            rows.sort(key=lambda row: (row["LastModifiedOn"], row["_order"]), reverse=newest)

    def _size(self, call: Call, listing: Listing) -> int:
        text = call.query.get("pageSize", str(DEFAULT_SIZE))
        if not (text.isascii() and text.isdigit()):
            raise wrong("pageSize is not a number.")
        size = int(text)
        if size > LARGEST_SIZE and self._company.settings.over_page_size == "cap":
            return LARGEST_SIZE
        if size > LARGEST_SIZE or (size == 0 and not listing.counts):
            raise wrong(f"pageSize is from 1 to {LARGEST_SIZE}.")
        return size

    def _shift(self, call: Call, resource: str, number: int) -> str:
        """What moved the list since its first page; only so many passes are spoilt."""
        name = f"{resource}?{sorted(call.query.items())}"
        if number == 1:
            self._passes[name] = self._passes.get(name, 0) + 1
            return "no"
        settings = self._company.settings
        return settings.drift if self._passes.get(name, 0) <= settings.drift_passes else "no"


# -- tests that many lists share ------------------------------------------------------------


def equal(key: str) -> Test:
    """The key's value, exactly."""
    return lambda row, value: row.get(key) == value


def words(key: str) -> Test:
    """One of the words of a comma list, whatever their letters' size."""
    return lambda row, value: str(row.get(key) or "").lower() in value.lower().split(",")


def prefix(key: str) -> Test:
    """The key's value begins so, whatever the letters' size."""
    return lambda row, value: str(row.get(key) or "").lower().startswith(value.lower())


def contains(*keys: str) -> Test:
    """One of the keys' values has it."""
    return lambda row, value: any(value.lower() in str(row.get(key) or "").lower() for key in keys)


def since(name: str, key: str) -> Test:
    """The moment or later."""
    return lambda row, value: row.get(key) is not None and row[key] >= day_or_time(name, value)


def until(name: str, key: str) -> Test:
    """The moment or earlier."""
    return lambda row, value: row.get(key) is not None and row[key] <= day_or_time(name, value)


def dated(key: str) -> dict[str, Test]:
    """What nearly every list of documents takes: from, to, and changed since."""
    return {
        "startDate": since("startDate", key),
        "endDate": until("endDate", key),
        "modifiedSince": since("modifiedSince", "LastModifiedOn"),
    }
