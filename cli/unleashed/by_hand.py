"""hub unleashed run: one run of one flow, from here."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.filters import dry_run_option, yes_option
from cli.heard import Heard
from cli.progress import working
from cli.terminal import REFUSED, clean, json_option, pass_reach, say_outcome
from cli.unleashed.desk import Desk, desk_of, flow_type, require_here
from cli.unleashed.plans import plan_for_machines, planned, say_plan
from cli.verbs import verb
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.unleashed.run import run_flow
from returns_hub.flows.unleashed.stock.full import ask_full
from returns_hub.flows.unleashed.turns import turn

LIMIT = 100
"""Records of a source that a dry run looks at; hub unleashed plan takes --limit."""
SECONDS = 270.0
"""A run's time, as the function's: the lease ends a moment later."""
BAD = frozenset({"failed", "cut_off"})


@verb()
@merchant_argument
@click.argument("flow", type=flow_type)
@click.option("--now", is_flag=True, help="though its interval is not over")
@click.option("--full", is_flag=True, help="stock: compare every product, not changed ones only")
@yes_option
@dry_run_option
@json_option
@pass_reach
@acts("flow")
def run(
    reach: Reach,
    merchant: str,
    flow: FlowName,
    now: bool,
    full: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run one FLOW once, from this machine, under the lease that the schedule's runs take too.

    A flow that is live writes to both partners, so it is asked first; hub unleashed plan shows
    what it would do. What does not fit into one run is the next one's.

    \b
    hub unleashed run example orders --now
    hub unleashed run example stock --full --dry-run

    Exit codes: 0 fine, 1 refused, 3 a source failed or was cut off

    See also: hub unleashed plan, hub unleashed flows, docs/unleashed.md
    """
    if full and flow != "stock":
        raise click.UsageError("--full compares every product; it goes with stock")
    desk = desk_of(reach, merchant, reads_only=dry_run)
    require_here(flow)
    mode = desk.connection.modes[flow]
    if mode is Mode.OFF:
        raise CommandError(
            f"{flow} is off (unleashed.{flow}.mode); hub unleashed plan shows what it would do",
            REFUSED,
        )
    if dry_run:
        _dry_run(desk, flow, mode.value)
        return
    require_yes(
        f"run {flow} of {merchant}, which is live and writes?", yes=yes or mode is not Mode.LIVE
    )
    if full:
        ask_full(desk.hub.stores(), merchant)
    ends = desk.hub.clock.monotonic() + SECONDS
    desk.hub.clock.begin(lambda: ends - desk.hub.clock.monotonic())
    heard = Heard()
    world = desk.hub.erp.world(merchant, flow).heard_by(heard)
    with turn(world.stores, merchant, flow, world.connection) as is_mine:
        if not is_mine:
            raise CommandError(
                f"flows of {merchant} are at work; try again in a moment", UNREACHABLE
            )
        with working(f"running {flow} of {merchant}"):
            done = run_flow(flow, world, now=now or full)
    if as_json:
        named: dict[str, Any] = {"merchant": merchant, "flow": flow, "mode": mode.value}
        say_outcome("done", **named, sources=done)
    else:
        for source, endings in done.items():
            click.echo(clean(f"{source} ({mode.value}): {_in_words(endings)}"))
    if any(BAD & endings.keys() for endings in done.values()):
        for why in heard.reasons:
            click.echo(clean(why), err=True)
        sys.exit(UNREACHABLE)


def _dry_run(desk: Desk, flow: FlowName, mode: str) -> None:
    """What the run would do, by the same code in a world that writes nothing."""
    with working(f"planning {flow} of {desk.merchant}"):
        found = planned(desk, flow, LIMIT)
    for source, plan in found.items():
        say_plan(source, mode, plan)
    click.echo("nothing was done")
    plans = {source: plan_for_machines(flow, source, mode, plan) for source, plan in found.items()}
    named: dict[str, Any] = {"merchant": desk.merchant, "flow": flow, "mode": mode}
    say_outcome("would_be_done", dry_run=True, **named, sources=plans)


def _in_words(endings: dict[str, int]) -> str:
    if not endings:
        return "nothing changed, or another run is at work"
    if endings == {"not_due": 1}:
        return "its interval is not over; --now runs it all the same"
    return ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in endings.items())
