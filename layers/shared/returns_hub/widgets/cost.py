"""What a return costs, as far as the hub knows it."""

from __future__ import annotations

from returns_hub.domain.overview.overview import Overview
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join
from returns_hub.widgets.page import Column, command, dim, head, note, page, row, table
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen

NAME = "cost"
DESCRIBE = "Calls of partners that are paid for or limited, by merchant; what is not known is said."
SAMPLE = {"merchant": ""}
COLUMNS = (
    Column("Merchant"),
    Column("Partner"),
    Column("Calls this month", "rh-num"),
    Column("Forecast of the limit", "rh-num"),
)


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`."""
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    rows = [line for one in overviews for line in _rows(one)]
    return page(
        asked,
        head("What returns cost", "", as_of(overviews, asked, now)),
        doubts(overviews, missing, left_out, now),
        table(COLUMNS, rows, "Calls of partners that are counted")
        if rows
        else note("No partner here counts calls.", " What a call costs there is not known."),
        note(
            "Not known here: what AWS charges for a return.",
            " The bill names no returns, and the hub may not read it. The command estimates a"
            " month's, and a return's share of it, by what AWS measured:",
            row(command("hub cost")),
        ),
    )


def _rows(one: Overview) -> list[tuple[Child, ...]]:
    found: list[tuple[Child, ...]] = []
    for partner in one.partners:
        if partner.calls_used is None:
            continue
        limit = f" of {partner.calls_limit:,}" if partner.calls_limit else ""
        forecast: Child = dim("\u2013")
        if partner.forecast is not None:
            forecast = f"{partner.forecast:.0%}"
        calls = join(f"{partner.calls_used:,}", dim(limit))
        found.append((one.merchant, partner.partner, calls, forecast))
    return found
