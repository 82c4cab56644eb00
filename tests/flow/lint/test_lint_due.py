"""When a look for drift makes a lint: once a day, and once more where something is to be proven."""

from __future__ import annotations

from datetime import timedelta

import pytest

from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.flows.drift.comparisons import COMPARISONS
from returns_hub.flows.drift.look import look_at
from returns_hub.flows.lint import lints
from returns_hub.flows.lint.lints import LINTS
from tests.support.lint_worlds import LintBench

SKUS = next(lint for lint in LINTS if lint.name == "lint.skus")


def looked(bench: LintBench, *, hours: float, kinds: frozenset[str] = SKUS.kinds) -> None:
    """A look so many hours ago."""
    at = bench.clock.now() - timedelta(hours=hours)
    bench.looks.made.append(Look(at=at, kinds=kinds))


def suspected(bench: LintBench, *, minutes: float, kind: str = "lint.sku_not_in_mintsoft") -> None:
    seen = bench.clock.now() - timedelta(minutes=minutes)
    finding = Finding(Difference(kind, "X", {}), Standing.SUSPECTED, seen, seen)
    bench.looks.open.append(finding)


def due(bench: LintBench) -> bool:
    before = len(bench.to_mintsoft.requests) + len(bench.to_unleashed.requests)
    answer = SKUS.applies(bench.drift_world())
    assert len(bench.to_mintsoft.requests) + len(bench.to_unleashed.requests) == before
    return answer


def test_W6_the_first_look_and_one_a_day_make_it() -> None:
    bench = LintBench()
    assert due(bench)
    looked(bench, hours=6, kinds=frozenset({"stock.mintsoft_unleashed"}))
    assert due(bench), "that look made another comparison"
    looked(bench, hours=12)
    assert not due(bench)
    bench.clock.advance(hours=12)
    assert due(bench)


def test_W6_a_look_that_came_a_minute_early_by_its_schedule_makes_it() -> None:
    bench = LintBench()
    looked(bench, hours=24 - 1 / 60)
    assert due(bench)


def test_W6_a_lint_that_was_not_made_to_its_end_is_due() -> None:
    bench = LintBench()
    looked(bench, hours=1, kinds=SKUS.kinds - {"lint.sku_blank"})
    assert due(bench)


def test_W6_a_suspicion_gets_its_second_look_after_the_grace_time() -> None:
    bench = LintBench()
    looked(bench, hours=2)
    suspected(bench, minutes=59)
    assert not due(bench)
    bench.clock.advance(minutes=1)
    assert due(bench)


def test_W6_a_suspicion_of_another_lint_is_not_this_ones() -> None:
    bench = LintBench()
    looked(bench, hours=2)
    suspected(bench, minutes=90, kind="lint.courier_unknown")
    assert not due(bench)


def test_W6_a_lint_that_is_switched_off_is_never_due() -> None:
    bench = LintBench()
    bench.file["lint"] = {"enabled": False}
    assert not any(lint.applies(bench.drift_world()) for lint in LINTS)


def test_W6_every_lint_is_a_comparison_of_a_look_and_comes_after_the_others() -> None:
    made = [(comparison.name, comparison.kinds) for comparison in COMPARISONS]
    assert made[-len(LINTS) :] == [(lint.name, lint.kinds) for lint in LINTS]


def test_W6_what_is_missing_counts_from_the_second_look_and_a_blank_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = LintBench()
    monkeypatch.setattr(bench.clock, "remaining", lambda: 600.0)
    bench.product(950, "HAT-1")
    bench.product(951, "")

    def counted() -> list[str]:
        looked = look_at(bench.drift_world(), keep=False, comparisons=lints.COMPARISONS)
        assert looked is not None
        bench.looks.made.insert(0, looked.look)
        bench.looks.open = list(looked.folded.findings)
        counting = {Standing.NEW, Standing.RECURRING}
        return sorted(
            finding.difference.kind
            for finding in looked.folded.findings
            if finding.standing in counting
        )

    assert counted() == ["lint.sku_blank"]
    bench.clock.advance(hours=2)
    assert counted() == ["lint.sku_blank", "lint.sku_not_in_unleashed"]
    asked = len(bench.to_mintsoft.requests)
    bench.clock.advance(hours=2)
    assert counted() == ["lint.sku_blank", "lint.sku_not_in_unleashed"]
    assert len(bench.to_mintsoft.requests) == asked, "nothing was due, and nothing is resolved"
