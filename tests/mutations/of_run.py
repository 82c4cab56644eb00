"""Deliberate defects: what `make run` plants and judges, and what it found in the product."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, Check, Defect, Edit, tests

RETURNS = tests("flow/test_drift_returns.py")
OF_DRIFT = tests("component/run/test_drift_judge.py")
OF_WAIR = tests("component/run/test_wair_judge.py")
INTERVALS = tests("unit/test_interval_clock.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_RUN = (
    _defect(
        "a refund that was not told is told as another one",
        TOLD,
        (
            "flows/drift/returns_credits.py",
            "if known.open_targets and is_of_batches is (batch is not None):",
            "if known.open_targets:",
        ),
        RETURNS,
    ),
    _defect(
        "a refund that was not told has no worth",
        TOLD,
        (
            "flows/drift/returns_credits.py",
            "if refund is None or refund.total_minor is None or refund.currency is None:",
            "if refund is None or refund.total_minor is not None or refund.currency is None:",
        ),
        RETURNS,
    ),
    _defect(
        "what a report has beyond what was planted is nobody's trouble",
        LOST,
        (
            "local/run/drift_check.py",
            "beyond = sorted(set(books.found) - planted - by_design)",
            "beyond = sorted(set(books.found) & planted - planted)",
        ),
        OF_DRIFT,
    ),
    _defect(
        "a false alarm before anything was planted is none",
        LOST,
        (
            "local/run/drift_check.py",
            "for one in sorted(before - by_design):",
            "for one in sorted(before & by_design - before):",
        ),
        OF_DRIFT,
    ),
    _defect(
        "stock that WAIR was never told is equal to none",
        LOST,
        (
            "local/run/wair_check.py",
            'if units[0] != (units[1] or 0) or (what == "stock" and units[1] is None):',
            "if units[0] != (units[1] or 0):",
        ),
        OF_WAIR,
    ),
    _defect(
        "a despatch that the channel was told twice is told once",
        TOLD,
        ("local/run/wair_check.py", "if len(events) > 1:", "if len(events) > 2:"),
        OF_WAIR,
    ),
    _defect(
        "the clock of intervals moves more of a cursor than its moment",
        LOST,
        (
            "local/sources/intervals.py",
            "moved = {**lease.value, interval.moment: moment.isoformat()}",
            "moved = {interval.moment: moment.isoformat()}",
        ),
        INTERVALS,
    ),
)
