"""A slice of the seeds of Unleashed in every run of the tests, and a crash around every write."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, ClassVar, Literal

import pytest

from tests.simulation.environment import Power
from tests.simulation.erp import ErpSimulation
from tests.simulation.erp_checker import check_erp
from tests.simulation.erp_plans import Count, ErpPlan, Move, Purchase, Sale
from tests.simulation.erp_seeds import erp_run, live_through_erp, story
from tests.simulation.scenario import STARTS, Scenario

SLICE = range(1, 25, 4)
FOUND = {
    414: "what a person booked while they were asked about it counted as on its way",
}
"""Seeds that once broke a rule, and what it was."""


def test_no_rule_is_broken_and_the_seeds_meet_every_flow() -> None:
    met: Counter[str] = Counter()
    for seed in SLICE:
        told = live_through_erp(seed)
        assert not told.broken, told.story
        met += told.beside
    wanted = {f"{kind}: orders made" for kind in ("sale", "shipment", "transfer", "assembly")}
    wanted |= {f"{kind}: ASNs made" for kind in ("purchase", "transfer", "assembly")}
    wanted |= {"purchase: receipted by the hub", "adjustments", "sale: completed by the hub"}
    wanted |= {"shipment: dispatched by the hub", "transfer: completed by the hub"}
    assert wanted <= set(+met), wanted - set(+met)


@pytest.mark.parametrize("seed", FOUND, ids=FOUND.values())
def test_a_seed_that_failed_once_holds(seed: int) -> None:
    told = live_through_erp(seed)
    assert not told.broken, told.story


def test_a_seed_decides_everything() -> None:
    runs = [erp_run(17) for _ in range(2)]
    assert runs[0].journal == runs[1].journal
    assert runs[0].log == runs[1].log


LIVE: dict[str, dict[str, Any]] = {
    "despatches": {"shipping_companies": {"DHL Parcel Connect": "DPD"}},
    "receipts": {"part_deliveries": "when_complete"},
    "transfers": {"orders_at_source": True, "asns_at_destination": True},
    "assemblies": {"orders": True, "asns": True},
    "stock": {"adjustment_means": "delta", "settle_minutes": 0, "every_minutes": 5},
}
A_DAY = ErpPlan(
    block=LIVE,
    sales=(Sale(1, 60, "MAIN", (("TEE", 2),)),),
    purchases=(Purchase(1, 90, "MAIN", (("MUG", 4),)),),
    moves=(Move(1, 100, "MAIN", "3PL", (("TEE", 1),)),),
    counts=(Count(1200, "warehouse", "MAIN", "CAP", -3),),
    answers=0,
)
CALM = Scenario(seed=1, start=STARTS[0], faults_end=4000.0)
WRITES = 9
"""Writes of that day: two orders, two ASNs, a completing, a tracking, a receipt and its quantities,
a completed transfer, an adjustment; what is read alone is not counted."""


class Counting(ErpSimulation):
    """A run that notes how many I/Os it had made when a write was carried out."""

    written_at: ClassVar[list[int]] = []

    def note(self, who: str, what: str) -> None:
        before = len(self.log.writes)
        super().note(who, what)
        if len(self.log.writes) > before:
            self.written_at.append(self.weather.power.count)


def test_a_crash_at_a_write_or_behind_it_does_nothing_twice_and_loses_nothing() -> None:
    Counting.written_at = []
    run = Counting(CALM, A_DAY, power=Power()).run()
    calm = check_erp(run)
    assert calm.holds, story(run, calm)
    writes = list(Counting.written_at)
    assert len(writes) >= WRITES, run.log.writes

    # After the write took effect and before its answer came; and before it is written down.
    for at in sorted({io + more for io in writes for more in (0, 1)}):
        cut = ErpSimulation(CALM, A_DAY, power=Power(at, after=at in writes)).run()
        verdict = check_erp(cut)
        assert verdict.holds, f"crash at I/O {at}\n{story(cut, verdict)}"
        assert verdict.counts == calm.counts, f"crash at I/O {at}: {verdict.counts - calm.counts}"


Means = Literal["delta", "absolute"]


@pytest.mark.parametrize(("means", "really"), [("delta", "absolute"), ("absolute", "delta")])
def test_the_rules_see_a_proof_that_is_wrong(means: Means, really: Means) -> None:
    """An account that takes an adjustment for something else: the checker is not blind, and the
    hub stops after the first one."""
    block = LIVE | {"stock": LIVE["stock"] | {"adjustment_means": means}}
    counts = (Count(1200, "warehouse", "MAIN", "CAP", 3),)
    plan = replace(A_DAY, block=block, adjustment=really, proven=means, counts=counts)
    verdict = check_erp(ErpSimulation(CALM, plan).run())
    assert any(line.startswith("twice: ") for line in verdict.broken), verdict
    assert verdict.counts["adjustments"] == 1
