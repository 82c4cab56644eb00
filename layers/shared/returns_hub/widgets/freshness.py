"""Freshness: when each scheduled job last did its work, against how often it is due."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.overview.overview import STALE_INTERVALS, Freshness, Overview
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import (
    Column,
    Tone,
    ago,
    bar,
    dim,
    head,
    moment,
    note,
    page,
    pill,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen
from returns_hub.widgets.words import many, plain

NAME = "freshness"
DESCRIBE = (
    "Age of the last success and of the last new record of every scheduled job, against its "
    "interval; the latest first."
)
SAMPLE = {"merchant": ""}
COLUMNS = (
    Column("Job"),
    Column("Standing", "rh-keep"),
    Column("Against its interval"),
    Column("Last success", "rh-num"),
    Column("Last new record", "rh-num"),
)


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`."""
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    cursors = [(overview, one) for overview in overviews for one in overview.freshness]
    cursors.sort(key=lambda row: (row[1].lateness(now), bool(row[1].failing)), reverse=True)
    late = sum(one.is_stale(now) for _, one in cursors)
    failing = sum(bool(one.failing) for _, one in cursors)
    said, tone = _said(len(cursors), late, failing)
    doubt = doubts(overviews, missing, left_out, now)
    if not cursors:
        empty = note("No job is switched on.", " A merchant file's flows say which are to run.")
        return page(asked, head("No jobs", ""), doubt, empty)
    rows = (_row(overview, one, overviews, asked, now) for overview, one in cursors)
    return page(
        asked,
        head(said, tone, as_of(overviews, asked, now)),
        doubt,
        table(COLUMNS, rows, "Freshness of jobs"),
    )


def _said(count: int, late: int, failing: int) -> tuple[str, Tone]:
    if late:
        return f"{late:,} of {many(count, 'cursor')} late", "bad"
    if failing:
        return f"{many(count, 'cursor')} in time; the last run of {failing:,} failed", "warn"
    return f"{many(count, 'cursor')}, all in time", "good"


def _row(
    overview: Overview,
    one: Freshness,
    overviews: tuple[Overview, ...],
    asked: Asked,
    now: datetime,
) -> tuple[Child, ...]:
    lateness = one.lateness(now)
    tone: Tone = "good"
    word = "in time"
    if one.is_stale(now):
        tone, word = "bad", f"{lateness:.1f} intervals late"
    elif one.failing:
        tone, word = "warn", "last run failed"
    elif one.succeeded_at is None:
        tone, word = "warn", "no success yet"
    elif lateness > 1.5:
        tone, word = "warn", "due"
    of_it = [_flow(one), overview.merchant if len(overviews) > 1 else ""]
    more = " \u00b7 ".join(filter(None, (*of_it, f"every {_every(one.every_seconds)}")))
    job = join(plain(one.job), tag("span", more, class_="rh-dim rh-sub"))
    standing = join(pill(word, tone), _failing(one))
    share = bar(lateness / (2 * STALE_INTERVALS), tone, f"{lateness:.1f} intervals")
    return (
        job,
        standing,
        share,
        _time(one.succeeded_at, asked, now),
        _time(one.new_record_at, asked, now),
    )


def _failing(one: Freshness) -> Html | None:
    return tag("span", one.failing, class_="rh-dim rh-sub") if one.failing else None


def _flow(one: Freshness) -> str:
    return "" if one.job.startswith(one.flow) else plain(one.flow)


def _time(at: datetime | None, asked: Asked, now: datetime) -> Child:
    if at is None:
        return dim("never")
    return join(moment(at, asked, now), dim(f" \u00b7 {ago(now - at)}"))


def _every(seconds: int) -> str:
    is_minutes = seconds % 60 == 0 and seconds < 7200
    return f"{seconds // 60} min" if is_minutes else f"{seconds / 3600:g} h"
