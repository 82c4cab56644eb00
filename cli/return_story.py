"""The story of one return, as a person reads it: day by day, who, and what it waits for now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import click

from cli.ages import age
from cli.audit_reading import short_name
from cli.terminal import clean, console, shown, table
from returns_hub.domain.audit import Act
from returns_hub.domain.facts import (
    Event,
    Flagged,
    OperatorActed,
    Parked,
    Skipped,
    WithdrawalHandled,
)
from returns_hub.domain.state import ReturnState

HUB = "hub"
TROUBLE = (Parked, Flagged)
BY_PEOPLE = (OperatorActed, WithdrawalHandled)
Line = tuple[datetime, str, str, str]
"""When, what, in which style, and by which rule."""


def say_return_story(
    state: ReturnState,
    events: Sequence[Event],
    unfinished: Iterable[Act],
    now: datetime,
    *,
    rules: bool,
) -> None:
    """The story, in tables of a day each.

    Args:
        state: Where it stands.
        events: Its timeline.
        unfinished: What people asked for and what did not come to its end; it left no event.
        now: The present moment, from which ages count.
        rules: Whether each entry's rule and configuration version are told.
    """
    orders = f", order {', '.join(state.order_names)}" if state.order_names else ""
    value = "" if state.value is None else f", worth {state.value} {state.currency}"
    click.echo(clean(f"return {state.return_id} of {state.merchant}{orders}{value}"))
    lines = sorted([*map(_of_event, events), *map(_of_act, unfinished)], key=lambda line: line[0])
    day = ""
    made = table("when", "what")
    made.show_header = False
    for at, what, style, rule in lines:
        if f"{at:%Y-%m-%d}" != day:
            day = f"{at:%Y-%m-%d}"
            made.add_row(f"[bold]{day}[/]", f"[dim]{at:%A}, {_ago(at, now)}[/]")
        made.add_row(f"  {at:%H:%M:%S}", f"[{style}]{shown(what)}[/]" if style else shown(what))
        if rules:
            made.add_row("", f"[dim]{shown(rule)}[/]")
    console().print(made)
    for line in waits_for(state, now):
        click.echo(clean(line))


def waits_for(state: ReturnState, now: datetime) -> list[str]:
    """Where it stands, what it waits for and since when, and when it is looked at next."""
    lines = [f"stands: {state.outcome}"]
    if state.step is None:
        lines.append("waits for: nothing")
    else:
        since = state.step_since
        known = f", since {since:%Y-%m-%d %H:%M} UTC ({_ago(since, now)})" if since else ""
        lines.append(f"waits for: {state.step.in_words}{known}")
    if state.parked:
        lines.append(f"a person is asked: hub parked show {state.merchant} {state.parked}")
    for due in state.due[:3]:
        when = f"in {age(due.at - now)}" if due.at > now else f"due {_ago(due.at, now)}"
        kind = due.kind.replace("_", " ")
        lines.append(f"looked at again: {due.at:%Y-%m-%d %H:%M} UTC ({when}): {kind}")
    return lines


def _of_event(event: Event) -> Line:
    who = "" if event.actor == HUB else f"{short_name(event.actor)}: "
    style = ""
    if isinstance(event.fact, BY_PEOPLE) or who:
        style = "cyan"
    elif isinstance(event.fact, TROUBLE):
        style = "yellow"
    elif isinstance(event.fact, Skipped):
        style = "dim"
    version = f", configuration v{event.config_version}" if event.config_version else ""
    by = f", by {event.actor}" if who else ""
    return (event.at, f"{who}{event.fact.in_words()}", style, f"{event.rule}{version}{by}")


def _of_act(act: Act) -> Line:
    became = "cut off, or still at work" if act.outcome == "asked" else act.outcome
    told = f": {act.told}" if act.told else ""
    rule = f"configuration v{act.config_version}, by {act.who}"
    what = f"{short_name(act.who)}: {act.verb} {act.subject}".rstrip()
    return (act.at, f"{what}: {became}{told}", "cyan", rule)


def _ago(at: datetime, now: datetime) -> str:
    return f"{age(now - at)} ago" if at <= now else f"in {age(at - now)}"
