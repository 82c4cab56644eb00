"""The intervals of flows that a tick hands out, which go by as fast as the schedules' clock.

A schedule's tick runs only the flows whose interval is over, and a sales order's is 15 minutes. So
where the clock is sped up, the moment of a flow's newest run is moved back in its cursor once the
interval is over by that clock. Nothing else of a cursor is touched.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.bundles import look as bundles
from returns_hub.flows.relay import despatches
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.due import flows_on
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.wair import feed_cursor, feed_due

LOOK_EVERY_SECONDS = 0.25
HOLD_SECONDS = 10.0
OWNER = "the local clock"


class Interval(NamedTuple):
    """How long it is between two runs of a flow.

    Args:
        cursor: The flow's.
        moment: Where in the cursor's value it says when the newest run began.
        every: The interval.
    """

    cursor: str
    moment: str
    every: timedelta


class IntervalClock:
    """Moves cursors of flows with Unleashed and of the stock feed's, of every merchant.

    Args:
        hub: One of its own; it is used by a thread.
        speed: How many times as fast as the wall clock; with 1 nothing is moved.
    """

    def __init__(self, hub: Hub, *, speed: float) -> None:
        self._hub = hub
        self._speed = speed
        self._merchants: tuple[str, ...] = ()
        self._not_before: dict[Interval, datetime] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let the clock run; merchants that are applied later are not seen."""
        if self._speed > 1:
            merchants = self._hub.merchants
            found = (*merchants.ids_with_unleashed(), *merchants.ids_with_feed())
            self._merchants = tuple(dict.fromkeys(found))
            self._thread.start()

    def stop(self) -> None:
        """Stop it, if it runs."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_SECONDS):
            for merchant in self._merchants:
                # What cannot be told now, the next look tells.
                with suppress(Verdict):
                    self.pass_time(merchant)

    def pass_time(self, merchant: str) -> None:
        """Look at every flow of a merchant that is switched on."""
        now = self._hub.clock.now()
        for interval in self._intervals(self._hub.merchants.live(merchant).merchant):
            if self._not_before.get(interval, now) <= now:
                self._look_at(interval, now)

    def _intervals(self, file: Merchant) -> Iterator[Interval]:
        merchant = file.merchant
        if file.unleashed is not None:
            world = self._hub.erp.by_hand(merchant)
            for flow in flows_on(file.unleashed):
                for source in SOURCES[flow](world):
                    yield Interval(cursor_name(source.name, merchant), "ran", source.every)
        if file.wair is not None and feed_due.is_on(file):
            name = feed_cursor.cursor_name(merchant)
            yield Interval(name, "stock_at", timedelta(minutes=file.wair.every_minutes))
            yield Interval(name, "master_at", timedelta(hours=file.wair.master_data_every_hours))
        if despatches.is_on(file):
            every = timedelta(minutes=file.despatch_relay.every_minutes)
            yield Interval(cursor_name(despatches.NAME, merchant), "ran", every)
        if bundles.is_on(file):
            every = timedelta(minutes=file.bundles.every_minutes)
            yield Interval(bundles.cursor_name(merchant), "looked_at", every)

    def _look_at(self, interval: Interval, now: datetime) -> None:
        standing = self._hub.cursors.standing(interval.cursor)
        told = standing.value.get(interval.moment)
        if standing.held_until is not None or not told:
            return
        ran = datetime.fromisoformat(told)
        over = ran + interval.every / self._speed
        if now < over:
            self._not_before[interval] = over
            return
        if now - ran < interval.every:
            self._move(interval, now - interval.every)

    def _move(self, interval: Interval, moment: datetime) -> None:
        cursors = self._hub.cursors
        lease = cursors.acquire(interval.cursor, OWNER, HOLD_SECONDS)
        if lease is None:
            return
        try:
            moved = {**lease.value, interval.moment: moment.isoformat()}
            cursors.advance(lease, moved)
        except Conflict:
            return
        finally:
            cursors.release(lease)
