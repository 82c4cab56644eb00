"""Which metrics the code emits: counts read from the code itself, gauges by having them told."""

from __future__ import annotations

import ast
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from local.stack import ROOT
from returns_hub.adapters.http.statistics import CallStatistics
from returns_hub.domain.overview.overview import Overview, StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.flows.overview.gauges import sums_of, tell_merchant
from tests.support.fakes import Telemetry

PACKAGE = ROOT / "layers" / "shared" / "returns_hub"
ANY = "**"
"""Stands for dimensions that are made elsewhere."""


@cache
def emitted() -> dict[str, frozenset[frozenset[str]]]:
    """Metric -> the sets of dimensions that it is emitted with, `service` left away."""
    found = defaultdict(set, told())
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources()]
    words = _constants(trees)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_emitter(node.func) and node.args:
                dimensions = frozenset(keyword.arg or ANY for keyword in node.keywords)
                for name in _names(node.args[0], words):
                    found[name].add(dimensions)
    return {name: frozenset(sets) for name, sets in found.items()}


def sources() -> list[Path]:
    """The shipped package's files."""
    return sorted(PACKAGE.rglob("*.py"))


def told() -> dict[str, set[frozenset[str]]]:
    """Gauges and statistics, as they are told of a sample."""
    now, telemetry = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), Telemetry()
    waits = StepStanding(step=Step.TRANSIT, count=1, oldest_since=now, value={"GBP": Decimal(1)})
    overview = Overview(merchant="example", at=now, config_version=1, mode="live", steps=(waits,))
    tell_merchant(overview, None, telemetry)
    telemetry.measure(sums_of([overview], 0, now))
    calls = CallStatistics()
    calls.call("redo", 0.1)
    calls.tell(telemetry)
    found: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
    for name, _, dimensions in telemetry.counts:
        found[name].add(frozenset(dimensions))
    return found


def _is_emitter(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr == "count"


def _constants(trees: list[ast.Module]) -> dict[str, set[str]]:
    words: defaultdict[str, set[str]] = defaultdict(set)
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                        words[target.id].add(node.value.value)
    return words


def _names(expression: ast.expr, words: dict[str, set[str]]) -> set[str]:
    match expression:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.Name(id=name):
            return words.get(name, set())
    return set()
