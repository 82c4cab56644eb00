"""Catching up: whether it is on, and how far behind it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.flows.catch_up_counts import cursor_name, report

LATE = timedelta(minutes=30)
"""A run reads up to two minutes ago, every five minutes; some may fail."""
LOST = timedelta(hours=24)
COUNTED_DAYS = 7


def _lag(subject: Subject) -> Iterator[Finding]:
    settings = subject.merchant.flows.catch_up
    if not settings.enabled:
        yield skipped(
            "catching up",
            "is off: a return that nobody told the hub of is never found",
            "set flows.catch_up.enabled, the net under what publishes",
        )
        return
    cursor = subject.world.stores.cursors.standing(cursor_name(subject.merchant.merchant))
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


def _missed(subject: Subject) -> Iterator[Finding]:
    """How much of what changed nobody had told the hub of; it was sent all the same."""
    name = "what catching up had to send"
    merchant = subject.merchant.merchant
    found = report(subject.world.stores.cursors, merchant, days=COUNTED_DAYS, now=subject.now)
    total = found.total
    share = total.missed_percent
    if share is None:
        yield skipped(name, f"nothing to be told of was counted in {COUNTED_DAYS} days")
        return
    details = {
        "missed_percent": share,
        "missed": total.missed,
        "queued": total.queued,
        "known": total.known,
    }
    of_all = f"{total.missed} of {total.known + total.queued + total.missed} returns ({share:g} %)"
    if not total.missed:
        yield ok(name, f"nothing in {COUNTED_DAYS} days: {of_all} were missed", **details)
    elif not total.known and not _is_told(subject):
        yield ok(name, f"all of them in {COUNTED_DAYS} days: nobody else tells the hub", **details)
    else:
        yield warning(
            name,
            f"{of_all} in {COUNTED_DAYS} days: the webhook or your publisher had not told of them",
            f"see which days: hub catch-up --merchant {merchant}; see what publishes",
            **details,
        )


def _is_told(subject: Subject) -> bool:
    redo = subject.merchant.redo
    return subject.merchant.portal == "redo" and redo is not None and redo.webhook.enabled


AREA = Area(
    "catch_up",
    "Catching up",
    (Check("catching up", _lag), Check("what catching up had to send", _missed)),
)
