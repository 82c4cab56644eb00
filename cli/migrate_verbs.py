"""hub migrate, and its status: stored rows of earlier releases are brought to this one."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.acting import acts
from cli.asking import require_yes
from cli.clocks import require_right_clock
from cli.filters import dry_run_option, yes_option
from cli.migrate_words import in_words, store_json
from cli.progress import progress
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
)
from cli.verbs import STOPPED, done_so_far, require_no_options, verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.flows.migrations.migration import Migration
from returns_hub.flows.migrations.run import (
    Progress,
    Standing,
    look,
    progress_of,
    standing,
)
from returns_hub.flows.migrations.run import (
    migrate as run,
)
from returns_hub.migrating import migration_world


@verbs(invoke_without_command=True)
@dry_run_option
@yes_option
@act_json_option
@click.pass_context
@acts()
def migrate(ctx: click.Context, dry_run: bool, yes: bool) -> None:
    """Bring what an earlier release stored to what this release writes, while all goes on.

    After every deployment, and after going back to an earlier release with that release's command.
    It walks over the whole table in small pieces, slowly; whatever stops it (Ctrl-C too), the same
    command goes on where it stopped. A row that somebody changes at the same time is read again. It
    is about all merchants. --dry-run walks from the start and says how much there is to do.

    \b
    hub migrate --dry-run
    hub --stack returns-hub migrate --yes

    Exit codes: 0 done, or nothing to do, 1 this release must not work with what is stored, 3 cut
    off, or another run is at it: the same command goes on, 130 interrupted: the same

    See also: hub migrate status, docs/upgrades.md
    """
    if ctx.invoked_subcommand is not None:
        require_no_options(ctx, "a migration")
        return
    reach = ctx.find_object(Reach)
    if reach is None:
        raise AssertionError("the command's root gives it")
    made = reach.hub()
    world = migration_world(made)
    found = standing(world)
    if found.problem:
        raise CommandError(clean(found.problem), REFUSED)
    if found.is_current:
        click.echo(f"nothing to do: everything stored is of version {found.release}")
        say_outcome("nothing_to_do", dry_run=dry_run, migrations=[], **store_json(found))
        return
    if dry_run:
        with progress("looking") as tell:
            looked = look(world, _telling(made, tell))
        for one, would in looked:
            sought = f"would bring up {would.changed} returns, in {would.rows} rows"
            click.echo(f"{one.name}: {sought}: {one.what}")
        click.echo("nothing was done")
        _say("would_be_done", found, dict(looked), dry_run=True)
        return
    require_right_clock(made)
    require_yes(_question(found), yes=yes)
    came: dict[Migration, Progress] = {}
    with progress("migrating") as tell:
        shown = _telling(made, tell)

        def told(one: Migration, now: Progress) -> None:
            came[one] = now
            done_so_far(f"{one.name}: {in_words(now)}; {STOPPED}")
            shown(one, now)

        run(world, reach.caller(), told)
    after = standing(world)
    for one, now in came.items():
        click.echo(f"{one.name}: done: {in_words(now)}")
    click.echo(f"everything stored is of version {after.stored.complete}")
    _say("done", after, came, dry_run=False)


@migrate.command()
@json_option
@pass_reach
def status(reach: Reach, as_json: bool) -> None:
    """Say of which version what is stored is, and which migrations are to be done.

    \b
    hub migrate status
    hub --stack returns-hub migrate status --json

    Exit codes: 0 nothing is to be done, 1 something is (hub migrate), or this release must not work
    with what is stored, 3 it cannot be told

    See also: hub migrate, docs/upgrades.md
    """
    world = migration_world(reach.hub())
    found = standing(world)
    came = {one: progress_of(world, one) for one in found.pending}
    if as_json:
        say_json(store_json(found) | {"migrations": _rows(came)})
    else:
        click.echo(
            f"stored: version {found.stored.complete} (rows up to version {found.stored.newest}); "
            f"this release writes version {found.release}"
        )
        for one, now in came.items():
            so_far = f"begun: {in_words(now)}" if now.rows else "not begun"
            click.echo(f"pending: {one.name}: {one.what} ({so_far})")
        click.echo(clean(_in_short(found)))
    if not found.is_current:
        sys.exit(REFUSED)


def _in_short(found: Standing) -> str:
    if found.problem:
        return f"all work waits: {found.problem}"
    return "nothing is to be done" if found.is_current else "to be done: hub migrate"


def _question(found: Standing) -> str:
    names = ", ".join(one.name for one in found.pending)
    return f"migrate what is stored ({names})?" if names else "note that this release is at work?"


def _say(outcome: str, store: Standing, came: dict[Migration, Progress], *, dry_run: bool) -> None:
    say_outcome(outcome, dry_run=dry_run, migrations=_rows(came), **store_json(store))


def _rows(came: dict[Migration, Progress]) -> list[dict[str, object]]:
    return [
        {
            "name": one.name,
            "to": one.to,
            "what": one.what,
            "rows": now.rows,
            "changed": now.changed,
            "left": now.left,
        }
        for one, now in came.items()
    ]


def _telling(
    made: Hub, tell: Callable[[float, str], None]
) -> Callable[[Migration, Progress], None]:
    """A piece told as a share of the table's rows, which AWS counts every six hours or so."""
    size = _size(made)

    def told(one: Migration, now: Progress) -> None:
        tell(min(now.rows / max(size, 1), 1.0), f"{one.name}: {in_words(now)}")

    return told


def _size(made: Hub) -> int:
    try:
        found = made.dynamodb.describe_table(TableName=made.settings.returns_table)
    except (ClientError, BotoCoreError):
        return 0
    return int(found["Table"].get("ItemCount", 0))
