"""The gate that all environments share: turns, pauses and the breaker, on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests

from local.simulators.faults import Fault, FaultKind
from returns_hub.adapters.dynamodb.gates import DynamoDbGates
from returns_hub.adapters.http.gate import (
    FAILURES_TO_OPEN,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    SHORTEST_PAUSE,
    Closed,
    SharedGate,
    Turns,
)
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.adapters.mintsoft.warehouse import MintsoftWarehouse
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows.receive_approved_return import receive_approved_return
from tests.contract.conftest import Stores
from tests.support.fakes import TestClock
from tests.support.worlds import Bench, item, redo_return

NOW = 1_800_000_000.0


@pytest.fixture(params=["simulated", "dynamodb"])
def gates(request: pytest.FixtureRequest) -> DynamoDbGates:
    stores: Stores = request.getfixturevalue(
        "dynamodb" if request.param == "dynamodb" else "simulated"
    )
    return DynamoDbGates(stores.client, "ControlTable")


def gate(gates: DynamoDbGates, clock: TestClock, rate: float = 2.0) -> SharedGate:
    return SharedGate("m/p", rate, gates, clock)


def test_two_environments_together_keep_the_rate(gates: DynamoDbGates) -> None:
    """Each on a clock of its own, so that neither waits for the other here."""
    clocks = [TestClock(), TestClock()]
    both = [gate(gates, clock, rate=2.0) for clock in clocks]
    turns = []
    for _ in range(4):
        for one, clock in zip(both, clocks, strict=True):
            one.wait(60)
            turns.append(clock.now().timestamp())
    turns.sort()
    assert turns[-1] - turns[0] >= (len(turns) - 1) / 2.0 - 0.01
    assert min(b - a for a, b in pairwise(turns)) >= 0.49


def test_a_pause_that_the_partner_asked_for_is_not_shortened_by_finding_it_away(
    gates: DynamoDbGates,
) -> None:
    """Requests of another environment that were under way by then."""
    gates.pause("m/p", until=NOW + 300)
    gates.open_breaker("m/p", now=NOW, pause=SHORTEST_PAUSE)

    def take(after: float) -> Turns | Closed:
        return gates.take("m/p", now=NOW + after, gap=1.0, count=3, most=5.0)

    assert take(SHORTEST_PAUSE + 1) == Closed(NOW + 300, is_away=True)
    probe = take(301)
    assert isinstance(probe, Turns)
    assert probe.probing


def test_whoever_would_wait_too_long_goes_back_to_the_queue(gates: DynamoDbGates) -> None:
    taken = 0
    now = TestClock().now().timestamp()
    while isinstance(gates.take("m/p", now=now, gap=1.0, count=1, most=LONGEST_WAIT), Turns):
        taken += 1
    assert taken == LONGEST_WAIT + 1
    with pytest.raises(Retryable) as verdict:
        gate(gates, TestClock(), rate=1.0).wait(60)
    assert verdict.value.code == "partner.pace"
    assert verdict.value.rate == 1.0


def test_a_pause_that_the_partner_asked_for_holds_everybody(gates: DynamoDbGates) -> None:
    clock = TestClock()
    first, second = gate(gates, clock), gate(gates, clock)
    first.wait(60)
    first.told_to_wait(40)

    with pytest.raises(Retryable) as verdict:
        second.wait(60)
    assert (verdict.value.code, round(verdict.value.after)) == ("partner.paused", 40)
    with pytest.raises(Retryable):
        second.require_open()
    clock.advance(seconds=41)
    second.require_open()
    second.wait(60)


def fail(one: SharedGate, clock: TestClock) -> None:
    for _ in range(FAILURES_TO_OPEN):
        one.wait(60)
        one.away()
        clock.advance(seconds=1)


def test_the_breaker_opens_for_everybody_and_one_probe_closes_it(gates: DynamoDbGates) -> None:
    clock = TestClock()
    first, second, third = (gate(gates, clock) for _ in range(3))
    fail(first, clock)

    with pytest.raises(Retryable) as verdict:
        second.wait(60)
    assert verdict.value.code == "partner.away"
    clock.advance(seconds=SHORTEST_PAUSE)
    second.wait(60)
    with pytest.raises(Retryable):
        third.wait(60)
    second.answered()
    third.wait(60)


def test_a_probe_that_fails_or_dies_doubles_the_pause_up_to_a_bound(gates: DynamoDbGates) -> None:
    clock = TestClock()
    fail(gate(gates, clock), clock)
    waits = []
    for number in range(8):
        clock.advance(seconds=LONGEST_PAUSE + 1)
        prober = gate(gates, clock)
        prober.wait(60)
        if number % 2:
            prober.away()
        with pytest.raises(Retryable) as verdict:
            gate(gates, clock).wait(60)
        waits.append(round(verdict.value.after))
    assert waits[:3] == [60, 120, 240]
    assert waits[-1] == LONGEST_PAUSE


def test_a_short_pause_never_ends_a_longer_one(gates: DynamoDbGates) -> None:
    clock = TestClock()
    one = gate(gates, clock)
    one.told_to_wait(600)
    one.told_to_wait(5)
    clock.advance(seconds=10)

    with pytest.raises(Retryable) as verdict:
        gate(gates, clock).wait(60)
    assert round(verdict.value.after) == 590


def test_of_two_that_would_probe_at_once_one_does(
    gates: DynamoDbGates, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = TestClock()
    fail(gate(gates, clock), clock)
    clock.advance(seconds=SHORTEST_PAUSE)
    slow = DynamoDbGates(gates._client, "ControlTable")
    look = slow._take_from_now
    faster = [gate(gates, clock)]

    def overtaken(name: str, at: int, gap: float, count: int) -> Any:
        found = look(name, at, gap, count)
        if faster:
            faster.pop().wait(60)
        return found

    monkeypatch.setattr(slow, "_take_from_now", overtaken)

    with pytest.raises(Retryable) as verdict:
        gate(slow, clock).wait(60)
    assert verdict.value.code == "partner.away"


def test_single_failures_between_answers_never_open_it(gates: DynamoDbGates) -> None:
    clock = TestClock()
    one = gate(gates, clock)
    for _ in range(3 * FAILURES_TO_OPEN):
        one.wait(60)
        one.away()
        one.wait(60)
        one.answered()
        clock.advance(seconds=5)


def test_merchants_do_not_share_turns_or_breakers(gates: DynamoDbGates) -> None:
    clock = TestClock()
    fail(gate(gates, clock), clock)
    other = SharedGate("other/p", 2.0, gates, clock)
    began = clock.now()
    other.wait(60)
    assert clock.now() == began


def test_the_usual_turn_costs_one_request(dynamodb: Stores) -> None:
    gates = DynamoDbGates(dynamodb.client, "ControlTable")
    dynamodb.requests.clear()
    assert gates.take("m/p", now=NOW, gap=0.5, count=3, most=5) == Turns(NOW, 3)
    assert dynamodb.requests == ["UpdateItem"]
    later: Callable[[], Turns | Closed] = lambda: gates.take(  # noqa: E731 - said once
        "m/p", now=NOW, gap=0.5, count=1, most=5
    )
    assert later() == Turns(NOW + 1.5, 1)
    assert later() == Turns(NOW + 2.0, 1)


# -- what the gate hears, and who asks it ---------------------------------------------------


class HeardGate:
    """A gate that is always open."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def wait(self, most: float) -> None:
        return

    def answered(self) -> None:
        self.heard.append("answered")

    def away(self) -> None:
        self.heard.append("away")

    def told_to_wait(self, seconds: float) -> None:
        self.heard.append("told to wait")

    def require_open(self) -> None:
        return


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        (None, "answered"),
        (FaultKind.UNAUTHORISED, "answered"),
        (FaultKind.HTML_429, "told to wait"),
        (FaultKind.ERROR_500_BEFORE, "away"),
        (FaultKind.RESET_BEFORE, "away"),
        (FaultKind.TIMEOUT_AFTER, "away"),
    ],
)
def test_the_gate_hears_what_became_of_a_request(kind: FaultKind | None, heard: str) -> None:
    bench, gate = Bench(), HeardGate()
    if kind:
        bench.mintsoft.faults.add(Fault(kind))

    def session() -> requests.Session:
        made = requests.Session()
        made.mount("http://", bench.to_mintsoft)
        return made

    http = PartnerHttp(
        "http://127.0.0.1:2",
        partner="mintsoft",
        gate=gate,
        clock=bench.clock,
        telemetry=bench.telemetry,
        spent=PartnerTime(),
        new_session=session,
    )
    send_by = bench.clock.now() + timedelta(minutes=1)
    http.request("POST", "/api/x", template="/api/x", json_body={}, send_by=send_by)

    assert gate.heard == [heard]


