"""hub unleashed flows: how each flow stands, and what the month's calls are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click

from cli.choices import merchant_argument
from cli.terminal import clean, console, json_option, pass_reach, say_json, shown, table
from cli.unleashed.desk import Desk, desk_of
from cli.verbs import verb
from cli.worlds import Reach
from returns_hub.domain.unleashed.budget import CallPlan, forecast
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.errors import Verdict
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.unleashed.sources import SOURCES

MOST_IN_WORK = 500
MINUTES = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Standing:
    """How one source of a flow stands.

    Args:
        flow: Its flow.
        source: Its name; empty where nothing can be told.
        mode: The flow's switch.
        ran: When its newest run that read the list began; empty before the first.
        whole: Whether that one came to the list's end.
        at_work: Whether a run is at it now.
        in_work: Records that were begun and are not at their end; at most `MOST_IN_WORK`.
        waits: Those of them without an open step: they wait for something that changes elsewhere,
            or for their next try.
        comes_back: Records that the next tick looks at.
        parked: Records that a person is asked about.
        why_not: Why nothing can be told.
    """

    flow: FlowName
    source: str
    mode: str
    ran: str = ""
    whole: bool = True
    at_work: bool = False
    in_work: int = 0
    waits: int = 0
    comes_back: int = 0
    parked: int = 0
    why_not: str = ""


@dataclass(frozen=True)
class Calls:
    """The month's calls of the account: used so far, foreseen, and what the plan holds of them."""

    used: int
    foreseen: int
    monthly_calls: int
    reserve: int


@verb()
@merchant_argument
@json_option
@pass_reach
def flows(reach: Reach, merchant: str, as_json: bool) -> None:
    """Show each flow: its switch, its last run, what is in work, waits or is parked; and the calls.

    By reads of the hub's own tables alone; Unleashed is not asked.

    Example: hub unleashed flows example

    See also: hub unleashed plan, hub unleashed run, docs/unleashed.md
    """
    desk = desk_of(reach, merchant)
    standings = tuple(standings_of(desk))
    calls = calls_of(desk)
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "flows": [asdict(standing) for standing in standings],
                "calls": asdict(calls),
            }
        )
        return
    rows = table("flow", "mode", "last run (UTC)", "list", "in work", "waits", "back", "parked")
    for standing in standings:
        rows.add_row(*_cells(standing))
    console().print(rows)
    click.echo(
        clean(
            f"calls this month: {calls.used} used, {calls.foreseen} foreseen, of "
            f"{calls.monthly_calls}; the last {calls.reserve} are kept for despatches, receipts "
            "and people"
        )
    )


def calls_of(desk: Desk) -> Calls:
    """The month's calls; 1 request."""
    live = desk.hub.merchants.live(desk.merchant)
    used = desk.hub.erp.account(live).client.meter.usage().total
    plan = CallPlan(desk.connection.monthly_calls, desk.connection.reserve_percent)
    foreseen = forecast(used, desk.hub.clock.now())
    return Calls(used, foreseen, desk.connection.monthly_calls, plan.reserve)


def standings_of(desk: Desk) -> Iterator[Standing]:
    """Every flow's standing, in the order of a run."""
    parked = [item.flow for item in desk.hub.parking.list_parked(desk.merchant)]
    for flow in FLOW_NAMES:
        mode = desk.connection.modes[flow].value
        if flow not in SOURCES:
            yield Standing(flow, "", mode, why_not="not in this release")
            continue
        try:
            sources = desk.sources(flow)
        except Verdict as verdict:
            yield Standing(flow, "", mode, why_not=verdict.reason)
            continue
        for source in sources:
            yield _standing(desk, flow, source.name, mode, parked.count(source.name))


def _standing(desk: Desk, flow: FlowName, source: str, mode: str, parked: int) -> Standing:
    name = cursor_name(source, desk.merchant)
    found = desk.hub.cursors.standing(name)
    cursor = SyncCursor.of(found.value)
    in_work = desk.hub.sync_records().in_work(desk.merchant, source, MOST_IN_WORK)
    return Standing(
        flow=flow,
        source=source,
        mode=mode,
        ran=cursor.ran.strftime(MINUTES) if cursor.ran else "",
        whole=cursor.whole,
        at_work=found.held_until is not None,
        in_work=len(in_work),
        waits=sum(not state.open_steps for state in in_work),
        comes_back=len(cursor.later),
        parked=parked,
    )


def _cells(standing: Standing) -> tuple[Any, ...]:
    if not standing.source:
        return standing.flow, standing.mode, "-", shown(standing.why_not), "", "", "", ""
    name = standing.source.removeprefix("unleashed.")
    if standing.at_work:
        listed = "at work now"
    elif not standing.ran:
        listed = "never read"
    else:
        listed = "whole" if standing.whole else "cut: the next tick goes on"
    more = "+" if standing.in_work == MOST_IN_WORK else ""
    return (
        shown(name),
        standing.mode,
        standing.ran or "-",
        listed,
        f"{standing.in_work}{more}",
        f"{standing.waits}{more}",
        str(standing.comes_back),
        str(standing.parked),
    )
