"""Timelines and records that are kept in step, as every verb shows them."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cli.terminal import clean, console, say_json, shown, table
from returns_hub.domain.facts import Event
from returns_hub.domain.miinto.facts import MarketEvent
from returns_hub.domain.sync.records import SyncEvent, SyncState


def say_story(events: Sequence[Event] | Sequence[MarketEvent] | Sequence[SyncEvent]) -> None:
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


def say_record(state: SyncState, events: Sequence[SyncEvent]) -> None:
    """A record and its timeline, for machines."""
    say_json(
        {
            "standing": state.standing,
            **state.model_dump(mode="json"),
            "timeline": [event.model_dump(mode="json") for event in events],
        }
    )


def say_who_is_asked(merchant: str, state: SyncState) -> None:
    """Where a person answers, when one is asked about the record."""
    if state.parked:
        click.echo(clean(f"a person is asked: hub parked show {merchant} {state.parked}"))
