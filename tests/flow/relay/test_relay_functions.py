"""The two functions of the relay, whole, under the policies that template.yaml gives them."""

from __future__ import annotations

import json

import pytest

from local.simulators.faults import Fault, FaultKind
from tests.support.relay import RelayBench
from tests.support.relay_hub import RelayHub

SOURCE, RELAY = "WairSyncFunction", "DespatchRelayFunction"


@pytest.fixture
def bench() -> RelayBench:
    return RelayBench()


@pytest.fixture
def source(bench: RelayBench) -> RelayHub:
    made = RelayHub(SOURCE, bench)
    made.apply()
    return made


@pytest.fixture
def relay(bench: RelayBench, source: RelayHub) -> RelayHub:
    return RelayHub(RELAY, bench, behind=source)


def test_a_tick_puts_what_left_onto_the_queue_and_a_batch_tells_it(
    bench: RelayBench, source: RelayHub, relay: RelayHub
) -> None:
    made = bench.sent("DK-1", ("TEE", 2))
    assert source.feed_tick() == {"example": {"despatches": {"told": 1}}}
    (message,) = source.take()

    assert relay.despatches(json.dumps(message), json.dumps(message)) in ([], ["0"], ["1"])
    (event,) = bench.taken()
    assert event["mintsoft_order_id"] == made
    assert relay.despatches(json.dumps(message)) == []
    assert len(bench.taken()) == 1


def test_one_messages_trouble_is_its_own(
    bench: RelayBench, source: RelayHub, relay: RelayHub
) -> None:
    bench.sent("DK-1")
    bench.sent("DK-2")
    source.feed_tick()
    bodies = [json.dumps(message) for message in source.take()]
    bench.channel.faults.add(Fault(FaultKind.ERROR_500_AFTER))

    assert len(relay.despatches(*bodies, "{")) == 1
    assert len(bench.taken()) == 2
    bench.clock.advance(minutes=4)
    relay.despatches(*bodies)
    assert len(bench.taken()) == 2
    assert len(bench.channel.books.came_again) == 1


def test_a_refusal_is_parked_and_a_newer_revision_is_told(
    bench: RelayBench, source: RelayHub, relay: RelayHub
) -> None:
    made = bench.sent("DK-1", tracking="")
    source.feed_tick()
    first = json.dumps(*source.take())
    bench.add_tracking(made, "TR-9")
    source.feed_tick()
    second = json.dumps(*source.take())

    assert relay.despatches(second) == []
    assert relay.despatches(first) == []
    assert [event["revision"] for event in bench.taken()] == [2]


def test_a_receiver_that_is_away_keeps_no_other_waiting_and_is_asked_by_one_at_a_time(
    bench: RelayBench, source: RelayHub, relay: RelayHub
) -> None:
    for number in range(12):
        bench.sent(f"DK-{number}")
    source.feed_tick()
    bodies = [json.dumps(message) for message in source.take()]
    bench.to_receivers["channel"].refuse = True
    assert len(relay.despatches(*bodies)) == 12
    asked = relay.telemetry.lines
    tried = [line for line in asked if line[0] == "partner call"]
    assert len(tried) < 24, "the breaker opened"
    bench.to_receivers["channel"].refuse = False
    bench.clock.advance(minutes=20)
    left = bodies
    for _ in range(6):
        left = [left[int(place)] for place in relay.despatches(*left)]
        bench.clock.advance(minutes=20)
    assert left == []
    assert len(bench.taken()) == 12
