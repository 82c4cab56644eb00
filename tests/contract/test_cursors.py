"""Cursors, leases and what catching up counts: in memory and in DynamoDB alike."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from returns_hub.domain.backfill import Ending, Selection
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.backfill_jobs import cancel, held, list_jobs
from returns_hub.flows.catch_up_counts import Counted, DayCounts, report
from returns_hub.ports import CursorStanding
from tests.contract.conftest import Stores
from tests.support.fakes import START


def test_one_lease_at_a_time_and_the_fence_rises(stores: Stores) -> None:
    first = stores.cursors.acquire("c", "a", 60)
    assert stores.cursors.acquire("c", "b", 60) is None
    stores.clock.advance(seconds=61)

    second = stores.cursors.acquire("c", "b", 60)

    assert (first.fence, second.fence) == (1, 2)


def test_whoever_lost_the_lease_cannot_move_the_cursor(stores: Stores) -> None:
    first = stores.cursors.acquire("c", "a", 60)
    stores.clock.advance(seconds=61)
    second = stores.cursors.acquire("c", "b", 60)
    stores.cursors.advance(second, {"at": 2})

    with pytest.raises(Conflict):
        stores.cursors.advance(first, {"at": 1})
    stores.cursors.release(first)
    assert stores.cursors.read("c") == {"at": 2}
    assert stores.cursors.acquire("c", "c", 60) is None


def test_a_released_lease_is_free_and_keeps_the_value(stores: Stores) -> None:
    lease = stores.cursors.acquire("c", "a", 60)
    stores.cursors.advance(lease, {"at": 1, "seen": {"41": "x"}})
    stores.cursors.release(lease)

    again = stores.cursors.acquire("c", "b", 60)

    assert again.value == {"at": 1, "seen": {"41": "x"}}


def test_a_cursor_that_was_never_written_is_empty(stores: Stores) -> None:
    assert stores.cursors.read("nothing") == {}
    assert stores.cursors.standing("nothing") == CursorStanding()


def test_a_cursor_tells_when_it_was_worked_on(stores: Stores) -> None:
    began = stores.clock.now()
    lease = stores.cursors.acquire("c", "a", 60)
    held = stores.cursors.standing("c")
    assert (held.runs, held.moved_at, held.ended_at) == (1, None, None)
    assert held.held_until == began + timedelta(seconds=60)

    stores.clock.advance(seconds=10)
    stores.cursors.advance(lease, {"at": 1})
    stores.clock.advance(seconds=10)
    stores.cursors.release(lease)
    stores.clock.advance(seconds=10)

    standing = stores.cursors.standing("c")
    assert standing == CursorStanding(
        value={"at": 1},
        runs=1,
        moved_at=began + timedelta(seconds=10),
        ended_at=began + timedelta(seconds=20),
    )


def test_a_lease_that_ended_by_itself_holds_nothing(stores: Stores) -> None:
    stores.cursors.acquire("c", "a", 60)
    stores.clock.advance(seconds=61)

    assert stores.cursors.standing("c").held_until is None


def test_a_backfill_is_held_gone_on_with_and_cancelled(stores: Stores) -> None:
    kept = SimpleNamespace(cursors=stores.cursors, clock=stores.clock, owner="a")
    world: Any = kept
    window = Selection(since=START - timedelta(days=1), until=START)
    with held(world, "m", "job", window, "pat", restart=False) as job:
        job.job = job.job.with_one("r1", "v1", Ending.SENT)
        job.save(position={"since": "x", "step": 60.0})
        stores.clock.advance(seconds=120)
        job.keep_lease()
        stores.clock.advance(seconds=120)
        with pytest.raises(Retryable), held(world, "m", "job", window, "lee", restart=False):
            pass
        assert cancel(world, "m", "job", "lee") == "stopping"
        assert job.is_cancelled
    with held(world, "m", "job", window, "pat", restart=False) as job:
        assert job.job.position == {"since": "x", "step": 60.0}
        assert (job.job.dealt, job.job.counts) == ({"r1": "v1"}, {Ending.SENT: 1})
        job.end("cancelled")
    (listed,) = list_jobs(stores.cursors, "m")

    assert (listed.state, listed.ended_by) == ("cancelled", "lee")
    assert list_jobs(stores.cursors, "other") == ()


def test_counts_of_catching_up_come_back_as_they_were_kept(stores: Stores) -> None:
    tally = Counted.of({}, START - timedelta(days=1)).begin()
    tally.note("sent", START, is_first_reading=True)
    tally.note("known", START, is_first_reading=True)
    counted = Counted(START - timedelta(days=1), {}).with_all(tally)
    lease = stores.cursors.acquire("catch-up/m", "a", 60)
    stores.cursors.advance(lease, {"since": START.isoformat(), **counted.to_value()})
    found = report(stores.cursors, "m", days=1, now=START)

    assert found.days == ((START.date(), DayCounts(read=2, known=1, missed=1)),)
    assert found.caught_up_to == START
