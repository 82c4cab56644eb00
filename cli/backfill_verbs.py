"""hub backfill, and its list and cancel: returns of the portal's past are looked for."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.backfill_choices import (
    LONG_WINDOW,
    Asked,
    IdsType,
    StatusesType,
    When,
    WhenType,
    asked_for,
)
from cli.choices import merchant_option, one_merchant
from cli.filters import dry_run_option, yes_option
from cli.terminal import REFUSED, clean, console, json_option, say_json, shown, table
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.adapters.http.budget import CallBudget
from returns_hub.bootstrap import Hub
from returns_hub.domain.backfill import SENT, Ending
from returns_hub.domain.operations import CLOCKS_DIFFER_SECONDS
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.backfill import Looked, Manner, NotThere, look, run
from returns_hub.flows.backfill_jobs import Job, cancel, held, list_jobs, read_job
from returns_hub.flows.way import Way
from returns_hub.flows.world import World

PLAIN_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""
INTERRUPTED = 130
JOB_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
WORDS = {
    Ending.SENT: "new or changed: sent to be announced",
    Ending.SENT_TO_ADOPT: "made before live_from: sent to adopt the record found",
    Ending.SENT_THOUGH_BEFORE_LIVE: "made before live_from: sent to be announced all the same",
    Ending.KNOWN: "known to the hub",
    Ending.BEFORE_LIVE_FROM: "made before live_from: left to the old connector",
    Ending.NOT_UNDER_WAY: "not approved, or over: left",
    Ending.UNKNOWN_ID: "unknown to the portal",
}


def _job_name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not JOB_NAME.fullmatch(value):
        raise click.BadParameter("lower-case letters, digits, - and ., at most 100")
    return value


@click.group(invoke_without_command=True)
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
    type=click.FloatRange(1, 600),
    default=60.0,
    show_default=True,
    help="share of the portal's rate, with the calls that announcing will make",
)
@dry_run_option
@yes_option
@json_option
@click.pass_context
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
    hub backfill --ids @missed.txt --limit 100
    hub backfill list
    """
    reach = ctx.find_object(Reach)
    if reach is None:
        raise AssertionError("the command's root gives it")
    if ctx.invoked_subcommand is not None:
        if any(_is_given(ctx, option) for option in ctx.params):
            raise click.UsageError(f"options of a job go without {ctx.invoked_subcommand}")
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
    _require_right_clock(made)
    budget = CallBudget(calls_per_minute, made.clock)
    world = made.within(budget).world(one_merchant(made, merchant))
    _require_sense(world, asked)
    for note in asked.notes:
        click.echo(note, err=True)
    if dry_run:
        _dry_run(world, asked, as_json=as_json)
        return
    job = name or asked.name
    begun = None if restart else read_job(made.cursors, world.merchant, job)
    if begun is None and not yes and not _is_wanted(world, asked, calls_per_minute):
        return
    queue = made.queue(made.settings.approved_returns_queue_url)

    def manner(tell: Callable[[float, str], None]) -> Manner:
        return Manner(Way(queue.send, queue.depth), budget.take, limit, _telling(tell))

    _work(world, asked, job, reach.caller(), manner, restart=restart, as_json=as_json)


def _is_given(ctx: click.Context, option: str) -> bool:
    source = ctx.get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def _require_right_clock(made: Hub) -> None:
    """Refuse to write into gates and leases in a time that is not theirs."""
    ahead = made.seconds_ahead()
    if abs(ahead) > CLOCKS_DIFFER_SECONDS:
        raise CommandError(
            f"this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} "
            "AWS's; set it right, for the flows would wait for it",
            REFUSED,
        )


def _require_sense(world: World, asked: Asked) -> None:
    """Refuse what would end otherwise than it reads."""
    settings = world.live.merchant.flows.create_external_returns
    if asked.selection.even_before_live and settings.before_live_from == "adopt":
        raise CommandError(
            "the merchant file says before_live_from: adopt, so old records are adopted; "
            "--even-before-live would have new ones made beside them",
            REFUSED,
        )


# -- looking ----------------------------------------------------------------------------------


def _dry_run(world: World, asked: Asked, *, as_json: bool) -> None:
    looked = list(_looking(world, asked))
    if as_json:
        say_json(
            {
                "dry_run": True,
                "merchant": world.merchant,
                "selection": asked.selection.in_words,
                "counts": _counts(Counter(one.ending for one in looked)),
                "returns": [_for_machines(one) for one in looked],
            }
        )
        return
    _show_counts(Counter(one.ending for one in looked), f"dry run: {asked.selection.in_words}")
    for one in looked:
        if isinstance(one.found, NotThere):
            click.echo(clean(f"{one.found.id}: {one.found.said}"))
    would = [one.found.id for one in looked if one.ending in SENT]
    for return_id in would[:20]:
        click.echo(clean(f"would be sent: {return_id}"))
    if len(would) > 20:
        click.echo(f"and {len(would) - 20} more (--json has all)")
    click.echo("nothing was done")


def _for_machines(one: Looked) -> dict[str, str]:
    if isinstance(one.found, NotThere):
        return {"id": one.found.id, "ending": one.ending.value, "said": one.found.said}
    return {
        "id": one.found.id,
        "ending": one.ending.value,
        "status": one.found.status.value,
        "changed_at": one.found.updated_at.isoformat(),
    }


def _looking(world: World, asked: Asked) -> Iterator[Looked]:
    with _progress("looking") as tell:
        for number, one in enumerate(look(world, asked.selection), start=1):
            tell(one.share, f"{number} returns")
            yield one


