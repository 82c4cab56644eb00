"""How hub drift shows findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import click

from cli.terminal import clean, console, shown, table
from returns_hub.domain.drift.findings import Finding, Standing
from returns_hub.domain.drift.page import how_often, in_words
from returns_hub.domain.drift.report import Report, age_of, said_in_words

MINUTES = "%Y-%m-%d %H:%M"
STYLES = {
    Standing.NEW: "red",
    Standing.RECURRING: "yellow",
    Standing.RESOLVED: "green",
    Standing.SUSPECTED: "dim",
}


def show_findings(findings: Iterable[Finding], at: datetime) -> None:
    """A table; nothing where there is none."""
    rows = table("id", "standing", "what", "the systems say", "units", "worth", "age")
    for finding in findings:
        difference = finding.difference
        worth = f"{difference.value:,.2f} {difference.currency}" if difference.value else "-"
        rows.add_row(
            shown(_short(finding.id)),
            f"[{STYLES[finding.standing]}]{finding.standing.value}[/]",
            shown(difference.subject),
            shown(said_in_words(difference.says)),
            str(difference.units),
            worth,
            in_words(age_of(finding, at)),
        )
    if rows.row_count:
        console().print(rows)


def say_look(report: Report, *, is_kept: bool) -> None:
    """What a look came to, in a few lines."""
    total, look = report.total, report.look
    worth = ", ".join(f"{value:,.2f} {currency}" for currency, value in total.value.items())
    click.echo(
        f"{total.findings} differences count ({total.new} new, {total.recurring} recurring), "
        f"{total.units} units{f', worth {worth}' if worth else ''}; {total.resolved} resolved "
        f"lately; {sum(look.suspected.values())} suspected"
    )
    for name, why in look.failed.items():
        click.echo(clean(f"not compared: {name}: {why}"), err=True)
    for what, number in look.apart.items():
        click.echo(f"{number} {what}: with people, no difference", err=True)
    kept = "" if is_kept else "; nothing was kept of it"
    click.echo(f"looked at {look.at:{MINUTES}} (UTC){kept}", err=True)


def say_finding(finding: Finding, at: datetime) -> None:
    """One finding with all that is known of it."""
    difference = finding.difference
    since = difference.since or finding.first_seen
    facts = [
        ("id", finding.id),
        ("kind", f"{difference.kind} (docs/drift.md)"),
        ("what", difference.subject),
        ("standing", finding.standing.value),
        *((system, _word(said)) for system, said in difference.says.items()),
        ("units", str(difference.units)),
    ]
    if difference.value is not None:
        facts.append(("worth", f"{difference.value:,.2f} {difference.currency}"))
    facts += [
        ("since", f"{since:{MINUTES}} ({in_words(age_of(finding, at))})"),
        ("seen", f"{finding.first_seen:{MINUTES}} to {finding.last_seen:{MINUTES}}"),
        ("looks", str(finding.looks)),
    ]
    if finding.resolved_at is not None:
        is_over = finding.standing is Standing.RESOLVED
        name = "resolved" if is_over else "resolved before"
        facts.append((name, f"{finding.resolved_at:{MINUTES}}"))
    if finding.returned:
        facts.append(("came back", how_often(finding.returned)))
    facts += [("cause", difference.cause or "-"), ("mend", difference.mend or "-")]
    width = max(len(name) for name, _ in facts)
    for name, said in facts:
        click.echo(clean(f"{name:<{width}}  {said}"))


def _word(said: str | int | None) -> str:
    return "nothing" if said is None else str(said)


def _short(name: str) -> str:
    kind, _, hashed = name.partition("#")
    return f"{kind}#{hashed[:6]}"
