"""Dead letters as the command finds and shows them; what they are is told by
`returns_hub.flows.dead_letters`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from cli.choices import MERCHANT, Named
from cli.filters import newer_than, older_than
from cli.terminal import REFUSED, clean, console, shown, table
from cli.worlds import CommandError
from returns_hub.adapters.queues.dead_letters import DeadLetterQueue
from returns_hub.bootstrap import Hub
from returns_hub.flows.dead_letters import FLOWS, Dead, read


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
        click.option("--return", "return_id", type=Named("return"), help="only about this return"),
        click.option("--merchant", type=MERCHANT, help="only this merchant's; _unknown names none"),
        click.option("--queue", type=click.Choice(list(FLOWS)), help="only this queue's"),
        click.argument("ids", metavar="[MESSAGE_ID]...", nargs=-1),
    ):
        narrowed = option(narrowed)
    return narrowed


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
