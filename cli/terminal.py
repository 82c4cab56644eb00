"""What the command's verbs share: their world, their exit codes, and how they speak."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

import click

from cli.worlds import Reach

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

REFUSED = 1
WIDE = 120
"""Columns of a table that goes into a pipe: whole words, whatever the terminal."""
MACHINE = "returns-hub.machine"
"""Where the root context keeps the stream for the one JSON document, and whether it was said."""

pass_reach = click.make_pass_decorator(Reach)


class Machine:
    """The stream for the one JSON document; everything else that is said goes to stderr."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.was_told = False


def _for_machines(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    root = ctx.find_root()
    if value and MACHINE not in root.meta:
        root.meta[MACHINE] = Machine(sys.stdout)
        root.with_resource(redirect_stdout(sys.stderr))
    return value


JSON_HELP = "one JSON document on standard output, for machines (docs/command-json.md)"
json_option = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_for_machines, help=JSON_HELP
)
act_json_option = click.option(
    "--json",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_for_machines,
    help=JSON_HELP,
)
"""For verbs that act: they say what came of it with `say_outcome`, and need not know of it."""


def machine() -> Machine | None:
    """Where the JSON document goes, when one is wanted."""
    ctx = click.get_current_context(silent=True)
    return None if ctx is None else ctx.find_root().meta.get(MACHINE)


def console() -> Console:
    """Where tables and colours go: as wide as the terminal, and plain where there is none."""
    from rich.console import Console  # noqa: PLC0415 - completion prints no table

    is_terminal = sys.stdout.isatty()
    return Console(
        highlight=False,
        emoji=False,  # TEE:M:RED is a SKU
        width=None if is_terminal else WIDE,
        force_terminal=is_terminal,
        no_color=bool(os.environ.get("NO_COLOR")) or None,
    )


def clean(text: str) -> str:
    """The text without control characters: order names and answers of partners are not ours, and
    must not steer the operator's terminal."""
    return "".join(
        "\ufffd" if unicodedata.category(c).startswith("C") and c != "\n" else c for c in text
    )


def shown(text: str) -> str:
    """`clean`, and safe inside the console's markup."""
    from rich.markup import escape  # noqa: PLC0415 - as `console`

    return escape(clean(text))


def table(*columns: str) -> Table:
    """An empty table in the command's style; what is too long goes on in the next line."""
    from rich.table import Table  # noqa: PLC0415 - as `console`

    made = Table(box=None, header_style="dim")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def say_json(content: Any) -> None:
    """The one JSON document of a verb, on standard output."""
    found = machine()
    if found is None:
        click.echo(json.dumps(content, indent=1))
        return
    if found.was_told:
        raise AssertionError("a verb says one document")
    found.was_told = True
    click.echo(json.dumps(content, indent=1), file=found.stream)


def say_outcome(outcome: str, *, dry_run: bool = False, **facts: Any) -> None:
    """What a verb that acts did, for machines; nothing where nobody asked for JSON.

    Args:
        outcome: In one word: ``done``, ``would_be_done``, ``nothing_to_do``, or the verb's own.
        dry_run: Whether it only says what it would do.
        facts: What it was done to.
    """
    if machine() is not None:
        told: Mapping[str, Any] = {"outcome": outcome, "dry_run": dry_run, **facts}
        say_json(told)
