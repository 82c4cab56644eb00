"""Requests about transfers that end otherwise: decided once, never on a guess, never forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.miinto.facts import PositionsDecided
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from tests.support.market import promised_in_all
from tests.support.miinto import DK, LostAnswer, MarketBench, live, position

AWAY = Retryable("miinto.down", "Miinto is away")


# -- requests that end otherwise ---------------------------------------------------------------


def test_a_lost_answer_is_found_among_the_orders() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", LostAnswer())

    assert hub.tick() == {"later": 1}
    assert hub.state(9001).standing == "deciding"
    assert promised_in_all(hub.market, "example") == {"TEE": 1}
    assert hub.tick() == {"done": 1}

    (decided,) = hub.facts(PositionsDecided, 9001)
    assert (decided.outcome, decided.how, decided.order) == ("done", "looked_up", 555_001)
    assert hub.miinto.requests["decide"] == 1


def test_a_request_that_did_not_leave_is_made_by_the_next_run() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    assert hub.tick() == {"later": 1}
    assert hub.tick() == {"done": 1}
    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]


def test_still_pending_after_no_answer_is_never_sent_again_and_in_the_end_a_person_is_asked() -> (
    None
):
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    while hub.state(9001).standing == "deciding":
        hub.tick()
    assert hub.state(9001).standing == "parked"
    assert hub.clock.now() - hub.miinto.transfers[DK, 9001].created_at > timedelta(minutes=30)  # type: ignore[operator]
    (item,) = hub.bench.parking.list_parked("example")
    assert item.parked_id == "decide_transfers/045-1234/9001/1"
    assert "position 71 pending" in item.reason
    assert hub.miinto.requests["decide"] == 1

    for _ in range(3):
        hub.tick()
    assert item.times == hub.bench.parking.list_parked("example")[0].times == 1
    hub.miinto.decided_elsewhere(9001, accepted=True)  # it was carried out late
    hub.tick()
    (_, decided) = hub.facts(PositionsDecided, 9001)
    assert (decided.outcome, decided.order) == ("done", 555_001)
    assert hub.state(9001).standing == "decided"
    assert not hub.bench.parking.list_parked("example")


def test_no_longer_pending_and_in_no_order_was_somebody_else() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    hub.miinto.decided_elsewhere(9001)

    assert hub.tick() == {"later": 1}  # the order may show later
    assert hub.state(9001).standing == "deciding"
    hub.tick(minutes=15)
    (decided,) = hub.facts(PositionsDecided, 9001)
    assert decided.outcome == "lost"
    assert hub.state(9001).standing == "gone"
    assert promised_in_all(hub.market, "example") == {}
    assert hub.miinto.requests["decide"] == 1


def test_a_lost_answer_to_a_decline_needs_no_order() -> None:
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, price=1))
    hub.miinto.fail("decide", LostAnswer())
    hub.tick()
    assert hub.tick() == {"done": 1}
    assert hub.state(9001).standing == "decided"


def test_declined_here_and_accepted_there_was_somebody_else() -> None:
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, price=1))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    hub.miinto.decided_elsewhere(9001, accepted=True)
    assert hub.tick() == {"lost": 1}
    assert hub.state(9001).standing == "gone"


def test_a_refusal_with_a_position_gone_tries_the_others_again() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71), position(72))
    hub.miinto.before["decide"] = lambda: hub.miinto.decided_elsewhere(9001, 71)
    assert hub.tick() == {"lost": 1}
    hub.miinto.before.clear()
    assert hub.state(9001).gone_positions == (71,)
    assert hub.tick() == {"accepted": 1}
    assert hub.miinto.decisions == [(DK, 9001, (72,), ())]
    assert [d.outcome for d in hub.state(9001).decisions] == ["lost", "done"]


def test_a_refusal_without_a_reason_that_shows_is_a_persons() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", Permanent("miinto.refused", "Miinto refuses it: no"))
    assert hub.tick() == {"refused": 1}
    for _ in range(3):
        assert hub.tick()["waiting"] == 1
    assert hub.verdicts(9001) == {71: "refused"}
    assert hub.miinto.requests["decide"] == 1
    assert hub.telemetry.total("OperatorNeeded") == 1
    assert promised_in_all(hub.market, "example") == {}


def test_decided_elsewhere_between_list_and_request_is_not_sent() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(9002, position(72))

    def slow() -> None:
        hub.miinto.decided_elsewhere(9002)
        hub.clock.advance(seconds=40)

    hub.miinto.before["decide"] = slow
    assert hub.tick() == {"accepted": 1, "later": 1}
    assert hub.miinto.requests["decide"] == 1
    assert "positions_committed" not in hub.kinds(9002)


def test_a_list_that_broke_off_makes_nothing_decided_elsewhere() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    hub.tick()
    hub.miinto.fail("transfers", AWAY)

    assert hub.tick() == {"failed": 1, "later": 1}
    assert [one.outcome for one in hub.state(9001).decisions] == [""]
    assert hub.tick() == {"done": 1}


def test_one_entry_that_cannot_be_read_does_not_stop_a_long_run() -> None:
    hub = MarketBench()
    for number in range(9001, 9006):
        hub.miinto.offer(number, position(number))
    hub.miinto.unreadable_in.add(DK)
    hub.miinto.before["decide"] = lambda: hub.clock.advance(seconds=40)

    assert hub.tick() == {"accepted": 5, "failed": 1}


def test_an_order_that_miinto_does_not_name_is_looked_for() -> None:
    hub = MarketBench()
    hub.miinto.names_orders = False
    hub.miinto.offer(9001, position(71))
    hub.tick()
    assert hub.state(9001).decisions[0].order == 555_001


# -- crashes and races ---------------------------------------------------------------------------


class Crash(BaseException):
    """The environment is gone."""


@pytest.mark.parametrize("when", ["after_commit", "before_settle", "before_record"])
def test_a_crash_loses_nothing_and_sends_nothing_twice(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))

    def crash(*args: Any, **kwargs: Any) -> Any:
        raise Crash

    with monkeypatch.context() as patch, pytest.raises(Crash):
        if when == "after_commit":
            patch.setattr(hub.bench.ledger, "claim", crash)
        elif when == "before_settle":
            patch.setattr(hub.bench.ledger, "settle", crash)
        else:
            append = hub.market.append_to_transfer
            patch.setattr(
                hub.market,
                "append_to_transfer",
                lambda s, e: crash() if s.decisions else append(s, e),
            )
        hub.tick()
    assert hub.state(9001).standing == "deciding"

    hub.tick()
    assert hub.state(9001).standing == "decided"
    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]
    assert hub.facts(PositionsDecided, 9001)[0].order == 555_001


def test_a_tick_beside_another_finds_the_lease() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.bench.cursors.acquire("miinto/transfers/example", "another", 3600)
    assert hub.tick() == {}
    assert not hub.miinto.requests


def test_whoever_commits_second_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    append = hub.market.append_to_transfer

    def other_first(*args: Any) -> Any:
        monkeypatch.setattr(hub.market, "append_to_transfer", append)
        hub.bench.cursors._rows.clear()  # its lease ended
        assert decide_transfers(hub.world()) == {"accepted": 1}
        return append(*args)

    monkeypatch.setattr(hub.market, "append_to_transfer", other_first)
    assert hub.tick() == {"later": 1}
    assert hub.miinto.requests["decide"] == 1


def test_switched_off_between_commit_and_request_it_waits_as_if_nothing_had_been_tried() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    hub.tick()
    hub.file(transfers={"mode": "live"})
    hub.tick()
    assert not hub.miinto.decisions
    assert hub.state(9001).standing == "pending_approval"
    hub.tick()
    assert hub.verdicts(9001) == {71: "accepted"}
    assert promised_in_all(hub.market, "example") == {}

    hub.file()
    assert hub.tick() == {"accepted": 1}


def test_a_shadow_sees_nothing_to_its_end() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    hub.tick()
    hub.file(transfers={"mode": "shadow", "rule": {"automatic": True}})
    hub.tick()
    assert hub.miinto.requests["decide"] == 1
    hub.file()
    hub.tick()
    assert hub.state(9001).standing == "decided"
