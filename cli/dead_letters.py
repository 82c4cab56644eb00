"""What a dead letter is to the command: who it is about, what is wrong with it, how it is shown."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import click
from pydantic import Field, TypeAdapter

from cli.filters import newer_than, older_than
from cli.terminal import REFUSED, clean, console, shown, table
from cli.worlds import CommandError
from returns_hub.adapters.queues.dead_letters import (
    DeadLetterQueue,
    Letter,
)
from returns_hub.bootstrap import Hub
from returns_hub.domain.base import MerchantId, UtcTime
from returns_hub.domain.events import ReturnId
from returns_hub.domain.relay.settings import TargetName
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows import announce_return, process_lines
from returns_hub.flows.miinto import run, store_refund_message
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.relay import despatch_message, order_change_message

FLOWS = {
    "approved-returns": announce_return.FLOW,
    "poll-mintsoft": process_lines.FLOW,
    "store-refunds": store_refund_message.FLOW,
    "miinto-rma": run.FLOW,
    "unleashed-sync": "unleashed_sync",
    "order-changes": order_change_message.FLOW,
    "despatches": despatch_message.FLOW,
    "wair-sync": "wair_sync",
    "drift-report": "drift_report",
}
READABLE = "readable"
LONGEST_HOLD = 43_200
"""Seconds; SQS hides a message no longer."""
BODIES = ("return", "order")
FORMS: dict[str, TypeAdapter[Any]] = {
    "schema": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z-]{1,40}/[0-9]{1,4}$")]),
    "merchant": TypeAdapter(MerchantId),
    "return_id": TypeAdapter(ReturnId),
    "occurred_at": TypeAdapter(UtcTime),
    "target": TypeAdapter(TargetName),
    "source": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]),
}
"""The envelope's fields, shown when they have the form that the contract gives them; a text of
another form may be anything, personal data too."""


@dataclass(frozen=True)
class Dead:
    """A dead letter, and what the release that runs here makes of it."""

    letter: Letter
    merchant: str
    return_id: str
    code: str
    reason: str

    @property
    def message_id(self) -> str:
        return self.letter.message_id

    @property
    def wrong(self) -> str:
        return f"{self.code}: {self.reason}" if self.reason else self.code

    @property
    def about(self) -> str:
        """Whose it is, for a line."""
        return f"return {self.return_id} of {self.merchant}" if self.return_id else self.merchant


@dataclass(frozen=True)
class Filter:
    """Which dead letters are meant; nothing given means none are."""

    ids: tuple[str, ...] = ()
    queue: str | None = None
    merchant: str | None = None
    return_id: str | None = None
    reason: str | None = None
    older: timedelta | None = None
    newer: timedelta | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows it."""
        return self == Filter()

    def takes(self, dead: Dead, now: datetime) -> bool:
        """Whether the dead letter is meant."""
        age = now - dead.letter.sent_at
        return (
            (not self.ids or dead.message_id in self.ids)
            and (self.merchant is None or dead.merchant == self.merchant)
            and (self.return_id is None or dead.return_id == self.return_id)
            and (self.reason is None or dead.code == self.reason)
            and (self.older is None or age >= self.older)
            and (self.newer is None or age <= self.newer)
        )


