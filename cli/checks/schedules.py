"""Schedules: whether the runs that move cursors come, and come through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.domain.merchant import Mode
from returns_hub.ports import CursorStanding

FRESH = timedelta(minutes=15)
"""Three ticks of five minutes."""


def _receipts(subject: Subject) -> Iterator[Finding]:
    mode = subject.merchant.flows.process_receipts.mode
    if mode is Mode.OFF:
        yield skipped("receipts run", "is switched off (flows.process_receipts.mode)")
        return
    yield _run(subject, "receipts run", "receipts", "poll_mintsoft", is_live=mode is Mode.LIVE)


def _catch_up(subject: Subject) -> Iterator[Finding]:
    flows = subject.merchant.flows
    if not flows.catch_up.enabled:
        yield skipped("catch-up run", "is switched off (flows.catch_up.enabled)")
        return
    is_live = flows.create_external_returns.mode is Mode.LIVE
    yield _run(subject, "catch-up run", "catch-up", "catch_up_redo", is_live=is_live)


def _run(subject: Subject, name: str, cursor: str, function: str, *, is_live: bool) -> Finding:
    standing = subject.world.stores.cursors.standing(f"{cursor}/{subject.merchant.merchant}")
    see = f"see the function {function}, its rule and its log"
    bad = failed if is_live else warning
    details = _details(standing)
    if standing.held_until is not None:
        return ok(name, "is at work now", **details)
    if standing.ended_at is None:
        if subject.now - subject.world.live.applied_at < FRESH:
            return skipped(
                name, "has not come yet: the file was applied a moment ago", "", **details
            )
        return bad(name, "has never come", see, **details)
    ago = subject.now - standing.ended_at
    if ago > FRESH:
        return bad(name, f"came last {_words(ago)} ago; it should every 5 minutes", see, **details)
    if standing.moved_at is None or subject.now - standing.moved_at > FRESH:
        since = _words(subject.now - standing.moved_at) if standing.moved_at else "ever"
        stuck = f"comes, and has not come through {'for ' + since if standing.moved_at else since}"
        return warning(name, stuck, f"see the metric RunsFailed; {see}", **details)
    return ok(name, f"came through {_words(ago)} ago", **details)


def _details(standing: CursorStanding) -> dict[str, str | int | None]:
    def text(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "runs": standing.runs,
        "ended_at": text(standing.ended_at),
        "moved_at": text(standing.moved_at),
    }


def _words(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


AREA = Area(
    "schedules", "Schedules", (Check("receipts run", _receipts), Check("catch-up run", _catch_up))
)
