"""hub unleashed show: one record that is kept in step, and its story."""

from __future__ import annotations

import click

from cli.choices import merchant_argument
from cli.stories import say_record, say_story, say_who_is_asked
from cli.terminal import REFUSED, clean, json_option, pass_reach
from cli.unleashed.desk import Desk, desk_of, flow_type, require_here
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.flow_names import FlowName

KINDS = ("orders", "shipments")
"""What stands before the Guid in the key of a despatch."""


@verb()
@merchant_argument
@click.argument("flow", type=flow_type)
@click.argument("key")
@json_option
@pass_reach
def show(reach: Reach, merchant: str, flow: FlowName, key: str, as_json: bool) -> None:
    """Tell the story of one record of a FLOW: what was seen of it, and what was done.

    KEY is the record's Guid at Unleashed, or as the plan shows it; or the id of what the flow made
    of it, e.g. of the order in Mintsoft. Despatches take the Guid of their order or shipment.

    Example: hub unleashed show example orders 0b5e7c1a-0000-4000-8000-000000000001

    See also: hub unleashed plan, hub parked show, docs/unleashed-flows.md
    """
    desk = desk_of(reach, merchant)
    require_here(flow)
    state = known_record(desk, flow, key.strip())
    events = desk.hub.sync_records().timeline(merchant, state.flow, state.key)
    if as_json:
        say_record(state, events)
        return
    say_story(events)
    made = ", ".join(f"{s.name} {s.partner_id}" for s in state.steps if s.partner_id)
    click.echo(clean(f"{state.key} of {state.flow} stands: {state.standing.replace('_', ' ')}"))
    if made:
        click.echo(clean(f"made: {made}"))
    say_who_is_asked(merchant, state)


def known_record(desk: Desk, flow: FlowName, key: str) -> SyncState:
    """The record with this key, or the one for which this was made.

    Raises:
        CommandError: The hub knows none.
    """
    records = desk.hub.sync_records()
    for source in desk.sources(flow):
        small = key.lower()
        for name in dict.fromkeys((key, small, *(f"{kind}/{small}" for kind in KINDS))):
            state = records.load(desk.merchant, source.name, name)
            if state.version:
                return state
        made_for = records.made_by(desk.merchant, source.name, key)
        if made_for is not None:
            return records.load(desk.merchant, source.name, made_for)
    raise CommandError(clean(f"the hub has no record {key} of {flow}"), REFUSED)
