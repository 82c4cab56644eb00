"""hub unleashed plan: what the next run would do; nothing is written anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click

from cli.choices import merchant_argument
from cli.progress import working
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.unleashed.desk import Desk, desk_of, flow_type, require_here
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.errors import Verdict
from returns_hub.flows.sync.plan import PlannedChange, SyncPlan
from returns_hub.flows.unleashed.dry import plan_flow
from returns_hub.flows.unleashed.due import flows_missing, flows_on

MOST = 10_000
QUIET = "nothing"
"""What is in step already; counted, and not listed."""


@verb()
@merchant_argument
@click.argument("flows", nargs=-1, type=flow_type, metavar="[FLOW]...")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="at most so many records of a flow",
)
@json_option
@pass_reach
def plan(
    reach: Reach, merchant: str, flows: tuple[FlowName, ...], limit: int, as_json: bool
) -> None:
    """Show what the next run of each FLOW would do: of all that are switched on, or of those named.

    The same code as in the run, as if the flow were live, in a world that writes nothing: partners
    are read, each call counts for the month, and every write is refused. What no person was asked
    yet, and would be, is shown as hold.

    \b
    hub unleashed plan example
    hub unleashed plan example orders stock --limit 20

    See also: hub unleashed run, hub unleashed flows, docs/unleashed-flows.md
    """
    desk = desk_of(reach, merchant, reads_only=True)
    chosen = flows or flows_on(desk.connection)
    for flow in flows:
        require_here(flow)
    if not chosen:
        missing = ", ".join(flows_missing(desk.connection))
        why = f"this release has no {missing}" if missing else "every flow is off; name one"
        raise CommandError(clean(f"there is nothing to plan for {merchant}: {why}"), REFUSED)
    told: list[dict[str, Any]] = []
    for flow in dict.fromkeys(chosen):
        mode = desk.connection.modes[flow].value
        with working(f"planning {flow} of {merchant}"):
            plans = planned(desk, flow, limit)
        for name, found in plans.items():
            told.append(plan_for_machines(flow, name, mode, found))
            if not as_json:
                say_plan(name, mode, found)
    if as_json:
        say_json({"merchant": merchant, "plans": told})


def planned(desk: Desk, flow: FlowName, limit: int) -> dict[str, SyncPlan]:
    try:
        return plan_flow(flow, desk.hub.erp.world(desk.merchant, flow), limit=limit)
    except Verdict as verdict:
        return {f"unleashed.{flow}": SyncPlan((), whole=False, why_not=verdict.reason)}


def counts_of(changes: Iterable[PlannedChange]) -> dict[str, int]:
    """How many records each word is about, the most frequent first."""
    return dict(Counter(change.does for change in changes).most_common())


def plan_for_machines(flow: str, source: str, mode: str, found: SyncPlan) -> dict[str, Any]:
    return {
        "flow": flow,
        "source": source,
        "mode": mode,
        "whole": found.whole,
        "why_not": found.why_not,
        "counts": counts_of(found.changes),
        "changes": [asdict(change) for change in found.changes],
    }


def say_plan(source: str, mode: str, found: SyncPlan) -> None:
    click.echo(clean(f"{source} ({mode}): {_summary(found)}"))
    listed = [change for change in found.changes if change.does != QUIET]
    if not listed:
        return
    rows = table("record", "does", "steps", "why")
    for change in listed:
        steps = "\n".join(f"{step.name} at {step.partner}: {step.summary}" for step in change.steps)
        rows.add_row(
            shown(change.key), change.does, shown(steps or change.outcome), shown(change.reason)
        )
    console().print(rows)


def _summary(found: SyncPlan) -> str:
    counts = counts_of(found.changes)
    told = ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing to do"
    if found.whole:
        return told
    return f"{told}; not to its end: {found.why_not or 'the list was cut off'}"
