"""Catch-up: returns that changed in the portal and that nobody told the hub about (X2).

Messages get lost: a webhook that is not delivered is never sent again by itself, and a publisher of
the owner's own may have been down. So every few minutes the portal is asked what changed since the
cursor, and what the hub does not know is put onto the same queue, as a thin message. How much of
it that was is counted by day, together with the cursor (`flows.catch_up_counts`).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.eligibility import is_the_old_connectors
from returns_hub.domain.events import CATCH_UP, thin_event
from returns_hub.domain.file_types import Mode
from returns_hub.domain.returns import UNDER_WAY, ReturnSummary
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.catch_up_counts import (
    KNOWN,
    SENT,
    SENT_AGAIN,
    SENT_BEFORE,
    Counted,
    cursor_name,
)
from returns_hub.flows.follow_return import hears_of
from returns_hub.flows.lease import leased
from returns_hub.flows.way import Way
from returns_hub.flows.world import REQUEST_SECONDS, World
from returns_hub.ports import Lease

LONGEST_WINDOW = timedelta(hours=6)
"""At most so much of the past is read at once: the cursor moves after each window."""
SETTLES_AFTER = timedelta(minutes=2)
"""What changed a moment ago is left to its own message; it is looked at in the next run."""
LEAST_SECONDS = 2 * REQUEST_SECONDS
"""With less time left no window is begun."""
MOST_SENT = 2000
MISSED = "WebhookMissed"
"""Counted for each merchant; once more over all those whose webhook is to tell, for an alarm."""


@dataclass(frozen=True)
class _Window:
    since: datetime
    until: datetime


def catch_up(world: World, way: Way) -> dict[str, int]:
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
    name = cursor_name(world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        try:
            return _run(world, lease, way)
        except Verdict as verdict:
            lease.run.failed(verdict)
            world.run_failed(verdict, flow="catch_up")
            return {"failed": 1}


def _run(world: World, lease: Lease, way: Way) -> dict[str, int]:
    stores = world.stores
    settings = world.live.merchant.flows.catch_up
    now = stores.clock.now()
    stored = lease.value.get("since")
    since = (
        datetime.fromisoformat(stored)
        if stored
        else now - timedelta(hours=settings.first_look_back_hours)
    )
    run = _Run(world, lease, way, since, dict(lease.value.get("sent", {})))
    for window in _windows(since, now - SETTLES_AFTER):
        if stores.clock.remaining() < LEAST_SECONDS:
            run.note("not_started")
            break
        try:
            run.read(window, timedelta(minutes=settings.overlap_minutes))
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
            break
    for ending, count in run.endings.items():
        stores.telemetry.count("CaughtUp", count, merchant=world.merchant, outcome=ending)
    stores.telemetry.log("catch-up run", **run.endings)
    return run.endings


def _windows(since: datetime, until: datetime) -> list[_Window]:
    windows = []
    while since < until:
        ends = min(since + LONGEST_WINDOW, until)
        windows.append(_Window(since, ends))
        since = ends
    return windows


class _Run:
    """One run under the lease: where its cursor stands, what was sent, what was counted."""

    def __init__(
        self, world: World, lease: Lease, way: Way, since: datetime, sent: dict[str, str]
    ) -> None:
        self._world = world
        self._lease = lease
        self._way = way
        self._since = since
        self._sent = sent
        self._counted = Counted.of(lease.value, world.stores.clock.now())
        self._may_wait: int | None = None
        # While nothing is announced the hub keeps nothing of what it is told.
        flows = world.live.merchant.flows
        self._is_told = flows.create_external_returns.mode is not Mode.OFF
        self.endings: dict[str, int] = {}

    def note(self, ending: str) -> None:
        """One more return that ended so."""
        self.endings[ending] = self.endings.get(ending, 0) + 1

    def read(self, window: _Window, overlap: timedelta) -> None:
        """Deal with every return that changed in the window, and move the cursor behind it.

        Raises:
            Conflict: The lease was lost.
        """
        tally = self._counted.begin()
        portal = self._world.portal
        try:
            for found in portal.returns_updated(window.since - overlap, window.until):
                ending = self._deal_with(found)
                self.note(ending)
                is_new = found.updated_at >= window.since
                self._lease.run.found_new |= is_new or ending in {SENT, SENT_AGAIN}
                if self._is_told:
                    tally.note(ending, found.updated_at, is_first_reading=is_new)
        except Verdict:
            # The window is read again; what was sent is not sent, and not counted, again.
            if tally.sent:
                with suppress(Verdict, Conflict):
                    self._save(self._counted.with_sent_only(tally))
            raise
        self._since = window.until
        self._save(self._counted.with_all(tally))
        missed = tally.missed
        if missed:
            telemetry = self._world.stores.telemetry
            telemetry.count(MISSED, missed, merchant=self._world.merchant)
            if _is_told_by_webhook(self._world):
                telemetry.count(MISSED, missed)

    def _save(self, counted: Counted) -> None:
        newest = dict(list(self._sent.items())[-MOST_SENT:])
        value = {"since": self._since.isoformat(), "sent": newest, **counted.to_value()}
        self._world.stores.cursors.advance(self._lease, value)
        self._counted = counted

    def _deal_with(self, found: ReturnSummary) -> str:
        """What became of one return that changed."""
        world = self._world
        version = found.updated_at.isoformat()
        if self._sent.get(found.id) == version:
            return SENT_BEFORE
        if found.status not in UNDER_WAY and not hears_of(found, world):
            return "not_under_way"
        state = world.stores.returns.load(world.merchant, found.id)
        told = state.portal_updated_at
        if told is not None and told >= found.updated_at:
            return KNOWN
        if is_the_old_connectors(found, state, world.live.merchant):
            return "before_live_from"
        ending = SENT_AGAIN if self._may_be_in_queue() else SENT
        self._way.publish(thin_event(world.merchant, found.id, found.updated_at, CATCH_UP))
        self._sent.pop(found.id, None)
        self._sent[found.id] = version
        return ending

    def _may_be_in_queue(self) -> bool:
        """Whether this return's own message may be among those that wait; each is taken once."""
        if self._may_wait is None:
            try:
                self._may_wait = self._way.waiting()
            except Verdict:
                self._may_wait = sys.maxsize
        if not self._may_wait:
            return False
        self._may_wait -= 1
        return True


def _is_told_by_webhook(world: World) -> bool:
    """Whether the portal's webhook is what should have told, and not a publisher of the owner's."""
    merchant = world.live.merchant
    redo = merchant.redo
    return merchant.portal == "redo" and redo is not None and redo.webhook.enabled
