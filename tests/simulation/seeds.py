"""One seed: its scenario, its run and its verdict."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass

from tests.simulation import market_rules
from tests.simulation.checker import check
from tests.simulation.scenario import scenario
from tests.simulation.story import story
from tests.simulation.world import Simulation


@dataclass(frozen=True)
class Told:
    """What became of a seed; the story only when a rule was broken, or when asked for."""

    seed: int
    endings: Counter[str]
    market: Counter[str]
    duplicates: int
    losses: int
    broken: int
    story: str


def leave_interrupts_alone() -> None:
    """In a worker: Ctrl-C is for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def live_through(seed: int, *, always_told: bool = False) -> Told:
    """Live through one seed."""
    run = Simulation(scenario(seed)).run()
    verdict = check(run)
    text = story(run, verdict) if always_told or not verdict.holds else ""
    return Told(
        seed,
        verdict.endings,
        market_rules.counts(run.market) if run.market is not None else Counter(),
        verdict.duplicates,
        verdict.lost,
        len(verdict.broken),
        text,
    )
