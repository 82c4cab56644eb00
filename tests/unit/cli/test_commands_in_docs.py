"""Every command line that a page or a widget shows is one that the command takes.

In every page's blocks; in what an operator reads on a bad day also in the midst of a sentence.
"""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest

from cli.main import hub
from local.stack import ROOT
from tests.support.widget_samples import VIEWS, rich
from tests.unit.test_docs import name, pages

PAGES = ("docs/runbook.md", "docs/operators.md")
"""Where a command in a sentence is written out as well."""
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"(?<!`)`((?:\./)?hub [^`]+)`(?!`)")


def lines_in_blocks(text: str) -> Iterator[str]:
    """Command lines of `hub` in blocks of a shell's."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if re.match(r"(\./)?hub\b", line.strip()):
                yield re.split(r" [|>] ", line.strip())[0]


def command_lines(text: str) -> Iterator[str]:
    """Command lines of `hub`, in blocks of a shell's and in the midst of a sentence."""
    yield from lines_in_blocks(text)
    for span in SPAN.findall(BLOCK.sub("", text)):
        yield " ".join(span.split())


def parse(line: str) -> str:
    """Read a line as the command would, and do nothing. The verb.

    Raises:
        click.UsageError: There is no such verb, option or choice, or something is missing.
    """
    words = shlex.split(line, comments=True)[1:]
    with ExitStack() as opened:
        context = hub.make_context("hub", words)
        opened.callback(context.close)
        found: click.Command = hub
        while isinstance(found, click.Group):
            rest = [*context._protected_args, *context.args]
            if not rest and found.invoke_without_command:
                break
            name, command, rest = found.resolve_command(context, rest)
            assert command is not None
            context = command.make_context(name, rest, parent=context)
            opened.callback(context.close)
            found = command
        return context.command_path


def all_lines() -> list[tuple[str, str]]:
    found = []
    for path in pages():
        page, text = name(path), path.read_text(encoding="utf-8")
        lines = command_lines(text) if page in PAGES else lines_in_blocks(text)
        found += [(page, line) for line in lines]
    return found


@pytest.mark.parametrize(("page", "line"), all_lines())
def test_a_command_line_in_the_docs_can_be_typed(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "example.yaml").touch()
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "FILE").touch()
    monkeypatch.chdir(tmp_path)
    try:
        parse(line)
    except click.UsageError as refused:
        pytest.fail(f"{page}: {line}: {refused.format_message()}")


@pytest.mark.parametrize(("title", "params"), VIEWS)
def test_a_command_line_in_a_widget_can_be_typed(title: str, params: dict[str, Any]) -> None:
    for line in re.findall(r"<code>(hub\b[^<]*)</code>", rich().show(**params)):
        try:
            parse(html.unescape(line))
        except click.UsageError as refused:
            pytest.fail(f"{title}: {line}: {refused.format_message()}")


def test_pages_have_many() -> None:
    assert {page for page, _ in all_lines()} > set(PAGES)
    assert len(all_lines()) > 150


@pytest.mark.parametrize(
    "line",
    ["hub statsu", "hub parked lsit", "hub parked list --reson x", "hub parked show"],
)
def test_a_line_that_cannot_be_typed_is_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)
