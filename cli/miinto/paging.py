"""Pages of a list: how many, and how it goes on."""

from __future__ import annotations

import re

import click


def _after(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{0,2000}", value):
        raise click.BadParameter("give what the page before ended with, as it was printed")
    return value


limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=50,
    show_default=True,
    help="most rows of a page",
)
after_option = click.option(
    "--after", default="", callback=_after, help="go on behind the page that ended with this"
)


def say_more(after: str) -> None:
    """How to see the next page, if there is one."""
    if after:
        click.echo(f"more: the same command with --after {after}")
