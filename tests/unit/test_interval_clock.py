"""The local stack's clock of intervals: flows are due as fast as the schedules tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from local.sources.intervals import IntervalClock
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from tests.support.erp_hub import ErpHub

ORDERS = cursor_name("unleashed.orders", "example")
LIVE = {"mode": "live"}


@pytest.fixture
def hub() -> ErpHub:
    """A hub whose orders and customers were read just now."""
    made = ErpHub()
    made.apply(orders=LIVE, customers=LIVE)
    made.tick()
    made.deliver(*made.take())
    return made


def cursor(hub: ErpHub) -> SyncCursor:
    return SyncCursor.of(hub.hub.cursors.read(ORDERS))


def due(hub: ErpHub, clock: IntervalClock, seconds: float) -> list[tuple[str, str]]:
    """What the tick hands out so many seconds after the last, beside the clock."""
    hub.bench.clock.advance(seconds=seconds)
    clock.pass_time("example")
    done = hub.tick(seconds=0)
    return [("example", flow) for flow in done["example"]]


def test_an_interval_is_over_by_the_faster_clock(hub: ErpHub) -> None:
    clock = IntervalClock(hub.hub, speed=300)
    before = cursor(hub)

    assert due(hub, clock, 2) == []
    assert cursor(hub) == before
    hub.bench.clock.advance(seconds=1.5)
    clock.pass_time("example")
    moved = cursor(hub)
    assert moved == replace(before, ran=moved.ran)
    assert due(hub, clock, 0) == [("example", "orders")]


FED = ("wair/feed/example", "stock_at"), ("wair/feed/example", "master_at")
RELAYED = cursor_name("relay.despatches", "example"), "ran"
BUNDLES = "wair/bundles/example", "looked_at"


@pytest.mark.parametrize("where", [*FED, RELAYED, BUNDLES])
def test_the_stock_feeds_intervals_go_by_too(hub: ErpHub, where: tuple[str, str]) -> None:
    name, word = where
    target = {"name": "shop", "url": "https://shop.example.test", "secret": "shop"}
    hub.bench.file |= {
        "wair": {
            "base_url": "https://wair.example.test",
            "tenant": "x",
            "locations": [{"id": "COR", "warehouses": [3]}],
            "data_sets": {"stock": LIVE, "locations": LIVE},
        },
        "despatch_relay": {"mode": "live", "targets": [target]},
        "bundles": {"mode": "on"},
    }
    hub.apply()
    cursors, clock = hub.hub.cursors, IntervalClock(hub.hub, speed=300)
    now = hub.bench.clock.now()
    lease = cursors.acquire(name, "a run", 60)
    assert lease is not None
    cursors.advance(lease, {word: now.isoformat(), "kept": 1})
    cursors.release(lease)
    clock.pass_time("example")
    assert cursors.read(name) == {word: now.isoformat(), "kept": 1}

    # An hour is twelve seconds, and nothing is longer here than a day.
    hub.bench.clock.advance(seconds=24 * 12 + 1)
    clock.pass_time("example")

    value = dict(cursors.read(name))
    moved = datetime.fromisoformat(value.pop(word))
    assert value == {"kept": 1}
    assert hub.bench.clock.now() - moved in {
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=24),
    }


def test_at_the_pace_of_the_wall_clock_nothing_is_moved(hub: ErpHub) -> None:
    clock = IntervalClock(hub.hub, speed=1)
    clock.start()
    clock.stop()

    assert due(hub, clock, 800) == []
    assert hub.hub.cursors.standing(ORDERS).runs == 1


def test_a_run_at_work_and_a_flow_that_never_ran_are_left(hub: ErpHub) -> None:
    lease = hub.hub.cursors.acquire(ORDERS, "a run", 60)
    assert lease is not None
    clock = IntervalClock(hub.hub, speed=300)
    before = cursor(hub)
    hub.bench.clock.advance(seconds=10)
    clock.pass_time("example")

    assert cursor(hub) == before
    new = ErpHub()
    new.apply(orders=LIVE)
    IntervalClock(new.hub, speed=300).pass_time("example")
    assert cursor(new) == SyncCursor()
