"""The intervals of the ERP's flows, which go by as fast as the schedules' clock.

A schedule's tick runs only the flows whose interval is over, and a sales order's is 15 minutes. So
where the clock is sped up, the moment of a flow's newest run is moved back in its cursor once the
interval is over by that clock. Nothing else of a cursor is touched.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from returns_hub.bootstrap import Hub
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.shape import Source
from returns_hub.flows.unleashed.due import flows_on
from returns_hub.flows.unleashed.sources import SOURCES

LOOK_EVERY_SECONDS = 0.25
HOLD_SECONDS = 10.0
OWNER = "the local clock"


class IntervalClock:
    """Moves cursors of flows between Unleashed and the warehouse, of every merchant.

    Args:
        hub: One of its own; it is used by a thread.
        speed: How many times as fast as the wall clock; with 1 nothing is moved.
    """

    def __init__(self, hub: Hub, *, speed: float) -> None:
        self._hub = hub
        self._speed = speed
        self._merchants: tuple[str, ...] = ()
        self._not_before: dict[str, datetime] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let the clock run; merchants that are applied later are not seen."""
        if self._speed > 1:
            self._merchants = self._hub.merchants.ids_with_unleashed()
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
        connection = self._hub.merchants.live(merchant).merchant.unleashed
        if connection is None:
            return
        world = self._hub.erp.by_hand(merchant)
        for flow in flows_on(connection):
            for source in SOURCES[flow](world):
                name = cursor_name(source.name, merchant)
                if self._not_before.get(name, now) <= now:
                    self._look_at(name, source, now)

    def _look_at(self, name: str, source: Source[object], now: datetime) -> None:
        standing = self._hub.cursors.standing(name)
        ran = SyncCursor.of(standing.value).ran
        if standing.held_until is not None or ran is None:
            return
        every = source.every
        over = ran + every / self._speed
        if now < over:
            self._not_before[name] = over
            return
        if now - ran < every:
            self._move(name, now - every)

    def _move(self, name: str, ran: datetime) -> None:
        cursors = self._hub.cursors
        lease = cursors.acquire(name, OWNER, HOLD_SECONDS)
        if lease is None:
            return
        try:
            cursor = replace(SyncCursor.of(lease.value), ran=ran)
            cursors.advance(lease, cursor.to_json())
        except Conflict:
            return
        finally:
            cursors.release(lease)
