"""What cursors, parked work, gates, overviews and summaries tell of how the hub stands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from returns_hub.adapters.dynamodb import parking
from returns_hub.adapters.dynamodb.gates import DynamoDbGates, DynamoDbGateStandings
from returns_hub.adapters.dynamodb.items import typed
from returns_hub.domain.overview.overview import StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.overview.summary import DailySummary
from returns_hub.ports import CursorStanding, ParkedItem, RunReport
from returns_hub.ports.overview import KeptSummaries
from tests.contract.conftest import Stores
from tests.support.fakes import START
from tests.support.overviews import overview

MINUTE = timedelta(minutes=1)


def run(stores: Stores, report: RunReport, name: str = "c") -> CursorStanding:
    """One run that tells this of itself; how its cursor stands then."""
    stores.clock.advance(minutes=1)
    lease = stores.cursors.acquire(name, "a", 60)
    for field in ("ended", "failing", "found_new", "is_partial"):
        setattr(lease.run, field, getattr(report, field))
    stores.cursors.release(lease)
    standing: CursorStanding = stores.cursors.standing(name)
    return standing


# -- cursors ------------------------------------------------------------------------------------


def test_a_run_that_succeeded_is_remembered_and_clears_the_failure(stores: Stores) -> None:
    failed = run(stores, RunReport(failing="mintsoft.away"))
    assert (failed.succeeded_at, failed.failing) == (None, "mintsoft.away")

    done = run(stores, RunReport(ended=True))

    assert (done.succeeded_at, done.failing) == (START + 2 * MINUTE, "")
    assert done.new_record_at is None


def test_a_failure_leaves_the_time_of_the_last_success(stores: Stores) -> None:
    run(stores, RunReport(ended=True, found_new=True))

    failed = run(stores, RunReport(ended=True, failing="redo.away"))

    assert (failed.succeeded_at, failed.failing) == (START + MINUTE, "redo.away")
    assert (failed.new_record_at, failed.ended_at) == (START + MINUTE, START + 2 * MINUTE)


def test_a_run_that_failed_in_part_succeeded_and_says_what_failed(stores: Stores) -> None:
    done = run(stores, RunReport(ended=True, failing="drift.not_compared", is_partial=True))
    assert (done.succeeded_at, done.failing) == (START + MINUTE, "drift.not_compared")


def test_what_a_failed_run_found_is_new_all_the_same(stores: Stores) -> None:
    done = run(stores, RunReport(failing="redo.away", found_new=True))
    assert (done.succeeded_at, done.new_record_at) == (None, START + MINUTE)


def test_a_lease_that_was_no_run_tells_nothing(stores: Stores) -> None:
    before = run(stores, RunReport(failing="redo.away"))
    after = run(stores, RunReport())
    assert (after.succeeded_at, after.failing) == (before.succeeded_at, "redo.away")


def test_a_run_that_lost_its_lease_tells_nothing(stores: Stores) -> None:
    late = stores.cursors.acquire("c", "a", 60)
    stores.clock.advance(seconds=61)
    assert stores.cursors.acquire("c", "b", 60)
    late.run.ended = True

    stores.cursors.release(late)

    assert stores.cursors.standing("c").succeeded_at is None


def test_a_beat_is_a_success_and_leaves_value_and_lease_alone(stores: Stores) -> None:
    lease = stores.cursors.acquire("c", "a", 60)
    stores.cursors.advance(lease, {"at": 1})
    stores.clock.advance(seconds=10)

    stores.cursors.beat("c")
    stores.cursors.beat("other", "drift.not_compared")

    beaten = stores.cursors.standing("c")
    assert (beaten.succeeded_at, beaten.value) == (START + timedelta(seconds=10), {"at": 1})
    assert beaten.held_until is not None
    assert stores.cursors.standing("other").failing == "drift.not_compared"
    assert stores.cursors.standing("other").succeeded_at is None
    stores.cursors.beat("other")
    assert stores.cursors.standing("other").failing == ""


def test_many_cursors_are_told_at_once_without_their_values(stores: Stores) -> None:
    lease = stores.cursors.acquire("c", "a", 60)
    stores.cursors.advance(lease, {"at": 1})
    stores.cursors.release(lease)
    run(stores, RunReport(ended=True, found_new=True), "d")
    stores.cursors.beat("e", "x")

    found = stores.cursors.standings(name for name in ("c", "d", "e", "never"))

    assert found.keys() == {"c", "d", "e"}
    assert found["c"] == CursorStanding(runs=1, moved_at=START, ended_at=START)
    assert found["d"].new_record_at == START + MINUTE
    assert found["e"].failing == "x"


def test_telling_costs_no_request_more_and_standings_one(dynamodb: Stores) -> None:
    run(dynamodb, RunReport(ended=True, found_new=True))
    assert dynamodb.requests == ["UpdateItem", "UpdateItem", "GetItem"]
    dynamodb.requests.clear()

    dynamodb.cursors.standings([f"c{number}" for number in range(100)])
    dynamodb.cursors.beat("c")

    assert dynamodb.requests == ["BatchGetItem", "UpdateItem"]


# -- parked work --------------------------------------------------------------------------------


def park(stores: Stores, parked_id: str, code: str, flow: str = "f", merchant: str = "m") -> None:
    item = ParkedItem(merchant, parked_id, flow, code, "why", "s", "{}", first_seen_at=None)
    if stores.kind == "memory":
        item = ParkedItem(
            merchant, parked_id, flow, code, "why", "s", "{}", first_seen_at=stores.clock.now()
        )
    stores.parking.park(item)
    stores.clock.advance(minutes=1)


def test_open_items_are_counted_by_cause_the_oldest_first(stores: Stores) -> None:
    park(stores, "z", "late")
    park(stores, "b", "sku")
    park(stores, "a", "sku")
    park(stores, "c", "sku", flow="g")
    park(stores, "d", "sku", merchant="other")
    park(stores, "e", "gone")
    (gone,) = [item for item in stores.parking.list_parked("m") if item.code == "gone"]
    stores.parking.close(gone, "discarded", "pat")

    found = stores.parking.causes("m")

    told = [
        (one.code, one.flow, one.count, one.oldest - START, one.example) for one in found.causes
    ]
    assert told == [
        ("late", "f", 1, 0 * MINUTE, "z"),
        ("sku", "f", 2, 1 * MINUTE, "b"),
        ("sku", "g", 1, 3 * MINUTE, "c"),
    ]
    assert found.is_whole


def test_more_than_is_read_is_said(simulated: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MOST_PAGES", 2)
    for number in range(7):
        park(simulated, f"i{number}", "sku")

    found = simulated.parking.causes("m")

    # A page of the simulation's DynamoDB holds three items.
    assert (found.causes[0].count, found.is_whole) == (6, False)


# -- gates --------------------------------------------------------------------------------------


def test_gates_tell_until_when_they_are_closed(simulated: Stores) -> None:
    gates = DynamoDbGates(simulated.client, "ControlTable")
    standings = DynamoDbGateStandings(simulated.client, "ControlTable", simulated.clock)
    now = START.timestamp()
    gates.take("m/open", now=now, gap=1.0, count=1, most=5.0)
    gates.open_breaker("m/away", now=now, pause=30.0)
    gates.pause("m/asked", until=now + 60)
    names = ["m/open", "m/away", "m/asked", "m/never"]

    assert standings.closed(names) == {
        "m/away": START + timedelta(seconds=30),
        "m/asked": START + timedelta(seconds=60),
    }
    # A pause that was asked for is over; who is away stays so until somebody asked.
    simulated.clock.advance(minutes=5)
    assert standings.closed(names) == {"m/away": START + timedelta(seconds=30)}
    gates.close_breaker("m/away")
    assert standings.closed(names) == {}


# -- overviews ----------------------------------------------------------------------------------


def test_the_newest_overview_is_kept_and_an_older_one_dropped(stores: Stores) -> None:
    assert stores.overviews.latest("example") is None
    step = StepStanding(step=Step.ANNOUNCE, count=2, value={"GBP": Decimal("12.50")})
    newer = overview(at=START + MINUTE, steps=(step,), not_told=("drift: away",))
    stores.overviews.keep(newer)
    stores.overviews.keep(overview(at=START))
    stores.overviews.keep(overview(merchant="other"))

    assert stores.overviews.latest("example") == newer
    assert stores.overviews.latest("other") == overview(merchant="other")
    stores.overviews.keep(overview(at=START + 2 * MINUTE))
    assert stores.overviews.latest("example") == overview(at=START + 2 * MINUTE)


def test_an_overview_of_another_release_counts_as_none(dynamodb: Stores) -> None:
    row = {"pk": "overview#example", "at": "2026", "overview": '{"of": "tomorrow"}'}
    dynamodb.client.put_item(TableName="ControlTable", Item=typed(row))
    assert dynamodb.overviews.latest("example") is None
    dynamodb.requests.clear()

    dynamodb.overviews.keep(overview())

    assert dynamodb.overviews.latest("example") == overview()
    assert dynamodb.requests == ["PutItem", "GetItem"]


# -- summaries ----------------------------------------------------------------------------------


def summary(day: int, **changes: object) -> DailySummary:
    made = DailySummary(day=f"2026-03-{day:02}", at=START, is_quiet=True, text="All quiet.")
    return made.model_copy(update=changes)


def test_summaries_are_kept_by_whoever_read_them_last(stores: Stores) -> None:
    nothing = stores.summaries.recent()
    assert nothing == KeptSummaries()

    first = stores.summaries.keep(nothing, [summary(1)], "a")

    assert stores.summaries.keep(nothing, [summary(2)], "b") is None
    assert stores.summaries.recent() == first
    many = [summary(1, text=str(number)) for number in range(40)]
    assert stores.summaries.keep(first, many, "a").summaries == tuple(many[:30])


def test_long_summaries_of_many_days_never_keep_todays_from_being_kept(dynamodb: Stores) -> None:
    """Sixty lines a day of a hub with many merchants in trouble are more than an item holds."""
    kept = dynamodb.summaries.recent()
    long = "\n".join(f"merchant-{number}: not told: {'é' * 150}" for number in range(60))

    for day in range(1, 31):
        summaries = (summary(day, text=long, is_quiet=False), *kept.summaries)
        after = dynamodb.summaries.keep(kept, summaries, "a")
        assert after is not None
        kept = after

    assert dynamodb.summaries.recent() == kept
    days = [one.day for one in kept.summaries]
    assert days == [f"2026-03-{day:02}" for day in range(30, 30 - len(days), -1)]
    assert 5 < len(days) < 30


def test_our_own_write_whose_answer_was_lost_is_ours(dynamodb: Stores) -> None:
    nothing = dynamodb.summaries.recent()
    first = dynamodb.summaries.keep(nothing, [summary(1)], "a")
    # The same request once more, as botocore sends it when no answer came.
    assert dynamodb.summaries.keep(nothing, [summary(1)], "a") == first
    assert dynamodb.summaries.keep(nothing, [summary(1)], "b") is None


def test_a_summary_of_another_release_is_passed_over(dynamodb: Stores) -> None:
    row: dict[str, str | int] = {
        "pk": "daily-summaries",
        "version": 3,
        "summaries": '[{"of": "tomorrow"}]',
    }
    dynamodb.client.put_item(TableName="ControlTable", Item=typed(row))
    assert dynamodb.summaries.recent() == KeptSummaries((), 3)
    with pytest.raises(ValidationError):
        DailySummary.model_validate({"of": "tomorrow"})
