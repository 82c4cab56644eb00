"""The fold of a record that is kept in step."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.domain.facts import Parked, Skipped, WouldSend
from returns_hub.domain.operations import sync_step_key
from returns_hub.domain.sync.records import (
    RecordSeen,
    RecordSettled,
    StepDone,
    StepPlanned,
    StepStuck,
    StepWithdrawn,
    SyncEvent,
    SyncFact,
    SyncState,
    Unparked,
    apply,
    fold,
    sync_event_from_json,
)
from tests.support.fakes import START

EMPTY = SyncState(merchant="example", flow="f", key="A")
NAMES = st.sampled_from(["make", "line/0", "update/1", "update/2"])
VERSIONS = st.sampled_from(["v1", "v2", "v3"])
FACTS: st.SearchStrategy[SyncFact] = st.one_of(
    st.builds(RecordSeen, source_version=VERSIONS, changed_at=st.just(START)),
    st.builds(
        StepPlanned,
        step=NAMES,
        summary=st.just("s"),
        told=st.just({"units": 2}),
        passing=st.booleans(),
    ),
    st.builds(StepDone, step=NAMES, partner_id=st.sampled_from(["", "7"]), how=st.just("sent")),
    st.builds(StepStuck, step=NAMES, why=st.sampled_from(["refused", "unknown"])),
    st.builds(StepWithdrawn, step=NAMES),
    st.builds(RecordSettled, source_version=VERSIONS, outcome=st.just("made")),
    st.builds(Unparked, act=st.sampled_from(["replayed", "discarded"]), send_again=st.booleans()),
    st.builds(
        Parked, flow=st.just("f"), parked_id=st.just("f/A"), code=st.just("x"), reason=st.just("y")
    ),
    st.builds(Skipped, flow=st.just("f"), code=st.sampled_from(["x", "y"]), reason=st.just("r")),
    st.builds(WouldSend, partner=st.just("fake"), operation=st.just("make"), summary=st.just("s")),
)


def events(*facts: SyncFact) -> list[SyncEvent]:
    return [
        SyncEvent(sequence=n, at=START, actor="hub", rule="x", config_version=1, fact=fact)
        for n, fact in enumerate(facts, start=1)
    ]


def after(*facts: SyncFact) -> SyncState:
    return fold(EMPTY, events(*facts))


@settings(max_examples=300)
@given(st.lists(FACTS, max_size=25), st.integers(0, 25))
def test_the_fold_is_the_same_wherever_it_is_cut_and_however_it_was_stored(
    facts: list[Any], cut: int
) -> None:
    timeline = events(*facts)
    whole = fold(EMPTY, timeline)
    kept = SyncState.model_validate_json(fold(EMPTY, timeline[:cut]).model_dump_json())
    stored = [sync_event_from_json(event.model_dump_json()) for event in timeline[cut:]]

    assert fold(kept, stored) == whole
    assert whole.version == len(facts)


@settings(max_examples=300)
@given(st.lists(FACTS, max_size=25))
def test_what_always_holds_of_a_state(facts: list[Any]) -> None:
    state = EMPTY
    for event in events(*facts):
        before, state = state, apply(state, event)
        names = [step.name for step in state.steps]
        assert len(set(names)) == len(names)
        assert state.standing == "parked" or not state.parked
        assert not (state.parked and state.in_work)
        assert state.turn >= before.turn
        for step in before.steps:
            # What is done stays done, but for what its version takes with it.
            found = state.step(step.name)
            is_forgotten = step.passing and isinstance(event.fact, RecordSettled)
            assert not step.how or is_forgotten or (found is not None and bool(found.how))
            # Only a person's word makes a write another one.
            if found is not None and found.attempt != step.attempt:
                assert isinstance(event.fact, Unparked)
                assert event.fact.send_again
                assert step.stuck == "unknown"
        match event.fact:
            case RecordSeen():
                assert state.in_work or state.parked
            case RecordSettled(source_version=version):
                assert state.in_work == (version != state.source_version and not state.parked)
                assert not any(step.passing and step.how for step in state.steps)
            case Parked():
                assert state.parked == "f/A"
            case Unparked():
                assert not state.parked


def test_an_event_that_is_not_the_next_one_is_refused() -> None:
    with pytest.raises(ValueError, match="does not follow version 0"):
        apply(EMPTY, events(RecordSeen(source_version="1"), RecordSeen(source_version="2"))[1])


def test_an_open_step_is_one_that_may_have_been_carried_out() -> None:
    planned = StepPlanned(step="make", summary="s")
    seen = RecordSeen(source_version="1")

    assert [s.name for s in after(seen, planned).open_steps] == ["make"]
    assert after(seen, planned, StepStuck(step="make", why="unknown")).was_begun
    assert not after(seen, planned, StepStuck(step="make", why="refused")).open_steps
    assert not after(seen, planned, StepDone(step="make", how="sent")).open_steps
    withdrawn = after(seen, planned, StepWithdrawn(step="make"))
    assert (withdrawn.open_steps, withdrawn.was_begun) == ((), False)


def test_a_step_that_versions_take_anew_has_the_turn_in_its_name_unless_one_is_open() -> None:
    seen, planned = RecordSeen(source_version="1"), StepPlanned(step="update/1", summary="s")

    assert after(seen).anew("update") == "update/1"
    assert after(seen, planned, RecordSeen(source_version="2")).anew("update") == "update/1"
    done = StepDone(step="update/1", how="sent")
    assert after(seen, planned, done, RecordSeen(source_version="2")).anew("update") == "update/2"
    assert after(seen, planned).anew("up") == "up/1"


def test_no_two_steps_have_one_key() -> None:
    keys = {
        sync_step_key("m", "f", key, step, attempt)
        for key, step, attempt in [
            ("a/b", "c", 0),
            ("a", "b/c", 0),
            ("a", "c", 1),
            ("a+1", "c", 0),
            ("a", "1/c", 0),
            ("é" * 200, "c", 0),
            ("é" * 199, "c", 0),
        ]
    }

    assert len(keys) == 7
    assert all(len(key.encode()) < 1000 for key in keys)


def test_facts_are_told_in_words() -> None:
    planned = StepPlanned(step="make", summary="an order of 2 lines", told={"units": 2})

    assert planned.in_words() == "step planned: step make, summary an order of 2 lines"
    assert Unparked(act="discarded", note="seen to").in_words() == (
        "unparked: act discarded, note seen to"
    )
