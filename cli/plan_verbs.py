"""hub plan make, list, show, diff, check: what a run would do, tried beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from cli.choices import merchant_argument, merchant_option
from cli.filters import Finite
from cli.plan_words import say_check, say_difference, say_lines, say_plan
from cli.progress import progress
from cli.terminal import REFUSED, clean, json_option, pass_reach, say_json
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.plans import Plan, difference
from returns_hub.plan_runs import JOBS, Follow, check, plan_job, plans_of
from returns_hub.trial import LONGEST_SECONDS, MOST_WRITES

DIFFERENT = 1

limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=MOST_WRITES,
    show_default=True,
    help="stop after about so many writes",
)
seconds_option = click.option(
    "--seconds",
    type=Finite(1, 3600),
    default=LONGEST_SECONDS,
    show_default=True,
    help="stop after so long",
)


@verbs()
def plan() -> None:
    """What a run would do now: tried by the same code, with nothing written anywhere.

    Partners are read, at a pace of the command's own. A plan is kept for 90 days, so that it can be
    held against another one, and against what was done.

    \b
    hub plan make poll_mintsoft example
    hub plan list example
    hub plan show example/poll_mintsoft/20260302T090000000000Z
    hub plan check example/poll_mintsoft/20260302T090000000000Z

    Exit codes: of make 0 whole, 1 not whole; of diff and check 0 the same, 1 different

    See also: hub unleashed plan, hub wair plan, docs/operating.md
    """


@plan.command()
@click.argument("job", type=click.Choice(list(JOBS)))
@merchant_argument
@click.option("--follow", is_flag=True, help="try what its messages to other functions lead to too")
@click.option("--dry-run", is_flag=True, help="do not even keep the plan")
@limit_option
@seconds_option
@json_option
@pass_reach
def make(
    reach: Reach,
    job: str,
    merchant: str,
    follow: bool,
    dry_run: bool,
    limit: int,
    seconds: float,
    as_json: bool,
) -> None:
    """Try the next run of a scheduled job for a merchant, tell what it would do, and keep the plan.

    What does not write by the merchant's file (off, shadow) does not write in the plan either.

    Example: hub plan make catch_up_redo example --follow

    Exit codes: 0 it is whole, 1 it is not

    See also: hub plan show, hub plan check
    """
    made = reach.hub()
    how: Follow = "all" if follow else "own"
    with counted(f"{job} of {merchant}", limit) as tell:
        found = plan_job(
            made, job, merchant, follow=how, limit=limit, seconds=seconds, on_entry=tell
        )
    show_and_keep(made, (found,), as_json=as_json, keep=not dry_run)


@plan.command("list")
@merchant_argument
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="most rows"
)
@json_option
@pass_reach
def list_plans(reach: Reach, merchant: str, limit: int, as_json: bool) -> None:
    """List the plans that are kept, the newest first.

    Example: hub plan list example

    See also: hub plan show, hub plan diff
    """
    made = reach.hub()
    lines = plans_of(made).lines(merchant, limit)
    if as_json:
        say_json([line.model_dump(mode="json") for line in lines])
        return
    if lines:
        say_lines(lines)
    click.echo(f"{len(lines)} plans")


@plan.command()
@click.argument("plan_id")
@merchant_option
@json_option
@pass_reach
def show(reach: Reach, plan_id: str, merchant: str | None, as_json: bool) -> None:
    """Show a plan that was kept.

    Example: hub plan show example/poll_mintsoft/20260302T090000000000Z

    See also: hub plan list, hub plan check
    """
    found = plans_of(reach.hub()).load(_of(merchant, plan_id))
    if as_json:
        say_json(found.model_dump(mode="json"))
        return
    say_plan(found)


@plan.command()
@click.argument("plan_id")
@click.argument("other_id")
@merchant_option
@json_option
@pass_reach
def diff(reach: Reach, plan_id: str, other_id: str, merchant: str | None, as_json: bool) -> None:
    """Tell what the second plan does differently from the first.

    \b
    hub plan diff example/catch_up_redo/20260302T0900Z example/catch_up_redo/20260302T0905Z

    Exit codes: 0 they are the same, 1 they differ

    See also: hub plan list, hub plan check
    """
    plans = plans_of(reach.hub())
    found = difference(plans.load(_of(merchant, plan_id)), plans.load(_of(merchant, other_id)))
    if as_json:
        say_json(found.model_dump(mode="json") | {"same": found.is_none})
    else:
        say_difference(found)
    if not found.is_none:
        raise SystemExit(DIFFERENT)


@plan.command("check")
@click.argument("plan_id")
@merchant_option
@click.option(
    "--no-beyond", is_flag=True, help="do not look for writes beyond it: that reads the ledger"
)
@json_option
@pass_reach
def check_plan(
    reach: Reach, plan_id: str, merchant: str | None, no_beyond: bool, as_json: bool
) -> None:
    """Hold a plan against what was done since.

    Each write that was planned: done, or why not. Beyond it: writes of the same kinds that were
    done since and are not in it; more than one run may have done them.

    Example: hub plan check example/poll_mintsoft/20260302T090000000000Z

    Exit codes: 0 what was done is the plan, 1 it is not

    See also: hub plan show, hub plan diff
    """
    made = reach.hub()
    found = check(made, plans_of(made).load(_of(merchant, plan_id)), beyond=not no_beyond)
    if as_json:
        say_json(found.model_dump(mode="json") | {"exact": found.is_exact})
    else:
        say_check(found)
    is_done = all(one.outcome == "done" for one in found.checked)
    if found.beyond or not is_done:
        raise SystemExit(DIFFERENT)


def _of(merchant: str | None, plan_id: str) -> str:
    """The plan's id, which begins with its merchant; refused when another one was named."""
    if merchant is not None and plan_id.partition("/")[0] != merchant:
        raise click.UsageError(clean(f"{plan_id} is no plan of {merchant}"))
    return plan_id


@contextmanager
def counted(title: str, limit: int) -> Iterator[Callable[[int], None]]:
    """Progress by the number of writes that were found."""
    with progress(f"planning {title}") as tell:
        yield lambda count: tell(min(count / limit, 1.0), f"{count} writes")


def show_and_keep(made: Hub, plans: tuple[Plan, ...], *, as_json: bool, keep: bool) -> None:
    """Show plans, and keep them.

    Raises:
        CommandError: One of them is not whole.
    """
    if keep:
        kept = plans_of(made)
        for one in plans:
            kept.keep(one)
    if as_json:
        rows: list[Any] = [one.model_dump(mode="json") for one in plans]
        say_json(rows[0] if len(rows) == 1 else rows)
    else:
        for one in plans:
            say_plan(one)
            if keep:
                click.echo(f"kept as {one.plan_id}")
    if not all(one.whole for one in plans):
        raise CommandError("a plan is not whole", REFUSED)
