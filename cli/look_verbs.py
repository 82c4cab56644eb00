"""hub check, timeline: looking, mostly by reads alone."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from cli.checks import Finding, Mark, Subject, run_checks
from cli.terminal import REFUSED, console, json_option, pass_reach, say_json, shown, table
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.flows.probe import probe

MARKS = {Mark.OK: "[green]ok  [/]", Mark.WARN: "[yellow]warn[/]", Mark.FAIL: "[red]fail[/]"}


@click.command()
@click.argument("merchant")
@json_option
@pass_reach
def check(reach: Reach, merchant: str, as_json: bool) -> None:
    """Find out whether a merchant is ready to go live. Partners are only read.

    What the probe proves about the warehouse's API is kept for the flows.
    """
    made = reach.hub()
    world = made.world(merchant)
    subject = Subject(
        merchant=world.live.merchant,
        warehouse=world.warehouse,
        portal=world.portal,
        read_secret=lambda name: dict(made.secrets.read(merchant, name, fresh=True).value),
        probe=lambda: probe(world),
        now=datetime.now(UTC),
    )
    findings: list[Finding] = []
    for finding in run_checks(subject):
        findings.append(finding)
        if not as_json:
            line = f"{MARKS[finding.mark]}  {shown(finding.check)}: {shown(finding.text)}"
            console().print(line, soft_wrap=True)
    failed = [finding for finding in findings if finding.mark is Mark.FAIL]
    warned = sum(finding.mark is Mark.WARN for finding in findings)
    if as_json:
        say_json([finding.to_json() for finding in findings])
    else:
        click.echo(f"{len(findings)} checks: {len(failed)} failed, {warned} warnings")
    if failed:
        sys.exit(UNREACHABLE if all(f.is_unreachable for f in failed) else REFUSED)


@click.command()
@click.argument("merchant")
@click.argument("return_id")
@json_option
@pass_reach
def timeline(reach: Reach, merchant: str, return_id: str, as_json: bool) -> None:
    """Tell the story of one return."""
    made = reach.hub()
    events = made.returns.timeline(merchant, return_id)
    if not events:
        made.merchants.live(merchant)  # refused by its own words when there is none
        raise CommandError(f"{merchant} has no return {return_id}", REFUSED)
    if as_json:
        say_json([event.model_dump(mode="json") for event in events])
        return
    story = table("when (UTC)", "what", "rule", "config", "who")
    for event in events:
        story.add_row(
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            shown(event.fact.in_words()),
            shown(event.rule),
            f"v{event.config_version}" if event.config_version else "-",
            shown(event.actor),
        )
    console().print(story)
    click.echo(f"stands: {made.returns.load(merchant, return_id).outcome}")
