"""hub orders: orders that were edited or cancelled upstream."""

from __future__ import annotations

from cli.orders.change import change
from cli.orders.changes import changes, show
from cli.verbs import verbs


@verbs()
def orders() -> None:
    """Orders that were edited or cancelled where they came from.

    \b
    hub orders change example 1001 cancelled --dry-run
    hub orders change example 1001 edited --replaced-by 1001-E1
    hub orders changes example
    hub orders show example 1001

    See also: hub despatches, docs/wair.md
    """


for verb in (change, changes, show):
    orders.add_command(verb)
