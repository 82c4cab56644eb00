"""Returns of the portal's past are looked for, sent once, and whoever stops goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.backfill import Ending, Selection
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows import backfill
from returns_hub.flows.backfill import Manner, look, run
from returns_hub.flows.backfill_jobs import Job, cancel, held, list_jobs, read_job
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.way import Way
from returns_hub.flows.world import World
from returns_hub.ports import Lease
from tests.support.fakes import START
from tests.support.power import Mains, Power, PowerCut
from tests.support.worlds import RETURN_ID, Bench, item, redo_return

OLD = "2025-12-01T00:00:00Z"
WINDOW = Selection(since=START - timedelta(days=30), until=START)


class Archive:
    """A bench with a past, and an operator; what is sent is kept."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.sent: list[str] = []
        self.waiting = 0
        self.turns = 0
        self.told: list[tuple[int, float, str]] = []

    def put(self, return_id: str = RETURN_ID, hours_ago: float = 24, **changes: Any) -> None:
        at = (START - timedelta(hours=hours_ago)).isoformat()
        body = {"id": return_id, "updatedAt": at, "createdAt": at}
        self.bench.put(redo_return([item(1, "TEE")], **(body | changes)))

    def fill(self, count: int) -> None:
        for number in range(count):
            self.put(f"r{number:03d}", hours_ago=700 - number * 3)

    def run(
        self,
        selection: Selection = WINDOW,
        *,
        name: str = "job",
        limit: int | None = None,
        restart: bool = False,
        world: World | None = None,
    ) -> str:
        world = world or self.bench.world()
        manner = Manner(
            way=Way(self.publish, lambda: self.waiting),
            take_turns=self.take_turns,
            limit=limit,
            tell=lambda job, share, why: self.told.append((job.total, share, why)),
        )
        with held(world.stores, "example", name, selection, "pat", restart=restart) as job:
            return run(world, job, selection, manner)

    def publish(self, text: str) -> None:
        self.sent.append(text)

    def take_turns(self, turns: int) -> None:
        self.turns += turns

    def ids(self) -> list[str]:
        return [json.loads(text)["return_id"] for text in self.sent]

    def job(self, name: str = "job") -> Job:
        found = read_job(self.bench.cursors, "example", name)
        assert found is not None
        return found

    def deliver(self) -> list[str]:
        outcomes = [self.bench.approve(text) for text in self.sent]
        self.sent.clear()
        return outcomes


# -- which ------------------------------------------------------------------------------------


def a_past() -> Archive:
    """One return of each kind."""
    archive = Archive()
    archive.put("new")
    archive.put("moving", status="in_transit")
    archive.put("known")
    archive.bench.approve(archive.bench.message(return_id="known"))
    archive.put("done", status="complete")
    archive.put("asked", status="needs_review")
    archive.put("old", createdAt=OLD)
    archive.put("outside", hours_ago=24 * 40)
    return archive


ALL_KINDS = {
    Ending.SENT: 2,
    Ending.KNOWN: 1,
    Ending.NOT_UNDER_WAY: 2,
    Ending.BEFORE_LIVE_FROM: 1,
}


def test_a_window_sends_what_nobody_told_of_and_leaves_the_rest() -> None:
    archive = a_past()

    assert archive.run() == "finished"
    assert sorted(archive.ids()) == ["moving", "new"]
    assert archive.job().counts == ALL_KINDS
    event = parse(archive.sent[0])
    assert (event.source, event.portal_return) == ("backfill", None)
    assert archive.deliver() == ["announced", "announced"]


def test_looking_says_the_same_and_leaves_no_trace() -> None:
    archive = a_past()
    counts: dict[Ending, int] = {}
    for looked in look(archive.bench.world(), WINDOW):
        counts[looked.ending] = counts.get(looked.ending, 0) + 1

    assert counts == ALL_KINDS
    assert archive.sent == []
    assert list_jobs(archive.bench.cursors, "example") == ()


def test_a_status_narrows_and_the_portal_is_asked_for_it() -> None:
    archive = a_past()
    moving = WINDOW.model_copy(update={"statuses": (ReturnStatus.IN_TRANSIT,)})

    assert archive.run(moving) == "finished"
    assert archive.ids() == ["moving"]
    asked = {
        r.query.get("status") for r in archive.bench.to_redo.requests if r.path[-8:] == "/returns"
    }
    assert asked == {"in_transit"}


