"""Whatever happens on both sides and on the wire: Unleashed comes to say what was counted, and
never swings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.simulators.faults import FaultKind
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.flows.unleashed import untold
from tests.support.erp_stock import BLUE, CAP, TEE, StockBench

SKUS = (TEE, BLUE, CAP)
KINDS = (
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.HTML_200_AFTER,
    FaultKind.HTTP_429,
)
SKU = st.sampled_from(SKUS)
UNITS = st.integers(0, 60)
HAPPENS = st.one_of(
    st.tuples(st.just("counted"), SKU, UNITS),
    st.tuples(st.just("adjusted there"), SKU, UNITS),
    st.tuples(st.just("despatched"), SKU, st.integers(1, 5)),
    st.tuples(st.just("booked in"), SKU, st.integers(1, 5)),
    st.tuples(st.just("told"), SKU, st.just(0)),
    st.tuples(st.just("fault"), st.sampled_from(KINDS), st.sampled_from(["POST", "GET"])),
    st.tuples(st.just("tick"), st.sampled_from([5, 20, 45]), st.just(0)),
)
STAYS = 4
"""Ticks after which what says the same is taken to stay so: more than the longest settling."""
NO_LIMITS = {"most_percent": 100, "most_to_zero_percent": 100, "from_units": 100_000}


class Town:
    """Both sides, and goods between them."""

    def __init__(self, means: str, settle_minutes: int) -> None:
        self.bench = StockBench(
            adjustment=means, settle_minutes=settle_minutes, hard_stop=NO_LIMITS, every_minutes=5
        )
        self.units = {TEE: 40, BLUE: 25, CAP: 0}
        self.sent = dict.fromkeys(SKUS, 0)
        self.came = dict.fromkeys(SKUS, 0)

    def untold(self, _: object) -> untold.Untold:
        flying = {sku: InFlight(despatched=self.sent[sku], received=self.came[sku]) for sku in SKUS}
        return {3: flying}

    def gap(self, sku: str) -> int:
        """What Unleashed has to change by, once it was told of everything."""
        told = self.bench.there(sku) - self.sent[sku] + self.came[sku]
        return self.units[sku] - told

    def happens(self, what: str, one: Any, other: Any) -> None:
        bench = self.bench
        match what:
            case "counted":
                self._set(one, other)
            case "adjusted there":
                bench.hands.count_stock("MAIN", {one: other})
            case "despatched" if self.units[one] >= other:
                self._set(one, self.units[one] - other)
                self.sent[one] += other
            case "booked in":
                self._set(one, self.units[one] + other)
                self.came[one] += other
            case "told":
                now = max(0, bench.there(one) - self.sent[one]) + self.came[one]
                if now != bench.there(one):
                    bench.hands.count_stock("MAIN", {one: now})
                self.sent[one] = self.came[one] = 0
            case "fault":
                bench.fault(one, "/Stock", other, times=1)
            case "tick":
                self.tick(one)

    def tick(self, minutes: int) -> None:
        """Every difference goes towards nothing, or stays."""
        before = {sku: self.gap(sku) for sku in SKUS}
        self.bench.run("stock", minutes=minutes)
        for sku, gap in before.items():
            after = self.gap(sku)
            assert min(0, gap) <= after <= max(0, gap), (sku, gap, after)
            assert self.bench.there(sku) >= 0

    def quiet(self) -> None:
        """Nothing goes wrong any more; a person sees to what is asked."""
        self.bench.unleashed.faults.clear()
        for sku in SKUS:
            self.happens("told", sku, 0)
        at_rest = 0
        for _ in range(12):
            if at_rest == STAYS:
                return
            for item in self.bench.parking.list_parked("example"):
                assert item.code == "unleashed.stock_surprise", item.reason
                self.bench.discard()
            self.tick(20)
            is_same = not any(map(self.gap, SKUS)) and not self.bench.parked()
            at_rest = at_rest + 1 if is_same else 0

    def _set(self, sku: str, units: int) -> None:
        self.units[sku] = units
        self.bench.count(sku, units)


@pytest.mark.parametrize("means", ["delta", "absolute"])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(happens=st.lists(HAPPENS, max_size=25), settle_minutes=st.sampled_from([0, 30]))
def test_both_sides_come_to_say_the_same(
    means: str, happens: list[tuple[str, Any, Any]], settle_minutes: int
) -> None:
    town = Town(means, settle_minutes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(untold, "UNTOLD", (town.untold,))
        for what, one, other in happens:
            town.happens(what, one, other)
        town.quiet()
    assert {sku: town.bench.there(sku) for sku in SKUS} == town.units
    assert town.bench.parked() == []
