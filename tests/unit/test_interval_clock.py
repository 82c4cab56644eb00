"""The local stack's clock of intervals: flows are due as fast as the schedules tick."""

from __future__ import annotations

from dataclasses import replace

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
