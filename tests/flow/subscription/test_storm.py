"""The subscription through storms: harms, lost answers, stops and races, by seeds.

Afterwards it is whole, there is one of it, nothing foreign was touched, and every time in which
events were lost is covered by a replay, or a person is told from when on.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from local.simulators.faults import FaultKind
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.subscription import replay, rotate_token, status
from tests.support.subscription_worlds import HARMS, OTHER, URL, Guard, Stopped, harm, stopping_at

FAULTS = [
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.HTTP_429,
    FaultKind.HTML_200_AFTER,
    FaultKind.CUT_OFF_AFTER,
    FaultKind.UNAUTHORISED,
]


class Storm:
    """One seed's weather over one subscription."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.guard = Guard()
        self.foreign = self.guard.portal.subscribe("https://other.example.test", OTHER)
        self.before = replace(self.foreign)
        self.guard.check()
        self.losses: list[datetime] = []

    def act(self) -> None:
        guard, dice = self.guard, self.dice
        match dice.choice(["harm", "fault", "look", "look", "stop", "rotate", "replay", "wait"]):
            case "harm" if self.is_whole():
                self.losses.append(guard.bench.clock.now())
                harm(guard, dice.choice(HARMS))
            case "fault":
                method = dice.choice(["POST", "PUT", "DELETE", "GET"])
                guard.fault(dice.choice(FAULTS), method)
            case "look":
                guard.try_check()
            case "stop":
                self.survive(lambda: stopping_at(guard, dice.randrange(14)))
            case "rotate":
                self.survive(lambda: rotate_token(guard.bench.webhook()))
            case "replay":
                start = guard.bench.clock.now() - timedelta(minutes=dice.randrange(600))
                again = dice.random() < 0.5
                self.survive(lambda: replay(guard.bench.webhook(), start, again=again))
            case _:
                pass
        guard.later(minutes=dice.choice([0, 1, 3, 15, 60, 600]))

    def survive(self, act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except (Verdict, Conflict, Stopped):
            return

    def is_whole(self) -> bool:
        """By the simulator's own books: does every delivery get through?"""
        found = [s for s in self.guard.all if s.id != self.foreign.id]
        tokens = {self.guard.secret["token"], self.guard.secret.get("previous_token", "")}
        return [(s.url, s.kind, s.token in tokens) for s in found] == [(URL, "redo", True)]


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_after_a_storm_it_is_whole_and_every_loss_is_covered(first: int) -> None:
    for seed in range(first, first + 20):
        storm = Storm(seed)
        for _ in range(14):
            storm.act()
        guard = storm.guard
        guard.bench.redo.faults.clear()
        for _ in range(4):
            guard.later(minutes=20)
            guard.try_check()

        assert storm.is_whole(), seed
        assert guard.check() == "whole", seed
        assert guard.portal.subscriptions[storm.foreign.id] == storm.before, seed
        replays = [
            (datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["at"]))
            for asked in guard.portal.replays
        ]
        told = status(guard.bench.webhook()).memory
        assert told.owed is None, seed
        for loss in storm.losses:
            is_replayed = any(start <= loss <= at for start, at in replays)
            is_told = told.not_replayed is not None and told.not_replayed <= loss
            assert is_replayed or is_told, (seed, loss)
