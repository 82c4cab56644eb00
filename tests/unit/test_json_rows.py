"""A long array of objects, read as it comes."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.adapters.http.rows import MOST_ROW_CHARACTERS, JsonRows

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def read(body: bytes, size: int, *, complete: bool = True) -> list[Any]:
    """The rows, the body coming in parts of this size."""
    rows: list[Any] = []
    reader = JsonRows(rows.append)
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    reader.finish(complete=complete)
    return rows


@settings(max_examples=60)
@given(
    rows=st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=4),
    size=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    plain=st.booleans(),
)
def test_rows_come_whole_however_the_body_is_cut(
    rows: list[Any], size: int, indent: int | None, plain: bool
) -> None:
    body = json.dumps(rows, indent=indent, ensure_ascii=plain).encode("utf-8", "replace")

    assert read(body, size) == json.loads(body)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_numbers_are_read_strictly_and_a_mark_of_the_encoding_is_no_content(size: int) -> None:
    assert read(b'\xef\xbb\xbf[{"a": 1.10}]\n', size) == [{"a": Decimal("1.10")}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"[",
        b'[{"a": 1}',
        b'[{"a": 1},',
        b'[{"a": 1} {"a": 2}]',
        b'[{"a": 1}]]',
        b'[{"a": 1}, 2]',
        b"[1, 2]",
        b'{"Results": []}',
        b"null",
        b"<html>",
        b'[{"a": nope}]',
        b'[{"a": NaN}]',
        b'[{"a": 1e999999999}]',
        b'[{"a": "\xff"}]',
        b'[{"a": 1}]\xc3',
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_what_is_no_whole_list_of_objects_is_refused_at_its_end(body: bytes, size: int) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(body, size)


def test_a_body_that_was_cut_off_is_not_whole_even_if_it_looks_so() -> None:
    with pytest.raises(ValueError, match="no end"):
        read(b'[{"a": 1}]', 100, complete=False)


def test_a_row_without_an_end_is_not_kept_for_ever() -> None:
    reader = JsonRows(lambda row: None)
    part = b"x" * (64 * 1024)
    reader.feed(b'[{"a": "')
    for _ in range(2 * MOST_ROW_CHARACTERS // len(part)):
        reader.feed(part)

    assert reader._text == ""
    with pytest.raises(ValueError, match="too long"):
        reader.finish()


def test_a_long_list_takes_no_more_room_than_a_row_and_a_part() -> None:
    count = 0

    def counted(_: Any) -> None:
        nonlocal count
        count += 1

    row = json.dumps({"SKU": "TEE-RED-M", "Level": 3, "Breakdown": [], "more": "x" * 300}).encode()
    part = b",".join([row] * 150)
    reader = JsonRows(counted)
    reader.feed(b"[" + part)
    tracemalloc.start()
    for _ in range(100):
        reader.feed(b"," + part)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.feed(b"]")
    reader.finish()

    assert count == 150 * 101
    assert most < 8 * len(part)
