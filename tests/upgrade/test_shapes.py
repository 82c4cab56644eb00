"""What this release writes, the release before can read: nothing that it needs is gone, and no
field has become something else (docs/upgrades.md tells how to change one)."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from tests.upgrade.shapes import FILE, KEPT, shape_of, shapes, unreadable

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
ROOT = Path(__file__).resolve().parents[2] / "layers/shared/returns_hub"
NAMES = {model.__name__ for model in KEPT}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_release_before_can_read_it(name: str) -> None:
    assert list(unreadable(RECORDED[name], shapes()[name])) == []


def test_every_model_that_was_kept_still_is() -> None:
    assert set(RECORDED) == NAMES


def test_every_model_that_an_adapter_reads_out_of_a_row_is_held_to_it() -> None:
    """By the calls in the adapters themselves."""
    read = set()
    for path in (ROOT / "adapters" / "dynamodb").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            words = ast.unparse(call.func)
            if words == "read_model" and isinstance(call.args[0], ast.Name):
                read.add(call.args[0].id)
            elif words.endswith((".model_validate_json", ".model_validate")):
                read.add(words.partition(".")[0])
    # A merchant's file, and a door's part of it, are held by the file's own schema.
    assert read - {"Merchant", "part", "model"} <= NAMES, "a row's model is missing in shapes.KEPT"
    assert len(read) > 8


class Line(BaseModel):
    sku: str
    units: int = 1
    outcome: Literal["", "kept"] = ""


class Kept(BaseModel):
    lines: tuple[Line, ...]
    note: str | None = None


def test_what_counts_as_unreadable() -> None:
    before = shape_of(Kept)
    assert before["lines[].outcome"] == ["=", "=kept"]
    assert before["note"] == ["null", "string"]
    more = before | {"lines[].colour": ["string"]}
    assert list(unreadable(before, more)) == [], "what is added is passed over"
    fewer = {path: words for path, words in before.items() if path != "lines[].sku"}
    assert "lines[].sku is no longer written" in next(unreadable(before, fewer))
    other = before | {"lines[].outcome": ["=", "=kept", "=lost"], "note": ["integer"]}
    assert len(list(unreadable(before, other))) == 2
    assert list(unreadable(before, before | {"note": ["string"]})) == []
