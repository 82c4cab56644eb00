"""A person decides positions: by the rule's own way, with the person's name, once."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.miinto.facts import PositionsDecided
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.miinto.decide_transfers import (
    accept_positions,
    decline_positions,
    release_decision,
)
from returns_hub.flows.operator import Desk, discard, replay
from tests.support.market import promised_in_all
from tests.support.miinto import DK, SE, LostAnswer, MarketBench, live, position

AWAY = Retryable("partner.away", "the partner is away")


def waiting(**miinto: Any) -> MarketBench:
    """Positions 71 and 72 wait; the rule would accept 71 and leave 72."""
    hub = MarketBench(**({"transfers": {"mode": "live"}} | miinto))
    hub.miinto.offer(9001, position(71), position(72, price=1))
    hub.tick()
    return hub


def test_a_person_decides_with_her_name_on_the_timeline() -> None:
    hub = waiting()

    told = accept_positions(hub.world(), "045-1234", 9001, [72], "anna")
    assert told == "Miinto made order 555001 of it"
    assert decline_positions(hub.world(), DK, 9001, [71], "anna") == "Miinto took it"

    assert hub.miinto.decisions == [(DK, 9001, (72,), ()), (DK, 9001, (), (71,))]
    state = hub.state(9001)
    assert [decision.by for decision in state.decisions] == ["anna", "anna"]
    events = hub.market.timeline("example", "transfer", DK, 9001)
    assert [event.actor for event in events[2:]] == ["anna", "hub", "anna", "hub"]
    assert promised_in_all(hub.market, "example") == {"TEE": 1}
    assert hub.tick() == {}


@pytest.mark.parametrize(
    ("miinto", "shop", "transfer", "positions", "code"),
    [
        ({"transfers": {"mode": "shadow"}}, DK, 9001, [71], "miinto.transfers_not_live"),
        ({}, "031-778", 9001, [71], "miinto.unknown_shop"),
        ({}, DK, 9002, [71], "miinto.unknown_transfer"),
        ({}, DK, 9001, [], "miinto.no_position"),
        ({}, DK, 9001, [71, 99], "miinto.no_such_position"),
        ({}, SE, 9001, [71], "miinto.unknown_transfer"),
    ],
)
def test_what_may_not_be_decided_is_refused_in_words(
    miinto: dict[str, Any], shop: str, transfer: int, positions: list[int], code: str
) -> None:
    hub = waiting(**miinto)
    with pytest.raises(Permanent) as refused:
        accept_positions(hub.world(), shop, transfer, positions, "anna")
    assert refused.value.code == code
    assert not hub.miinto.decisions
    assert "positions_committed" not in hub.kinds(9001)


def test_level_and_orders_of_the_shop_are_heeded() -> None:
    hub = waiting()
    hub.file(transfers={"mode": "live"}, level="stock_only")
    with pytest.raises(Permanent, match="stock_only"):
        accept_positions(hub.world(), DK, 9001, [71], "anna")
    hub.file(transfers={"mode": "live"}, shops=[{"id": DK, "warehouse": 3, "orders": False}])
    with pytest.raises(Permanent, match="switched off"):
        accept_positions(hub.world(), DK, 9001, [71], "anna")


def test_a_position_is_decided_once() -> None:
    hub = waiting()
    accept_positions(hub.world(), DK, 9001, [71], "anna")
    with pytest.raises(Permanent, match="position 71 is decided, or being decided, by anna"):
        decline_positions(hub.world(), DK, 9001, [71], "ben")
    assert len(hub.miinto.decisions) == 1


def test_what_went_meanwhile_is_not_decided() -> None:
    hub = waiting()
    hub.miinto.decided_elsewhere(9001, 71)
    with pytest.raises(Permanent, match="position 71 is not pending at Miinto"):
        accept_positions(hub.world(), DK, 9001, [71], "anna")
    assert hub.miinto.requests["decide"] == 0


def test_what_goes_between_the_look_and_the_request_is_somebody_elses() -> None:
    hub = waiting()
    hub.miinto.before["decide"] = lambda: hub.miinto.decided_elsewhere(9001, 71)
    with pytest.raises(Permanent) as lost:
        accept_positions(hub.world(), DK, 9001, [71], "anna")
    assert lost.value.code == "miinto.decided_elsewhere"
    (decided,) = hub.facts(PositionsDecided, 9001)
    assert decided.outcome == "lost"


@pytest.mark.parametrize("fault", [Retryable("miinto.down", "away"), LostAnswer()])
def test_a_request_that_did_not_end_is_seen_to_by_the_schedule(fault: Exception) -> None:
    hub = waiting()
    hub.miinto.fail("decide", fault)
    with pytest.raises(Verdict):
        accept_positions(hub.world(), DK, 9001, [72], "anna")
    assert hub.state(9001).standing == "deciding"
    hub.tick()
    assert hub.miinto.decisions == [(DK, 9001, (72,), ())]
    assert hub.state(9001).decisions[0].order == 555_001


def test_two_people_at_once_decide_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = waiting()
    append = hub.market.append_to_transfer

    def other_first(*args: Any) -> Any:
        monkeypatch.setattr(hub.market, "append_to_transfer", append)
        accept_positions(hub.world(), DK, 9001, [71], "ben")
        return append(*args)

    monkeypatch.setattr(hub.market, "append_to_transfer", other_first)
    with pytest.raises(Permanent, match="by ben"):
        decline_positions(hub.world(), DK, 9001, [71], "anna")
    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]


def test_others_that_never_stop_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = waiting()

    def busy(*args: Any) -> Any:
        raise Conflict("busy")

    monkeypatch.setattr(hub.market, "append_to_transfer", busy)
    with pytest.raises(Retryable, match="keep changing"):
        accept_positions(hub.world(), DK, 9001, [71], "anna")


def test_a_name_that_is_the_rules_is_not_taken_for_the_rule() -> None:
    hub = waiting()
    accept_positions(hub.world(), DK, 9001, [71], "rule")
    assert hub.state(9001).decisions[0].by == "a person"


def test_a_person_accepts_what_miinto_refused_the_rule() -> None:
    hub = waiting(transfers=live())
    hub.miinto.offer(9002, position(73))
    hub.miinto.fail("decide", Permanent("miinto.refused", "no"))
    hub.tick()
    assert hub.state(9002).standing == "pending_approval"
    accept_positions(hub.world(), DK, 9002, [73], "anna")
    assert hub.state(9002).standing == "decided"


def parked() -> MarketBench:
    hub = waiting(transfers=live())
    hub.miinto.offer(9002, position(73))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    while not hub.state(9002).parked:
        hub.tick()
    return hub


def test_a_person_vouches_that_it_was_not_carried_out_and_it_is_decided_anew() -> None:
    hub = parked()

    release_decision(hub.world(), "045-1234", 9002, 1, "anna", "looked at it")
    state = hub.state(9002)
    assert (state.standing, state.decisions[0].outcome) == ("pending_approval", "lost")
    (item,) = hub.bench.parking.list_parked("example", closed_too=True)
    assert (item.state, item.closed_by, item.note) == ("replayed", "anna", "looked at it")

    assert hub.tick()["accepted"] == 1
    assert list(hub.bench.ledger.rows)[-1] == "decide-transfer/example/045-1234/9002/2"
    assert hub.state(9002).standing == "decided"


def test_only_a_request_that_a_person_was_asked_about_is_vouched_for() -> None:
    hub = parked()
    release_decision(hub.world(), DK, 9002, 1, "anna", "")
    for number in (1, 2):
        with pytest.raises(Permanent, match="nobody is asked"):
            release_decision(hub.world(), DK, 9002, number, "anna", "")


def test_a_parked_request_does_not_hold_up_the_other_positions() -> None:
    hub = parked()
    hub.miinto.offer(9002, position(73), position(74))
    assert hub.tick()["accepted"] == 1
    state = hub.state(9002)
    assert (state.standing, state.decisions[1].accepted) == ("parked", (74,))
    hub.miinto.decided_elsewhere(9002, 73, accepted=True)
    hub.tick()
    assert hub.state(9002).standing == "decided"


def test_the_list_of_parked_work_does_not_let_go_of_it_without_an_answer() -> None:
    hub = parked()
    (item,) = hub.bench.parking.list_parked("example")
    sent: list[str] = []
    desk = Desk(
        who="anna",
        returns=hub.bench.returns,
        parking=hub.bench.parking,
        clock=hub.clock,
        send_return=sent.append,
        send_receipt=sent.append,
    )
    assert replay(item, desk, send_again=True) == discard(item, desk, "") == "needs an answer"
    assert not sent
    assert hub.bench.parking.list_parked("example") == (item,)


def test_what_a_person_accepts_before_it_was_judged_is_promised_at_once() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("map", AWAY)
    hub.tick()
    assert not hub.state(9001).judgements

    accept_positions(hub.world(), DK, 9001, [71], "anna")

    assert promised_in_all(hub.market, "example") == {"TEE": 1}


def test_a_persons_word_stands_though_nobody_can_tell_what_it_promises() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("map", AWAY, AWAY)
    hub.tick()

    accept_positions(hub.world(), DK, 9001, [71], "anna")

    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]
    assert promised_in_all(hub.market, "example") == {}
