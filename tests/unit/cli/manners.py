"""What holds of every run of the command: one JSON document with --json, and of its known shape."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
from click.testing import Result

from cli.main import hub

RECORD = os.environ.get("HUB_RECORD_JSON")


def verb_of(arguments: Sequence[str]) -> str:
    """The verb that the words name."""
    command: click.Command = hub
    words = list(arguments)
    names = []
    while words and words[0].startswith("--") and command is hub:
        words = words[2:]
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words[0]]
        names.append(words.pop(0))
    return " ".join(names)


def require_manners(arguments: Sequence[str], result: Result) -> None:
    """Refuse a run with --json that says anything but one document of the shape that is told."""
    if "--json" not in arguments:
        return
    document = json.loads(result.stdout)
    if isinstance(document, dict) and set(document) == {"error"}:
        assert set(document["error"]) == {"code", "exit_code", "message"}
        assert document["error"]["exit_code"] == result.exit_code != 0
        return
    if RECORD:
        with Path(RECORD).open("a", encoding="utf-8") as file:
            file.write(json.dumps([verb_of(arguments), document]) + "\n")
