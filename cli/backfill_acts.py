"""What hub backfill does: look at what is asked for, have it wanted, and work through the job."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import click

from cli.asking import require_yes
from cli.backfill_choices import Asked
from cli.backfill_words import (
    counts_for_machines,
    looked_for_machines,
    say_end,
    show_counts,
)
from cli.progress import progress
from cli.terminal import REFUSED, clean, say_json
from cli.worlds import UNREACHABLE, CommandError
from returns_hub.domain.backfill import SENT
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.backfill import Looked, Manner, NotThere, look, run
from returns_hub.flows.backfill_jobs import Job, held, read_job
from returns_hub.flows.world import World

INTERRUPTED = 130


def try_out(world: World, asked: Asked, *, as_json: bool) -> None:
    """Say what would be sent; nothing is."""
    looked = list(_looking(world, asked))
    if as_json:
        say_json(
            {
                "dry_run": True,
                "merchant": world.merchant,
                "selection": asked.selection.in_words,
                "counts": counts_for_machines(Counter(one.ending for one in looked)),
                "returns": [looked_for_machines(one) for one in looked],
            }
        )
        return
    show_counts(Counter(one.ending for one in looked), f"dry run: {asked.selection.in_words}")
    for one in looked:
        if isinstance(one.found, NotThere):
            click.echo(clean(f"{one.found.id}: {one.found.said}"))
    would = [one.found.id for one in looked if one.ending in SENT]
    for return_id in would[:20]:
        click.echo(clean(f"would be sent: {return_id}"))
    if len(would) > 20:
        click.echo(f"and {len(would) - 20} more (--json has all)")
    click.echo("nothing was done")


def _looking(world: World, asked: Asked) -> Iterator[Looked]:
    with progress("looking") as tell:
        for number, one in enumerate(look(world, asked.selection), start=1):
            tell(one.share, f"{number} returns")
            yield one


def is_wanted(world: World, asked: Asked, calls_per_minute: float) -> bool:
    """Whether the person wants it done, told what it will do."""
    if asked.selection.ids:
        count = len(asked.selection.ids)
        least = count / calls_per_minute
        click.echo(
            f"{count} returns by id; each is read in the portal: {least:.0f} minutes and more"
        )
        require_yes("send those that nobody told the hub of?", yes=False)
        return True
    counts = Counter(one.ending for one in _looking(world, asked))
    show_counts(counts, asked.selection.in_words)
    sent = sum(counts[ending] for ending in SENT)
    if not sent:
        click.echo("there is nothing to send" if counts.total() else "no return fits")
        return False
    require_yes(f"send these {sent}?", yes=False)
    return True


def work_through(
    world: World,
    asked: Asked,
    name: str,
    who: str,
    manner: Callable[[Callable[[float, str], None]], Manner],
    *,
    restart: bool,
    as_json: bool,
) -> None:
    """Do the job to its end and say how it ended; leaves by its code where that is no success."""
    merchant, stores = world.merchant, world.stores
    why, code = "", 0
    try:
        with held(stores, merchant, name, asked.selection, who, restart=restart) as job:
            if job.job.total:
                click.echo(f"{name}: going on after {job.job.total} returns", err=True)
            with progress(name) as tell:
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
    say_end(merchant, job_now, ended, clean(why), as_json=as_json)
    if code or job_now.unknown:
        sys.exit(code or REFUSED)


def telling(tell: Callable[[float, str], None]) -> Callable[[Job, float, str], None]:
    """How far a job came, as progress tells it."""

    def told(job: Job, share: float, waits_for: str) -> None:
        waiting = f"; waiting: {waits_for}" if waits_for else ""
        tell(share, f"{job.total} returns, {job.sent} sent{waiting}")

    return told
