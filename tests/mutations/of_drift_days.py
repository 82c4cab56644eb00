"""Deliberate defects that days of a merchant with five systems have to show."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, Check, Defect, Edit, tests

DAYS = tests("simulation/test_drift_seeds.py")
RULES = tests("simulation/test_drift_rules.py")
SKUS = tests("flow/lint/test_lint_skus.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_DRIFT_DAYS = (
    _defect(
        "a product is missing though the flow that makes it had no turn yet",
        TOLD,
        (
            "flows/lint/read_skus.py",
            "minutes += 2 * merchant.unleashed.products.every_minutes",
            "minutes += 0",
        ),
        SKUS,
    ),
    _defect(
        "what is on its way is told at first sight",
        TOLD,
        (
            "domain/drift/folding.py",
            "counts = not difference.confirm",
            "counts = True",
        ),
        DAYS,
    ),
    _defect(
        "what WAIR really holds is not looked at",
        LOST,
        (
            "flows/drift/stock_wair.py",
            "if intelligence.connection.data_set(data_set).read_path is None:",
            "if intelligence is not None:",
        ),
        DAYS,
    ),
    _defect(
        "a record that the warehouse changed after it was processed is not noticed",
        LOST,
        (
            "flows/drift/returns_warehouse.py",
            "elif known.units != receipt.units():",
            "elif not known.units:",
        ),
        DAYS,
    ),
)
