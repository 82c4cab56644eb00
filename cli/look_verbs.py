"""hub timeline: looking, by reads alone."""

from __future__ import annotations

import click

from cli.terminal import REFUSED, console, json_option, pass_reach, say_json, shown, table
from cli.worlds import CommandError, Reach


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
