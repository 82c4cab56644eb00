"""A run in which somebody makes systems differ, and what looks have to show of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tests.simulation.drift import DriftSimulation, LookSeen
from tests.simulation.drift_hands import LINT, STOCK, Plant
from tests.simulation.drift_hands_work import ORDERS, RETURNS
from tests.simulation.drift_plans import HOUR, MINUTE, DriftPlan, quiet_day
from tests.simulation.drift_seeds import calm
from tests.simulation.market_plans import DK, Back, OfferPlan

ALL: Mapping[str, tuple[Plant, ...]] = {
    "stock": STOCK,
    "lint": LINT,
    "orders": ORDERS,
    "returns": RETURNS,
}
"""What is planted in one run."""
BEFORE, PUT = 1.2 * HOUR, 4.2 * HOUR
"""When what has to be there is made, and when systems are made to differ."""
COMES_BACK = OfferPlan(
    number=1,
    at=60.0,
    shops=(DK,),
    items=(("TEE", 1),),
    back=(Back(10 * MINUTE, received=((10 * MINUTE, "good"),)),),
)
"""An order of Miinto's whose RMA is accepted before anything is planted."""
LOOKS = 2
"""So many looks find it."""
FOUND_WITHIN = (LOOKS + 0.3) * HOUR


@dataclass(frozen=True)
class Planting:
    """Several plants of one run.

    Args:
        plants: What is planted, all at once.
        mends_at: When all of them are mended, in seconds.
        settled_at: From when no look shows any of them.
    """

    plants: tuple[Plant, ...]
    mends_at: float
    settled_at: float


def planting(plants: Sequence[Plant]) -> Planting:
    """When what is done."""
    ripe = max(plant.ripe for plant in plants)
    mends_at = PUT + ripe + FOUND_WITHIN
    return Planting(tuple(plants), mends_at, mends_at + max(plant.settles for plant in plants))


def quiet_plan() -> DriftPlan:
    """A merchant with everything, of whom nothing is wanted; somebody looks every hour."""
    plan = quiet_day()
    return replace(
        plan,
        period=(8 * MINUTE, 14 * MINUTE),
        catch_up=False,
        market=replace(plan.market, offers=(COMES_BACK,), file=plan.market.file | {"confirm": {}}),
        wair=plan.wair | {"dialect": "other"},
        blocks={
            "drift": {
                "every_hours": 1,
                "grace_minutes": 30,
                "look_back_days": 3,
                "stalled_after_hours": 2,
            },
            "lint": {"every_hours": 1},
            "wair": {"full_every_hours": 24, "full_at": "02:00"},
            "unleashed": {
                "stock": {"settle_minutes": 0, "every_minutes": 15, "count": "level"},
                **{name: {"mode": "off"} for name in ("assemblies", "transfers", "customers")},
            },
        },
        quiet=0.0,
    )


class PlantedSimulation(DriftSimulation):
    """A run in which somebody makes systems differ."""

    def __init__(self, plants: Sequence[Plant]) -> None:
        self.planted = planting(plants)
        plan = quiet_plan()
        scenario = replace(calm(1, plan), returns_list="honoured", index_delay=0.0)
        super().__init__(scenario, plan)
        after = self.scheduler.after
        for plant in plants:
            after(BEFORE, partial(plant.before, self))
            after(PUT, partial(plant.put, self))
            after(self.planted.mends_at, partial(plant.mend, self))

    def _is_over(self) -> bool:
        return self.scheduler.seconds > self.planted.settled_at + 1.3 * HOUR


def broken(run: PlantedSimulation) -> Iterator[str]:
    """What looks showed otherwise than they have to."""
    planted = run.planted
    ripe = max(plant.ripe for plant in planted.plants)
    shows = Counter[str]()
    for plant in planted.plants:
        shows.update(dict.fromkeys(plant.shows, 0))
        for kind, units in plant.shows.items():
            shows[kind] += units
    before = [seen for seen in run.looks if _at(seen, run) < PUT]
    between = [seen for seen in run.looks if PUT + ripe <= _at(seen, run) < planted.mends_at]
    after = [seen for seen in run.looks if _at(seen, run) >= planted.settled_at]
    for seen in before:
        yield from (f"before anything was planted: {line}" for line in _lines(seen))
    if len(between) < LOOKS or not after:
        yield f"{len(between)} looks while it was there, {len(after)} after it was mended"
        return
    found = Counter[str]()
    for one in between[LOOKS - 1].findings:
        if one.counts:
            found[one.difference.kind] += one.difference.units
    kinds = {one.difference.kind for one in between[LOOKS - 1].findings if one.counts}
    for kind in sorted(shows.keys() | kinds):
        if kind not in kinds:
            yield f"{kind} was not found within {LOOKS} looks"
        elif kind not in shows:
            rows = [line for line in _lines(between[LOOKS - 1]) if line.startswith(kind)]
            yield f"found, and nobody planted it: {rows}"
        elif found[kind] != shows[kind]:
            rows = [line for line in _lines(between[LOOKS - 1]) if line.startswith(kind)]
            yield f"{kind}: {found[kind]} units, and {shows[kind]} were planted: {rows}"
    yield from (f"still there after it was mended: {line}" for line in _lines(after[0]))
    resolved = {
        one.difference.kind
        for seen in run.looks
        for one in seen.findings
        if one.standing.value == "resolved"
    }
    yield from (f"{kind} is never resolved" for kind in sorted(kinds - resolved))
    for seen in run.looks:
        yield from (f"{name} was not compared: {why}" for name, why in seen.look.failed.items())
    yield from run.faults


def _at(seen: LookSeen, run: DriftSimulation) -> float:
    """When a look began."""
    return (seen.look.at - run.scenario.start).total_seconds()


def _lines(seen: LookSeen) -> Iterator[str]:
    for one in seen.findings:
        if one.counts:
            told = one.difference
            yield f"{told.kind} of {told.subject}: {dict(told.says)} ({told.units} units)"
