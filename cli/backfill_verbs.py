"""hub backfill, and its list and cancel: returns of the portal's past are looked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from cli.acting import acts
from cli.backfill_acts import is_wanted, telling, try_out, work_through
from cli.backfill_choices import (
    LONG_WINDOW,
    Asked,
    IdsType,
    StatusesType,
    When,
    WhenType,
    asked_for,
)
from cli.backfill_words import (
    job_for_machines,
)
from cli.choices import merchant_option, one_merchant
from cli.clocks import require_right_clock
from cli.dry import dry, up_to_the_first_write
from cli.filters import Finite, dry_run_option, yes_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    console,
    json_option,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import require_no_options, verbs
from cli.worlds import CommandError, Reach
from returns_hub.adapters.http.budget import CallBudget
from returns_hub.domain.returns import ReturnStatus
from returns_hub.flows.backfill import Manner
from returns_hub.flows.backfill_jobs import cancel, list_jobs, read_job
from returns_hub.flows.way import Way
from returns_hub.flows.world import World

JOB_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


def _job_name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not JOB_NAME.fullmatch(value):
        raise click.BadParameter("lower-case letters, digits, - and ., at most 100")
    return value


@verbs(invoke_without_command=True)
@merchant_option
@click.option("--from", "since", type=WhenType(), help="changed at or after: a day or a time (UTC)")
@click.option("--to", "until", type=WhenType(), help="and before; a day: to its end [now]")
@click.option(
    "--ids", type=IdsType(), help="these returns: a,b,c or @FILE, or - for standard input"
)
@click.option(
    "--status", "statuses", type=StatusesType(), help="only those in: open,in_transit,delivered"
)
@click.option(
    "--even-before-live",
    is_flag=True,
    help="announce also returns made before live_from: you know that nobody has announced them",
)
@click.option("--name", callback=_job_name, help="the job's name [made of what is looked for]")
@click.option("--restart", is_flag=True, help="forget how far the job came, and begin it anew")
@click.option("--limit", type=click.IntRange(1), help="send at most so many in this run")
@click.option(
    "--calls-per-minute",
    type=Finite(1, 600),
    default=60.0,
    show_default=True,
    help="share of the portal's rate, with the calls that announcing will make",
)
@dry_run_option
@yes_option
@json_option
@click.pass_context
@acts("name")
def backfill(
    ctx: click.Context,
    merchant: str | None,
    since: When | None,
    until: When | None,
    ids: tuple[str, ...] | None,
    statuses: tuple[ReturnStatus, ...] | None,
    even_before_live: bool,
    name: str | None,
    restart: bool,
    limit: int | None,
    calls_per_minute: float,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Look for returns of the past, and announce those that nobody told the hub of.

    A window is of the times at which returns changed last: one that was approved in it and changed
    later is found at the later time. Whatever stops it (Ctrl-C too), the same command goes on
    where it stopped. It keeps to its share of the portal's rate, and adds nothing to a full queue.

    \b
    hub backfill --from 2026-03-01 --to 2026-03-05 --dry-run
    hub backfill --status open,in_transit
    hub backfill --ids 66aa01f0c0ffee0000000001,66aa01f0c0ffee0000000002 --limit 100 --yes

    Exit codes: 0 ended, or nothing to do, 1 refused, or the portal does not know an id, 3 stopped:
    the same command goes on, 130 interrupted: the same command goes on

    See also: hub backfill list, hub backfill cancel, hub catch-up, docs/operating.md
    """
    reach = ctx.find_object(Reach)
    if reach is None:
        raise AssertionError("the command's root gives it")
    if ctx.invoked_subcommand is not None:
        require_no_options(ctx, "a job")
        return
    made = reach.hub()
    now = made.clock.now()
    asked = asked_for(
        since, until, ids or (), statuses or (), even_before_live=even_before_live, now=now
    )
    if asked.is_long and not (yes or dry_run):
        raise click.UsageError(
            f"the window is longer than {LONG_WINDOW.days} days; --yes if it is meant"
        )
    require_right_clock(made)
    budget = CallBudget(calls_per_minute, made.clock)
    world = made.within(budget).world(one_merchant(made, merchant))
    _require_sense(world, asked)
    for note in asked.notes:
        click.echo(note, err=True)
    if dry_run:
        try_out(world, asked, as_json=as_json)
        return
    job = name or asked.name
    begun = None if restart else read_job(made.cursors, world.merchant, job)
    if begun is None and as_json and not yes:
        raise click.UsageError("--json begins a job with --yes, and looks with --dry-run")
    if begun is None and not yes and not is_wanted(world, asked, calls_per_minute):
        return
    queue = made.queue(made.settings.approved_returns_queue_url)

    def manner(tell: Callable[[float, str], None]) -> Manner:
        return Manner(Way(queue.send, queue.depth), budget.take, limit, telling(tell))

    work_through(world, asked, job, reach.caller(), manner, restart=restart, as_json=as_json)


def _require_sense(world: World, asked: Asked) -> None:
    """Refuse what would end otherwise than it reads."""
    settings = world.live.merchant.flows.create_external_returns
    if asked.selection.even_before_live and settings.before_live_from == "adopt":
        raise CommandError(
            "the merchant file says before_live_from: adopt, so old records are adopted; "
            "--even-before-live would have new ones made beside them",
            REFUSED,
        )


@backfill.command("list")
@merchant_option
@json_option
@click.pass_obj
def list_backfills(reach: Reach, merchant: str | None, as_json: bool) -> None:
    """List backfills, those begun last first.

    Example: hub backfill list --merchant example

    See also: hub backfill, hub backfill cancel
    """
    made = reach.hub()
    owners = (merchant,) if merchant else made.merchants.all_ids()
    found = [(owner, job) for owner in owners for job in list_jobs(made.cursors, owner)]
    if as_json:
        say_json([job_for_machines(owner, job) for owner, job in found])
        return
    rows = table("merchant", "job", "state", "returns", "sent", "moved (UTC)", "by")
    for owner, job in found:
        rows.add_row(
            shown(owner),
            shown(job.name),
            job.state,
            str(job.total),
            str(job.sent),
            f"{job.moved_at:%Y-%m-%d %H:%M}",
            shown(job.started_by),
        )
    if found:
        console().print(rows)
    click.echo(f"{len(found)} backfills")


@backfill.command("cancel")
@click.argument("job")
@merchant_option
@dry_run_option
@act_json_option
@click.pass_obj
@acts("job")
def cancel_backfill(reach: Reach, job: str, merchant: str | None, dry_run: bool) -> None:
    """Stop a backfill for good, wherever it runs. What it sent stays sent.

    \b
    hub backfill cancel 2026-03-01-2026-03-05 --dry-run
    hub backfill cancel 2026-03-01-2026-03-05

    See also: hub backfill list
    """
    made = reach.hub()
    owner = one_merchant(made, merchant)
    named: dict[str, Any] = {"merchant": owner, "job": job}
    if dry_run:
        it = dry(made)
        would = up_to_the_first_write(lambda: cancel(it.stores(), owner, job, "dry run"))
        click.echo(f"{clean(job)} would be stopped" if would else f"{clean(job)} has ended already")
        say_outcome("would_be_done" if would else "nothing_to_do", dry_run=True, **named)
        return
    ended = cancel(made.stores(), owner, job, reach.caller())
    say_outcome("done", **named, state=ended)
    if ended == "stopping":
        click.echo(f"{clean(job)}: whoever runs it stops within a minute or so")
        return
    click.echo(f"{clean(job)}: {ended}")
