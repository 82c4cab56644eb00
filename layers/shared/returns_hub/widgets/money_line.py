"""The money line: returns that wait at each step, since when, and what they are worth."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.overview.overview import Overview, StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.errors import Permanent
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import (
    Column,
    Tone,
    ago,
    bar,
    dim,
    head,
    ident,
    moment,
    money,
    note,
    page,
    row,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.standing import as_of, doubts, nothing_yet, seen
from returns_hub.widgets.words import many

NAME = "money_line"
DESCRIBE = (
    "Returns that wait at each step of their way: how many, since when the one that waits longest, "
    "and what they are worth to the customers. A step opens its returns."
)
SAMPLE = {"merchant": ""}
COLUMNS = (
    Column("Step"),
    Column("Returns", "rh-num"),
    Column("Share"),
    Column("Waits longest", "rh-num"),
    Column("Worth", "rh-num"),
    Column("", "rh-do"),
)
RETURNS = (
    Column("Return"),
    Column("Since", "rh-num"),
    Column("Waits", "rh-num"),
    Column("Worth", "rh-num"),
    Column("", "rh-do"),
)
MOST = 50
AT_LEAST = "\u2265 "


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: `Room.overviews_of`; of one step's returns one query of at most `MOST` + 1
    rows."""
    if asked.word("step"):
        return _step(asked, room)
    overviews, missing, left_out, now = seen(room, asked)
    if not overviews:
        return nothing_yet(asked, missing)
    waiting = sum(one.count for overview in overviews for one in overview.steps)
    late = sum(overview.past_clock for overview in overviews)
    said = f"{many(waiting, 'return')} under way"
    tone: Tone = "good"
    if late:
        said, tone = f"{said}; {late:,} delivered and past their clock", "warn"
    parts: list[Child] = [
        head(said, tone, as_of(overviews, asked, now)),
        doubts(overviews, missing, left_out, now),
    ]
    for overview in overviews:
        if len(overviews) > 1:
            parts.append(tag("h3", overview.merchant))
        parts.append(_line(overview, asked, room, now))
    return page(asked, *parts)


def _line(overview: Overview, asked: Asked, room: Room, now: datetime) -> Html:
    steps = {one.step: one for one in overview.steps}
    most = max((one.count for one in overview.steps), default=0)
    if not most:
        return note("Nothing waits.", " Every return that the hub knows is done.", tone="good")
    shown = (steps.get(step, StepStanding(step=step)) for step in Step)

    def opens(one: StepStanding) -> Child:
        if not one.count:
            return None
        whose, back = overview.merchant, asked.merchant()
        return room.ways.to("Open", widget=NAME, merchant=whose, step=one.step.value, back=back)

    rows = (_row(one, most, opens(one), now) for one in shown)
    return table(COLUMNS, rows, f"Money line of {overview.merchant}")


def _row(one: StepStanding, most: int, opens: Child, now: datetime) -> tuple[Child, ...]:
    is_person = one.step is Step.PERSON and one.count
    tone: Tone = "bad" if is_person else ""
    count = f"{AT_LEAST if one.is_at_least else ''}{one.count:,}"
    longest: Child = dim("\u2013")
    if one.oldest_since is not None:
        longest = tag(
            "span",
            ago(now - one.oldest_since),
            title=f"{one.oldest_return}, since {one.oldest_since:%Y-%m-%d %H:%M} UTC",
        )
    worth: Child = money(one.value)
    if one.unvalued:
        worth = join(worth, dim(f" +{one.unvalued:,} not told"))
    name = one.step.in_words
    return (
        name if one.count else dim(name),
        count,
        bar(one.count / most, tone),
        longest,
        worth,
        opens,
    )


def _step(asked: Asked, room: Room) -> Html:
    """One step's returns, the longest waiting first."""
    try:
        step = Step(asked.word("step"))
    except ValueError:
        raise Permanent("widget.unknown_step", "there is no such step") from None
    shown, _ = room.merchants_of(asked)
    if len(shown) != 1:
        raise Permanent("widget.no_merchant", "a step's returns are of one merchant")
    (merchant,), now = shown, room.clock.now()
    found = room.returns.in_step(merchant, step, MOST + 1)
    back = row(room.ways.to("Back", widget=NAME, merchant=asked.word("back")))
    title = f"{merchant}: {step.in_words}"
    if not found:
        return page(asked, back, head(title, "good"), note("Nothing waits here.", tone="good"))
    more = [dim(f"the {MOST} that wait longest are shown")] if len(found) > MOST else []
    rows = (
        (
            ident(one.return_id),
            moment(one.since, asked, now),
            ago(now - one.since),
            dim("\u2013") if one.value is None else money({one.currency: one.value}),
            room.ways.to("Story", widget="find", merchant=merchant, return_id=one.return_id),
        )
        for one in found[:MOST]
    )
    return page(asked, back, head(title, "", *more), table(RETURNS, rows, title))
