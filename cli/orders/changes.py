"""hub orders changes, show: what is under way, and the story of one order."""

from __future__ import annotations

from typing import Any

import click

from cli.choices import merchant_argument
from cli.stories import say_record, say_story, say_who_is_asked
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.relay.order_change import change_that_counts
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.relay.order_change_message import FLOW

MOST_SHOWN = 500


@verb()
@merchant_argument
@json_option
@pass_reach
def changes(reach: Reach, merchant: str, as_json: bool) -> None:
    """List changed orders that wait, or that a person is asked about.

    Example: hub orders changes example

    See also: hub orders show, hub parked list, docs/wair.md
    """
    made = reach.hub()
    made.merchants.live(merchant)
    rows = [*_in_work(made, merchant), *_asked(made, merchant)]
    if as_json:
        say_json({"changes": rows})
        return
    listed = table("order", "stands", "change", "kind", "replaced by", "since (UTC)", "why")
    for row in rows:
        names = ("order", "stands", "change", "kind", "replaced_by", "since", "why")
        listed.add_row(*(shown(row[name] or "-") for name in names))
    if rows:
        console().print(listed)
    click.echo(f"{len(rows)} changed orders wait")


def _in_work(made: Hub, merchant: str) -> list[dict[str, Any]]:
    found = made.sync_records().in_work(merchant, FLOW, MOST_SHOWN)
    return [_row(state, "waits", "") for state in found]


def _asked(made: Hub, merchant: str) -> list[dict[str, Any]]:
    """What is on the list of parked work; a message that no order's timeline knows as well."""
    rows = []
    for item in made.parking.list_parked(merchant):
        if item.flow != FLOW:
            continue
        order = item.parked_id.removeprefix(f"{FLOW}/")
        if order == item.parked_id:
            order = item.subject.removeprefix("order ")
        state = made.sync_records().load(merchant, FLOW, order)
        rows.append(_row(state, "parked", f"{item.code}: {item.reason}"))
    return rows


def _row(state: SyncState, stands: str, why: str) -> dict[str, Any]:
    counts = change_that_counts(state)
    return {
        "order": state.key,
        "stands": stands,
        "change": counts.id if counts else "",
        "kind": counts.kind if counts else "",
        "replaced_by": (counts.replaced_by if counts else None) or "",
        "since": f"{state.began_at:%Y-%m-%d %H:%M}" if state.began_at else "",
        "why": why,
    }


@verb()
@merchant_argument
@click.argument("order")
@json_option
@pass_reach
def show(reach: Reach, merchant: str, order: str, as_json: bool) -> None:
    """Tell the story of the changes of ORDER (its number in the warehouse).

    Example: hub orders show example 1001

    See also: hub orders changes, hub orders change, docs/wair.md
    """
    made = reach.hub()
    made.merchants.live(merchant)
    records = made.sync_records()
    state = records.load(merchant, FLOW, order.strip())
    if not state.version:
        raise CommandError(clean(f"nothing was told of order {order}"), REFUSED)
    events = records.timeline(merchant, FLOW, state.key)
    if as_json:
        say_record(state, events)
        return
    say_story(events)
    counts = change_that_counts(state)
    if counts is not None:
        named = f", replaced by {counts.replaced_by}" if counts.replaced_by else ""
        click.echo(clean(f"what counts: change {counts.id}: {counts.kind}{named}"))
    click.echo(clean(f"order {state.key} stands: {state.standing.replace('_', ' ')}"))
    say_who_is_asked(merchant, state)
