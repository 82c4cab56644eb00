"""hub check: is a merchant fit to go live?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.acting import acts
from cli.checks.areas import AREAS
from cli.checks.model import MOST_RECENT, Area, ErpDesk, Finding, Market, Result, Subject
from cli.checks.report import Rows, document, exit_code
from cli.checks.run import from_verdict, run_checks
from cli.choices import merchants_argument
from cli.end_to_end.verb import SandboxAsked, sandbox_options, walk_here, walk_in_sandbox
from cli.filters import Finite
from cli.lint_desk import can_lint, lint_world
from cli.terminal import console, json_option, pass_reach, say_json
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.unleashed.budget import Usage
from returns_hub.errors import Verdict
from returns_hub.flows.migrations.run import standing
from returns_hub.flows.subscription import status
from returns_hub.migrating import migration_world

NAMES = [area.name for area in AREAS]
MOST_SKUS = 200


@dataclass(frozen=True)
class Asked:
    """What is to be looked at, and for how long (seconds for each merchant)."""

    areas: tuple[Area, ...]
    last: int
    skus: int
    timeout: float
    everyone: bool = True
    """Whether all are meant where no merchant is named, and not the only one."""


@verb()
@merchants_argument
@click.option("--all", "everyone", is_flag=True, help="every merchant that has a file")
@click.option("--area", "names", multiple=True, type=click.Choice(NAMES), help="only these")
@click.option(
    "--last",
    default=50,
    show_default=True,
    type=click.IntRange(0, MOST_RECENT),
    help="so many of the newest returns are read (one call)",
)
@click.option(
    "--skus",
    default=0,
    show_default=True,
    type=click.IntRange(0, MOST_SKUS),
    help="so many of their SKUs are looked up in Mintsoft (two calls each)",
)
@click.option(
    "--timeout",
    default=90.0,
    show_default=True,
    type=Finite(10, 900),
    help="most seconds for each merchant",
)
@click.option("--strict", is_flag=True, help="a warning counts as failed")
@click.option("--brief", is_flag=True, help="show only what failed or warns")
@json_option
@click.option(
    "--end-to-end",
    is_flag=True,
    help="walk a test return through the whole chain instead, on this machine",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="with --end-to-end: the merchant file to walk with (default: the merchant's)",
)
@sandbox_options
@pass_reach
@acts(when=lambda given: given["sandbox"] or not given["end_to_end"], hides=("reason",))
def check(
    reach: Reach,
    merchant: str | None,
    everyone: bool,
    names: tuple[str, ...],
    last: int,
    skus: int,
    timeout: float,
    strict: bool,
    brief: bool,
    as_json: bool,
    end_to_end: bool,
    file: Path | None,
    sandbox: SandboxAsked | None,
) -> None:
    """Find out whether a merchant is fit to go live. Partners are only read, but with --sandbox.

    What the probe proves about the warehouse's API is kept for the flows. docs/preflight.md has
    every check and the JSON document.

    \b
    hub check example
    hub check --all --strict --json
    hub check example --end-to-end

    Exit codes: 0 fit, 1 a check failed, 3 something cannot be reached

    See also: hub lint, hub secrets status, docs/preflight.md
    """
    if end_to_end:
        if everyone or names:
            raise click.UsageError("--end-to-end walks for one merchant, and takes no --area")
        if sandbox is None:
            found = walk_here(reach, merchant, file)
        elif file is not None:
            raise click.UsageError("--sandbox goes by the merchant's live file, not by --file")
        elif merchant is None:
            raise click.UsageError("--sandbox needs the MERCHANT")
        else:
            found = walk_in_sandbox(reach, merchant, sandbox)
    else:
        if file is not None or sandbox is not None:
            raise click.UsageError("--file and --sandbox go with --end-to-end")
        if everyone and merchant is not None:
            raise click.UsageError("name one MERCHANT, or --all")
        areas = tuple(area for area in AREAS if not names or area.name in names)
        asked = Asked(areas, last, skus, timeout, everyone=everyone)
        found = checks(reach, merchant, asked)
    sys.exit(_tell(found, strict=strict, brief=brief, as_json=as_json))


def _tell(found: Iterator[Finding], *, strict: bool, brief: bool, as_json: bool) -> int:
    """Show the findings as they come; the exit code."""
    began = datetime.now(UTC)
    rows = Rows(console(), brief=brief)
    findings: list[Finding] = []
    with closing(found):  # type: ignore[type-var]  # every one given here is a generator
        for finding in found:
            findings.append(finding)
            if not as_json:
                rows.add(finding)
    if as_json:
        say_json(document(findings, checked_at=began, strict=strict))
    else:
        rows.end(findings, strict=strict)
    return exit_code(findings, strict=strict)


def checks(reach: Reach, merchant: str | None, asked: Asked) -> Iterator[Finding]:
    """Every finding of one merchant, or of all; whatever cannot be reached is a finding too."""
    try:
        made = reach.hub()
        ids = made.merchants.all_ids() if merchant is None else (merchant,)
    except CommandError as error:
        yield Finding("stack", Result.FAILED, error.message, unreachable=True, area="hub")
        return
    except Verdict as verdict:
        yield replace(from_verdict("stack", verdict), area="hub")
        return
    if len(ids) > 1 and not asked.everyone:
        raise click.UsageError(f"name one MERCHANT, or --all; there are: {', '.join(ids)}")
    if not ids:
        to_do = "hub config apply FILE"
        yield Finding("merchants", Result.FAILED, "no merchant has a file", to_do, area="hub")
    yield from _of_store(made)
    for name in ids:
        yield from _of_merchant(made, reach, name, asked)


def _of_store(made: Hub) -> Iterator[Finding]:
    """Whether anything of what is stored is to be migrated. Where this release must not work with
    it at all, every merchant's own row says so."""
    try:
        found = standing(migration_world(made))
    except Verdict as verdict:
        yield replace(from_verdict("store", verdict), area="hub")
        return
    if not found.is_current and not found.problem:
        told = f"what an earlier release stored is to be migrated to version {found.release}"
        yield Finding("store", Result.WARNING, told, "hub migrate", area="hub")