def test_ids_are_dealt_with_one_by_one_and_unknown_ones_are_named() -> None:
    archive = a_past()
    ids = Selection(ids=("nobody", "new", "known", "old", "done", "outside"))

    assert archive.run(ids) == "finished"
    assert archive.ids() == ["new", "outside"]
    job = archive.job()
    assert list(job.unknown) == ["nobody"]
    assert "does not know it" in job.unknown["nobody"]
    assert (job.of, job.total) == (6, 6)
    assert job.selection.ids == ()


def test_a_long_empty_past_takes_few_requests() -> None:
    archive = Archive()
    archive.put("early", hours_ago=9 * 365 * 24, createdAt=START.isoformat())
    archive.put("late")

    ten_years = Selection(since=START - timedelta(days=3650), until=START)
    assert archive.run(ten_years) == "finished"
    assert archive.ids() == ["early", "late"]
    assert len(archive.bench.to_redo.requests) < 20


# -- before the switch ------------------------------------------------------------------------


def test_what_was_made_before_the_switch_is_left_though_it_changed_after() -> None:
    archive = Archive()
    archive.put(createdAt=OLD)
    archive.bench.approve(archive.bench.message(occurred_at=OLD))
    archive.run()

    assert archive.job().counts == {Ending.BEFORE_LIVE_FROM: 1}


def test_with_adopt_it_is_adopted_and_nothing_is_made() -> None:
    archive = Archive()
    archive.put(createdAt=OLD)
    create = archive.bench.file["flows"]["create_external_returns"]
    create["before_live_from"] = "adopt"

    archive.run()
    assert archive.job().counts == {Ending.SENT_TO_ADOPT: 1}
    archive.deliver()
    assert archive.bench.external_returns() == []
    assert "merchant.before_live_from" in {skip.code for skip in archive.bench.state().skips}
    archive.run(name="again")
    assert archive.job("again").counts == {Ending.KNOWN: 1}


def test_nothing_is_adopted_in_shadow() -> None:
    archive = Archive()
    archive.put(createdAt=OLD)
    archive.bench.file["flows"]["create_external_returns"] = {
        "mode": "shadow",
        "before_live_from": "adopt",
    }
    archive.run()

    assert archive.job().counts == {Ending.BEFORE_LIVE_FROM: 1}


@pytest.mark.parametrize("skipped_before", [True, False])
def test_only_who_says_so_has_it_announced_all_the_same_and_once(skipped_before: bool) -> None:
    archive = Archive()
    archive.put(createdAt=OLD, hours_ago=24 * 80)
    if skipped_before:
        archive.bench.approve(archive.bench.message(occurred_at=OLD))
    forced = Selection(since=START - timedelta(days=100), until=START, even_before_live=True)

    archive.run(forced)
    assert archive.job().counts == {Ending.SENT_THOUGH_BEFORE_LIVE: 1}
    assert archive.deliver() == ["announced"]
    assert len(archive.bench.external_returns()) == 1
    archive.run(forced, name="again")
    assert archive.job("again").counts == {Ending.KNOWN: 1}


# -- the job ----------------------------------------------------------------------------------


def test_a_limit_ends_the_run_and_the_next_goes_on() -> None:
    archive = Archive()
    archive.fill(5)

    assert archive.run(limit=2) == "limit"
    assert archive.job().state == "unfinished"
    assert archive.run(limit=2) == "limit"
    assert archive.run(limit=2) == "finished"
    assert sorted(archive.ids()) == [f"r{number:03d}" for number in range(5)]


def test_a_limit_leaves_room_for_what_needs_no_sending() -> None:
    archive = a_past()

    assert archive.run(limit=2) == "finished"


def test_a_finished_job_is_over_until_it_is_begun_anew() -> None:
    archive = Archive()
    archive.put()
    archive.run()

    with pytest.raises(Permanent, match="finished on 2026-03-02"):
        archive.run()
    assert archive.run(restart=True) == "finished"
    assert archive.job().counts == {Ending.SENT: 1}


