"""hub unleashed webhooks: the subscriptions by which Unleashed tells of changes."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.filters import dry_run_option, yes_option
from cli.terminal import REFUSED, clean, json_option, pass_reach, say_json, say_outcome
from cli.unleashed.desk import desk_of
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.unleashed.notices import EVENTS, TOLD_FLOWS
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.unleashed.subscribe import (
    Subscribing,
    is_subscribed,
    missing_events,
    ours_of,
    subscribe,
)


@verb()
@merchant_argument
@click.argument("action", type=click.Choice(["list", "subscribe"]))
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(EVENTS),
    help="subscribe: to these alone, where Unleashed refuses one; else to all",
)
@yes_option
@dry_run_option
@json_option
@pass_reach
@acts("action", when=lambda given: given["action"] != "list")
def webhooks(
    reach: Reach,
    merchant: str,
    action: str,
    events: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """List the account's subscriptions, or make the one that delivers to this hub.

    Unleashed shows a subscription's key once: subscribe stores it in the secret, and never shows
    it. Unleashed's API takes none off; that is done in Unleashed.

    \b
    hub unleashed webhooks example list
    hub unleashed webhooks example subscribe --dry-run

    Exit codes: 0 fine, 1 refused, or some event is delivered by no subscription

    See also: hub unleashed flows, hub check, docs/unleashed-webhooks.md
    """
    desk = desk_of(reach, merchant)
    world = desk.hub.world(merchant)
    try:
        it = desk.hub.erp.subscribing(world)
    except Misconfigured as verdict:
        raise CommandError(clean(verdict.reason), REFUSED) from None
    if action == "list":
        _list(it, as_json=as_json)
        return
    named: dict[str, Any] = {"merchant": merchant, "url": it.url, "events": list(events or EVENTS)}
    try:
        if dry_run:
            is_there = is_subscribed(it)
            word = "is there already" if is_there else "would be made, and its key stored"
            click.echo(clean(f"the subscription that delivers to {it.url} {word}"))
            ended = "nothing_to_do" if is_there else "would_be_done"
            say_outcome(ended, dry_run=True, **named)
            return
        require_yes(f"have Unleashed deliver to {it.url}?", yes=yes)
        word = subscribe(it, events or EVENTS)
    except Permanent as verdict:
        raise CommandError(clean(verdict.reason), REFUSED) from None
    told = {"made": "is made, and its key is stored", "already": "is there already"}[word]
    click.echo(clean(f"the subscription that delivers to {it.url} {told}"))
    say_outcome("nothing_to_do" if word == "already" else "done", **named)
    if not desk.connection.webhooks.enabled:
        click.echo("note: unleashed.webhooks.enabled is false: deliveries are refused until then")


def _list(it: Subscribing, *, as_json: bool) -> None:
    listed = it.webhooks.subscriptions()
    ours = ours_of(listed, it.url)
    missing = missing_events(ours)
    deliveries = {
        flow: it.deliveries.watched(it.world.merchant, flow).last_at for flow in TOLD_FLOWS
    }
    if as_json:
        say_json(
            {
                "url": it.url,
                "subscriptions": [
                    {"id": row.id, "url": row.url, "events": list(row.events), "ours": row in ours}
                    for row in listed
                ],
                "missing_events": list(missing),
                "last_delivery": {
                    f: at.isoformat() if at else None for f, at in deliveries.items()
                },
            }
        )
    else:
        for row in listed:
            whose = "ours" if row in ours else "another's"
            click.echo(clean(f"{row.id}  {whose}  {row.url}  {', '.join(row.events)}"))
        for flow, at in deliveries.items():
            when = f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
            click.echo(f"last delivery for {flow}: {when}")
    if missing:
        what = f"nothing delivers {', '.join(missing)} to {it.url}"
        click.echo(clean(what), err=True)
        sys.exit(REFUSED)