class DeafGate(HeardGate):
    """A gate whose store cannot be told anything just now."""

    def answered(self) -> None:
        raise Retryable("aws.dynamodb.busy", "dynamodb answered ThrottlingException", after=10)

    def away(self) -> None:
        self.answered()

    def told_to_wait(self, seconds: float) -> None:
        self.answered()


@pytest.mark.parametrize("kind", [None, FaultKind.ERROR_500_AFTER, FaultKind.TIMEOUT_AFTER])
def test_a_write_stays_made_when_its_gate_cannot_be_told(kind: FaultKind | None) -> None:
    """Taken for known not done it would be released, and made again."""
    bench = Bench()
    bench.catalogue.remember("example", {"TEE": 901})
    bench.put(redo_return([item(1, "TEE")]))
    if kind:
        bench.mintsoft.faults.add(Fault(kind, path="CreateExternalReturn"))
    world = bench.world()
    assert isinstance(world.warehouse, MintsoftWarehouse)
    world.warehouse._client._http._gate = DeafGate()

    with suppress(UnknownOutcome, Retryable):
        receive_approved_return(bench.message(), world.stores, lambda _: world)
    for _ in range(2):
        bench.clock.advance(minutes=5)
        with suppress(UnknownOutcome):
            bench.approve()

    assert len(bench.external_returns()) == 1


def test_nothing_is_begun_while_a_partner_is_known_to_be_away() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    world = bench.world()

    def closed() -> None:
        raise Retryable("partner.away", "the partner is away; it is probed", after=30)

    world.warehouse.require_open = closed  # type: ignore[method-assign]

    with pytest.raises(Retryable) as verdict:
        receive_approved_return(bench.message(), world.stores, lambda _: world)

    assert verdict.value.after == 30
    assert bench.kinds() == []
    assert not bench.to_redo.requests
