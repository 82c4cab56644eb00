"""Partners: gates, budgets of calls, and keys, by merchant."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import KeyStanding, Overview, PartnerStanding
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join
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
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen, whose
from returns_hub.widgets.words import many

NAME = "partners"
DESCRIBE = "Whether each partner may be asked now, how much of its budget of calls is used; keys."
SAMPLE = {"merchant": ""}
COLUMNS = (
    Column("Partner"),
    Column("Gate", "rh-keep"),
    Column("Calls this month", "rh-num"),
    Column("Of the budget"),
    Column("Forecast", "rh-num"),
)
KEYS = (Column("Key"), Column("Standing", "rh-keep"), Column("Ends", "rh-num"))


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`. Calls, errors and latency are graphs beside it."""
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    partners = [(one, partner) for one in overviews for partner in one.partners]
    keys = [(one, key) for one in overviews for key in one.keys]
    closed = sum(_is_closed(partner, now) for _, partner in partners)
    over = sum((partner.forecast or 0) > 1 for _, partner in partners)
    bad_keys = sum(_key(key, now)[1] == "bad" for _, key in keys)
    said, tone = _said(len(partners), closed, over, bad_keys)
    parts: list[Child] = [
        head(said, tone, as_of(overviews, asked, now)),
        doubts(overviews, missing, left_out, now),
    ]
    if partners:
        rows = (_row(one, partner, overviews, asked, now) for one, partner in partners)
        parts.append(table(COLUMNS, rows, "Partners"))
    else:
        parts.append(note("No partner is connected.", " Merchant files say which there are."))
    if keys:
        lines = (_key_row(one, key, overviews, asked, now) for one, key in keys)
        parts.append(table(KEYS, lines, "Keys"))
    return page(asked, *parts)


def _said(count: int, closed: int, over: int, bad_keys: int) -> tuple[str, Tone]:
    told = []
    if closed:
        told.append(f"{closed:,} of {many(count, 'gate')} closed")
    if bad_keys:
        told.append(f"{many(bad_keys, 'key')} refused or ended")
    if over:
        told.append(f"{many(over, 'budget')} forecast over the limit")
    if told:
        return "; ".join(told), "bad" if closed or bad_keys else "warn"
    return f"{many(count, 'partner')} can be asked", "good"


def _is_closed(partner: PartnerStanding, now: datetime) -> bool:
    is_ahead = partner.closed_until is not None and partner.closed_until > now
    return is_ahead or partner.closed_since is not None


def _row(
    one: Overview,
    partner: PartnerStanding,
    overviews: tuple[Overview, ...],
    asked: Asked,
    now: datetime,
) -> tuple[Child, ...]:
    gate: Child = pill("open", "good")
    if _is_closed(partner, now):
        gate = pill("closed", "bad")
        if partner.closed_since is not None:
            gate = join(gate, dim(" since "), moment(partner.closed_since, asked, now))
        elif partner.closed_until is not None:
            gate = join(gate, dim(" until "), moment(partner.closed_until, asked, now))
    used, limit = partner.calls_used, partner.calls_limit
    calls: Child = dim("not counted")
    share: Child = dim("\u2013")
    if used is not None:
        calls = f"{used:,} of {limit:,}" if limit else f"{used:,}"
        if limit:
            part = used / limit
            tone: Tone = "bad" if part >= 1 else "warn" if part >= 0.8 else "good"
            share = bar(part, tone, f"{part:.0%} used")
    forecast: Child = dim("\u2013")
    if partner.forecast is not None:
        over = partner.forecast > 1
        forecast = pill(f"{partner.forecast:.0%}", "bad") if over else f"{partner.forecast:.0%}"
    return (join(partner.partner, whose(one.merchant, overviews)), gate, calls, share, forecast)


def _key(key: KeyStanding, now: datetime) -> tuple[str, Tone]:
    if key.failing:
        return f"refused ({key.failing})", "bad"
    if key.ends_at is None:
        return "in use", ""
    if key.ends_at <= now:
        return "ended", "bad"
    return ("ends soon", "warn") if is_ending(key, now) else ("in use", "good")


def _key_row(
    one: Overview, key: KeyStanding, overviews: tuple[Overview, ...], asked: Asked, now: datetime
) -> tuple[Child, ...]:
    word, tone = _key(key, now)
    ends: Child = dim("not told")
    if key.ends_at is not None:
        left = f" in {ago(key.ends_at - now)}" if key.ends_at > now else ""
        ends = join(moment(key.ends_at, asked, now), dim(left))
    return (join(key.name, whose(one.merchant, overviews)), pill(word, tone), ends)
