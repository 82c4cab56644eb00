"""One seed of a merchant with Unleashed: what it decides, its run, its verdict and its story."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace

from tests.simulation.erp import ErpSimulation
from tests.simulation.erp_checker import ErpVerdict, check_erp
from tests.simulation.erp_plans import ErpPlan, erp_plan
from tests.simulation.outcome import Told
from tests.simulation.scenario import (
    STARTS,
    PartnerFaults,
    Scenario,
    partner_faults,
    scenario_all_told,
)

HOUR = 3600.0
LINES = 1500
LAST_EVENING = STARTS[1]
EVERY, FIRST = 4, 1
"""Every fourth seed of `make simulate` has one besides its returns."""


def has_erp(seed: int) -> bool:
    """Whether this seed has a merchant with Unleashed."""
    return seed % EVERY == FIRST


def erp_scenario(seed: int) -> tuple[Scenario, ErpPlan, PartnerFaults]:
    """What a seed decides: the tenant and its troubles, the merchant, and Unleashed's manners."""
    dice = random.Random(f"unleashed {seed}")
    faults_end = dice.uniform(2.0, 4.0) * HOUR
    world = replace(
        scenario_all_told(seed),
        merchants=("alpha",),
        authentication="api_key",
        lists_drift=False,
        returns=(),
        key_troubles=(),
        replays_at=(),
        faults_end=faults_end,
    )
    calm = dice.random() < 0.1
    faults = PartnerFaults() if calm else partner_faults(dice, faults_end)
    mintsoft = PartnerFaults() if calm else partner_faults(dice, faults_end)
    plan = erp_plan(dice, "alpha", faults_end)
    if world.start == LAST_EVENING and dice.random() < 0.6:
        # The month's calls are used up before it ends, and the next one begins in this run.
        plan = replace(plan, quota=dice.choice((100, 250, 500)))
    return replace(world, mintsoft=mintsoft), plan, faults


def erp_run(seed: int) -> ErpSimulation:
    """Live through one seed."""
    return ErpSimulation(*erp_scenario(seed)).run()


def live_through_erp(seed: int, *, always_told: bool = False) -> Told:
    """Live through one seed, and check it."""
    run = erp_run(seed)
    verdict = check_erp(run)
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


def story(run: ErpSimulation, verdict: ErpVerdict) -> str:
    """The story, in lines."""
    return "\n".join(_lines(run, verdict))


def _lines(run: ErpSimulation, verdict: ErpVerdict) -> Iterator[str]:
    wanted = run.scenario
    yield f"seed {wanted.seed}: {len(verdict.broken)} rules broken"
    yield from (f"  {line}" for line in verdict.broken)
    for name, faults in (
        ("aws", wanted.aws),
        ("mintsoft", wanted.mintsoft),
        ("unleashed", run.unleashed_faults),
        ("process", wanted.process),
    ):
        yield f"  {name}: { {key: value for key, value in asdict(faults).items() if value} }"
    yield f"  account: {run.plan.simulator}"
    yield f"  file: {run.block}"
    for state in run.states():
        yield f"  {state.flow} {state.key}: {state.standing} {' '.join(state.skips)}"
        for event in run.records.timeline(run.merchant, state.flow, state.key):
            words = getattr(event.fact, "in_words", lambda fact=event.fact: repr(fact))()
            yield f"    {(event.at - wanted.start).total_seconds():9.1f} s  {words[:200]}"
    for item in run.parking.list_parked(run.merchant):
        yield f"  parked {item.parked_id}: {item.code}: {item.reason[:150]}"
    yield "  and on the wire:"
    for at, who, what in list(run.journal)[-LINES:]:
        yield f"    {at:9.1f} s  {who}: {what[:200]}"
