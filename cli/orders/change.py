"""hub orders change: tell by hand that an order was edited or cancelled upstream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.filters import dry_run_option, yes_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    pass_reach,
    say_outcome,
)
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.base import short_hash
from returns_hub.domain.relay.order_change import SCHEMA_NAME, OrderChange
from returns_hub.flows.relay.change_preview import Preview, is_off, preview
from returns_hub.flows.relay.order_change_message import parse
from returns_hub.order_change_runs import order_change_world

SOURCE = "operator"


@verb()
@merchant_argument
@click.argument("order")
@click.argument("kind", type=click.Choice(["cancelled", "edited"]))
@click.option("--replaced-by", help="of an edit: number of the order that replaces it")
@click.option("--id", "change_id", help="of the change; without it the same words are one change")
@dry_run_option
@act_json_option
@yes_option
@pass_reach
@acts("order")
def change(
    reach: Reach,
    merchant: str,
    order: str,
    kind: str,
    replaced_by: str | None,
    change_id: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Tell that ORDER (its number in the warehouse) was edited or cancelled upstream.

    Looks first what would be done, and with --dry-run does no more. Else the message is put onto
    the queue, as if the store had told it.

    \b
    hub orders change example 1001 cancelled --dry-run
    hub orders change example 1001 edited --replaced-by 1001-E1

    See also: hub orders show, hub orders changes, docs/wair.md
    """
    made = reach.hub()
    told = _told(merchant, order, kind, replaced_by, change_id)
    found = preview(told, order_change_world(made.reading_only(), merchant))
    _say(found)
    if dry_run:
        click.echo("nothing was told")
        say_outcome("would_be_done", dry_run=True, **_for_machines(told, found, sent=False))
        return
    if is_off(found):
        raise CommandError(f"{merchant}'s file has order_changes.mode off", REFUSED)
    require_yes(f"tell that order {order} was {kind}?", yes=yes)
    _send(made, told)
    click.echo(f"told: change {told.id}; see hub orders show {merchant} {clean(order)}")
    say_outcome("done", **_for_machines(told, found, sent=True))


def _told(
    merchant: str, order: str, kind: str, replaced_by: str | None, change_id: str | None
) -> OrderChange:
    """The change, held to the contract as any message."""
    named = f"{order}/{kind}/{replaced_by or ''}"
    if not named.isprintable():
        raise CommandError("an order's number is printable", REFUSED)
    content = {
        "schema": SCHEMA_NAME,
        "merchant": merchant,
        "id": change_id or f"by-hand-{short_hash(named, 16)}",
        "order": order,
        "kind": kind,
        "replaced_by": replaced_by,
        "occurred_at": datetime.now(UTC).isoformat(),
        "source": SOURCE,
    }
    return parse(json.dumps(content))


def _send(made: Hub, told: OrderChange) -> None:
    made.queue(made.settings.order_changes_queue_url).send(told.to_json())


def _say(found: Preview) -> None:
    for line in found.writes:
        click.echo(clean(f"would {line}"))
    if found.why:
        words = {"overruled": "it is overruled", "leave": "nothing would be done"}
        then = "a person would be asked" if found.asks else "it would wait"
        click.echo(clean(f"{words.get(found.would, then)}: {found.why}"))
    if not found.writes and not found.why:
        click.echo("nothing is left to do")
    if found.mode != "live":
        click.echo(f"order_changes.mode is {found.mode}: nothing would be written")


def _for_machines(told: OrderChange, found: Preview, *, sent: bool) -> dict[str, Any]:
    return {
        "change": json.loads(told.to_json()),
        "would": found.would,
        "writes": list(found.writes),
        "why": found.why,
        "mode": found.mode,
        "told": sent,
    }
