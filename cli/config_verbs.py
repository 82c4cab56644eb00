"""hub config: merchant files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.acting import acts, is_about
from cli.asking import require_yes
from cli.choices import merchant_argument, merchant_option
from cli.file_problems import Problem
from cli.filters import dry_run_option, yes_option
from cli.merchant_files import Reading, differences, read_merchant_file
from cli.schemas import (
    despatch_schema,
    event_schema,
    merchant_schema,
    order_change_schema,
    refund_schema,
    store_refund_schema,
)
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    console,
    json_option,
    machine,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.errors import Conflict, Misconfigured, Verdict

UNREADABLE = "merchant.unreadable"
SCHEMAS = {
    "merchant": merchant_schema,
    "approved-return": event_schema,
    "refund": refund_schema,
    "store-refund": store_refund_schema,
    "order-change": order_change_schema,
    "despatch": despatch_schema,
}


@verbs()
def config() -> None:
    """Merchant files: validate, apply, show.

    \b
    hub config apply config/example.yaml --dry-run
    hub config show example

    See also: hub secrets, hub check, docs/merchant-file.md
    """


@config.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@merchant_option
@json_option
def validate(files: tuple[Path, ...], merchant: str | None, as_json: bool) -> None:
    """Check merchant files; every problem at once. With --merchant each has to be that one's.

    Example: hub config validate config/example.yaml

    Exit codes: 0 every file is valid, 1 one is not

    See also: hub config apply, hub config schema, docs/merchant-file.md
    """
    rows: list[dict[str, Any]] = []
    for path in files:
        reading = read_merchant_file(path)
        problems = (*reading.problems, *_of_another(reading, merchant))
        rows += [{"file": str(path), **vars(problem)} for problem in problems]
        if not as_json:
            _say_problems(path, problems)
            if reading.merchant and problems == reading.problems:
                click.echo(f"{path}: valid (merchant {reading.merchant.merchant})")
    if as_json:
        say_json(rows)
    if any(not row["is_warning"] for row in rows):
        sys.exit(REFUSED)


def _of_another(reading: Reading, merchant: str | None) -> tuple[Problem, ...]:
    """Refuse a file of another merchant than the one that was named."""
    found = reading.merchant
    if found is None or merchant in {None, found.merchant}:
        return ()
    return (Problem("merchant", 1, f"is {found.merchant}, not {merchant}"),)


def _say_problems(path: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        kind = "warning: " if problem.is_warning else ""
        where = f"{problem.where} " if problem.where else ""
        click.echo(clean(f"{path}:{problem.line}: {kind}{where}{problem.text}"), err=True)


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("file")
def apply(reach: Reach, file: Path, merchant: str | None, yes: bool, dry_run: bool) -> None:
    """Validate a merchant file, show what changes, and make it live as a new version.

    With --merchant it is refused when it is another's.

    \b
    hub config apply config/example.yaml --dry-run
    hub --stack returns-hub-dev config apply config/example.yaml

    See also: hub config validate, hub config show, docs/merchant-file.md
    """
    reading = read_merchant_file(file)
    problems = (*reading.problems, *_of_another(reading, merchant))
    _say_problems(file, problems)
    if reading.merchant is None or problems != reading.problems:
        raise CommandError("nothing was applied", REFUSED)
    _apply(reach, reading.merchant, yes=yes, dry_run=dry_run)


def _apply(reach: Reach, merchant: Merchant, *, yes: bool, dry_run: bool) -> None:
    is_about(merchant.merchant)
    made = reach.hub()
    live = live_or_none(made, merchant.merchant)
    version = live.version if live else made.merchants.newest_number(merchant.merchant)
    rows = differences(live.merchant if live else None, merchant)
    if not rows:
        click.echo(f"{merchant.merchant}: nothing changes; version {version}")
        say_outcome("nothing_to_do", dry_run=dry_run, **_applied(merchant, version, ()))
        return
    changes = table("key", "was", "becomes")
    for path, was, becomes in rows:
        changes.add_row(shown(path), f"[red]{shown(was)}[/]", f"[green]{shown(becomes)}[/]")
    console().print(changes)
    if dry_run:
        click.echo(f"{merchant.merchant}: nothing was applied; version {version} stays live")
        say_outcome("would_be_done", dry_run=True, **_applied(merchant, version, rows))
        return
    require_yes(f"apply to {merchant.merchant}?", yes=yes)
    try:
        applied = made.merchants.apply(merchant, reach.caller(), after=version)
    except Conflict:
        raise CommandError(
            "someone else applied a version meanwhile; look at it and apply again", REFUSED
        ) from None
    click.echo(f"{merchant.merchant}: version {applied.version} is live")
    say_outcome("done", **_applied(merchant, applied.version, rows))


def _applied(
    merchant: Merchant, version: int, rows: Sequence[tuple[str, str, str]]
) -> dict[str, Any]:
    changes = [{"key": path, "was": was, "becomes": becomes} for path, was, becomes in rows]
    return {"merchant": merchant.merchant, "version": version, "changes": changes}


def live_or_none(made: Hub, merchant: str) -> LiveMerchant | None:
    """The newest version; None when there is none, or none that this release can read."""
    try:
        return made.merchants.version(merchant)
    except Verdict as verdict:
        if verdict.code == UNREADABLE:
            click.echo(f"warning: {verdict.reason}; it is replaced whole", err=True)
            return None
        if verdict.code != "merchant.unknown":
            raise
        return None


@config.command()
@merchant_argument
@click.option("--version", "number", type=click.IntRange(min=1), help="default: the live one")
@json_option
@pass_reach
def show(reach: Reach, merchant: str, number: int | None, as_json: bool) -> None:
    """Show a merchant's file as it was applied.

    \b
    hub config show example
    hub config show example --version 3

    See also: hub config list, hub config apply
    """
    made = reach.hub()
    try:
        found = made.merchants.version(merchant, number)
    except Verdict as verdict:
        if number is None or verdict.code != "merchant.unknown":
            raise
        raise CommandError(f"{merchant} has no version {number}", REFUSED) from None
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "version": found.version,
                "applied_at": found.applied_at.isoformat(),
                "applied_by": found.applied_by,
                "file": found.merchant.model_dump(mode="json"),
            }
        )
        return
    click.echo(
        f"# version {found.version}, applied {found.applied_at:%Y-%m-%d %H:%M} UTC "
        f"by {found.applied_by}",
        err=True,
    )
    click.echo(found.merchant.model_dump_json(indent=1))


@config.command("list")
@merchant_option
@json_option
@pass_reach
def list_merchants(reach: Reach, merchant: str | None, as_json: bool) -> None:
    """List the merchants that have a file, or the one that --merchant names.

    Example: hub config list

    See also: hub config show
    """
    made = reach.hub()
    rows: list[dict[str, Any]] = []
    for name in made.merchants.all_ids() if merchant is None else (merchant,):
        try:
            live = made.merchants.version(name)
        except Misconfigured as verdict:
            if verdict.code != UNREADABLE:
                raise
            rows.append({"merchant": name, "version": None, "name": verdict.reason})
            continue
        rows.append({"merchant": name, "version": live.version, "name": live.merchant.name})
    if as_json:
        say_json(rows)
        return
    for row in rows:
        version = "unreadable" if row["version"] is None else f"version {row['version']}"
        click.echo(clean(f"{row['merchant']}  {version}  {row['name']}"))


@config.command()
@click.argument("of", type=click.Choice(list(SCHEMAS)), default="merchant")
@act_json_option
def schema(of: str) -> None:
    """Print the JSON Schema of merchant files (for editors), or of an event.

    \b
    hub config schema
    hub config schema approved-return

    See also: hub config validate, docs/events.md
    """
    if machine() is not None:
        say_json(json.loads(SCHEMAS[of]()))
        return
    click.echo(SCHEMAS[of](), nl=False)
