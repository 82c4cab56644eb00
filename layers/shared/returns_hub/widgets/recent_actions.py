"""What people did lately, from the dashboard and with the command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from returns_hub.domain.audit import Act
from returns_hub.domain.privacy import masked
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import Column, Tone, dim, head, ident, moment, note, page, pill, table
from returns_hub.widgets.room import Room
from returns_hub.widgets.words import many

NAME = "recent_actions"
DESCRIBE = "The newest acts of people over the last 28 days, and what came of each."
SAMPLE = {"merchant": ""}
DAYS = timedelta(days=28)
"""Never more than two months, by which acts are kept."""
MOST = 50
COLUMNS = (
    Column("When", "rh-keep"),
    Column("Who"),
    Column("Did"),
    Column("About"),
    Column("What came of it"),
)
TONES: dict[str, Tone] = {"done": "good", "asked": "warn", "refused": "", "failed": "bad"}
SAYS = {"asked": "cut off?", "done": "done", "refused": "refused", "failed": "failed"}


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: for each merchant, and for what is about none, a query a month of two; of
    the acts of all of them `MOST` are shown."""
    shown, left_out = room.merchants_of(asked)
    now = room.clock.now()
    owners = shown if asked.merchant() else ("", *shown)
    acts = list(islice(_newest(owners, room, now), MOST))
    more = [f"{left_out} more merchants are not shown"] if left_out else []
    if not acts:
        calm = note(
            "Nobody had to do anything.", " Acts of the last 28 days stand here.", tone="good"
        )
        return page(asked, head("No acts in 28 days", "good", *more), calm)
    said = "The newest acts" if len(acts) == MOST else f"{many(len(acts), 'act')} in 28 days"
    rows = (_row(act, asked, now, room, several=len(shown) > 1) for act in acts)
    return page(asked, head(said, "", *more), table(COLUMNS, rows, "Recent acts"))


def _newest(owners: tuple[str, ...], room: Room, now: datetime) -> Iterator[Act]:
    until = now + timedelta(seconds=1)
    each = [islice(room.audit.of_merchant(owner, now - DAYS, until), MOST) for owner in owners]
    return merge(*each, key=lambda act: act.at, reverse=True)


def _row(act: Act, asked: Asked, now: datetime, room: Room, *, several: bool) -> tuple[Child, ...]:
    is_running = act.outcome == "asked" and now - act.at < timedelta(minutes=5)
    word = "under way" if is_running else SAYS[act.outcome]
    of_it = tag("span", act.merchant, class_="rh-dim rh-sub") if several and act.merchant else None
    about: Child = join(ident(masked(act.subject)) if act.subject else dim("\u2013"), of_it)
    if act.return_id and act.merchant:
        story = room.ways.to(
            "Story", "rh-plain", widget="find", merchant=act.merchant, return_id=act.return_id
        )
        about = join(about, " ", story)
    said = masked(act.note)
    told = masked(act.told) if act.told not in {"replayed", "discarded"} else ""
    return (
        moment(act.at, asked, now),
        tag("span", _name(act.who), title=f"{act.who} (request {act.act_id})"),
        join(masked(act.verb), tag("div", dim(said)) if said else None),
        about,
        join(pill(word, TONES[act.outcome]), " ", dim(told)),
    )


def _name(who: str) -> str:
    """The part of an ARN that people know somebody by."""
    if not who.startswith("arn:"):
        return who
    return who.rpartition("/")[2] or who
