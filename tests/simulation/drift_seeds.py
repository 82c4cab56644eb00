"""One seed of a merchant whose systems are compared: its run, its verdict and its story."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from tests.simulation.drift import DriftSimulation
from tests.simulation.drift_checker import DriftVerdict, check_drift
from tests.simulation.drift_plans import DAY, MINUTE, DriftPlan, busy_days
from tests.simulation.outcome import Told
from tests.simulation.scenario import (
    STARTS,
    PartnerFaults,
    Scenario,
    partner_faults,
    scenario_all_told,
)

DAYS = 4
"""Days of one seed."""
LINES = 1500


def calm(seed: int, plan: DriftPlan) -> Scenario:
    """A tenant as a seed has it, with nothing that goes wrong."""
    dice = random.Random(f"drift's tenant {seed}")
    return Scenario(
        seed=seed,
        start=dice.choice(STARTS[:1] + STARTS[2:]),
        returns_list=dice.choice(("absent", "honoured", "ignores_filter")),
        items_in_lists=dice.random() < 0.8,
        index_delay=dice.choice((0.0, 20.0)),
        processing_seconds=dice.choice((0.5, 30.0)),
        returns=plan.returns,
        faults_end=plan.days * DAY,
        catch_up=plan.catch_up,
        market=plan.market,
    )


def busy_run(seed: int, days: int = DAYS) -> DriftSimulation:
    """Live through days on which nothing is wrong."""
    plan = busy_days(seed, days)
    return DriftSimulation(calm(seed, plan), plan).run()


def rough(seed: int, days: int = 1) -> DriftSimulation:
    """A day on which everything goes wrong that can: partners, AWS and our own processes."""
    dice = random.Random(f"drift's troubles {seed}")
    plan = replace(busy_days(seed, days), period=(5 * MINUTE, 30 * MINUTE))
    ends = plan.days * DAY
    base = scenario_all_told(seed)
    world = replace(
        calm(seed, plan),
        aws=base.aws,
        process=base.process,
        mintsoft=partner_faults(dice, ends),
        redo=partner_faults(dice, ends),
        miinto=partner_faults(dice, ends),
    )
    faults: dict[str, PartnerFaults] = {
        name: partner_faults(dice, ends) for name in ("unleashed", "wair", "channel")
    }
    return DriftSimulation(world, plan, faults)


def live_through_drift(seed: int, *, always_told: bool = False, troubles: bool = False) -> Told:
    """Live through one seed, and check it."""
    run = rough(seed).run() if troubles else busy_run(seed)
    verdict = check_drift(run)
    text = story(run, verdict) if always_told or not verdict.holds else ""
    return Told(
        seed,
        Counter(),
        verdict.counts,
        verdict.duplicates,
        verdict.lost,
        len(verdict.broken),
        text,
    )


def story(run: DriftSimulation, verdict: DriftVerdict) -> str:
    """The story, in lines."""
    return "\n".join(_lines(run, verdict))


def _lines(run: DriftSimulation, verdict: DriftVerdict) -> Iterator[str]:
    wanted = run.scenario
    yield f"seed {wanted.seed}: {len(verdict.broken)} rules broken"
    yield from (f"  {line}" for line in verdict.broken)
    yield f"  aws: {_told(asdict(wanted.aws))}"
    yield f"  process: {_told(asdict(wanted.process))}"
    for name, partner in run.wire.partners.items():
        yield f"  {name}: {_told(asdict(run.manners.get(name, partner.faults)))}"
    yield f"  file: {run.drift.blocks}, ticks {run.drift.period}, WAIR {run.drift.wair}"
    for parked in run.parking.list_parked(run.merchant):
        yield f"  parked {parked.parked_id}: {parked.code}: {parked.reason[:150]}"
    yield "  and on the wire:"
    for at, who, what in list(run.journal)[-LINES:]:
        yield f"    {at:9.1f} s  {who}: {what[:200]}"


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
