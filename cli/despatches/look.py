"""hub despatches plan, list, show: what would be told, what waits, and the story of one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from cli.choices import merchant_argument
from cli.despatches.desk import Desk, desk_of
from cli.stories import say_who_is_asked
from cli.terminal import clean, console, json_option, pass_reach, say_json, shown, table
from cli.unleashed.plans import QUIET, counts_of
from cli.verbs import verb
from cli.worlds import Reach
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.domain.operations import tell_despatch_key
from returns_hub.domain.relay.despatch import despatch_id_of, event_id_of
from returns_hub.domain.relay.telling import all_told, step_name
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.relay.despatch_message import FLOW
from returns_hub.flows.relay.despatches import NAME, DespatchSource
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.plan import plan_sync

MOST = 10_000
MOST_IN_WORK = 500


@verb()
@merchant_argument
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="at most so many despatches",
)
@json_option
@pass_reach
def plan(reach: Reach, merchant: str, limit: int, as_json: bool) -> None:
    """Show what the next run would tell, and whom; nothing is written anywhere.

    The same code as in the run, as if the relay were live: Mintsoft is read, and nobody is told.

    Example: hub despatches plan example

    See also: hub despatches list, docs/wair.md
    """
    desk = desk_of(reach, merchant, reads_only=True)
    found = plan_sync(DespatchSource(desk.world), desk.world.sync, limit=limit)
    mode = desk.relay.mode.value
    counts = counts_of(found.changes)
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "mode": mode,
                "whole": found.whole,
                "why_not": found.why_not,
                "counts": counts,
                "changes": [asdict(change) for change in found.changes],
            }
        )
        return
    told = ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing to do"
    cut = "" if found.whole else f"; not to its end: {found.why_not or 'the list was cut off'}"
    click.echo(clean(f"{NAME} ({mode}): {told}{cut}"))
    rows = table("order", "does", "what is told", "why")
    listed = [change for change in found.changes if change.does != QUIET]
    for change in listed:
        steps = "\n".join(step.summary for step in change.steps)
        rows.add_row(shown(change.key), change.does, shown(steps), shown(change.reason))
    if listed:
        console().print(rows)


@verb("list")
@merchant_argument
@json_option
@pass_reach
def list_(reach: Reach, merchant: str, as_json: bool) -> None:
    """List what waits: despatches that are not on the queue yet, and what a person is asked about.

    By reads of the hub's own tables and queue alone. What is on the queue and on its way to a
    target is counted; hub despatches show tells of one.

    Example: hub despatches list example

    See also: hub despatches show, hub parked list, docs/wair.md
    """
    desk = desk_of(reach, merchant)
    waiting = desk.hub.sync_records().in_work(merchant, NAME, MOST_IN_WORK)
    parked = [item for item in desk.hub.parking.list_parked(merchant) if item.flow in {NAME, FLOW}]
    standing = desk.hub.cursors.standing(cursor_name(NAME, merchant))
    ran = SyncCursor.of(standing.value).ran
    queued = desk.hub.queue(desk.hub.settings.despatches_queue_url).depth()
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "mode": desk.relay.mode.value,
                "targets": [target.name for target in desk.relay.targets],
                "ran": ran.isoformat() if ran else None,
                "queued_of_all_merchants": queued,
                "waiting": [
                    {"order": s.key, "since": s.began_at.isoformat() if s.began_at else None}
                    for s in waiting
                ],
                "parked": [
                    {"parked_id": i.parked_id, "code": i.code, "reason": i.reason} for i in parked
                ],
            }
        )
        return
    when = f"{ran:%Y-%m-%d %H:%M} UTC" if ran else "never"
    click.echo(clean(f"{desk.relay.mode.value}; last run {when}; about {queued} on the queue"))
    rows = table("order or id", "waits for", "why")
    for state in waiting:
        since = f"since {state.began_at:%Y-%m-%d %H:%M}" if state.began_at else ""
        rows.add_row(shown(state.key), "the next run", since)
    for item in parked:
        rows.add_row(shown(item.parked_id), "a person", shown(f"{item.code}: {item.reason}"))
    if waiting or parked:
        console().print(rows)
    click.echo(f"{len(waiting)} wait for a run, {len(parked)} for a person")


@verb()
@merchant_argument
@click.argument("order")
@json_option
@pass_reach
def show(reach: Reach, merchant: str, order: str, as_json: bool) -> None:
    """Tell the story of what left with an ORDER: what was told to whom, and what came of it.

    ORDER is Mintsoft's id of the order, or its number; a number has Mintsoft asked for its parts.

    Example: hub despatches show example EX-1001

    See also: hub despatches again, docs/wair.md
    """
    desk = desk_of(reach, merchant)
    told: list[dict[str, Any]] = []
    for order_id in desk.order_ids(order):
        state = desk.state(order_id)
        endings = _endings(desk, state, order_id)
        events = desk.hub.sync_records().timeline(merchant, NAME, state.key)
        told.append(
            {
                "order": order_id,
                "standing": state.standing,
                "told": endings,
                "timeline": [event.model_dump(mode="json") for event in events],
            }
        )
        if as_json:
            continue
        click.echo(clean(f"order {order_id} stands: {state.standing.replace('_', ' ')}"))
        rows = table("target", "revision", "on the queue", "told")
        for row in endings:
            rows.add_row(
                row["target"],
                str(row["revision"]),
                "yes" if row["queued"] else "no",
                shown(row["outcome"] + (f": {row['reason']}" if row["reason"] else "")),
            )
        if endings:
            console().print(rows)
        story = table("when (UTC)", "what", "rule", "who")
        for event in events:
            story.add_row(
                f"{event.at:%Y-%m-%d %H:%M:%S}",
                shown(event.fact.in_words()),
                shown(event.rule),
                shown(event.actor),
            )
        if events:
            console().print(story)
        say_who_is_asked(merchant, state)
    if as_json:
        say_json({"merchant": merchant, "despatches": told})


def _endings(desk: Desk, state: SyncState, order_id: int) -> list[dict[str, Any]]:
    """What became of each telling, as the ledger has it."""
    ledger = DynamoDbLedger(desk.hub.dynamodb, desk.hub.settings.ledger_table, desk.hub.clock)
    found = []
    for told in sorted(all_told(state), key=lambda told: (told.target, told.revision)):
        event_id = event_id_of(despatch_id_of(desk.merchant, order_id), told.revision)
        kept = ledger.look(tell_despatch_key(desk.merchant, told.target, event_id))
        found.append(
            {
                "target": told.target,
                "revision": told.revision,
                "id": event_id,
                "queued": state.done(step_name(told.target, told.revision)),
                "outcome": str(kept.get("state", "not yet")).lower(),
                "reason": str(kept.get("reason", "")),
            }
        )
    return found
