"""Drift: where the systems say different things, as the last look left it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice

from returns_hub.domain.drift.findings import Finding, Look, Standing
from returns_hub.domain.drift.report import age_of, said_in_words
from returns_hub.domain.overview.overview import Overview
from returns_hub.domain.privacy import masked
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import (
    Column,
    Tone,
    ago,
    command,
    dim,
    head,
    moment,
    money,
    note,
    page,
    pill,
    row,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen
from returns_hub.widgets.words import many, plain

NAME = "drift"
DESCRIBE = "What the systems say differently of returns, stock and orders; the dearest first."
SAMPLE = {"merchant": ""}
PAGE = 50
READ_AT_MOST = 1000
"""Open findings that are read to show the dearest of them."""
OVERVIEW = (
    Column("Merchant"),
    Column("Differences", "rh-num"),
    Column("Worth", "rh-num"),
    Column("Last look", "rh-num"),
    Column("", "rh-do"),
)
COLUMNS = (
    Column("What"),
    Column("The systems say"),
    Column("Units", "rh-num"),
    Column("Worth", "rh-num"),
    Column("Age", "rh-num"),
    Column("To mend it"),
)


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`; of one merchant's findings 1 request, and one query of
    `READ_AT_MOST` rows at most."""
    shown, _ = room.merchants_of(asked)
    if len(shown) == 1:
        return _findings(shown[0], asked, room)
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    total = sum(one.drift.open for one in overviews if one.drift)
    over = [one.merchant for one in overviews if one.drift and one.drift.is_over_limit]
    tone: Tone = "bad" if over else "warn" if total else "good"
    said = many(total, "difference") if total else "Nothing differs"
    rows = (_row(one, asked, room, now) for one in overviews)
    return page(
        asked,
        head(said, tone, as_of(overviews, asked, now)),
        doubts(overviews, missing, left_out, now),
        table(OVERVIEW, rows, "Drift by merchant"),
    )


def _row(one: Overview, asked: Asked, room: Room, now: datetime) -> tuple[Child, ...]:
    found = one.drift
    if found is None or found.looked_at is None:
        return (one.merchant, dim("\u2013"), dim("\u2013"), dim("never"), None)
    limit = pill("over the limit", "bad") if found.is_over_limit else None
    return (
        one.merchant,
        join(f"{found.open:,} ", limit),
        money(found.value),
        moment(found.looked_at, asked, now),
        room.ways.to("Open", widget=NAME, merchant=one.merchant) if found.open else None,
    )


def _findings(merchant: str, asked: Asked, room: Room) -> Html:
    now, look = room.clock.now(), room.findings.last_look(merchant)
    if look is None:
        words = " drift_report looks by the schedule in the merchant's file; hub drift look, now."
        return page(
            asked, head(f"{merchant}: no look yet", ""), note("Nothing was compared.", words)
        )
    read = [
        one for one in islice(room.findings.open_findings(merchant), READ_AT_MOST) if one.counts
    ]
    read.sort(key=lambda one: (one.difference.value or Decimal(-1), one.difference.units, one.id))
    read.reverse()
    total = sum(look.counted.values())
    place = asked.number("page")
    shown = read[place * PAGE : (place + 1) * PAGE]
    when = join("looked at ", moment(look.at, asked, now), f", {ago(now - look.at)} ago")
    said = f"{merchant}: {many(total, 'difference') if total else 'nothing differs'}"
    parts: list[Child] = [
        head(said, "warn" if total else "good", when, *_worth(look)),
        _not_compared(look),
    ]
    if not shown:
        calm = note("The systems agree.", " As far as they were compared.", tone="good")
        return page(asked, *parts, calm if not total else note("No more on this page."))
    more = None
    if (place + 1) * PAGE < len(read):
        more = room.ways.to("Next", "rh-main", widget=NAME, merchant=merchant, page=place + 1)
    return page(
        asked,
        *parts,
        table(COLUMNS, (_finding(one, now) for one in shown), f"Differences of {merchant}"),
        row(
            more,
            dim("All of them, with what a mend would do:"),
            command(f"hub drift list {merchant}"),
        ),
    )


def _worth(look: Look) -> Sequence[Child]:
    return (f"worth {money(look.value)}",) if look.value else ()


def _not_compared(look: Look) -> Html | None:
    if not look.failed:
        return None
    lines = (tag("li", f"{name}: {masked(why)}") for name, why in sorted(look.failed.items()))
    words = "Not compared this time; what was found before still counts"
    return note(words, tag("ul", *lines), tone="warn")


def _finding(one: Finding, now: datetime) -> tuple[Child, ...]:
    difference = one.difference
    again = (
        pill("back again", "warn") if one.standing is Standing.RECURRING and one.returned else ""
    )
    worth: Child = dim("\u2013")
    if difference.value is not None:
        worth = money({difference.currency: difference.value})
    return (
        join(tag("b", masked(difference.subject)), " ", again, " ", dim(plain(difference.kind))),
        join(
            masked(said_in_words(difference.says)),
            tag("div", dim(masked(difference.cause))) if difference.cause else None,
        ),
        f"{difference.units:,}" if difference.units else dim("\u2013"),
        worth,
        ago(age_of(one, now)),
        command(masked(difference.mend)) if difference.mend else dim("\u2013"),
    )
