"""hub lint: what is wrong with SKUs and maps before an order or a return needs them."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.choices import merchant_argument
from cli.filters import Finite
from cli.lint_desk import Found, can_lint, lint_world, worst
from cli.progress import progress
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.lint.kinds import KINDS
from returns_hub.flows.lint.lints import LINTS

SHORT = {kind.removeprefix("lint."): kind for kind in KINDS}
EXAMPLES = 20
FOUND = 1


@verb()
@merchant_argument
@click.option(
    "--kind",
    "names",
    multiple=True,
    type=click.Choice(sorted(SHORT)),
    metavar="KIND",
    help="only this kind, e.g. sku_blank; may be given more than once",
)
@click.option("--all", "everything", is_flag=True, help=f"every one, and not {EXAMPLES} of a kind")
@click.option(
    "--timeout",
    default=900.0,
    show_default=True,
    type=Finite(60, 7200),
    help="most seconds; 50,000 products of Mintsoft take five minutes",
)
@json_option
@pass_reach
def lint(
    reach: Reach,
    merchant: str,
    names: tuple[str, ...],
    everything: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Look over SKUs and maps now, by reads alone; nothing is kept.

    Looks for drift make the same once a day. What could be on its way counts there only when a
    second look shows it; here it is marked "may be on its way". docs/drift.md has every kind.

    \b
    hub lint example
    hub lint example --kind sku_twins --kind sku_blank --all
    hub lint example --json

    Exit codes: 0 nothing is found, 1 something is, 3 some of it could not be looked at

    See also: hub drift, hub check, docs/drift.md
    """
    made = reach.hub()
    if not can_lint(made):
        raise CommandError("this stack has no table for findings: deploy this release", REFUSED)
    ends = made.clock.monotonic() + timeout
    made.clock.begin(lambda: ends - made.clock.monotonic())
    world = lint_world(made, merchant)
    kinds = frozenset(SHORT[name] for name in names) or frozenset(KINDS)
    found = Found()
    wanted = [one for one in LINTS if one.kinds & kinds and one.concerns(world)]
    with progress(f"looking over {merchant}") as tell:
        for number, one in enumerate(wanted):
            tell(number / len(wanted), one.name)
            found.take(one.name, (row for row in one.differences(world) if row.kind in kinds))
    most = None if everything else EXAMPLES
    if as_json:
        say_json(_document(merchant, world.at.isoformat(), found, most))
    else:
        _say(merchant, found, most)
    sys.exit(_exit_code(found))


def _exit_code(found: Found) -> int:
    if found.by_kind:
        return FOUND
    return UNREACHABLE if found.trouble else 0


def _document(merchant: str, at: str, found: Found, most: int | None) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "at": at,
        "counts": found.counts,
        "not_looked_at": {name: clean(why.reason) for name, why in found.trouble.items()},
        "findings": [
            _for_machines(row) for kind in found.counts for row in worst(found.by_kind[kind], most)
        ],
        "exit_code": _exit_code(found),
    }


def _for_machines(row: Difference) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "subject": row.subject,
        "says": dict(row.says),
        "units": row.units,
        "cause": row.cause,
        "mend": row.mend,
        "may_be_on_its_way": row.confirm,
    }


def _say(merchant: str, found: Found, most: int | None) -> None:
    screen = console()
    if found.by_kind:
        summary = table("kind", "found", "what it is")
        for kind, count in found.counts.items():
            summary.add_row(kind.removeprefix("lint."), str(count), shown(KINDS[kind].means))
        screen.print(summary)
    for kind in found.counts:
        _say_kind(kind, found.by_kind[kind], most)
    for name, verdict in found.trouble.items():
        click.echo(clean(f"{name} was not looked at to its end: {verdict.reason}"))
    total = sum(found.counts.values())
    click.echo(clean(f"{merchant}: {total or 'nothing'} found"))


def _say_kind(kind: str, rows: list[Difference], most: int | None) -> None:
    click.echo()
    click.echo(clean(f"{kind.removeprefix('lint.')}: {KINDS[kind].means}"))
    click.echo(clean(f"  mostly: {rows[0].cause}"))
    click.echo(clean(f"  next: {rows[0].mend}"))
    listed = table("what", "who says what", "")
    for row in worst(rows, most):
        says = "\n".join(f"{system}: {said}" for system, said in row.says.items())
        listed.add_row(shown(row.subject), shown(says), "may be on its way" if row.confirm else "")
    console().print(listed)
    left = len(rows) - (most or len(rows))
    if left > 0:
        click.echo(f"  and {left} more (--all shows them)")
