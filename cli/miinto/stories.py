"""Timelines, as every verb of Miinto shows them."""

from __future__ import annotations

from collections.abc import Sequence

from cli.terminal import console, shown, table
from returns_hub.domain.facts import Event
from returns_hub.domain.miinto.facts import MarketEvent


def say_story(events: Sequence[Event] | Sequence[MarketEvent]) -> None:
    """A timeline, in a table."""
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
