"""Filters that the verbs share: ages, and acting on many things at a pace."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

import click

from cli.progress import progress
from cli.verbs import STOPPED, done_so_far

Thing = TypeVar("Thing")
F = TypeVar("F", bound=Callable[..., Any])
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Age(click.ParamType[timedelta]):
    """An age such as 30m, 2h or 3d."""

    name = "age"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})([mhd])", value.strip())
        if found is None:
            self.fail(f"{value!r} is no age; give minutes, hours or days: 30m, 2h, 3d", param, ctx)
        return timedelta(**{UNITS[found.group(2)]: int(found.group(1))})


class Finite(click.FloatRange):
    """A number within bounds; click takes `nan` for one, which is within any."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is no number", param, ctx)
        return found


older_than = click.option("--older-than", type=Age(), help="only what is older: 30m, 2h, 3d")
newer_than = click.option("--newer-than", type=Age(), help="only what is newer: 30m, 2h, 3d")
rate_option = click.option(
    "--rate",
    type=Finite(0.001, 100),
    default=5.0,
    show_default=True,
    help="most acts a second",
)


def _said(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The note without blanks around it; one that says nothing is refused."""
    note = value.strip()
    if not note:
        raise click.BadParameter("it says why, and cannot be empty", ctx, param)
    return note


def note_option(says: str) -> Callable[[F], F]:
    """The note without which something is not done, since it is all that tells why.

    Args:
        says: What it is for, in the verb's page.
    """
    return click.option("--note", required=True, callback=_said, help=says)


yes_option = click.option("--yes", is_flag=True, help="do not ask")
dry_run_option = click.option("--dry-run", is_flag=True, help="say what would be done, do nothing")


def one_by_one(
    things: Iterable[Thing], act: Callable[[Thing], str], *, of: int, rate: float
) -> dict[str, int]:
    """Act on each, no faster than `rate` a second; how many ended in which way."""
    counts: dict[str, int] = {}
    with progress("at work") as tell:
        for number, thing in enumerate(things, start=1):
            began = time.monotonic()
            outcome = act(thing)
            counts[outcome] = counts.get(outcome, 0) + 1
            tell(number / of, f"{number} of {of}")
            done_so_far(f"{in_words(counts)} of {of}; {STOPPED}")
            if number < of:
                time.sleep(max(0.0, 1.0 / rate - (time.monotonic() - began)))
    return counts


def in_words(counts: dict[str, int]) -> str:
    """How many ended in which way."""
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
