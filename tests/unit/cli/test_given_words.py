"""Times, numbers, ids and notes as a person gives them: read whole, or refused in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from cli.backfill_choices import MOST_BYTES, IdsType
from cli.times import TimeType
from tests.unit.cli.conftest import Command


def test_the_last_day_there_is_has_an_end() -> None:
    found = TimeType(is_end=True).convert("9999-12-31", None, None)
    assert found == datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        ("parked", "replay", "--all", "--rate", "{}"),
        ("backfill", "--from", "2026-03-01", "--calls-per-minute", "{}"),
        ("plan", "make", "poll_mintsoft", "--seconds", "{}"),
        ("lint", "--timeout", "{}"),
        ("check", "--timeout", "{}"),
        ("check", "--end-to-end", "--sandbox", "--wait", "{}"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_what_is_no_number_to_work_by_is_refused(
    command: Command, words: tuple[str, ...], number: str
) -> None:
    told = command(*(word.format(number) for word in words))
    assert (told.exit_code, "Invalid value" in told.stderr) == (2, True), told.output


def test_a_pace_at_which_nothing_would_ever_be_done_is_refused(command: Command) -> None:
    assert command("dlq", "replay", "--all", "--rate", "1e-300").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("parked", "discard", "p"),
        ("dlq", "discard", "m"),
        ("withdrawn", "done", "example", "5"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("note", ["", "  "])
def test_why_is_said_in_words(command: Command, words: tuple[str, ...], note: str) -> None:
    told = command(*words, "--note", note)
    assert (told.exit_code, "it says why" in told.stderr) == (2, True), told.output


def test_a_file_of_ids_is_read_to_its_end_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    path.write_text("66aa01\n" * (MOST_BYTES // 7) + "66aa02\n", encoding="utf-8")
    with pytest.raises(click.BadParameter, match="it is larger than"):
        IdsType().convert(f"@{path}", None, None)
