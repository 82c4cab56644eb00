"""What the command's verbs share: their world, their exit codes, and how they speak."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.errors import Conflict, Misconfigured, Retryable, UnknownOutcome, Verdict

REFUSED = 1

pass_reach = click.make_pass_decorator(Reach)
json_option = click.option("--json", "as_json", is_flag=True, help="for machines")


class Verbs(click.Group):
    """Turns verdicts into words: a user's mistake never shows a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Misconfigured as verdict:
            raise CommandError(clean(verdict.reason), REFUSED) from None
        except (Retryable, UnknownOutcome) as verdict:
            raise CommandError(clean(verdict.reason), UNREACHABLE) from None
        except Verdict as verdict:
            raise CommandError(clean(verdict.reason), REFUSED) from None
        except Conflict as conflict:
            raise CommandError(
                f"{clean(str(conflict))}; look at it and try again", REFUSED
            ) from None


def console() -> Console:
    """Where tables and colours go; wide enough for whole words when it is no terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def clean(text: str) -> str:
    """The text without control characters: order names and answers of partners are not ours, and
    must not steer the operator's terminal."""
    return "".join(
        "\ufffd" if unicodedata.category(c).startswith("C") and c != "\n" else c for c in text
    )


def shown(text: str) -> str:
    """`clean`, and safe inside the console's markup."""
    return escape(clean(text))


def table(*columns: str) -> Table:
    """An empty table in the command's style."""
    made = Table(box=None, header_style="dim")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def say_json(content: Any) -> None:
    """For machines."""
    click.echo(json.dumps(content, indent=1))
