"""docs/security.md says which test holds each control: each of them is there."""

from __future__ import annotations

import ast
import re

import pytest

from local.stack import ROOT
from tests.support.canaries import ALLOWED

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
THREATS = [
    line
    for line in PAGE.partition("## What the hub says")[0].splitlines()
    if line.startswith("| ") and line.count("|") == 5 and not line.startswith("| threat")
]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_a_control_and_what_holds_it() -> None:
    assert len(THREATS) > 20
    for line in THREATS:
        threat, control, held, _ = (cell.strip() for cell in line.strip("|").split("|"))
        assert threat, line
        assert control, line
        assert re.search(r"`tests/[^`]+::\w+`|\]\([\w-]+\.md\)", held), line


def test_the_page_names_every_place_that_may_hold_planted_data() -> None:
    for place, words in (
        ("ParkedTable", "parked rows: the message"),
        ("MarketTable", "the market table"),
        ("queue approved-returns", "queue of approved returns"),
    ):
        assert place in ALLOWED
        assert words in PAGE
    assert len(ALLOWED) == 3