def _is_wanted(world: World, asked: Asked, calls_per_minute: float) -> bool:
    """Whether the person wants it done, told what it will do."""
    if asked.selection.ids:
        count = len(asked.selection.ids)
        least = count / calls_per_minute
        click.echo(
            f"{count} returns by id; each is read in the portal: {least:.0f} minutes and more"
        )
        click.confirm("send those that nobody told the hub of?", abort=True)
        return True
    counts = Counter(one.ending for one in _looking(world, asked))
    _show_counts(counts, asked.selection.in_words)
    sent = sum(counts[ending] for ending in SENT)
    if not sent:
        click.echo("there is nothing to send" if counts.total() else "no return fits")
        return False
    click.confirm(f"send these {sent}?", abort=True)
    return True


def _counts(counts: Counter[Ending]) -> dict[str, int]:
    return {ending.value: counts[ending] for ending in Ending}


def _show_counts(counts: Counter[Ending], title: str) -> None:
    click.echo(title)
    rows = table("returns", "what")
    for ending in Ending:
        if counts[ending]:
            rows.add_row(str(counts[ending]), WORDS[ending])
    if counts.total():
        console().print(rows)


# -- doing ------------------------------------------------------------------------------------


def _work(
    world: World,
    asked: Asked,
    name: str,
    who: str,
    manner: Callable[[Callable[[float, str], None]], Manner],
    *,
    restart: bool,
    as_json: bool,
) -> None:
    merchant, stores = world.merchant, world.stores
    why, code = "", 0
    try:
        with held(stores, merchant, name, asked.selection, who, restart=restart) as job:
            if job.job.total:
                click.echo(f"{name}: going on after {job.job.total} returns", err=True)
            with _progress(name) as tell:
                ended = run(world, job, asked.selection, manner(tell))
    except KeyboardInterrupt:
        ended, why, code = "interrupted", "interrupted", INTERRUPTED
    except Retryable as verdict:
        if verdict.code == "backfill.in_work":
            raise
        ended, why, code = "stopped", verdict.reason, UNREACHABLE
    except Conflict as conflict:
        ended, why, code = "stopped", str(conflict), REFUSED
    job_now = read_job(stores.cursors, merchant, name)
    if job_now is None:
        raise CommandError(f"the backfill {name} was not begun: {why}", UNREACHABLE)
    _say_end(merchant, job_now, ended, clean(why), as_json=as_json)
    if code or job_now.unknown:
        sys.exit(code or REFUSED)


def _telling(tell: Callable[[float, str], None]) -> Callable[[Job, float, str], None]:
    def told(job: Job, share: float, waits_for: str) -> None:
        waiting = f"; waiting: {waits_for}" if waits_for else ""
        tell(share, f"{job.total} returns, {job.sent} sent{waiting}")

    return told


def _say_end(merchant: str, job: Job, ended: str, why: str, *, as_json: bool) -> None:
    goes_on = ended in {"limit", "interrupted", "stopped"}
    if as_json:
        say_json(_job_for_machines(merchant, job) | {"ended": ended, "why": why})
        return
    _show_counts(Counter(job.counts), f"{job.name} of {merchant}: {job.selection.in_words}")
    for return_id, said in job.unknown.items():
        click.echo(clean(f"{return_id}: {said}"))
    because = f" ({why})" if why and why != ended else ""
    click.echo(f"{ended}{because}: {job.sent} sent")
    if goes_on:
        click.echo("the same command goes on from here")


def _job_for_machines(merchant: str, job: Job) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "job": job.name,
        "state": job.state,
        "selection": job.selection.in_words,
        "sent": job.sent,
        "counts": _counts(Counter(job.counts)),
        "unknown_ids": job.unknown,
        "started_at": job.started_at.isoformat(),
        "started_by": job.started_by,
        "moved_at": job.moved_at.isoformat(),
        "ended_by": job.ended_by,
    }


@contextmanager
def _progress(title: str) -> Iterator[Callable[[float, str], None]]:
    """A bar on a terminal, else a line now and then; always beside the command's own output."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(shown(title), total=1.0, told="")

            def show(share: float, told: str) -> None:
                bar.update(task, completed=share, told=shown(told))

            yield show
        return
    lines = _PlainLines(title)
    yield lines.tell


class _PlainLines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + PLAIN_EVERY

    def tell(self, share: float, told: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PLAIN_EVERY
            click.echo(clean(f"{self._title}: about {share:.0%}, {told}"), err=True)


# -- jobs -------------------------------------------------------------------------------------


@backfill.command("list")
@merchant_option
@json_option
@click.pass_obj
def list_backfills(reach: Reach, merchant: str | None, as_json: bool) -> None:
    """List backfills, those begun last first."""
    made = reach.hub()
    owners = (merchant,) if merchant else made.merchants.all_ids()
    found = [(owner, job) for owner in owners for job in list_jobs(made.cursors, owner)]
    if as_json:
        say_json([_job_for_machines(owner, job) for owner, job in found])
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
@click.pass_obj
def cancel_backfill(reach: Reach, job: str, merchant: str | None) -> None:
    """Stop a backfill for good, wherever it runs. What it sent stays sent."""
    made = reach.hub()
    ended = cancel(made.stores(), one_merchant(made, merchant), job, reach.caller())
    if ended == "stopping":
        click.echo(f"{clean(job)}: whoever runs it stops within a minute or so")
        return
    click.echo(f"{clean(job)}: {ended}")
