"""hub withdrawn list, done: external returns that stay behind after their return was closed."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument, merchants_argument
from cli.dry import dry, up_to_the_first_write
from cli.filters import Age, dry_run_option, note_option, yes_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    console,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import done_so_far, verbs
from cli.worlds import CommandError, Reach
from returns_hub.flows.withdrawn_list import WithdrawnLine, mark_handled, withdrawn_lines

COLUMNS = tuple(field.name.replace("_", " ") for field in fields(WithdrawnLine))
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins with one of these, or its wide form, is a formula to a spreadsheet."""


@verbs()
def withdrawn() -> None:
    """What the warehouse still expects of returns that were closed in the portal.

    Mintsoft cannot cancel an external return, so its people have to see to each.

    \b
    hub withdrawn list example
    hub withdrawn done example 5001 --note "put back into stock"

    See also: hub timeline, docs/following.md
    """


@withdrawn.command("list")
@merchants_argument
@click.option("--since", type=Age(), help="only what was closed within this time: 30m, 2h, 3d")
@click.option("--warehouse", type=int, help="only this warehouse's, by its id in Mintsoft")
@click.option("--csv", "as_csv", is_flag=True, help="for a spreadsheet")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="with --csv: into this file"
)
@json_option
@pass_reach
def list_withdrawn(
    reach: Reach,
    merchant: str | None,
    since: timedelta | None,
    warehouse: int | None,
    as_csv: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """List them, of one merchant or of all, the longest closed first.

    \b
    hub withdrawn list
    hub withdrawn list example --since 3d --csv --out withdrawn.csv

    See also: hub withdrawn done, docs/following.md
    """
    if out is not None and not as_csv:
        raise click.UsageError("--out is for --csv")
    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    made = reach.hub()
    now = datetime.now(UTC)
    rows = [
        row
        for owner in ((merchant,) if merchant else made.merchants.all_ids())
        for row in withdrawn_lines(made.returns, owner, now)
        if (since is None or row.since >= now - since)
        and (warehouse is None or row.warehouse == warehouse)
    ]
    if merchant and not rows:
        made.merchants.live(merchant)  # refused by its own words when there is none
    if as_json:
        say_json([asdict(row) | {"since": row.since.isoformat()} for row in rows])
    elif as_csv:
        _write(_as_csv(rows), out)
    else:
        _show(rows)


def _show(rows: list[WithdrawnLine]) -> None:
    shown_rows = table("warehouse", "external return", "closed (UTC)", "goods", "return", "note")
    for row in rows:
        shown_rows.add_row(
            str(row.warehouse),
            f"{row.external_return_id} {shown(row.reference)}",
            f"{row.since:%Y-%m-%d %H:%M} {shown(row.status)}",
            f"{row.quantity} x {shown(row.sku)}",
            shown(row.return_id),
            shown(row.note),
        )
    if rows:
        console().print(shown_rows)
    made = {(row.return_id, row.external_return_id) for row in rows}
    click.echo(f"{len(made)} external returns stay behind")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        # Spreadsheets take a file for UTF-8 only when it says so at its beginning.
        out.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"cannot write {out}: {error.strerror}", REFUSED) from None
    click.echo(f"written: {out}", err=True)


def _as_csv(rows: list[WithdrawnLine]) -> str:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    for row in rows:
        content = asdict(row) | {"since": f"{row.since:%Y-%m-%d %H:%M:%S}"}
        writer.writerow([_cell(value) for value in content.values()])
    return made.getvalue()


def _cell(value: object) -> str:
    """A value that a spreadsheet shows as it is: order names and SKUs are not ours."""
    if value is None:
        return ""
    text = clean(str(value)).replace("\n", " ").strip()
    return f"'{text}" if not isinstance(value, int) and text.startswith(FORMULA_STARTS) else text


@withdrawn.command("done")
@merchant_argument
@click.argument("external_return_ids", nargs=-1, required=True, type=int)
@note_option("what was done; kept on the return's timeline")
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("external_return_ids")
def done(
    reach: Reach,
    merchant: str,
    external_return_ids: tuple[int, ...],
    note: str,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take external returns off the list, because the warehouse has seen to them.

    Asks first when there are several.

    \b
    hub withdrawn done example 5001 --note "put back into stock"
    hub withdrawn done 5001 5002 --merchant example --note "put back" --dry-run

    See also: hub withdrawn list, hub timeline
    """
    made = reach.hub()
    numbers = tuple(dict.fromkeys(external_return_ids))
    if dry_run:
        it = dry(made)
        for number in numbers:
            mark = partial(mark_handled, it.returns, it.clock, merchant, number, "dry run", note)
            up_to_the_first_write(mark)
            click.echo(f"{number} would be taken off the list; nothing was done")
        rows = [{"external_return_id": number} for number in numbers]
        say_outcome("would_be_done", dry_run=True, merchant=merchant, external_returns=rows)
        return
    require_yes(f"take {len(numbers)} off the list?", yes=yes or len(numbers) == 1)
    who = reach.caller()
    told = []
    for number in numbers:
        return_id = mark_handled(made.returns, made.clock, merchant, number, who, note)
        told.append({"external_return_id": number, "return_id": return_id})
        click.echo(clean(f"{number} is off the list (return {return_id})"))
        done_so_far(f"{len(told)} of {len(numbers)} are off the list")
    say_outcome("done", merchant=merchant, external_returns=told)
