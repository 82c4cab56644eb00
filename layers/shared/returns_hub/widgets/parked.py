"""Parked work: lists by cause, and one item with what a replay of it would do."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.privacy import masked, shown_fields
from returns_hub.errors import Permanent
from returns_hub.flows.overview.dashboard_acts import MOST_AT_ONCE, seen_of
from returns_hub.flows.overview.preview import Preview, Standing, preview
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.ports import ParkedItem
from returns_hub.ports.desk import ParkedPage, ParkedRow
from returns_hub.widgets import needs_person
from returns_hub.widgets.asked import LONGEST_NOTE, Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import (
    Column,
    Tone,
    ago,
    command,
    dim,
    facts,
    head,
    ident,
    moment,
    note,
    page,
    pill,
    row,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.words import plain

NAME = "parked"
DESCRIBE = (
    "Parked work of a merchant by cause. An item shows what a replay would do; then it is "
    "replayed, or discarded with a note."
)
SAMPLE = {"merchant": "example"}
PAGE = 50
COLUMNS = (
    Column("Item"),
    Column("What is wrong"),
    Column("Waits", "rh-num"),
    Column("", "rh-do"),
)
TONES: dict[Standing, Tone] = {
    "skipped": "good",
    "looked up": "warn",
    "sent": "warn",
    "decided": "",
    "left": "",
}


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: causes `Room.overviews_of`; a page `ParkedLooks.page`; an item 1 request,
    and 1 for its return."""
    merchant = asked.merchant()
    if merchant and asked.word("parked_id"):
        return _item(merchant, asked, room)
    if merchant and (asked.word("flow") or asked.word("code") or merchant == UNKNOWN_MERCHANT):
        return _list(merchant, asked, room)
    return needs_person.render(asked, room)


def _list(merchant: str, asked: Asked, room: Room) -> Html:
    if merchant != UNKNOWN_MERCHANT:
        room.merchants_of(asked)
    flow, code, after = asked.word("flow"), asked.word("code"), asked.word("after")
    found = room.parked.page(merchant, flow=flow, code=code, after=after, limit=PAGE)
    now = room.clock.now()
    back = room.ways.to("All causes", widget=NAME, merchant=asked.word("back"))
    title = f"{merchant}: {plain(code) or 'parked work'}"
    more = _more(found, asked, room)
    if not found.rows:
        words = "No item on this page." if found.after or after else "Nothing is parked here."
        tone: Tone = "" if found.after or after else "good"
        return page(asked, row(back, more), head(title, tone), note(words, tone=tone))
    rows = (_row(item, asked, now, room) for item in found.rows)
    return page(
        asked,
        row(back),
        head(title, "bad", dim(plain(flow)), _counted(found, after)),
        table(COLUMNS, rows, title),
        row(more),
        _all_of(found, asked, room) if flow and code else None,
    )


def _counted(found: ParkedPage, after: str) -> Child:
    shown = f"{len(found.rows)} shown"
    return f"{shown}, more follow" if found.after else (f"{shown}, the last" if after else shown)


def _more(found: ParkedPage, asked: Asked, room: Room) -> Html | None:
    if not found.after:
        return None
    return room.ways.to(
        "Next",
        "rh-main",
        widget=NAME,
        merchant=asked.merchant(),
        flow=asked.word("flow"),
        code=asked.word("code"),
        after=found.after,
        back=asked.word("back"),
    )


def _row(item: ParkedRow, asked: Asked, now: datetime, room: Room) -> tuple[Child, ...]:
    waits = ago(now - item.first_seen_at) if item.first_seen_at else "\u2013"
    again = dim(f" \u00d7{item.times}") if item.times > 1 else None
    opens = room.ways.to(
        "Look",
        widget=NAME,
        merchant=item.merchant,
        parked_id=item.parked_id,
        of_flow=asked.word("flow"),
        of_code=asked.word("code"),
        back=asked.word("back"),
    )
    what = join(ident(masked(item.subject) or masked(item.parked_id)))
    return (what, masked(item.reason), join(waits, again), opens)


