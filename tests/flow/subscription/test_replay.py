"""What a subscription missed is replayed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local.simulators.faults import FaultKind
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.subscription import (
    replay,
    status,
)
from tests.support.subscription_worlds import (
    Guard,
    harm,
)


def test_a_replay_goes_back_at_most_thirty_days(whole: Guard) -> None:
    whole.later(days=100)
    harm(whole, "lost")
    whole.check()
    (start,) = whole.replays()
    gone_back = whole.bench.clock.now() - datetime.fromisoformat(start)
    assert timedelta(days=30) <= gone_back < timedelta(days=30, seconds=1)


def test_a_replay_without_an_answer_is_told_and_never_repeated_on_a_guess(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_AFTER, "POST", path="replay")

    assert whole.check() == "repaired"
    assert whole.total(OPERATOR_NEEDED) == 1
    for _ in range(3):
        whole.later()
        assert whole.check() == "whole"
    assert len(whole.replays()) == 1
    assert whole.total(OPERATOR_NEEDED) == 1
    report = status(whole.bench.webhook())
    assert report.memory.not_replayed is not None
    assert not report.is_whole

    replay(whole.bench.webhook(), report.memory.not_replayed, again=True)
    assert len(whole.replays()) == 2
    assert status(whole.bench.webhook()).is_whole


def test_a_replay_that_is_known_not_made_is_made_by_the_next_look(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.HTTP_429, "POST", path="replay")

    assert whole.try_check() == "redo.rate_limited"
    assert whole.replays() == []
    whole.later()
    assert whole.try_check() == "whole"
    assert len(whole.replays()) == 1


def test_the_next_damage_replays_what_an_unknown_replay_may_have_left_out(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_BEFORE, "POST", path="replay")
    whole.check()
    left = status(whole.bench.webhook()).memory.not_replayed
    assert left is not None
    whole.later(hours=5)
    harm(whole, "url")

    assert whole.check() == "repaired"
    assert whole.replays() == [left.isoformat()]
    assert status(whole.bench.webhook()).is_whole


def test_a_damage_while_a_replay_is_under_way_has_it_made_again_from_there(whole: Guard) -> None:
    harm(whole, "lost")
    whole.check()
    (first,) = whole.replays()
    whole.later(hours=3)
    whole.check()
    harm(whole, "lost")
    whole.check()
    assert whole.replays() == [first, first]

    whole.later(days=2)
    whole.check()
    harm(whole, "lost")
    whole.check()
    assert whole.replays()[2] > first


def test_a_person_s_replay_is_made_once_and_again_when_they_say_so(whole: Guard) -> None:
    start = whole.bench.clock.now() - timedelta(days=2)

    assert replay(whole.bench.webhook(), start).how == "sent"
    assert replay(whole.bench.webhook(), start).how == "already"
    assert len(whole.replays()) == 1
    assert replay(whole.bench.webhook(), start, again=True).how == "sent"
    assert replay(whole.bench.webhook(), start).how == "already"
    assert len(whole.replays()) == 2


def test_a_person_s_replay_without_an_answer_says_so_until_they_ask_again(whole: Guard) -> None:
    start = whole.bench.clock.now() - timedelta(days=2)
    whole.fault(FaultKind.TIMEOUT_AFTER, "POST", path="replay")

    with pytest.raises(UnknownOutcome, match="not known"):
        replay(whole.bench.webhook(), start)
    whole.later()
    with pytest.raises(Permanent, match="not known"):
        replay(whole.bench.webhook(), start)
    assert len(whole.replays()) == 1
    assert replay(whole.bench.webhook(), start, again=True).how == "sent"


def test_a_replay_from_too_late_pays_nothing(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_BEFORE, "POST", path="replay")
    whole.check()
    whole.later()
    replay(whole.bench.webhook(), whole.bench.clock.now())

    assert status(whole.bench.webhook()).memory.not_replayed is not None


def test_nothing_is_replayed_through_a_subscription_that_is_not_whole(whole: Guard) -> None:
    harm(whole, "token")
    with pytest.raises(Permanent, match="altered"):
        replay(whole.bench.webhook(), whole.bench.clock.now())
    assert whole.replays() == []
