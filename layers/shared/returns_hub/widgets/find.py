"""A search for returns, and one return's whole story."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter

from returns_hub.domain.events import ReturnId
from returns_hub.domain.privacy import masked
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent
from returns_hub.flows.overview.find_returns import LONGEST, FoundReturn, find_returns
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, action, join, tag
from returns_hub.widgets.page import (
    Column,
    ago,
    button,
    command,
    dim,
    facts,
    head,
    ident,
    moment,
    money,
    note,
    page,
    pill,
    row,
    table,
)
from returns_hub.widgets.room import Room
from returns_hub.widgets.story import story
from returns_hub.widgets.words import OUTCOMES, many, plain, sentence

NAME = "find"
DESCRIBE = (
    "Finds returns by return id, order name, SKU, tracking number or Mintsoft external return, "
    "and tells one return's whole story."
)
SAMPLE = {"merchant": "example", "words": "#5501"}
COLUMNS = (
    Column("Return"),
    Column("Found by"),
    Column("Order"),
    Column("Stands"),
    Column("Waits", "rh-num"),
    Column("", "rh-do"),
)
MOST = 20
RETURN_ID: TypeAdapter[str] = TypeAdapter(ReturnId)


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: a search as `find_returns` says, of one merchant; a story 1 request for the
    state, and its timeline."""
    if asked.word("return_id"):
        return _story(asked, room)
    known = room.merchants.all_ids()
    if not known:
        return page(asked, note("The hub has no merchant.", " hub config apply makes one."))
    words = asked.typed("words")
    merchant = asked.merchant() or known[0]
    room.merchants_of(asked)
    form = _form(words, merchant, known, room)
    if not words:
        empty = note(
            "Look for a return.",
            " By its id, its order's name, a SKU, a tracking number, or the number of its external "
            "return in Mintsoft.",
        )
        return page(asked, form, empty)
    if len(words) > LONGEST:
        raise Permanent("widget.too_long", f"a search has at most {LONGEST} characters")
    found = find_returns(room.returns, merchant, words, limit=MOST)
    if not found.rows:
        nothing = note(
            "Nothing was found.",
            " Returns are found by what the hub was told of them. One that it never saw is looked "
            "for with hub returns show.",
        )
        return page(asked, form, nothing)
    now = room.clock.now()
    cut = f"the first {len(found.rows)}; more fit" if found.is_cut else ""
    rows = (_row(one, merchant, words, now, room) for one in found.rows)
    said = head(f"{many(len(found.rows), 'return')} of {merchant}", "", *([cut] if cut else []))
    return page(asked, form, said, table(COLUMNS, rows, "Returns that were found"))


def _form(words: str, merchant: str, known: tuple[str, ...], room: Room) -> Html:
    """Enter in the field presses the button; a form of that method is sent nowhere by itself."""
    field = tag(
        "input",
        type="search",
        name="words",
        value=words,
        maxlength=LONGEST,
        placeholder="return id, order, SKU, tracking, external return",
        aria_label="What to look for",
        autocomplete="off",
        class_="rh-wide",
    )
    options = (tag("option", one, value=one, selected=one == merchant) for one in known)
    choice = tag("select", *options, name="merchant", aria_label="Merchant")
    search = action(
        button("Search", "rh-main", submits=True),
        endpoint=room.ways.shows,
        params={"widget": NAME, "search": 1},
    )
    return tag("form", row(field, choice if len(known) > 1 else None, search), method="dialog")


def _row(
    one: FoundReturn, merchant: str, words: str, now: datetime, room: Room
) -> tuple[Child, ...]:
    waits: Child = dim("\u2013")
    if one.step is not None:
        since = f" {ago(now - one.since)}" if one.since else ""
        waits = join(one.step.in_words, dim(since))
    return (
        ident(one.return_id),
        masked(one.matched),
        ", ".join(one.order_names),
        pill(plain(one.outcome), OUTCOMES.get(one.outcome, "")),
        waits,
        room.ways.to("Story", widget=NAME, merchant=merchant, return_id=one.return_id, words=words),
    )


def _story(asked: Asked, room: Room) -> Html:
    merchant, return_id = asked.merchant(), asked.word("return_id")
    if not merchant:
        raise Permanent("widget.no_merchant", "a return is one merchant's: say whose")
    room.merchants_of(asked)
    try:
        RETURN_ID.validate_python(return_id)
    except ValueError:
        raise Permanent("widget.bad_return", "that is no return's id") from None
    state = room.returns.load(merchant, return_id)
    words = asked.word("words")
    back = room.ways.to("Back to the search", widget=NAME, merchant=merchant, words=words)
    if not state.version:
        nothing = note("The hub has not seen this return.", " hub returns show asks the portal.")
        return page(asked, row(back), head(return_id, ""), nothing)
    events, now = room.returns.timeline(merchant, return_id), room.clock.now()
    parked = (
        room.ways.to("Parked item", "rh-main", widget="parked", merchant=merchant, parked_id=one)
        for one in sorted(state.parked_ids)
    )
    orders = ", ".join(state.order_names)
    return page(
        asked,
        row(back, *parked),
        head(
            sentence(f"{plain(state.return_type or 'return')} {return_id}"),
            OUTCOMES.get(state.outcome, ""),
            *([f"order {orders}"] if orders else []),
        ),
        facts(_facts(state, asked, now)),
        story(events, asked, now),
        row(dim("The same with the command:"), command(f"hub timeline {merchant} {return_id}")),
    )


def _facts(state: ReturnState, asked: Asked, now: datetime) -> list[tuple[str, Child]]:
    rows: list[tuple[str, Child]] = [
        ("Stands", pill(plain(state.outcome), OUTCOMES.get(state.outcome, "")))
    ]
    if state.step is not None:
        since = f" for {ago(now - state.step_since)}" if state.step_since else ""
        rows.append(("Waits", join(state.step.in_words, dim(since))))
    if state.value is not None:
        rows.append(("Worth", money({state.currency: state.value})))
    made = [str(s.external_return_id) for s in state.shipments if s.external_return_id is not None]
    if made:
        rows.append(("External returns", ident(", ".join(made))))
    if state.due_at is not None:
        rows.append(("Looked at again", moment(state.due_at, asked, now)))
    return rows
