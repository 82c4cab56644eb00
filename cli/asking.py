"""Asking the person at the terminal; without one nothing is asked, and nothing is guessed."""

from __future__ import annotations

import sys

import click

from cli.terminal import REFUSED, clean
from cli.worlds import CommandError


def is_terminal() -> bool:
    """Whether somebody is there who can answer."""
    return sys.stdin.isatty()


def require_yes(question: str, *, yes: bool) -> None:
    """Go on only with a yes: given already, or by the person at the terminal.

    Raises:
        click.UsageError: Nobody can be asked.
        CommandError: The answer is no.
    """
    if yes:
        return
    require_terminal(f"this asks first ({clean(question)}); say --yes, or see with --dry-run")
    if not click.confirm(clean(question), err=True):
        raise CommandError("you did not go on; nothing was done", REFUSED)


def require_terminal(otherwise: str) -> None:
    """Refuse to ask where nobody can answer.

    Args:
        otherwise: What to give instead.
    """
    if not is_terminal():
        raise click.UsageError(f"there is no terminal to ask on: {otherwise}")
