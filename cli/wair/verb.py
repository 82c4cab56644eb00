"""hub wair: everything an operator does about stock intelligence."""

from __future__ import annotations

from cli.verbs import verbs
from cli.wair.advice import targets, transfers
from cli.wair.feed import plan, run, show


@verbs()
def wair() -> None:
    """Stock intelligence (WAIR): what it is told, and what it advises.

    \b
    hub wair plan example
    hub wair run example --full
    hub wair show example
    hub wair targets example --location WH-1
    hub wair transfers example

    See also: docs/wair.md
    """


for verb in (plan, run, show, targets, transfers):
    wair.add_command(verb)
