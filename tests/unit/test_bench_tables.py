"""Tables of figures, and the marks of the pages that they are written into."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.tables import Table, as_markdown, write_between
from local.stack import ROOT

MARKS = (
    ("scale.md", "asked"),
    ("scale.md", "days"),
    ("scale.md", "bills"),
    ("throughput.md", "throughput"),
    ("cold-start.md", "cold-start"),
)


@pytest.mark.parametrize(("page", "name"), MARKS)
def test_each_page_has_the_marks_of_what_is_measured(page: str, name: str, tmp_path: Path) -> None:
    copy = tmp_path / page
    copy.write_text((ROOT / "docs" / page).read_text("utf-8"), "utf-8")

    write_between(copy, name, f"the table {name}")

    assert f"<!-- measured: {name} -->\nthe table {name}\n<!-- end -->" in copy.read_text("utf-8")


def test_what_stood_between_the_marks_goes_and_all_else_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: a -->\nold\n<!-- end -->\nafter\n", "utf-8")

    write_between(page, "a", "new")
    write_between(page, "a", "new")

    marked = "<!-- measured: a -->\nnew\n<!-- end -->"
    assert page.read_text("utf-8") == f"before\n{marked}\nafter\n"


def test_a_page_without_the_marks_stays_and_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- measured: a -->\nno end", "utf-8")

    with pytest.raises(SystemExit, match=r"page\.md has no <!-- measured: a -->"):
        write_between(page, "a", "new")

    assert page.read_text("utf-8") == "<!-- measured: a -->\nno end"


def test_words_stand_to_the_left_and_figures_to_the_right() -> None:
    tables = [Table("One", ("way", "figure"), [("this hub", "7.0")]), Table("Two", ("a", "b"), [])]

    assert as_markdown(tables) == (
        "**One**\n\n| way | figure |\n|---|---:|\n| this hub | 7.0 |\n"
        "\n**Two**\n\n| a | b |\n|---|---:|\n"
    )
