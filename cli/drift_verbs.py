"""hub drift: how the systems differ, by a look of now or as the last look found it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cli.acting import acts
from cli.choices import merchant_argument
from cli.drift_words import say_finding, say_look, show_findings
from cli.progress import progress
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    machine,
    pass_reach,
    say_json,
    say_outcome,
)
from cli.verbs import verbs
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.drift.findings import Finding, Standing
from returns_hub.domain.drift.report import Report, as_json
from returns_hub.domain.drift.written import finding_written
from returns_hub.drift_runs import DriftRuns
from returns_hub.flows.drift.look import look_at
from returns_hub.flows.drift.report import FORMATS, as_bytes, kept_report, report_of_look

SECONDS = 840.0
"""What a look takes at most, as the function's; its lease ends a moment later."""
AREAS = ("returns", "stock", "orders", "lint")
COUNTING = (Standing.NEW, Standing.RECURRING)

area_option = click.option("--area", type=click.Choice(AREAS), help="only this area")
kind_option = click.option("--kind", help="only this kind, or kinds that begin so: returns.")


@verbs()
def drift() -> None:
    """Where the systems say different things that no work in flight explains.

    \b
    hub drift look example --dry-run
    hub drift list example --area returns
    hub drift show example returns.units_differ#0f3a9c51d27e48b6a0c1
    hub drift report example --format html --out drift.html

    Exit codes: of look and list 0 nothing counts, 1 something does, 3 it cannot be told

    See also: hub lint, docs/drift.md
    """


@drift.command()
@merchant_argument
@click.option("--dry-run", is_flag=True, help="keep nothing of what is found")
@click.option("--all", "everything", is_flag=True, help="suspicions too")
@area_option
@kind_option
@json_option
@pass_reach
@acts()
def look(
    reach: Reach,
    merchant: str,
    dry_run: bool,
    everything: bool,
    area: str | None,
    kind: str | None,
    as_json: bool,
) -> None:
    """Look now: every comparison is made, and what was found is kept as by the schedule's looks.

    It writes to no partner. A difference that could be on its way counts once a second look, after
    the merchant's grace time, shows the very same; --all shows those that are only suspected.

    Example: hub drift look example --dry-run --all

    Exit codes: 0 nothing counts, 1 something does, 3 it cannot be told

    See also: hub drift list, hub drift report, docs/drift.md
    """
    made = reach.hub()
    world = DriftRuns(made).world(merchant)
    ends = made.clock.monotonic() + SECONDS
    made.clock.begin(lambda: ends - made.clock.monotonic())
    with progress(f"looking at {merchant}") as tell:
        looked = look_at(world, keep=not dry_run, progress=tell)
    if looked is None:
        raise CommandError(f"another look at {merchant} is under way; try again", UNREACHABLE)
    report = report_of_look(merchant, looked, suspected_too=everything)
    narrowed = _narrowed(report, _fits(area, kind))
    if as_json:
        _say_report(narrowed)
    else:
        show_findings(narrowed.findings, looked.look.at)
        say_look(narrowed, is_kept=not dry_run)
    _exit(narrowed.findings)


@drift.command("list")
@merchant_argument
@area_option
@kind_option
@click.option(
    "--standing",
    type=click.Choice([standing.value for standing in Standing]),
    help="only those that stand so",
)
@click.option("--all", "everything", is_flag=True, help="suspicions and what was resolved too")
@json_option
@pass_reach
def list_findings(
    reach: Reach,
    merchant: str,
    area: str | None,
    kind: str | None,
    standing: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """List what the last look left; no partner is asked.

    Example: hub drift list example --area orders --standing new

    Exit codes: 0 nothing counts, 1 something does, 3 nobody looked yet

    See also: hub drift look, hub drift show, docs/drift.md
    """
    made = reach.hub()
    report = _kept(made, merchant)
    shown = [*report.findings, *report.resolved]
    fits = _fits(area, kind)
    wanted = {Standing(standing)} if standing else set(Standing if everything else COUNTING)
    found = [each for each in shown if fits(each) and each.standing in wanted]
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "at": report.look.at.isoformat(),
                "findings": [finding_written(finding) for finding in found],
            }
        )
    else:
        show_findings(found, report.look.at)
        say_look(_narrowed(report, fits), is_kept=True)
    _exit(found)


