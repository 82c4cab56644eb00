"""The model of a day: nothing is lost in it, and every limit that it names is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.scale.crowd import DAY, STEP, Partner, Setup, live_through, sizes

SETUP = Setup(
    returns=4000,
    merchants=20,
    partners=(Partner(5, 2), Partner(2, 1)),
    environments=5,
    per_environment=10,
)


def test_all_that_arrives_is_announced_and_waited_for() -> None:
    day = live_through(replace(SETUP, days=2))
    assert day.arrived == day.announced == len(day.waits) == SETUP.returns
    assert min(day.waits) > 0
    assert day.wait(0.99) <= STEP


def test_the_same_seed_lives_the_same_day() -> None:
    narrow = replace(SETUP, shared=(Partner(0.02, 2),))
    assert live_through(narrow).waits == live_through(narrow).waits
    assert live_through(narrow).waits != live_through(replace(narrow, seed=2)).waits


@pytest.mark.parametrize(
    ("slow", "per_second"),
    [
        (replace(SETUP, merchants=1, partners=(Partner(0.02, 2),)), 0.01),
        (replace(SETUP, merchants=1, partners=(Partner(0.1, 1, besides=0.09),)), 0.01),
        (replace(SETUP, merchants=1, partners=(Partner(0.02, 1, efficiency=0.5),)), 0.01),
        (replace(SETUP, shared=(Partner(0.02, 2),)), 0.01),
        (replace(SETUP, environments=1, per_environment=0.01), 0.01),
    ],
    ids=["own pace", "besides", "efficiency", "shared pace", "environments"],
)
def test_no_day_announces_more_than_its_narrowest_place_lets_through(
    slow: Setup, per_second: float
) -> None:
    day = live_through(replace(slow, returns=12_000))
    assert day.announced == pytest.approx(per_second * DAY, rel=0.1)
    assert day.depth[-1] == day.arrived - day.announced > 0
    assert day.drained_at() is None


def test_while_the_warehouse_is_away_all_waits_and_afterwards_it_drains() -> None:
    away = (36_000.0, 43_200.0)
    day = live_through(replace(SETUP, days=2, away=away))
    within = day.depth[int(away[0] / STEP) : int(away[1] / STEP)]
    assert within == sorted(within)
    assert day.wait(1) >= away[1] - away[0] - 60
    assert day.announced == day.arrived
    assert away[1] < (day.drained_at() or 0)


def test_few_merchants_are_large() -> None:
    shares = sizes(1000, 500)
    assert sum(shares) == pytest.approx(1000)
    assert shares[0] == pytest.approx(147, abs=1)
    assert shares == sorted(shares, reverse=True)