def _of_merchant(made: Hub, reach: Reach, name: str, asked: Asked) -> Iterator[Finding]:
    ends = made.clock.monotonic() + asked.timeout
    made.clock.begin(lambda: ends - made.clock.monotonic())
    try:
        world = made.world(name)
    except Verdict as verdict:
        finding = from_verdict("merchant file", verdict)
        if verdict.code == "merchant.unknown":
            finding = replace(finding, to_do=_known(made))
        yield replace(finding, area="hub", merchant=name)
        return
    is_redo = world.live.merchant.portal == "redo"
    subject = Subject(
        world=world,
        read_secret=lambda secret: made.secrets.read(name, secret, fresh=True).value,
        scopes=made.token_scopes(world.live),
        addresses=reach.addresses,
        subscription=(lambda: status(made.webhook(world))) if is_redo else None,
        last=asked.last,
        skus=asked.skus,
        market_of=(lambda: _market(made, name)) if world.live.merchant.miinto else None,
        erp_of=(lambda: _erp(made, name)) if world.live.merchant.unleashed else None,
        lint_of=(lambda: lint_world(made, name)) if can_lint(made) else None,
        feed_of=(lambda: made.feeds.intelligence(world.live)) if world.live.merchant.wair else None,
    )
    yield from run_checks(subject, asked.areas)


def _market(made: Hub, merchant: str) -> Market:
    return Market(made.market_world(merchant), made.market.probe(merchant))


def _erp(made: Hub, merchant: str) -> ErpDesk:
    world = made.erp.by_hand(merchant)
    account = made.erp.account(world.world.live)

    def usage() -> Usage:
        # Which account it is, its secret tells; one that is missing is this check's to tell.
        return account.client.meter.usage()

    return ErpDesk(world, usage, lambda: made.erp.subscribing(world.world))


def _known(made: Hub) -> str:
    try:
        ids: Iterable[str] = made.merchants.all_ids()
    except Verdict:
        ids = ()
    have = ", ".join(ids)
    return f"there are: {have}" if have else "apply its file with: hub config apply FILE"
