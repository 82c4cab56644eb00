"""The plan of a flow that keeps records in step: it records nothing, and is what is done then."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.domain.file_types import Mode
from returns_hub.flows.sync.plan import SyncPlan, plan_sync
from tests.support.sync import AWAY, LOST, SyncBench


class _Reads:
    """A store or partner of which only these calls are allowed."""

    def __init__(self, behind: Any, *calls: str) -> None:
        self._behind = behind
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        assert name in self._calls, f"a plan called {name}"
        return getattr(self._behind, name)


READS = {
    "records": ("load", "in_work"),
    "ledger": (),
    "cursors": ("read",),
    "parking": (),
    "partner": ("rows", "ready"),
}


def planned(it: SyncBench, **more: Any) -> SyncPlan:
    """The plan, made where nothing else can be done."""
    whole = {name: getattr(it, name) for name in READS}
    lines = len(it.telemetry.lines), len(it.telemetry.counts)
    for name, calls in READS.items():
        setattr(it, name, _Reads(whole[name], *calls))
    it.source.partner = it.partner
    try:
        found = plan_sync(it.source, it.world(), **more)
    finally:
        for name, store in whole.items():
            setattr(it, name, store)
        it.source.partner = it.partner
    assert lines == (len(it.telemetry.lines), len(it.telemetry.counts))
    return found


def told(plan: SyncPlan) -> dict[str, tuple[str, list[str]]]:
    return {one.key: (one.does, [step.name for step in one.steps]) for one in plan.changes}


def bench() -> SyncBench:
    """Records of every kind, some of them begun."""
    it = SyncBench()
    it.put("known", lines=1)
    it.put("changed")
    it.put("begun", lines=2)
    it.put("parked", odd="makes no sense")
    it.put("waits", waits=True)
    it.put("ready", waits=True)
    it.put("gone", waits=True)
    it.run()
    it.put("away", lines=1)
    it.partner.trouble.append(("before", AWAY))
    it.run()
    it.put("changed", "b")
    it.put("new", lines=2)
    it.put("odd", odd="two lines of one product")
    it.put("skipped", skip="another warehouse's")
    it.put("later", away=True)
    it.partner.ready.add("ready")
    del it.source.known["gone"]
    return it


def test_the_plan_tells_what_would_be_done_with_each() -> None:
    it = bench()

    plan = planned(it)

    assert told(plan) == {
        "away": ("create", ["make", "line/0"]),
        "waits": ("wait", []),
        "ready": ("create", ["make"]),
        "gone": ("nothing", []),
        "changed": ("update", ["update/2"]),
        "new": ("create", ["make", "line/0", "line/1"]),
        "odd": ("hold", []),
        "skipped": ("skip", []),
        "later": ("later", []),
    }
    assert plan.whole
    by_key = {one.key: one for one in plan.changes}
    assert (by_key["odd"].code, by_key["odd"].reason) == ("fake.odd", "two lines of one product")
    assert by_key["skipped"].code == "fake.skip"
    assert by_key["later"].code == "fake.away"
    assert by_key["new"].steps[0].told == {"value": "a"}
    assert by_key["new"].steps[0].partner == "fake"


def test_it_can_be_made_again_and_is_the_same() -> None:
    it = bench()

    assert planned(it) == planned(it)


def test_the_run_does_exactly_what_was_planned() -> None:
    it = bench()
    before = len(it.partner.carried_out)
    plan = planned(it)

    it.run(seconds=1)
    it.run(hours=1)

    done = [(op.split("/")[3], step) for op, step in it.partner.carried_out[before:]]
    wanted = [(one.key, step.name) for one in plan.changes for step in one.steps]
    assert sorted(done) == sorted(wanted)
    outcomes = {one.key: one.outcome for one in plan.changes if one.does in {"create", "update"}}
    assert {key: it.state(key).outcome for key in outcomes} == outcomes
    assert {one.key for one in plan.changes if one.does == "hold"} == {"odd"}
    assert it.state("odd").standing == "parked"
    assert it.state("skipped").outcome == "skipped"
    assert planned(it).changes == tuple(
        one for one in planned(it).changes if one.does in {"wait", "later"}
    )


ROWS = st.fixed_dictionaries(
    {"value": st.sampled_from("abc")},
    optional={
        "lines": st.integers(0, 3),
        "waits": st.booleans(),
        "skip": st.sampled_from(["", "not ours"]),
        "odd": st.sampled_from(["", "odd"]),
        "away": st.booleans(),
    },
)
PUTS = st.lists(st.tuples(st.sampled_from("ABCDE"), ROWS), max_size=8)


@settings(max_examples=150)
@given(PUTS, PUTS, st.booleans())
def test_whatever_stands_the_run_does_the_plan(first: Any, then: Any, shadow: bool) -> None:
    it = SyncBench()
    it.source.mode = Mode.SHADOW if shadow else Mode.LIVE
    for key, row in first:
        it.put(key, **row)
        it.clock.advance(seconds=1)
    it.run()
    for key, row in then:
        it.put(key, **row)
        it.clock.advance(seconds=1)
    before = len(it.partner.carried_out)
    it.clock.advance(hours=1)
    plan = planned(it)

    it.source.mode = Mode.LIVE
    it.run(seconds=0)

    done = [(op.split("/")[3], step) for op, step in it.partner.carried_out[before:]]
    assert done == [(one.key, step.name) for one in plan.changes for step in one.steps]
    standing = {one.key: it.state(one.key).standing for one in plan.changes}
    holds = {key for key, word in standing.items() if word == "parked"}
    assert {one.key for one in plan.changes if one.does == "hold"} == holds


def test_a_flow_that_is_in_shadow_or_off_shows_what_it_would_do_live() -> None:
    it = SyncBench()
    it.put("A")
    it.source.mode = Mode.SHADOW
    it.run()
    assert told(planned(it)) == {"A": ("create", ["make"])}
    it.source.mode = Mode.OFF
    assert told(planned(it)) == {"A": ("create", ["make"])}


def test_what_the_run_finds_out_first_is_told_as_a_hold() -> None:
    it = SyncBench()
    it.source.forgetful = True
    it.put("A")
    it.run()
    it.put("A", "b")
    it.partner.trouble.append(("after", LOST))
    it.run()
    it.put("A", "c")

    (one,) = planned(it).changes
    assert (one.does, one.code) == ("hold", "sync.looks_first")
    assert "update/2" in one.reason


def test_a_plan_ends_at_its_limit_and_says_so() -> None:
    it = SyncBench()
    for number in range(20):
        it.put(f"k{number}")

    plan = planned(it, limit=5)
    assert (len(plan.changes), plan.whole, plan.why_not) == (5, False, "more than 5 records")
    assert planned(it, limit=50).whole


@pytest.mark.parametrize("after", [0, 1])
def test_a_plan_of_a_list_that_is_cut_off_says_so(after: int) -> None:
    it = SyncBench()
    it.put("A")
    it.source.cut_after = after

    plan = planned(it)
    assert len(plan.changes) == after
    assert (plan.whole, plan.why_not) == (False, "the list was cut off")


def test_a_record_that_no_store_can_keep_is_told() -> None:
    it = SyncBench()
    it.put("k" * 300)

    (one,) = planned(it).changes
    assert (one.does, one.code) == ("hold", "sync.unusable_key")
