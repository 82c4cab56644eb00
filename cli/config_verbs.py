"""hub config: merchant files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cli.acting import acts, is_about
from cli.file_problems import Problem
from cli.merchant_files import differences, read_merchant_file
from cli.schemas import (
    despatch_schema,
    event_schema,
    merchant_schema,
    order_change_schema,
    refund_schema,
    store_refund_schema,
)
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.errors import Conflict, Verdict

SCHEMAS = {
    "merchant": merchant_schema,
    "approved-return": event_schema,
    "refund": refund_schema,
    "store-refund": store_refund_schema,
    "order-change": order_change_schema,
    "despatch": despatch_schema,
}


@click.group()
def config() -> None:
    """Merchant files: validate, apply, show."""


@config.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def validate(files: tuple[Path, ...], as_json: bool) -> None:
    """Check merchant files; every problem at once.

    Example: hub config validate config/*.yaml
    """
    rows: list[dict[str, Any]] = []
    for path in files:
        reading = read_merchant_file(path)
        rows += [{"file": str(path), **vars(problem)} for problem in reading.problems]
        if not as_json:
            _say_problems(path, reading.problems)
            if reading.merchant:
                click.echo(f"{path}: valid (merchant {reading.merchant.merchant})")
    if as_json:
        say_json(rows)
    if any(not row["is_warning"] for row in rows):
        sys.exit(REFUSED)


def _say_problems(path: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        kind = "warning: " if problem.is_warning else ""
        where = f"{problem.where} " if problem.where else ""
        click.echo(clean(f"{path}:{problem.line}: {kind}{where}{problem.text}"), err=True)


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="do not ask")
@pass_reach
@acts("file")
def apply(reach: Reach, file: Path, yes: bool) -> None:
    """Validate a merchant file, show what changes, and make it live as a new version.

    Example: hub --stack returns-hub config apply config/example.yaml
    """
    reading = read_merchant_file(file)
    _say_problems(file, reading.problems)
    if reading.merchant is None:
        raise CommandError("nothing was applied", REFUSED)
    merchant = reading.merchant
    is_about(merchant.merchant)
    made = reach.hub()
    live = live_or_none(made, merchant.merchant)
    version = live.version if live else made.merchants.newest_number(merchant.merchant)
    rows = differences(live.merchant if live else None, merchant)
    if not rows:
        click.echo(f"{merchant.merchant}: nothing changes; version {version}")
        return
    changes = table("key", "was", "becomes")
    for path, was, becomes in rows:
        changes.add_row(shown(path), f"[red]{shown(was)}[/]", f"[green]{shown(becomes)}[/]")
    console().print(changes)
    if not yes and not click.confirm(f"Apply to {merchant.merchant}?"):
        raise CommandError("nothing was applied", REFUSED)
    try:
        applied = made.merchants.apply(merchant, reach.caller(), after=version)
    except Conflict:
        raise CommandError(
            "someone else applied a version meanwhile; look at it and apply again", REFUSED
        ) from None
    click.echo(f"{merchant.merchant}: version {applied.version} is live")


def live_or_none(made: Hub, merchant: str) -> LiveMerchant | None:
    """The newest version; None when there is none, or none that this release can read."""
    try:
        return made.merchants.version(merchant)
    except Verdict as verdict:
        if verdict.code == "merchant.unreadable":
            click.echo(f"warning: {verdict.reason}; it is replaced whole", err=True)
            return None
        if verdict.code != "merchant.unknown":
            raise
        return None


@config.command()
@click.argument("merchant")
@click.option("--version", "number", type=click.IntRange(min=1), help="default: the live one")
@pass_reach
def show(reach: Reach, merchant: str, number: int | None) -> None:
    """Show a merchant's file as it was applied."""
    made = reach.hub()
    try:
        found = made.merchants.version(merchant, number)
    except Verdict as verdict:
        if number is None or verdict.code != "merchant.unknown":
            raise
        raise CommandError(f"{merchant} has no version {number}", REFUSED) from None
    click.echo(
        f"# version {found.version}, applied {found.applied_at:%Y-%m-%d %H:%M} UTC "
        f"by {found.applied_by}",
        err=True,
    )
    click.echo(found.merchant.model_dump_json(indent=1))


@config.command("list")
@json_option
@pass_reach
def list_merchants(reach: Reach, as_json: bool) -> None:
    """List the merchants that have a file."""
    made = reach.hub()
    rows: list[dict[str, Any]] = []
    for name in made.merchants.all_ids():
        try:
            live = made.merchants.version(name)
        except Verdict as verdict:
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
def schema(of: str) -> None:
    """Print the JSON Schema of merchant files (for editors) or of the approved-return event."""
    click.echo(SCHEMAS[of](), nl=False)
