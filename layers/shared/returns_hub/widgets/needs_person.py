"""What needs a person, by cause: parked work, keys, returns past their clock."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import Cause, Overview
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join
from returns_hub.widgets.page import (
    Column,
    ago,
    bullets,
    dim,
    head,
    note,
    page,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen, whose
from returns_hub.widgets.words import many, plain

NAME = "needs_person"
DESCRIBE = "Work that goes on only when a person acts, by cause; a cause opens its items."
SAMPLE = {"merchant": ""}
COLUMNS = (
    Column("Cause"),
    Column("Flow"),
    Column("Items", "rh-num"),
    Column("Oldest", "rh-num"),
    Column("", "rh-do"),
)
MOST_CAUSES = 50


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`."""
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    causes = causes_of(overviews)
    total = sum(cause.count for _, cause in causes)
    beside = _beside(overviews, now)
    top = (as_of(overviews, asked, now),)
    doubt = doubts(overviews, missing, left_out, now)
    if not causes and not beside:
        calm = note("Nothing waits for a person.", " What came in went its way.", tone="good")
        return page(asked, head("Nothing to do", "good", *top), doubt, calm)
    said = f"{many(total, 'item')} parked" if total else "No parked work"
    parts: list[Child] = [head(said, "bad" if total else "warn", *top), doubt]
    if beside:
        parts.append(note("Also", bullets(beside), tone="warn"))
    if causes:

        def opens(merchant: str, cause: Cause) -> Child:
            return room.ways.to(
                "Open",
                widget="parked",
                merchant=merchant,
                flow=cause.flow,
                code=cause.code,
                back=asked.merchant(),
            )

        rows = (_row(m, c, overviews, opens(m, c), now) for m, c in causes)
        parts.append(table(COLUMNS, rows, "Causes"))
    return page(asked, *parts)


def causes_of(overviews: tuple[Overview, ...]) -> list[tuple[str, Cause]]:
    """Causes of every merchant, the largest first."""
    found = [(overview.merchant, cause) for overview in overviews for cause in overview.causes]
    found.sort(key=lambda row: (-row[1].count, row[1].oldest))
    return found[:MOST_CAUSES]


def _row(
    merchant: str, cause: Cause, overviews: tuple[Overview, ...], opens: Child, now: datetime
) -> tuple[Child, ...]:
    return (
        join(plain(cause.code), whose(merchant, overviews)),
        dim(plain(cause.flow)),
        f"{cause.count:,}",
        ago(now - cause.oldest),
        opens,
    )


def _beside(overviews: tuple[Overview, ...], now: datetime) -> list[Child]:
    """What no parked item tells."""
    found: list[Child] = []
    for overview in overviews:
        if overview.past_clock:
            found.append(
                f"{overview.merchant}: {many(overview.past_clock, 'return')} delivered, not booked "
                "in and past the clock"
            )
        for key in overview.keys:
            if key.failing:
                found.append(f"{overview.merchant}: key {key.name} is refused ({key.failing})")
            elif key.ends_at is not None and is_ending(key, now):
                found.append(
                    f"{overview.merchant}: key {key.name} ends in {ago(key.ends_at - now)}"
                    if key.ends_at > now
                    else f"{overview.merchant}: key {key.name} has ended"
                )
    return found
