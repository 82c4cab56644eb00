"""Which metrics the code emits, read from the code itself: names and dimensions."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from local.stack import ROOT

PACKAGE = ROOT / "layers" / "shared" / "returns_hub"
EMITTERS = frozenset({"count", "gauge", "measure", "add_metric"})
ANY = "**"
"""Stands for dimensions that are made elsewhere."""


@cache
def emitted() -> dict[str, frozenset[frozenset[str]]]:
    """Metric -> the sets of dimensions that it is emitted with, `service` left away."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources()]
    words = _constants(trees)
    found: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
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


def _is_emitter(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in EMITTERS


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
