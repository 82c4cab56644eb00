"""Catching up: whether it is on, and how far behind it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning

LATE = timedelta(minutes=30)
"""A run reads up to two minutes ago, every five minutes; some may fail."""
LOST = timedelta(hours=24)


def _lag(subject: Subject) -> Iterator[Finding]:
    settings = subject.merchant.flows.catch_up
    if not settings.enabled:
        yield skipped(
            "catching up",
            "is off: a return that nobody told the hub of is never found",
            "set flows.catch_up.enabled, the net under what publishes",
        )
        return
    cursor = subject.world.stores.cursors.standing(f"catch-up/{subject.merchant.merchant}")
    since = cursor.value.get("since")
    if since is None:
        hours = settings.first_look_back_hours
        yield skipped(
            "catching up", f"is on, and has not come through yet; it begins {hours} h back"
        )
        return
    reached = datetime.fromisoformat(since)
    lag = subject.now - reached
    minutes = round(lag.total_seconds() / 60)
    told = f"has read all that changed until {reached:%Y-%m-%d %H:%M} UTC, {minutes} min ago"
    details = {"reached": reached.isoformat(), "lag_minutes": minutes}
    see = "see the metric RunsFailed (flow catch_up) and the log of catch_up_redo"
    if lag > LOST:
        yield failed("catching up", told, see, **details)
    elif lag > LATE:
        yield warning("catching up", told, see, **details)
    else:
        yield ok("catching up", told, **details)


AREA = Area("catch_up", "Catching up", (Check("catching up", _lag),))