@drift.command()
@merchant_argument
@click.argument("finding_id", metavar="ID")
@json_option
@pass_reach
def show(reach: Reach, merchant: str, finding_id: str, as_json: bool) -> None:
    """Show one finding with all that is known of it; the beginning of its id is enough.

    Example: hub drift show example returns.units_differ#0f3a

    See also: hub drift list, docs/drift.md
    """
    report = _kept(reach.hub(), merchant)
    every = {finding.id: finding for finding in (*report.resolved, *report.findings)}
    named = [every[finding_id]] if finding_id in every else []
    found = named or [each for name, each in every.items() if name.startswith(finding_id)]
    if not found:
        raise CommandError(
            clean(f"{merchant} has no finding {finding_id}; hub drift list {merchant} --all"),
            REFUSED,
        )
    if len(found) > 1:
        raise CommandError(
            clean(f"{len(found)} findings begin with {finding_id}; give more of the id"), REFUSED
        )
    if as_json:
        say_json(finding_written(found[0]))
    else:
        say_finding(found[0], report.look.at)


@drift.command()
@merchant_argument
@click.option(
    "--format",
    "suffix",
    type=click.Choice(list(FORMATS)),
    default="json",
    show_default=True,
    help="of the report",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="into this file, not the screen"
)
@click.option("--all", "everything", is_flag=True, help="suspicions too")
@area_option
@kind_option
@act_json_option
@pass_reach
def report(
    reach: Reach,
    merchant: str,
    suffix: str,
    out: Path | None,
    everything: bool,
    area: str | None,
    kind: str | None,
) -> None:
    """Write the last look's report: JSON (drift-report/1), CSV, or one page for a browser.

    With --json and without --out it is the JSON report.

    Example: hub drift report example --format html --out drift.html

    See also: hub drift list, docs/drift.md
    """
    found = _kept(reach.hub(), merchant)
    shown = found.findings
    if not everything:
        shown = tuple(each for each in shown if each.standing in COUNTING)
    narrowed = _narrowed(replace(found, findings=shown), _fits(area, kind))
    text = FORMATS[suffix][0](narrowed)
    if out is None and machine() is not None:
        _say_report(narrowed)
        return
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(as_bytes(suffix, text))
    except OSError as error:
        raise CommandError(f"cannot write {out}: {error.strerror}", REFUSED) from None
    click.echo(f"written: {out}", err=True)
    say_outcome("done", merchant=merchant, out=str(out), format=suffix)


def _kept(made: Hub, merchant: str) -> Report:
    """What the last look left.

    Raises:
        Permanent: No such merchant.
        CommandError: Nobody looked yet.
    """
    settings = made.merchants.live(merchant).merchant.drift
    found = kept_report(DriftRuns(made).findings(), merchant, settings, suspected_too=True)
    if found is None:
        raise CommandError(
            clean(f"nobody looked at {merchant} yet; hub drift look {merchant} does"), UNREACHABLE
        )
    return found


def _fits(area: str | None, kind: str | None) -> Callable[[Finding], bool]:
    def fits(finding: Finding) -> bool:
        difference = finding.difference
        return area in {None, difference.area} and difference.kind.startswith(kind or "")

    return fits


def _narrowed(found: Report, fits: Callable[[Finding], bool]) -> Report:
    """The report of those findings alone; what is counted and not kept stays with its kind."""
    findings = tuple(filter(fits, found.findings))
    resolved = tuple(filter(fits, found.resolved))
    if len(findings) == len(found.findings) and len(resolved) == len(found.resolved):
        return found
    kinds = {finding.difference.kind for finding in findings}
    look = replace(
        found.look,
        counted={kind: n for kind, n in found.look.counted.items() if kind in kinds},
        units={kind: n for kind, n in found.look.units.items() if kind in kinds},
        beyond={kind: n for kind, n in found.look.beyond.items() if kind in kinds},
        value=_value_of(findings),
    )
    return replace(found, look=look, findings=findings, resolved=resolved)


def _value_of(findings: Iterable[Finding]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for finding in findings:
        difference = finding.difference
        if finding.counts and difference.value is not None:
            value[difference.currency] = value.get(difference.currency, 0) + difference.value
    return value


def _say_report(found: Report) -> None:
    say_json(json.loads(as_json(found)))


def _exit(findings: Iterable[Finding]) -> None:
    if any(finding.counts for finding in findings):
        raise click.exceptions.Exit(REFUSED)
