"""Catch-up: returns that changed in the portal and that nobody told the hub about (X2).

Messages get lost: a webhook that is not delivered is never sent again by itself, and a publisher of
the owner's own may have been down. So every few minutes the portal is asked what changed since the
cursor, and what the hub does not know is put onto the same queue, as a thin message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.events import CATCH_UP, thin_event
from returns_hub.domain.returns import UNDER_WAY, ReturnSummary
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.follow_return import hears_of
from returns_hub.flows.world import REQUEST_SECONDS, World
from returns_hub.ports import Lease

LEASE_MARGIN_SECONDS = 30.0
LONGEST_WINDOW = timedelta(hours=6)
"""At most so much of the past is read at once: the cursor moves after each window."""
SETTLES_AFTER = timedelta(minutes=2)
"""What changed a moment ago is left to its own message; it is looked at in the next run."""
MOST_SENT = 2000


@dataclass(frozen=True)
class _Window:
    since: datetime
    until: datetime


def catch_up(world: World, publish: Callable[[str], object]) -> dict[str, int]:
    """Send what the hub was not told of to the approved-returns queue.

    The cursor passes a window only when everything in it was known or sent, and is conditioned on
    the lease. Sent twice is harmless: the message's flow knows what was done.

    Returns:
        How many returns were read, known, sent, and left for each reason. Empty when catching up
        is switched off or another run holds the lease.
    """
    settings = world.live.merchant.flows.catch_up
    if not settings.enabled:
        return {}
    stores = world.stores
    name = f"catch-up/{world.merchant}"
    lease = stores.cursors.acquire(
        name, stores.owner, stores.clock.remaining() + LEASE_MARGIN_SECONDS
    )
    if lease is None:
        stores.telemetry.log("another run holds the lease", cursor=name)
        return {}
    try:
        return _run(world, lease, publish)
    except Verdict as verdict:
        world.run_failed(verdict, flow="catch_up")
        return {"failed": 1}
    finally:
        stores.cursors.release(lease)


def _run(world: World, lease: Lease, publish: Callable[[str], object]) -> dict[str, int]:
    stores = world.stores
    settings = world.live.merchant.flows.catch_up
    now = stores.clock.now()
    stored = lease.value.get("since")
    since = (
        datetime.fromisoformat(stored)
        if stored
        else now - timedelta(hours=settings.first_look_back_hours)
    )
    sent: dict[str, str] = dict(lease.value.get("sent", {}))
    counts: dict[str, int] = {}
    for window in _windows(since, now - SETTLES_AFTER):
        if stores.clock.remaining() < 2 * REQUEST_SECONDS:
            counts["not_started"] = 1
            break
        begins = window.since - timedelta(minutes=settings.overlap_minutes)
        for found in world.portal.returns_updated(begins, window.until):
            ending = _deal_with(found, sent, world, publish)
            counts[ending] = counts.get(ending, 0) + 1
        newest = dict(list(sent.items())[-MOST_SENT:])
        try:
            stores.cursors.advance(lease, {"since": window.until.isoformat(), "sent": newest})
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
            break
    for ending, count in counts.items():
        stores.telemetry.count("CaughtUp", count, merchant=world.merchant, outcome=ending)
    stores.telemetry.log("catch-up run", **counts)
    return counts


def _windows(since: datetime, until: datetime) -> list[_Window]:
    windows = []
    while since < until:
        ends = min(since + LONGEST_WINDOW, until)
        windows.append(_Window(since, ends))
        since = ends
    return windows


def _deal_with(
    found: ReturnSummary, sent: dict[str, str], world: World, publish: Callable[[str], object]
) -> str:
    """What became of one return that changed."""
    if found.status not in UNDER_WAY and not hears_of(found, world):
        return "not_under_way"
    version = found.updated_at.isoformat()
    if sent.get(found.id) == version:
        return "sent_before"
    state = world.stores.returns.load(world.merchant, found.id)
    told = state.portal_updated_at
    if told is not None and told >= found.updated_at:
        return "known"
    live_from = world.live.merchant.live_from
    if told is None and live_from is not None and found.created_at < live_from:
        # Nobody can tell when it was approved, and the old connector may have announced it.
        return "before_live_from"
    publish(thin_event(world.merchant, found.id, found.updated_at, CATCH_UP))
    sent.pop(found.id, None)
    sent[found.id] = version
    return "sent"
