"""hub catch-up: how many returns the hub had not been told of, day by day."""

from __future__ import annotations

from typing import Any

import click

from cli.choices import merchant_option, one_merchant
from cli.terminal import console, json_option, pass_reach, say_json, table
from cli.verbs import verb
from cli.worlds import Reach
from returns_hub.flows.catch_up_counts import DayCounts, Report, report


@verb("catch-up")
@merchant_option
@click.option(
    "--days", type=click.IntRange(1, 400), default=14, show_default=True, help="how many days"
)
@json_option
@pass_reach
def catch_up(reach: Reach, merchant: str | None, days: int, as_json: bool) -> None:
    """Show how many changed returns the webhook or your publisher had not told of.

    Days are those on which the returns changed, in UTC. "missed": not known to the hub two minutes
    after the change and more, and no message in the queue that could be about it. "queued": not
    known yet, but as many messages were still waiting. Both were sent; nothing is lost by it.

    Example: hub catch-up --days 30

    See also: hub backfill, hub redo webhook status, docs/operating.md
    """
    made = reach.hub()
    owner = one_merchant(made, merchant)
    live = made.merchants.live(owner).merchant
    found = report(made.cursors, owner, days=days, now=made.clock.now())
    is_on = live.flows.catch_up.enabled
    if as_json:
        say_json(_for_machines(owner, found, is_on=is_on))
        return
    _show(found)
    if not is_on:
        click.echo(f"catching up is switched off for {owner} (flows.catch_up.enabled)", err=True)
    elif found.caught_up_to is None:
        click.echo("catching up has not run yet", err=True)
    else:
        click.echo(f"caught up to {found.caught_up_to:%Y-%m-%d %H:%M} (UTC)")


def _show(found: Report) -> None:
    if not found.days:
        click.echo("nothing has been counted yet")
        return
    rows = table("day (UTC)")
    for name in ("read", "known", "queued", "missed", "missed %"):
        rows.add_column(name, justify="right")
    for day, counts in found.days:
        rows.add_row(str(day), *_cells(counts))
    rows.add_row("in all", *_cells(found.total), style="bold")
    console().print(rows)


def _cells(counts: DayCounts) -> list[str]:
    share = counts.missed_percent
    numbers = (counts.read, counts.known, counts.queued, counts.missed)
    return [*map(str, numbers), "-" if share is None else f"{share:.1f}"]


def _for_machines(merchant: str, found: Report, *, is_on: bool) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "enabled": is_on,
        "caught_up_to": found.caught_up_to.isoformat() if found.caught_up_to else None,
        "counted_from": found.counted_from.isoformat() if found.counted_from else None,
        "days": [{"day": str(day), **_counts(counts)} for day, counts in found.days],
        "total": _counts(found.total),
    }


def _counts(counts: DayCounts) -> dict[str, float | None]:
    return {**vars(counts), "missed_percent": counts.missed_percent}
