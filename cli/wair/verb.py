"""hub wair: everything an operator does about stock intelligence."""

from __future__ import annotations

import click

from cli.wair.advice import targets, transfers


@click.group()
def wair() -> None:
    """Stock intelligence (WAIR): what it advises.

    \b
    hub wair targets example --location WH-1
    hub wair transfers example
    """


for verb in (targets, transfers):
    wair.add_command(verb)
