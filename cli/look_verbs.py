"""hub timeline: looking, by reads alone."""

from __future__ import annotations

import click

from cli.choices import merchant_argument
from cli.stories import say_story
from cli.terminal import REFUSED, json_option, pass_reach, say_json
from cli.verbs import verb
from cli.worlds import CommandError, Reach


@verb()
@merchant_argument
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
    say_story(events)
    click.echo(f"stands: {made.returns.load(merchant, return_id).outcome}")
