"""hub despatches: everything an operator does about despatches that upstream is told of."""

from __future__ import annotations

from cli.despatches.again import again
from cli.despatches.look import list_, plan, show
from cli.verbs import verbs


@verbs()
def despatches() -> None:
    """Despatches upstream: what would be told, what waits, the story of one, and once more.

    \b
    hub despatches plan example
    hub despatches list example
    hub despatches show example EX-1001
    hub despatches again example EX-1001 --target channel

    See also: hub orders, docs/wair.md
    """


for verb in (plan, list_, show, again):
    despatches.add_command(verb)
