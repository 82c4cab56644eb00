"""hub search: returns by an id, an order's name, a SKU or a tracking number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from cli.choices import merchant_option, one_merchant
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.flows.overview.find_returns import MOST_ROWS, Found, FoundReturn, find_returns

NOTHING = (
    "{merchant} has no return that is found by {words}. Found are returns by their own id, an "
    "external return's number, an order's name, a tracking number or a SKU, each as a whole, and "
    "as it was known when the return was announced: what was added later, and returns that the hub "
    "was never told of, only the portal knows (hub returns show NAME --order)."
)


@verb()
@click.argument("words", nargs=-1, required=True)
@merchant_option
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, MOST_ROWS),
    help="most returns, the newest of each kind first",
)
@json_option
@pass_reach
def search(
    reach: Reach, words: tuple[str, ...], merchant: str | None, limit: int, as_json: bool
) -> None:
    """Find returns by WORDS: an id, an order's name, a SKU, a tracking number, Mintsoft's id.

    The words are looked for together, and one by one where that finds nothing. At most 21 small
    requests are made, however many returns there are.

    \b
    hub search 5501
    hub search "#EX-5501" --merchant example
    hub search TEE-RED-M --limit 50 --json

    Exit codes: 0 something is found, 1 nothing is

    See also: hub timeline, hub returns show
    """
    made = reach.hub()
    whose = one_merchant(made, merchant)
    text = " ".join(words)
    found = find_returns(made.returns, whose, text, limit=limit)
    if not found.rows:
        made.merchants.live(whose)  # refused by its own words when there is none
    if as_json:
        say_json({"rows": [_for_machines(row) for row in found.rows], "is_cut": found.is_cut})
        if not found.rows:
            raise click.exceptions.Exit(REFUSED)
        return
    if not found.rows:
        raise CommandError(clean(NOTHING.format(merchant=whose, words=repr(text))), REFUSED)
    _say(found, made.clock.now())
    if found.is_cut:
        click.echo(f"there are more than {limit}: name it closer, or --limit up to {MOST_ROWS}")


def _say(found: Found, now: datetime) -> None:
    rows = table("return", "order", "waits for", "since (UTC)", "stands", "found by")
    for row in found.rows:
        rows.add_row(
            shown(row.return_id),
            shown(", ".join(row.order_names) or "-"),
            row.step.in_words if row.step else "nothing",
            f"{row.since:%Y-%m-%d %H:%M} ({_age(row.since, now)})" if row.since else "-",
            shown(row.outcome),
            shown(row.matched),
        )
    console().print(rows)


def _age(since: datetime, now: datetime) -> str:
    hours = max(0, int((now - since).total_seconds() // 3600))
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"


def _for_machines(row: FoundReturn) -> dict[str, Any]:
    return {
        "return_id": row.return_id,
        "order_names": list(row.order_names),
        "step": row.step.value if row.step else None,
        "since": row.since.isoformat() if row.since else None,
        "outcome": row.outcome,
        "matched": row.matched,
    }
