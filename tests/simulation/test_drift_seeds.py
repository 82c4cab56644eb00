"""Busy days without a false alarm, drift that is planted and found, and days full of troubles."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.drift_planted import ALL, PlantedSimulation, broken
from tests.simulation.drift_seeds import DAYS, busy_run, live_through_drift

OVERWRITTEN = 6
"""An assembly is booked just before an absolute adjustment, which must not overwrite it."""
SLICE = range(3)
ROUGH = range(1, 2)


def test_on_busy_days_on_which_nothing_is_wrong_nothing_is_found() -> None:
    met: Counter[str] = Counter()
    for seed in SLICE:
        told = live_through_drift(seed)
        assert not told.broken, told.story
        met += told.beside
    assert met["busy days"] == DAYS * len(SLICE)
    assert met["looks"] >= 2 * met["busy days"]
    wanted = {
        "sale: orders made",
        "purchase: receipted by the hub",
        "transfer: completed by the hub",
    }
    wanted |= {"returns booked in", "Miinto orders", "Miinto RMAs", "despatches told upstream"}
    wanted |= {"orders cancelled upstream", "orders edited upstream", "adjustments"}
    assert wanted <= set(+met), wanted - set(+met)


def test_what_another_flow_books_is_not_overwritten_by_an_absolute_adjustment() -> None:
    told = live_through_drift(OVERWRITTEN)
    assert not told.broken, told.story


@pytest.mark.parametrize("group", ALL)
def test_what_somebody_makes_differ_is_found_and_nothing_else_and_is_resolved(group: str) -> None:
    run = PlantedSimulation(ALL[group]).run()
    assert list(broken(run)) == []


@pytest.mark.parametrize("seed", ROUGH)
def test_a_day_full_of_troubles_tells_nothing_twice_and_loses_nothing(seed: int) -> None:
    told = live_through_drift(seed, troubles=True)
    assert not told.broken, told.story


def test_a_seed_decides_everything() -> None:
    runs = [busy_run(3, 1) for _ in range(2)]
    assert runs[0].journal == runs[1].journal
    assert [seen.look for seen in runs[0].looks] == [seen.look for seen in runs[1].looks]
