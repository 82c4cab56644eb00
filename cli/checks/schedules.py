"""Schedules: whether the runs that move cursors come, and come through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.model import Area, Check, Finding, Result, Subject, failed, ok, skipped, warning
from returns_hub.domain.file_types import Mode
from returns_hub.flows.unleashed.due import flows_on
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.ports import CursorStanding

FRESH = timedelta(minutes=15)
"""Three ticks of five minutes."""
TICK_MINUTES = 5
FRESH_WEBHOOK = timedelta(minutes=45)
"""Three ticks of fifteen minutes."""


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


def _watch(subject: Subject) -> Iterator[Finding]:
    """Its run takes the cursor only when something is due."""
    name, merchant = "watch run", subject.merchant.merchant
    late = subject.world.stores.returns.due(merchant, subject.now - FRESH, 1)
    if not late:
        yield ok(name, "nothing is overdue")
        return
    (since, return_id), *_ = late
    flows = subject.merchant.flows
    is_live = Mode.LIVE in {flows.create_external_returns.mode, flows.process_receipts.mode}
    run = _run(subject, name, "watch", "watch_returns", is_live=is_live)
    if run.result is not Result.OK:
        yield run
        return
    yield warning(
        name,
        f"comes, and return {return_id} should have been looked at since {since:%Y-%m-%d %H:%M} "
        "UTC",
        f"see hub timeline {merchant} {return_id}, and the log of watch_returns",
        **run.details,
    )


def _webhooks(subject: Subject) -> Iterator[Finding]:
    name, merchant = "webhook run", subject.merchant
    if merchant.portal != "redo" or merchant.redo is None:
        portal = "Miinto" if merchant.portal == "miinto" else "Loop's dialect"
        yield skipped(name, f"looks after Redo's subscriptions; this portal is {portal}")
    elif not merchant.redo.webhook.enabled:
        yield skipped(name, "is switched off (redo.webhook.enabled)")
    else:
        yield _run(
            subject, name, "webhook", "check_webhooks", is_live=True, fresh=FRESH_WEBHOOK, every=15
        )


def _miinto(subject: Subject) -> Iterator[Finding]:
    """The steps of Miinto's run, each with a cursor of its own; nothing without Miinto."""
    settings = subject.merchant.miinto
    if settings is None:
        return
    modes = {
        "transfers": (settings.transfers.mode,),
        "orders": (settings.orders.mode,),
        "rmas": (settings.rma.announce.mode, settings.rma.decide.mode),
        "stock": (settings.stock.mode,),
    }
    for step, found in modes.items():
        name = f"Miinto {step} run"
        if all(mode is Mode.OFF for mode in found):
            yield skipped(name, "is switched off")
        elif settings.level == "stock_only" and step != "stock":
            yield skipped(name, "does nothing: level is stock_only")
        else:
            is_live = Mode.LIVE in found
            yield _run(subject, name, f"miinto/{step}", "miinto_rma", is_live=is_live)


def _unleashed(subject: Subject) -> Iterator[Finding]:
    """Each flow of Unleashed that is on has a cursor for each of its sources."""
    desk = subject.erp
    if desk is None:
        return
    for flow in flows_on(desk.world.connection):
        for source in SOURCES[flow](desk.world):
            is_live = source.mode is Mode.LIVE
            every = max(TICK_MINUTES, round(source.every.total_seconds() / 60))
            yield _run(
                subject,
                f"Unleashed {source.name.removeprefix('unleashed.')} run",
                f"sync/{source.name}",
                "unleashed_sync",
                is_live=is_live,
                fresh=max(3 * source.every, FRESH),
                every=every,
            )


def _run(
    subject: Subject,
    name: str,
    cursor: str,
    function: str,
    *,
    is_live: bool,
    fresh: timedelta = FRESH,
    every: int = 5,
) -> Finding:
    standing = subject.world.stores.cursors.standing(f"{cursor}/{subject.merchant.merchant}")
    see = f"see the function {function}, its rule and its log"
    bad = failed if is_live else warning
    details = _details(standing)
    if standing.held_until is not None:
        return ok(name, "is at work now", **details)
    if standing.ended_at is None:
        if subject.now - subject.world.live.applied_at < fresh:
            return skipped(
                name, "has not come yet: the file was applied a moment ago", "", **details
            )
        return bad(name, "has never come", see, **details)
    ago = subject.now - standing.ended_at
    if ago > fresh:
        due = f"it should every {every} minutes"
        return bad(name, f"came last {_words(ago)} ago; {due}", see, **details)
    if standing.moved_at is None or subject.now - standing.moved_at > fresh:
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
    "schedules",
    "Schedules",
    (
        Check("receipts run", _receipts),
        Check("catch-up run", _catch_up),
        Check("watch run", _watch),
        Check("webhook run", _webhooks),
        Check("Miinto's runs", _miinto),
        Check("Unleashed's runs", _unleashed),
    ),
)
