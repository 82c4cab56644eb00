"""Polling beside the webhook: each is watched by itself, so that neither hides that the other died.

=====================  ===========================================================================
what                   how it is seen
=====================  ===========================================================================
the webhook is silent  polling finds changes that deliveries had time to tell of, and told nothing:
                       `ChangesByPollingAlone`; when a day had such and no delivery at all,
                       `WebhookSilent`
polling stands still   the flow's list was not read to its end for long: `PollingStale`. Deliveries
                       do not move that
=====================  ===========================================================================
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.notices import TOLD_FLOWS
from returns_hub.errors import Verdict
from returns_hub.flows.sync.cursor import SyncCursor
from returns_hub.flows.sync.mailbox import Mailbox
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Change, Source
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import SOURCES

DELIVERY_TAKES = timedelta(minutes=2)
"""A younger change may still be delivered."""
MARGIN = timedelta(minutes=15)
A_DAY = timedelta(days=1)
STALE_AFTER = timedelta(hours=1)
STALE_TURNS = 4
"""So many intervals, but at least `STALE_AFTER`, without a whole reading are too many."""
SILENT = "WebhookSilent"
STALE = "PollingStale"
ALONE = "ChangesByPollingAlone"


def told_source(flow: FlowName, world: ErpWorld) -> Source[Any]:
    """The source that a flow's deliveries are about: its first."""
    return SOURCES[flow](world)[0]


def mailbox_of(source: Source[Any], world: ErpWorld) -> Mailbox:
    """Where what is told of a source waits for its next run."""
    return Mailbox(source.name, world.merchant, world.stores)


def run_beside(
    flow: FlowName, source: Source[Any], world: ErpWorld, *, now: bool = False
) -> dict[str, int]:
    """Run a source; where the webhook tells of its records, with what was left to this run, and
    counting what nobody told of."""
    if not _is_told(flow, world) or source.name != told_source(flow, world).name:
        return run_sync(source, world.sync, now=now)
    alone = _Alone(source, world)
    ended = run_sync(
        source, world.sync, now=now, mailbox=mailbox_of(source, world), news=alone.heard
    )
    alone.count(flow)
    return ended


class _Alone:
    """Counts changes that a delivery should have told of before polling found them."""

    def __init__(self, source: Source[Any], world: ErpWorld) -> None:
        self._world = world
        # What is older was found late for a reason of its own: a first run, settings that changed,
        # an outage.
        self._oldest = source.every + source.overlap + MARGIN
        self._found = 0

    def heard(self, change: Change[Any]) -> None:
        now = self._world.stores.clock.now()
        if change.at is not None and DELIVERY_TAKES <= now - change.at <= self._oldest:
            self._found += 1

    def count(self, flow: FlowName) -> None:
        deliveries, world = self._world.deliveries, self._world.world
        if not self._found or deliveries is None:
            return
        world.stores.telemetry.count(ALONE, self._found, flow=flow, merchant=world.merchant)
        try:
            deliveries.missed(world.merchant, flow, self._found)
        except Verdict as verdict:
            # Counting is not worth a run.
            world.stores.telemetry.log("not counted", code=verdict.code, reason=verdict.reason)


def look_at_webhook(flow: FlowName, world: ErpWorld) -> None:
    """Once a day, say how many changes came by polling alone; that the webhook is silent, when
    nothing but polling told of anything. 1 read while the day is not over.

    Raises:
        Retryable: The store cannot be reached.
    """
    deliveries, stores = world.deliveries, world.stores
    if deliveries is None or not _is_told(flow, world):
        return
    now = stores.clock.now()
    was = deliveries.watched(world.merchant, flow)
    if was.since is not None and now - was.since < A_DAY:
        return
    if not deliveries.begin(world.merchant, flow, was, now) or was.since is None or not was.missed:
        return
    stores.telemetry.log(
        "changes came by polling alone",
        flow=flow,
        merchant=world.merchant,
        changes=was.missed,
        deliveries=was.delivered,
        since=was.since.isoformat(),
        last_delivery=was.last_at.isoformat() if was.last_at else "never",
    )
    if not was.delivered:
        stores.telemetry.count(SILENT)
        stores.telemetry.count(SILENT, flow=flow, merchant=world.merchant)


def look_at_polling(source: Source[Any], cursor: SyncCursor, world: ErpWorld) -> None:
    """Say that a source's list was not read for too long."""
    if is_stale(source, cursor, world.stores.clock.now()):
        telemetry = world.stores.telemetry
        telemetry.count(STALE)
        telemetry.count(STALE, flow=source.name, merchant=world.merchant)


def is_stale(source: Source[Any], cursor: SyncCursor, now: datetime) -> bool:
    """Whether polling stands still: the list was not read to its end for several intervals. A long
    list counts while each run comes further; one that was never read whole is not stale yet."""
    read_at = cursor.ran if cursor.at else cursor.read
    if read_at is None or now - read_at <= STALE_AFTER:
        return False
    # A source that runs at a time of day has no interval once that has come.
    return now - read_at > STALE_TURNS * (source.every or A_DAY)


def waiting_in(flow: FlowName, world: ErpWorld) -> bool:
    """Whether a record that the webhook told of waits for the flow's next run. 1 read where the
    webhook tells of it."""
    return _is_told(flow, world) and bool(mailbox_of(told_source(flow, world), world).waiting())


def _is_told(flow: FlowName, world: ErpWorld) -> bool:
    return world.connection.webhooks.enabled and flow in TOLD_FLOWS
