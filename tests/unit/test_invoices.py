"""An invoice's lines as a table that a spreadsheet may open."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.domain.invoices import Invoice, all_columns, read_lines, safe_cell, table_rows
from returns_hub.errors import Permanent


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+A1",
        "-A1",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\r=1",
        "\n=1",
        "\u00a0=1",
        "\uff1d1",
        "-",
        "+",
    ],
)
def test_what_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-1", "+1", "-1.50", " -3 ", "12", "a=b", "2026-03-01", "#1"])
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("text", ["-1-1", "+44 20 7946 0000", "-1e5", "-\u0661", "--1", "+1,000"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert safe_cell(text).startswith("'")


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_line_is_there_once_with_its_invoice(table: list[list[str]]) -> None:
    text = StringIO(newline="")
    csv.writer(text).writerows(table)
    try:
        lines = read_lines(text.getvalue().encode("utf-8", "surrogatepass"))
    except Permanent:
        return
    columns = all_columns(iter([lines.columns]))
    rows = list(table_rows(Invoice(id="i1", status="paid"), lines, columns))

    assert len(set(columns)) == len(columns)
    assert len(rows) == max(len(lines.rows), 0)
    assert all(row[:2] == ["i1", "paid"] and len(row) == len(columns) for row in rows)
    for row in rows:
        assert not [cell for cell in row if cell[:1] in {"=", "@", "\t", "\r"}]


@pytest.mark.parametrize("content", [b"\xff\xfe", b'a\n"open', b'a\n"x"y\n'])
def test_what_is_no_csv_in_utf_8_is_refused(content: bytes) -> None:
    with pytest.raises(Permanent, match="not CSV"):
        read_lines(content)


def test_an_invoice_without_a_charge_has_empty_cells() -> None:
    lines = read_lines(b"a\n1\n")
    (row,) = table_rows(Invoice(id="i1", status="open"), lines, all_columns(iter([lines.columns])))
    assert row == ["i1", "open", "", "", "", "", "1"]