def filters(function: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow, given to the verb as one `Filter`."""

    @functools.wraps(function)
    def collected(
        *arguments: Any,
        ids: tuple[str, ...],
        queue: str | None,
        merchant: str | None,
        return_id: str | None,
        reason: str | None,
        older_than: timedelta | None,
        newer_than: timedelta | None,
        **more: Any,
    ) -> None:
        wanted = Filter(ids, queue, merchant, return_id, reason, older_than, newer_than)
        function(*arguments, wanted=wanted, **more)

    narrowed: Callable[..., None] = collected
    for option in (
        newer_than,
        older_than,
        click.option("--reason", help="only what is wrong in this way: event.invalid, readable"),
        click.option("--return", "return_id", help="only about this return"),
        click.option("--merchant", help="only this merchant's; _unknown names none"),
        click.option("--queue", type=click.Choice(list(FLOWS)), help="only this queue's"),
        click.argument("ids", metavar="[MESSAGE_ID]...", nargs=-1),
    ):
        narrowed = option(narrowed)
    return narrowed


def read(letter: Letter, contract: Callable[[str], object]) -> Dead:
    """What the release that runs here makes of a message."""
    merchant, return_id = names_in(letter.body)
    code, reason = judged(letter.body, contract)
    return Dead(letter, merchant, return_id, code, reason)


def judged(body: str, contract: Callable[[str], object]) -> tuple[str, str]:
    """What is wrong with a body, as (code, reason); `READABLE` when nothing is."""
    try:
        contract(body)
    except Permanent as verdict:
        return verdict.code, verdict.reason
    except Exception as error:  # noqa: BLE001 - it may be the very fault that brought it here
        return "fault", f"reading it ends in {type(error).__name__}"
    return READABLE, ""


def names_in(body: str) -> tuple[str, str]:
    """The merchant and the return that a message names, even if it is no good otherwise."""
    try:
        content = read_json(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return UNKNOWN_MERCHANT, ""
    merchant, return_id = (_in_form(content, name) for name in ("merchant", "return_id"))
    return merchant or UNKNOWN_MERCHANT, return_id


def _in_form(content: dict[str, Any], name: str) -> str:
    """A field of the envelope, when it is a text of the contract's form; else an empty one."""
    value = content.get(name)
    try:
        FORMS[name].validate_python(value)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- looking


def look(made: Hub, wanted: Filter) -> tuple[list[Dead], list[str]]:
    """The dead letters that are meant, oldest first, and why there may be more than these."""
    found: list[Dead] = []
    doubts: list[str] = []
    now = made.clock.now()
    for queue in made.dead_letter_queues():
        if wanted.queue not in {None, queue.name}:
            continue
        with queue.round() as letters:
            dead = [read(letter, queue.contract) for letter in letters]
        found += [one for one in dead if wanted.takes(one, now)]
        if not letters.is_whole:
            more = f", SQS counts about {letters.missing} more" if letters.missing else ""
            doubts.append(
                f"{queue.name}: this may not be all{more}; someone else may hold some, "
                "look again in a minute"
            )
    found.sort(key=lambda one: (one.letter.sent_at, one.message_id))
    return found, doubts


def find_one(made: Hub, message_id: str, merchant: str | None = None) -> Dead:
    found, doubts = look(made, Filter(ids=(message_id,), merchant=merchant))
    if not found:
        why = "".join(f"\n{doubt}" for doubt in doubts)
        raise CommandError(clean(f"there is no dead letter {message_id}{why}"), REFUSED)
    return found[0]


def queue_of(made: Hub, name: str) -> DeadLetterQueue:
    return next(queue for queue in made.dead_letter_queues() if queue.name == name)


def age_of(dead: Dead, now: datetime) -> str:
    minutes = max(0, int((now - dead.letter.sent_at).total_seconds())) // 60
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)}d {minutes // 60 % 24}h"
    return f"{minutes // 60}h {minutes % 60}m" if minutes >= 60 else f"{minutes}m"


def show_table(found: Iterable[Dead], now: datetime) -> None:
    rows = table()
    for name in ("id", "queue", "merchant", "return", "age", "receives", "what is wrong"):
        # An id that is broken over two lines cannot be copied.
        rows.add_column(name, overflow="fold", no_wrap=name in {"id", "age", "queue"})
    for dead in found:
        rows.add_row(
            shown(dead.message_id),
            dead.letter.queue,
            shown(dead.merchant),
            shown(dead.return_id),
            age_of(dead, now),
            str(dead.letter.receives),
            shown(dead.wrong),
        )
    console().print(rows)


def for_machines(dead: Dead, now: datetime) -> dict[str, Any]:
    return {
        "message_id": dead.message_id,
        "queue": dead.letter.queue,
        "merchant": dead.merchant,
        "return_id": dead.return_id,
        "sent_at": dead.letter.sent_at.isoformat(),
        "age_seconds": int((now - dead.letter.sent_at).total_seconds()),
        "receives": dead.letter.receives,
        "code": dead.code,
        "reason": dead.reason,
    }


def envelope(body: str) -> dict[str, str] | str:
    """A body without what may be personal data."""
    try:
        content = read_json(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return f"hidden: {len(body)} characters that are no JSON object"
    told: dict[str, str] = {}
    others = 0
    for name in content:
        if name in BODIES:
            told[name] = "hidden"
        elif name in FORMS:
            told[name] = _in_form(content, name) or "hidden: not of the contract's form"
        else:
            others += 1
    if others:
        told["others"] = f"hidden: {others} that the contract does not know"
    return told


# ---------------------------------------------------------------- acting


def kept(dead: Dead) -> str:
    """What is kept of a discarded message: all of it, but for bodies that the portal still has."""
    body = dead.letter.body
    if dead.code != READABLE:
        return body
    content = read_json(body)
    if not any(name in content for name in BODIES):
        return body
    return json.dumps({name: value for name, value in content.items() if name not in BODIES})
