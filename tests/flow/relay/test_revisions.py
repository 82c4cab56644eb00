"""Revisions of a despatch come in any order, and are never told in the wrong one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from local.simulators.faults import Fault, FaultKind
from tests.support.relay import RelayBench


@pytest.fixture
def two() -> RelayBench:
    """Two revisions of one despatch on the queue, the newer one first."""
    bench = RelayBench()
    made = bench.sent(tracking="")
    bench.run()
    bench.add_tracking(made, "TR-9")
    bench.run()
    bench.outbox.texts.reverse()
    return bench


def test_an_older_revision_is_never_told_after_a_newer_one(two: RelayBench) -> None:
    assert two.deliver() == ["told", "superseded"]
    assert [event["revision"] for event in two.taken()] == [2]
    assert two.channel.books.out_of_order == []


def test_a_revision_that_is_being_told_is_waited_for_by_the_newer_one(two: RelayBench) -> None:
    newer, older = two.outbox.texts
    state = two.records.states.pop(("example", "relay.despatches", str(_order(two))))
    two.channel.faults.add(Fault(FaultKind.RESET_AFTER))
    assert two.tell(older) == "relay.no_answer"
    two.records.states["example", "relay.despatches", str(_order(two))] = state
    assert two.tell(newer) == "relay.older_in_work"
    two.clock.advance(minutes=3)
    assert two.tell(newer) == "told"
    assert two.tell(older) == "superseded"
    assert [event["revision"] for event in two.taken()] == [1, 2]
    assert two.channel.books.out_of_order == []


def test_a_refused_revision_that_a_person_has_done_again_is_not_told_after_a_newer_one() -> None:
    it = RelayBench()
    made = it.sent(tracking="")
    it.run()
    it.channel.settings = replace(it.channel.settings, refuses=("DK-1001",))
    assert it.deliver() == ["parked"]
    it.channel.settings = replace(it.channel.settings, refuses=())
    it.add_tracking(made, "TR-9")
    it.run()
    assert it.deliver() == ["told"]
    it.replay()
    assert it.deliver() == ["superseded"]
    assert [event["revision"] for event in it.taken()] == [2]


def test_a_newer_revision_that_was_planned_while_the_older_one_got_its_claim_wins() -> None:
    """Planned, and not on the queue yet: the older one sees it on the timeline."""
    it = RelayBench()
    made = it.sent(tracking="")
    it.run()
    it.add_tracking(made, "TR-9")
    it.outbox.broken = 1
    it.run()
    assert it.deliver() == ["superseded"]
    it.run(minutes=30)
    assert it.deliver() == ["told"]
    assert [event["revision"] for event in it.taken()] == [2]


def _order(it: RelayBench) -> int:
    return int(json.loads(it.outbox.texts[0])["despatch"]["mintsoft_order_id"])
