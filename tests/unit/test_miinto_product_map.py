"""The product map is read while it comes, wherever its parts are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.miinto.product_map import product_of, rows_of
from returns_hub.errors import Retryable
from returns_hub.ports.marketplace import MappedProduct

ROW = ["STYLE-1", "SKU-1-M", "5700000000017", "11111111-2222-4333-8444-555555555555"]
TEXT = st.text(max_size=12)
ROWS = st.lists(st.lists(TEXT | st.none() | st.integers(0, 10**14), min_size=4, max_size=4))


def cut(body: bytes, places: list[int]) -> Iterator[bytes]:
    ends = sorted({min(place, len(body)) for place in places})
    for start, end in zip([0, *ends], [*ends, len(body)], strict=True):
        yield body[start:end]


@given(rows=ROWS, places=st.lists(st.integers(0, 400), max_size=30), ascii_only=st.booleans())
def test_the_rows_are_the_same_however_the_body_is_cut(
    rows: list[Any], places: list[int], ascii_only: bool
) -> None:
    body = json.dumps(rows, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert list(rows_of(cut(body, places))) == rows


def test_the_first_row_is_given_before_the_last_has_come() -> None:
    def parts() -> Iterator[bytes]:
        yield f"[{json.dumps(ROW)},".encode()
        raise AssertionError("the rest was read")

    assert next(rows_of(parts())) == ROW


def test_an_envelope_around_the_rows() -> None:
    body = json.dumps({"meta": {"status": "success"}, "data": [ROW]}).encode()
    assert list(rows_of([b" ", body[:20], body[20:]])) == [ROW]


@pytest.mark.parametrize("body", [b"[]", b" [ ] ", b"\xef\xbb\xbf[]"])
def test_an_empty_map(body: bytes) -> None:
    assert list(rows_of([body])) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"<html></html>",
        b"null",
        b"{}",
        b'{"meta":{"status":"success"},"data":{}}',
        b'{"meta":',
        b'[["a","b","c","d"]',
        b'[["a","b","c"',
        b"[",
        b'[["a","b","c","\xff"]]',
        b"[NaN]",
        b"[" * 100_000,
        b'["' + b"x" * 400_000,
    ],
)
def test_what_is_no_whole_map_is_told_and_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(Retryable, match="product map"):
        list(rows_of(cut(body, list(range(0, len(body), 65536)))))


def test_a_map_that_is_cut_off_gives_what_came_first() -> None:
    rows = rows_of([json.dumps([ROW, ROW]).encode()[:-30]])
    assert next(rows) == ROW
    with pytest.raises(Retryable):
        next(rows)


@pytest.mark.parametrize(
    ("row", "product"),
    [
        (ROW, MappedProduct(*ROW)),
        ([*ROW, "more"], MappedProduct(*ROW)),
        (["S", 123, None, "id"], MappedProduct("S", "123", "", "id")),
        (["S", " K ", "57", ""], MappedProduct("S", "K", "57", "")),
        (["S", "K\ud800", "57", ""], MappedProduct("S", "K\ufffd", "57", "")),
        (["S", "K", "", ""], None),
        (["", "", "57", "id"], None),
        (["S", "K", "57"], None),
        ({"sku": "K"}, None),
        ("SKU", None),
        (None, None),
    ],
)
def test_a_row(row: Any, product: MappedProduct | None) -> None:
    assert product_of(row) == product
