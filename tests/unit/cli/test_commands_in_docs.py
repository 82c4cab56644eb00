"""Every command line in what an operator reads on a bad day is one that the command takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import hub
from local.stack import ROOT

PAGES = ("runbook.md", "operators.md")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"(?<!`)`((?:\./)?hub [^`]+)`(?!`)")


def command_lines(text: str) -> Iterator[str]:
    """Command lines of `hub`, in blocks of a shell's and in the midst of a sentence."""
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if re.match(r"(\./)?hub\b", line.strip()):
                yield line.strip()
    for span in SPAN.findall(BLOCK.sub("", text)):
        yield " ".join(span.split())


def parse(line: str) -> str:
    """Read a line as the command would, and do nothing. The verb.

    Raises:
        click.UsageError: There is no such verb, option or choice, or something is missing.
    """
    words = shlex.split(line, comments=True)[1:]
    context = hub.make_context("hub", words)
    found: click.Command = hub
    while isinstance(found, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = found.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
        found = command
    return context.command_path


def all_lines() -> list[tuple[str, str]]:
    return [
        (page, line)
        for page in PAGES
        for line in command_lines((ROOT / "docs" / page).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("page", "line"), all_lines())
def test_a_command_line_in_the_docs_can_be_typed(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "example.yaml").touch()
    monkeypatch.chdir(tmp_path)
    try:
        parse(line)
    except click.UsageError as refused:
        pytest.fail(f"docs/{page}: {line}: {refused.format_message()}")


def test_both_pages_have_many() -> None:
    assert {page for page, _ in all_lines()} == set(PAGES)
    assert len(all_lines()) > 60


@pytest.mark.parametrize(
    "line",
    ["hub statsu", "hub parked lsit", "hub parked list --reson x", "hub parked show"],
)
def test_a_line_that_cannot_be_typed_is_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)
