"""The daily summary: all is quiet, or what is not, in lines that a person reads in a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import Freshness, Overview
from returns_hub.domain.overview.standing import breakers_open, budgets_over

MOST_LINES = 60
MOST_OF_ONE = 5
"""Cursors, causes or keys of one merchant that are named."""


class DailySummary(Frozen):
    """One day's.

    `published` says what became of telling people: nobody is told (``off``), not yet (``waiting``),
    a run is at it or was cut off (``claimed``), ``sent``, or nobody knows (``unknown``).
    """

    day: str
    at: UtcTime
    is_quiet: bool
    text: str
    published: Literal["off", "waiting", "claimed", "sent", "unknown"] = "off"


def summary_of(
    overviews: Sequence[Overview], missing: Sequence[str], now: datetime
) -> DailySummary:
    """The summary of a moment; nobody is told of it yet.

    Args:
        overviews: Of every merchant that could be looked at.
        missing: Merchants that could not.
        now: The moment.
    """
    lines = [f"{merchant}: its overview could not be made" for merchant in missing]
    for overview in overviews:
        lines += [f"{overview.merchant}: {line}" for line in _of(overview, now)]
    count = len(overviews) + len(missing)
    merchants = "1 merchant" if count == 1 else f"{count} merchants"
    if not lines:
        text = f"All quiet at {merchants}."
    else:
        shown = lines[:MOST_LINES]
        if len(lines) > len(shown):
            shown.append(f"… and {len(lines) - len(shown)} more")
        text = "\n".join([f"Not all is quiet at {merchants}:", *shown])
    return DailySummary(day=f"{now:%Y-%m-%d}", at=now, is_quiet=not lines, text=text)


def _of(overview: Overview, now: datetime) -> Iterator[str]:
    """What is not quiet of one merchant, a line each."""
    stale = [one for one in overview.freshness if one.is_stale(now)]
    yield from _some([f"{one.flow} {_late(one, now)}" for one in stale])
    if overview.past_clock:
        yield f"{overview.past_clock} returns delivered and past their clock"
    parked = sorted(overview.causes, key=lambda cause: (-cause.count, cause.flow, cause.code))
    yield from _some([f"{cause.count} parked: {cause.code} ({cause.flow})" for cause in parked])
    for partner in breakers_open(overview, now):
        yield f"{partner.partner} is closed since {partner.closed_since:%Y-%m-%d %H:%M} UTC"
    for partner in budgets_over(overview):
        yield f"calls to {partner.partner} will be {partner.forecast:.0%} of the month's"
    yield from _some(
        [f"{key.name} is refused ({key.failing})" for key in overview.keys if key.failing]
    )
    ending = (key for key in overview.keys if is_ending(key, now))
    yield from _some([f"{key.name} ends {key.ends_at:%Y-%m-%d %H:%M} UTC" for key in ending])
    if overview.drift is not None and overview.drift.is_over_limit:
        yield f"drift is over its limit: {overview.drift.open} differences"
    yield from _some([f"not told: {part}" for part in overview.not_told])


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST_OF_ONE]
    if len(lines) > MOST_OF_ONE:
        yield f"… and {len(lines) - MOST_OF_ONE} more like that"


def _late(one: Freshness, now: datetime) -> str:
    age = one.age(now)
    minutes = int(age.total_seconds() // 60) if age is not None else 0
    since = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    why = f" ({one.failing})" if one.failing else ""
    return f"has not succeeded for {since}{why}"
