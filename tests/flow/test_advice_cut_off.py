"""A container that dies anywhere while advice is read or bundles are looked at: nothing is lost,
and no question is asked twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from returns_hub.flows.wair.advice import read_advice
from tests.support.bundle_worlds import BundleBench
from tests.support.fake_advice import AdviceBench, proposal, target
from tests.support.fakes import START
from tests.support.power import Power, PowerCut

FOREVER = 10**9
MOST_STEPS = 400


def cut_everywhere(
    make: Callable[[], Any], run: Callable[[Any], object], holds: Callable[[Any], None]
) -> int:
    """Let the run die after each of its steps in turn, run again twice, and see what holds.

    Returns the number of steps of a whole run.
    """
    for steps in range(MOST_STEPS):
        bench = make()
        bench.behind(Power(steps))
        try:
            run(bench)
            is_whole = True
        except PowerCut:
            is_whole = False
        for _ in range(2):
            bench.behind(Power(FOREVER))
            bench.clock.advance(hours=1)
            run(bench)
        holds(bench)
        if is_whole:
            return steps
    raise AssertionError("the run has no end")


def test_advice() -> None:
    def make() -> AdviceBench:
        bench = AdviceBench(wair={"advice": {"targets": True, "transfers": True}})
        bench.kept.keep_targets("example", [target("OLD")], START)
        bench.advice.advised = [target("TEE"), target("CAP", "ST-7")]
        bench.advice.confirmed = [
            (START - timedelta(days=1), proposal(f"R{number:02d}")) for number in range(45)
        ]
        return bench

    def holds(bench: AdviceBench) -> None:
        assert sorted(one.sku for one in bench.kept.targets("example")) == ["CAP", "TEE"]
        known = [one.reference for one in bench.kept.proposals("example")]
        assert sorted(known) == [f"R{number:02d}" for number in range(45)]

    assert cut_everywhere(make, lambda bench: read_advice(bench.world()), holds) > 20


def test_bundles() -> None:
    def make() -> BundleBench:
        bench = BundleBench(bills={"SET": {"TEE": 9}})
        bench.order("A-1", BARE=1)
        bench.order("A-2", BARE=2, SET=1)
        return bench

    def holds(bench: BundleBench) -> None:
        assert bench.bills() == {"SET": {"TEE": 9}, "BARE": {}}
        questions = bench.questions(closed_too=True)
        assert sorted(item.code for item in questions) == [
            "bundle.bills_differ",
            "bundle.components_unknown",
            "bundle.components_unknown",
        ]
        assert {(item.state, item.times) for item in questions} == {("open", 1)}

    assert cut_everywhere(make, lambda bench: bench.look(), holds) > 20
