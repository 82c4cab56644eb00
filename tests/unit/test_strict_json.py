"""JSON from outside: what is taken, and what is made whole."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from returns_hub.domain.strict_json import read_json


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"a": ["\ud800x"], "\udfff": 1}),
        json.dumps({"a": ["\ud800x"], "\udfff": 1}).replace("ud", "uD"),
        json.dumps({"a": ["\ud800x"], "\udfff": 1}, ensure_ascii=False),
        json.dumps({"a": ["\ud800x"], "\udfff": 1}).encode(),
    ],
)
def test_half_of_a_pair_is_replaced_however_it_was_written(text: str | bytes) -> None:
    assert read_json(text) == {"a": ["\ufffdx"], "\ufffd": 1}


def test_a_whole_pair_and_what_only_looks_like_half_of_one_stay() -> None:
    assert read_json(json.dumps("\U0001f600")) == "\U0001f600"
    assert read_json(json.dumps("\\ud800")) == "\\ud800"


def test_numbers_can_be_counted_with() -> None:
    assert read_json("[1.50, 2]") == [Decimal("1.50"), 2]