def test_a_name_stands_for_one_selection() -> None:
    archive = Archive()
    archive.run()

    other = WINDOW.model_copy(update={"since": START - timedelta(days=3)})
    with pytest.raises(Permanent, match="another backfill"):
        archive.run(other)
    later = WINDOW.model_copy(update={"until": START - timedelta(days=3)})
    with pytest.raises(Permanent, match="another backfill"):
        archive.run(later)


def test_an_open_end_is_when_the_job_was_begun() -> None:
    archive = Archive()
    archive.fill(3)
    open_ended = WINDOW.model_copy(update={"open_ended": True})
    archive.run(open_ended, limit=1)
    archive.bench.clock.advance(days=1)
    later = open_ended.model_copy(update={"until": archive.bench.clock.now()})
    archive.put("later", hours_ago=-12)

    assert archive.run(later) == "finished"
    assert sorted(archive.ids()) == ["r000", "r001", "r002"]
    assert archive.job().selection.until == START


def test_a_job_in_work_is_nobody_elses() -> None:
    archive = Archive()
    archive.put()
    world = archive.bench.world()
    with held(world.stores, "example", "job", WINDOW, "pat", restart=False):
        with pytest.raises(Retryable, match="another run works on job"):
            archive.run()
        with pytest.raises(Retryable):
            archive.run(restart=True)
    assert archive.run() == "finished"


def test_a_run_that_was_overtaken_stops() -> None:
    archive = Archive()
    archive.fill(30)
    world = archive.bench.world()

    def slow(turns: int) -> None:
        archive.bench.clock.advance(minutes=4)
        if archive.bench.clock.now() < START + timedelta(minutes=5):
            with held(world.stores, "example", "job", WINDOW, "lee", restart=False):
                pass

    archive.take_turns = slow  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        archive.run()


def test_a_lease_that_somebody_else_had_meanwhile_is_not_ones_own_any_more() -> None:
    archive = Archive()
    stores = archive.bench.stores()
    cursors = archive.bench.cursors
    let_go = cursors.release

    def let_go_and_another_comes_and_goes(lease: Lease) -> None:
        let_go(lease)
        other = cursors.acquire(lease.name, "other", 60)
        assert other is not None
        let_go(other)

    with held(stores, "example", "job", WINDOW, "pat", restart=False) as job:
        archive.bench.clock.advance(seconds=170)
        cursors.release = let_go_and_another_comes_and_goes  # type: ignore[method-assign]
        with pytest.raises(Conflict):
            job.keep_lease()


def test_a_slow_run_keeps_its_lease() -> None:
    archive = Archive()
    archive.fill(45)

    def slow(turns: int) -> None:
        archive.bench.clock.advance(seconds=10)

    archive.take_turns = slow  # type: ignore[method-assign]
    assert archive.run() == "finished"
    assert len(archive.sent) == 45


def test_jobs_are_listed_the_newest_first() -> None:
    archive = Archive()
    archive.put()
    archive.run(name="one")
    archive.run(name="two", limit=0)
    archive.run(name="three")
    archive.run(name="two", limit=0)
    jobs = list_jobs(archive.bench.cursors, "example")

    assert [(job.name, job.state, job.started_by) for job in jobs] == [
        ("three", "finished", "pat"),
        ("two", "unfinished", "pat"),
        ("one", "finished", "pat"),
    ]


# -- cancelling -------------------------------------------------------------------------------


def test_a_cancelled_job_does_not_go_on_until_it_is_begun_anew() -> None:
    archive = Archive()
    archive.fill(3)
    archive.run(limit=1)
    stores = archive.bench.stores()

    assert cancel(stores, "example", "job", "lee") == "cancelled"
    assert cancel(stores, "example", "job", "lee") == "cancelled"
    with pytest.raises(Permanent, match="cancelled by lee"):
        archive.run()
    assert len(archive.sent) == 1
    assert archive.run(restart=True) == "finished"
    with pytest.raises(Permanent, match="has no backfill other"):
        cancel(stores, "example", "other", "lee")


def test_a_job_that_runs_elsewhere_is_stopped_soon() -> None:
    archive = Archive()
    archive.fill(50)

    def while_it_runs(turns: int) -> None:
        if len(archive.sent) == 5:
            assert cancel(archive.bench.stores(), "example", "job", "lee") == "stopping"

    archive.take_turns = while_it_runs  # type: ignore[method-assign]
    assert archive.run() == "cancelled"
    assert len(archive.sent) < 30
    assert (archive.job().state, archive.job().ended_by) == ("cancelled", "lee")


