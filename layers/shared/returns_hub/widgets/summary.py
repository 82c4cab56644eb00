"""The summary: all quiet, or what is not."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import OLD, Overview
from returns_hub.domain.overview.standing import breakers_open, budgets_over
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, each, join, tag
from returns_hub.widgets.page import Tone, dim, head, page, toned
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen
from returns_hub.widgets.words import many

NAME = "summary"
DESCRIBE = "Whether all is quiet: one tile for each thing that could not be."
SAMPLE = {"merchant": ""}


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`."""
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    tiles = [(name, _sum(name, overviews, now), tone) for name, tone in TILES]
    loud = [tone for _, count, tone in tiles if count]
    is_old = any(now - one.at > OLD for one in overviews)
    is_whole = not (missing or left_out or is_old or any(one.not_told for one in overviews))
    said, tone = "All quiet", "good"
    if loud:
        said, tone = "Not quiet", "bad" if "bad" in loud else "warn"
    elif not is_whole:
        said, tone = "Quiet, as far as is known", "warn"
    under_way = sum(step.count for one in overviews for step in one.steps)
    shown = (_tile(name, f"{count:,}", tone if count else "good") for name, count, tone in tiles)
    modes = sorted({one.mode for one in overviews if one.mode})
    return page(
        asked,
        head(said, _as_tone(tone), as_of(overviews, asked, now)),
        doubts(overviews, missing, left_out, now),
        tag("ul", each(shown), _tile("returns under way", f"{under_way:,}", ""), class_="rh-tiles"),
        join(dim(f"{many(len(overviews), 'merchant')}, mode {' and '.join(modes)}"))
        if modes
        else None,
    )


TILES: tuple[tuple[str, Tone], ...] = (
    ("cursors late", "bad"),
    ("parked", "bad"),
    ("past their clock", "warn"),
    ("gates closed", "bad"),
    ("keys refused", "bad"),
    ("keys ending", "warn"),
    ("budgets over", "warn"),
    ("drift over its limit", "warn"),
)


def _as_tone(word: str) -> Tone:
    return "bad" if word == "bad" else "warn" if word == "warn" else "good"


def _sum(name: str, overviews: tuple[Overview, ...], now: datetime) -> int:
    return sum(_count(name, one, now) for one in overviews)


def _count(name: str, one: Overview, now: datetime) -> int:
    """How much of it there is with one merchant."""
    match name:
        case "cursors late":
            return sum(cursor.is_stale(now) for cursor in one.freshness)
        case "parked":
            return sum(cause.count for cause in one.causes)
        case "past their clock":
            return one.past_clock
        case "gates closed":
            return len(breakers_open(one, now))
        case "keys refused":
            return sum(bool(key.failing) for key in one.keys)
        case "keys ending":
            return sum(is_ending(key, now) for key in one.keys)
        case "budgets over":
            return len(budgets_over(one))
        case _:
            return int(one.drift is not None and one.drift.is_over_limit)


def _tile(name: str, count: Child, tone: Tone) -> Html:
    return tag("li", tag("b", count), dim(name), class_=toned(tone) or None)
