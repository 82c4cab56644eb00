"""Miinto's lists: filter, sorting, pages, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from local.simulators.miinto.replies import INVALID, Call, Failure
from local.simulators.miinto.state import State
from local.simulators.wire import Reply

Row = TypeVar("Row")
DEFAULT_LIMIT = 100


@dataclass(frozen=True)
class Listing:
    """How one list is asked for: the filter's parameter, its default, and the states' words."""

    filter_name: str = "status[]"
    unasked: tuple[str, ...] = ()
    words: frozenset[str] = frozenset({"pending", "accepted", "declined"})


def listed(
    state: State,
    call: Call,
    rows: Sequence[Row],
    listing: Listing,
    *,
    words_of: Callable[[Row], set[str]],
    age_of: Callable[[Row], tuple[datetime, int]],
    shown: Callable[[Row], object],
) -> Reply:
    """One page.

    Args:
        state: The shared part of the simulator.
        call: The request.
        rows: Everything that the shop has.
        listing: How the list is asked for.
        words_of: The states a row is listed under.
        age_of: What a row is sorted by.
        shown: A row as it is written.

    Raises:
        Failure: A parameter is not valid.
    """
    chosen = _filtered(state, call, rows, listing, words_of)
    chosen.sort(key=age_of, reverse=_newest_first(state, call))
    if state.settings.list_duplicates:
        chosen = _some_twice(chosen)
    limit = min(_whole(call, "limit", DEFAULT_LIMIT), _most(state, call))
    offset = _whole(call, "offset", 0)
    page = _page(state, chosen, offset, limit)
    total = None
    if state.settings.total_count:
        came_in = state.settings.list_order == "shifting" and offset > 0
        total = len(chosen) + came_in
    return call.answer([shown(row) for row in page], total=total)


def _filtered(
    state: State,
    call: Call,
    rows: Sequence[Row],
    listing: Listing,
    words_of: Callable[[Row], set[str]],
) -> list[Row]:
    wanted = set(call.query.many(listing.filter_name))
    if listing.filter_name.endswith("[]") and call.query.many(listing.filter_name[:-2]):
        raise Failure(400, INVALID, f"`{listing.filter_name[:-2]}` is not a list")
    if wanted - listing.words:
        raise Failure(400, INVALID, f"`{listing.filter_name}` has an unknown value")
    wanted = wanted or set(listing.unasked)
    if not wanted or not state.settings.filter_heeded:
        return list(rows)
    return [row for row in rows if wanted & words_of(row)]


def _newest_first(state: State, call: Call) -> bool:
    sort = call.query.one("sort")
    if sort not in {"", "createdAt", "-createdAt"}:
        raise Failure(400, INVALID, "Parameter `sort` has an unknown value")
    return state.settings.unsorted == "newest" if not sort else sort.startswith("-")


def _most(state: State, call: Call) -> int:
    most = state.settings.largest_page
    if _whole(call, "limit", 0) > most and state.settings.over_limit == "refuse":
        raise Failure(400, INVALID, f"Parameter `limit` is at most {most}")
    return most


def _whole(call: Call, name: str, default: int) -> int:
    text = call.query.one(name)
    if not text and not call.query.many(name):
        return default
    if not (text.isascii() and text.isdigit()):
        raise Failure(400, INVALID, f"Parameter `{name}` has invalid type")
    return int(text)


def _some_twice(rows: list[Row]) -> list[Row]:
    """Every seventh row twice, the first too, as a careless join gives them; the count has them."""
    return [row for at, row in enumerate(rows) for _ in range(1 if at % 7 else 2)]


def _page(state: State, rows: list[Row], offset: int, limit: int) -> list[Row]:
    """The page, with what is wrong on demand.

    Shifting is what happens when a new row comes in between two pages: the page begins with the
    last row of the one before it.
    """
    if state.settings.list_order == "shuffled":
        state.dice.shuffle(rows)
    if state.settings.list_order == "shifting" and offset:
        offset -= 1
    return rows[offset : offset + limit]
