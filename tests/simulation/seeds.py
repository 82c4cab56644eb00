"""One seed: its scenario, its run and its verdict."""

from __future__ import annotations

import signal
from collections import Counter

from tests.simulation import market_rules
from tests.simulation.checker import check
from tests.simulation.erp_seeds import has_erp, live_through_erp
from tests.simulation.outcome import Told, World
from tests.simulation.scenario import scenario
from tests.simulation.story import story
from tests.simulation.world import Simulation


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


def live_through_all(seed: int, world: World = "all", *, always_told: bool = False) -> Told:
    """Live through one seed's returns, and through its days with Unleashed where it has some."""
    if world in {"drift", "drift-faults"}:
        # Loaded where it is asked for: it meets everything that there is.
        from tests.simulation.drift_seeds import live_through_drift

        troubles = world == "drift-faults"
        return live_through_drift(seed, always_told=always_told, troubles=troubles)
    told = [] if world == "erp" else [live_through(seed, always_told=always_told)]
    if world == "erp" or (world == "all" and has_erp(seed)):
        told.append(live_through_erp(seed, always_told=always_told))
    return Told(
        seed,
        sum((one.endings for one in told), Counter()),
        sum((one.beside for one in told), Counter()),
        sum(one.duplicates for one in told),
        sum(one.losses for one in told),
        sum(one.broken for one in told),
        "\n".join(one.story for one in told if one.story),
    )
