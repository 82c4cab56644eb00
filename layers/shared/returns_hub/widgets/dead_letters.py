"""Dead letters: messages that met a fault of the hub's own, by queue and cause."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from returns_hub.domain.privacy import masked
from returns_hub.errors import Permanent
from returns_hub.flows.dead_letters import FLOWS, READABLE, Dead, envelope
from returns_hub.flows.overview.dashboard_acts import LOOK_AT_MOST, look_at
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.ports.dead_letters import DeadLetters
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import (
    Column,
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
from returns_hub.widgets.parked import act_form
from returns_hub.widgets.room import Room
from returns_hub.widgets.words import many, plain

NAME = "dead_letters"
DESCRIBE = (
    "Messages that the hub gave up on, by queue and by what is wrong with them. One that this "
    "release can read is replayed; any is discarded with a note, and kept."
)
SAMPLE = {"queue": ""}
PAGE = 50
QUEUES = (
    Column("Queue"),
    Column("Flow"),
    Column("Dead letters", "rh-num"),
    Column("", "rh-do"),
)
COLUMNS = (
    Column("Message"),
    Column("About"),
    Column("What is wrong"),
    Column("Age", "rh-num"),
    Column("", "rh-do"),
)


def render(asked: Asked, room: Room) -> Html:
    """The widget. Cost: one request for each queue; of one queue's letters one, and one for each
    ten of `LOOK_AT_MOST`."""
    wanted = asked.word("queue")
    if not wanted:
        return _queues(asked, room)
    queue = next((one for one in room.dead_letters() if one.name == wanted), None)
    if queue is None:
        raise Permanent("dlq.unknown_queue", "this stack has no such queue")
    if asked.word("message_id"):
        return _letter(queue, asked, room)
    return _letters(queue, asked, room)


def _queues(asked: Asked, room: Room) -> Html:
    counts = [(queue.name, queue.count()) for queue in room.dead_letters()]
    total = sum(count for _, count in counts)
    if not total:
        calm = note(
            "No dead letter.", " Every message was dealt with or parked with a reason.", tone="good"
        )
        return page(asked, head("No dead letter", "good"), calm)
    rows = (
        (
            name,
            dim(plain(FLOWS.get(name, ""))),
            f"{count:,}",
            room.ways.to("Open", widget=NAME, queue=name) if count else None,
        )
        for name, count in sorted(counts, key=lambda one: (-one[1], one[0]))
    )
    about = "as SQS counts them: about so many"
    return page(
        asked, head(many(total, "dead letter"), "bad", about), table(QUEUES, rows, "Queues")
    )


def _letters(queue: DeadLetters, asked: Asked, room: Room) -> Html:
    found, is_whole = look_at(queue)
    now, code, place = room.clock.now(), asked.word("code"), asked.number("page")
    causes = Counter(dead.code for dead in found)
    chosen = [dead for dead in found if code in {"", dead.code}]
    shown = chosen[place * PAGE : (place + 1) * PAGE]
    back = room.ways.to("All queues", widget=NAME)
    if not shown:
        words = " One that somebody else holds comes back within a minute."
        return page(asked, row(back), head(queue.name, ""), note("None was given out now.", words))
    by_cause = (
        room.ways.to(f"{plain(name)} {count:,}", widget=NAME, queue=queue.name, code=name)
        for name, count in causes.most_common()
    )
    more = None
    if (place + 1) * PAGE < len(chosen):
        more = room.ways.to(
            "Next", "rh-main", widget=NAME, queue=queue.name, code=code, page=place + 1
        )
    told = f"{place * PAGE + 1} to {place * PAGE + len(shown)} of {len(chosen)}"
    left = None
    if not is_whole:
        left = note(
            "These may not be all.",
            f" At most {LOOK_AT_MOST} are looked at here, and somebody else may hold some. hub dlq "
            "list looks at every one.",
        )
    return page(
        asked,
        row(back, *(by_cause if len(causes) > 1 else ())),
        head(queue.name, "bad", told),
        left,
        table(COLUMNS, (_row(dead, now, room) for dead in shown), f"Dead letters of {queue.name}"),
        row(more),
    )


def _row(dead: Dead, now: datetime, room: Room) -> tuple[Child, ...]:
    return (
        ident(dead.message_id),
        _about(dead),
        join(pill(plain(dead.code), "warn" if dead.code == READABLE else "bad"), " ", _why(dead)),
        ago(now - dead.letter.sent_at),
        room.ways.to("Look", widget=NAME, queue=dead.letter.queue, message_id=dead.message_id),
    )


def _about(dead: Dead) -> Child:
    if dead.merchant == UNKNOWN_MERCHANT:
        return dim("names no merchant")
    return join(dead.merchant, " ", ident(dead.return_id)) if dead.return_id else dead.merchant


def _why(dead: Dead) -> str:
    if dead.code == READABLE:
        return "this release can read it"
    return masked(dead.reason)


def _letter(queue: DeadLetters, asked: Asked, room: Room) -> Html:
    found, _ = look_at(queue)
    wanted = asked.word("message_id")
    dead = next((one for one in found if one.message_id == wanted), None)
    back = row(room.ways.to("Back to the list", widget=NAME, queue=queue.name))
    if dead is None:
        words = " It was dealt with, or somebody else holds it for a minute."
        return page(asked, back, head(queue.name, ""), note("It was not given out now.", words))
    now, letter = room.clock.now(), dead.letter
    told, age = envelope(letter.body), ago(now - letter.sent_at)
    shown = told.items() if isinstance(told, dict) else (("message", told),)
    return page(
        asked,
        back,
        head(plain(dead.code), "warn" if dead.code == READABLE else "bad", queue.name),
        note(_why(dead), tone="" if dead.code == READABLE else "bad"),
        facts(
            (
                ("Message", ident(letter.message_id)),
                ("About", _about(dead)),
                (
                    "Sent",
                    join(moment(letter.sent_at, asked, now), dim(f" {age} ago")),
                ),
                ("Received", f"{letter.receives} times, looking at it here included"),
            )
        ),
        tag("h3", "A replay would"),
        _would(dead),
        _acts(dead, room) if room.ways.acts else None,
        tag(
            "details",
            tag("summary", "What the message says"),
            facts((name, ident(masked(value))) for name, value in shown),
        ),
        row(dim("The same with the command:"), command(f"hub dlq show {letter.message_id}")),
    )


def _would(dead: Dead) -> Html:
    if dead.code != READABLE:
        return note("Do nothing: this release cannot read it. Mend it with hub dlq edit.")
    flow = plain(FLOWS.get(dead.letter.queue, dead.letter.queue))
    steps = (
        tag("li", pill("sent", "warn"), f"the message goes back to {dead.letter.queue}"),
        tag("li", pill("skipped", "good"), "what the ledger and the timeline know as done"),
        tag("li", pill("looked up", "warn"), "a write without an answer, before it is sent again"),
    )
    return join(tag("p", f"{flow} gets it again."), tag("ul", *steps, class_="rh-steps"))


def _acts(dead: Dead, room: Room) -> Html:
    queue, message_id = dead.letter.queue, dead.message_id
    replay = None
    if dead.code == READABLE:
        replay = room.ways.act(
            "Replay",
            "rh-main",
            sure="Send this message back to its queue? What is done is not done again.",
            act="dlq replay",
            queue=queue,
            message_id=message_id,
        )
    discard = room.ways.act(
        "Discard",
        "rh-bad",
        sure="Take this message out for good? It is kept, closed, among the parked work.",
        act="dlq discard",
        queue=queue,
        message_id=message_id,
    )
    return act_form(replay, discard)
