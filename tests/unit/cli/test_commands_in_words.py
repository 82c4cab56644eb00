"""Every command that the hub names in its own words is one that there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import click
import pytest

from cli.main import hub
from local.stack import ROOT

PLACES = ("cli", "layers/shared/returns_hub")
HOLE = "\N{BULLET}"
"""Stands where a text takes a value in."""
NAMED = re.compile(r"(?<![Tt]he )\bhub ([a-z].*)")
"""``hub parked list``; "the hub" is not the command."""
BY_PARTS = frozenset({"cli/miinto/transfer_acts.py"})
"""Two verbs are made there, and their pages of one text that takes in the verb's word."""


def said_in(source: str) -> Iterator[str]:
    """Every text of a file, f-strings whole; docstrings are no words of the hub's."""
    parts: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):
        if node in parts:
            continue
        if isinstance(node, ast.Expr):
            parts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts |= set(node.values)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def wrong_with(text: str) -> str:
    """The first command that a text names and that there is not; empty when there is none."""
    for line in text.splitlines():
        for found in NAMED.finditer(line):
            if not _is_there(found[1].split()):
                return f"hub {found[1]}"
    return ""


def _is_there(words: list[str]) -> bool:
    command: click.Command = hub
    for number, word in enumerate(words):
        if not isinstance(command, click.Group):
            return True
        bare = re.match(r"[a-z-]*", word)
        name = bare[0] if bare else ""
        if name in command.commands:
            command = command.commands[name]
            if name != word:
                return True
            continue
        is_prose = number == 0 or not (name == word or HOLE in word)
        return is_prose or command.invoke_without_command
    return True


@pytest.mark.parametrize("place", PLACES)
def test_a_command_that_is_named_is_there(place: str) -> None:
    wrong = [
        f"{path}: {told}"
        for path in (found.relative_to(ROOT) for found in sorted((ROOT / place).rglob("*.py")))
        if str(path) not in BY_PARTS
        for text in said_in((ROOT / path).read_text(encoding="utf-8"))
        if (told := wrong_with(text))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('say(f"see hub parked list {merchant}")', ""),
        ('say(f"see hub parked {merchant}")', f"hub parked {HOLE}"),
        ('say("see hub parked lists")', "hub parked lists"),
        ('say("the hub parked lists")', ""),
        ('say("see hub dlq replay|discard, or hub parked.")', ""),
    ],
)
def test_a_command_that_is_not_there_is_seen(source: str, wrong: str) -> None:
    (found,) = {wrong_with(text) for text in said_in(source) if "hub" in text}
    assert found == wrong
