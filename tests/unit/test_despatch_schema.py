"""The published contract of despatches is the one that the code tells by."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from cli.schemas import despatch_schema
from returns_hub.domain.relay.despatch import Despatch

EVENTS = Path(__file__).resolve().parents[2] / "docs" / "events"


def test_the_published_schema_is_current_and_the_example_is_what_it_says() -> None:
    kept = (EVENTS / "despatch-1.schema.json").read_text(encoding="utf-8")
    assert kept == despatch_schema()
    validator = jsonschema.Draft202012Validator(json.loads(kept))
    example = json.loads((EVENTS / "despatch-1.example.json").read_text(encoding="utf-8"))
    validator.validate(example)
    assert json.loads(Despatch.model_validate(example).to_json()) == example
    assert not validator.is_valid(example | {"email": "ida@example.test"})