def _all_of(found: ParkedPage, asked: Asked, room: Room) -> Html | None:
    """The first of the page, replayed together."""
    first = found.rows[:MOST_AT_ONCE]
    if not room.ways.acts or len(first) < 2:
        return None
    code = asked.word("code")
    replay = room.ways.act(
        f"Replay the first {len(first)}",
        sure=f"Replay {len(first)} items of {plain(code)}? Finished steps are skipped; a write "
        "without an answer is looked up, never repeated.",
        act="parked replay",
        merchant=asked.merchant(),
        flow=asked.word("flow"),
        code=code,
        after=asked.word("after"),
        seen=seen_of(first),
        count=len(first),
    )
    return row(replay, dim(f"of this page; {MOST_AT_ONCE} at most at once"))


def _item(merchant: str, asked: Asked, room: Room) -> Html:
    item = room.parked.read(merchant, asked.word("parked_id"))
    if item is None:
        raise Permanent("parked.unknown", "there is no such parked item any more")
    now = room.clock.now()
    back = room.ways.to(
        "Back to the list",
        widget=NAME,
        merchant=merchant,
        flow=asked.word("of_flow") or item.flow,
        code=asked.word("of_code") or item.code,
        back=asked.word("back"),
    )
    story = None
    if item.subject and merchant != UNKNOWN_MERCHANT and "/" not in item.subject:
        story = room.ways.to("Story", widget="find", merchant=merchant, return_id=item.subject)
    is_open = item.state == "open"
    what = preview(item, room.returns)
    return page(
        asked,
        row(back, story),
        head(plain(item.code), "bad" if is_open else "", item.state),
        note(masked(item.reason), tone="bad" if is_open else ""),
        facts(_facts(item, asked, now)),
        tag("h3", "A replay would"),
        would(what),
        _acts(item, what, room) if is_open and room.ways.acts else None,
        tag(
            "details",
            tag("summary", "What is kept of it"),
            facts((name, ident(told)) for name, told in shown_fields(item.payload)),
        ),
        row(
            dim("The same with the command:"),
            command(f"hub parked show {merchant} {masked(item.parked_id)}"),
        ),
    )


def _facts(item: ParkedItem, asked: Asked, now: datetime) -> list[tuple[str, Child]]:
    rows: list[tuple[str, Child]] = [
        ("Item", ident(masked(item.parked_id))),
        ("About", ident(masked(item.subject) or "\u2013")),
        ("Flow", plain(item.flow)),
        ("Code", ident(item.code)),
    ]
    if item.first_seen_at is not None:
        waits = dim(f" {ago(now - item.first_seen_at)} ago")
        rows.append(("Parked first", join(moment(item.first_seen_at, asked, now), waits)))
    rows.append(("Parked", f"{item.times or 1} times" if (item.times or 1) > 1 else "once"))
    if item.closed_by:
        rows.append(("Closed by", masked(item.closed_by)))
    if item.note:
        rows.append(("Note", masked(item.note)))
    return rows


def would(found: Preview) -> Html:
    """A preview, step by step."""
    if found.refused:
        return note(f"Do nothing: {found.refused}.")
    steps = (
        tag("li", pill(step.standing, TONES[step.standing]), tag("span", step.words))
        for step in found.steps
    )
    return join(tag("p", f"{found.wakes}."), tag("ul", *steps, class_="rh-steps"))


def _acts(item: ParkedItem, what: Preview, room: Room) -> Html:
    """Replay or discard; what the item was when it was looked at goes with the request."""
    given: dict[str, str | int | None] = {
        "merchant": item.merchant,
        "parked_id": item.parked_id,
        "seen": item.times or 1,
    }
    replay = None
    if not what.refused:
        replay = room.ways.act(
            "Replay",
            "rh-main",
            sure="Replay this item? Finished steps are skipped; what is done is not done again.",
            act="parked replay",
            **given,
        )
    discard = room.ways.act(
        "Discard",
        "rh-bad",
        sure="Discard this item for good? It is kept, closed, and on the timeline with your note.",
        act="parked discard",
        **given,
    )
    return act_form(replay, discard)


def act_form(replay: Html | None, discard: Html) -> Html:
    """The note and the buttons. A form of that method is never sent anywhere by itself."""
    said = tag(
        "label",
        "Note (why; needed to discard)",
        tag("textarea", "", name="note", rows=2, maxlength=LONGEST_NOTE),
    )
    return tag("form", said, row(replay, discard), method="dialog")