def test_a_job_that_waits_elsewhere_is_stopped_too() -> None:
    archive = Archive()
    archive.fill(3)
    archive.waiting = 500

    def while_it_waits(seconds: float) -> None:
        cancel(archive.bench.stores(), "example", "job", "lee")
        archive.waiting -= 50

    archive.bench.clock.sleep = while_it_waits  # type: ignore[method-assign]
    assert archive.run() == "cancelled"
    assert archive.sent == []


# -- not before the live flow -----------------------------------------------------------------


def test_each_return_takes_the_turns_that_announcing_it_will_take() -> None:
    archive = Archive()
    archive.fill(4)
    archive.run()

    assert archive.turns == 8


def test_nothing_is_added_to_a_queue_that_is_full() -> None:
    archive = Archive()
    archive.fill(3)
    archive.waiting = 200

    def drain(seconds: float) -> None:
        archive.bench.clock.advance(seconds=seconds)
        if seconds == backfill.WAIT_SECONDS:
            assert archive.sent == []
            archive.waiting -= 50

    archive.bench.clock.sleep = drain  # type: ignore[method-assign]
    assert archive.run() == "finished"
    assert len(archive.sent) == 3
    assert "200 messages wait in the queue" in {why for _, _, why in archive.told}


def test_a_partner_that_asks_for_patience_gets_it() -> None:
    archive = Archive()
    archive.fill(3)
    archive.bench.redo.faults.add(
        Fault(FaultKind.HTTP_429, path="stores", times=3, retry_after="20")
    )

    assert archive.run() == "finished"
    assert len(archive.ids()) == 3
    assert archive.bench.clock.now() >= START + timedelta(seconds=60)


def test_a_partner_that_stays_away_ends_the_run_and_the_next_goes_on() -> None:
    archive = Archive()
    archive.fill(3)
    archive.bench.redo.faults.add(
        Fault(FaultKind.ERROR_500_BEFORE, path="stores", times=None, after=1)
    )
    with pytest.raises(Retryable):
        archive.run()

    archive.bench.redo.faults.clear()
    assert archive.run() == "finished"
    assert sorted(archive.ids()) == ["r000", "r001", "r002"]


# -- stopped at every step --------------------------------------------------------------------


def cut_off_after(archive: Archive, steps: int, selection: Selection) -> bool:
    """Run a job whose process ends after so many steps; whether it came to its end before."""
    power = Power(steps)
    world = archive.bench.world()
    cursors: Any = Mains(archive.bench.cursors, power)
    world = replace(world, stores=replace(world.stores, cursors=cursors))
    archive.publish = lambda text: published(archive, text, power)  # type: ignore[method-assign]
    try:
        archive.run(selection, world=world)
    except PowerCut:
        return False
    finally:
        archive.publish = archive.sent.append  # type: ignore[method-assign, assignment]
    return True


def published(archive: Archive, text: str, power: Power) -> None:
    power.step()
    archive.sent.append(text)
    power.step()


def every_step(selection: Selection) -> Iterator[Archive]:
    """The same job, cut off at each of its steps in turn and gone on with later."""
    for steps in range(1000):
        archive = Archive()
        archive.fill(6)
        archive.bench.approve(archive.bench.message(return_id="r002"))
        whole = cut_off_after(archive, steps, selection)
        if not whole:
            archive.bench.clock.advance(minutes=4)
            if archive.bench.cursors.read("backfill/example/job").get("state") != "finished":
                assert archive.run(selection) == "finished"
        yield archive
        if whole:
            assert steps > 20
            return


@pytest.mark.parametrize("selection", [WINDOW, Selection(ids=tuple(f"r{n:03d}" for n in range(6)))])
def test_stopped_at_any_step_nothing_is_lost_and_nothing_is_announced_twice(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "SAVE_EVERY", 2)
    monkeypatch.setattr(backfill, "IDS_AT_ONCE", 4)
    for archive in every_step(selection):
        job = archive.job()
        assert (job.state, job.counts[Ending.KNOWN]) == ("finished", 1)
        assert set(archive.ids()) == {"r000", "r001", "r003", "r004", "r005"}
        archive.deliver()
        assert len(archive.bench.external_returns()) == 6
