"""hub dlq list, show, replay, edit, discard: messages that met a fault of the hub's own.

Nothing here loses a message. It is looked at under a short hold and given back; it is deleted only
after it was sent again or kept among the parked work. Ended in between, it stays and is found by
the next look, and doing the same twice is harmless: the ledger and the timeline know what was done.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, BinaryIO, Literal

import click
from pydantic import Field, TypeAdapter

from cli.filters import dry_run_option, newer_than, older_than, one_by_one, rate_option, yes_option
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.worlds import CommandError, Reach
from returns_hub.adapters.dynamodb.parking import LONGEST_PAYLOAD
from returns_hub.adapters.queues.dead_letters import (
    HOLD_SECONDS,
    DeadLetterQueue,
    Letter,
    Round,
)
from returns_hub.bootstrap import Hub
from returns_hub.domain.base import MerchantId, UtcTime
from returns_hub.domain.events import ReturnId
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows import announce_return, process_lines
from returns_hub.flows.operator import record_act
from returns_hub.flows.receive_approved_return import LONGEST_MESSAGE, UNKNOWN_MERCHANT
from returns_hub.ports import ParkedItem

FLOWS = {"approved-returns": announce_return.FLOW, "poll-mintsoft": process_lines.FLOW}
READABLE = "readable"
LONGEST_HOLD = 43_200
"""Seconds; SQS hides a message no longer."""
BODIES = ("return", "order")
FORMS: dict[str, TypeAdapter[Any]] = {
    "schema": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z-]{1,40}/[0-9]{1,4}$")]),
    "merchant": TypeAdapter(MerchantId),
    "return_id": TypeAdapter(ReturnId),
    "occurred_at": TypeAdapter(UtcTime),
    "source": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]),
}
"""The envelope's fields, shown when they have the form that the contract gives them; a text of
another form may be anything, personal data too."""

Act = Literal["dead_letter_replayed", "dead_letter_edited", "dead_letter_discarded"]


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
    merchant, return_id = _names_in(letter.body)
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


def _names_in(body: str) -> tuple[str, str]:
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


def _look(made: Hub, wanted: Filter) -> tuple[list[Dead], list[str]]:
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


def _one(made: Hub, message_id: str) -> Dead:
    found, doubts = _look(made, Filter(ids=(message_id,)))
    if not found:
        why = "".join(f"\n{doubt}" for doubt in doubts)
        raise CommandError(clean(f"there is no dead letter {message_id}{why}"), REFUSED)
    return found[0]


def _queue(made: Hub, name: str) -> DeadLetterQueue:
    return next(queue for queue in made.dead_letter_queues() if queue.name == name)


def _age(dead: Dead, now: datetime) -> str:
    minutes = max(0, int((now - dead.letter.sent_at).total_seconds())) // 60
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)}d {minutes // 60 % 24}h"
    return f"{minutes // 60}h {minutes % 60}m" if minutes >= 60 else f"{minutes}m"


def _show_table(found: Iterable[Dead], now: datetime) -> None:
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
            _age(dead, now),
            str(dead.letter.receives),
            shown(dead.wrong),
        )
    console().print(rows)


def _for_machines(dead: Dead, now: datetime) -> dict[str, Any]:
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


@click.group()
def dlq() -> None:
    """Dead letters: messages that met a fault of the hub's own."""


@dlq.command("list")
@filters
@json_option
@pass_reach
def list_dead(reach: Reach, wanted: Filter, as_json: bool) -> None:
    """List dead letters; every message is given back at once.

    What is wrong is what the release that runs here says of the message: "readable" means that it
    could be replayed. Looking counts as a receive.
    """
    made = reach.hub()
    found, doubts = _look(made, wanted)
    now = made.clock.now()
    if as_json:
        rows = [_for_machines(dead, now) for dead in found]
        say_json({"messages": rows, "is_whole": not doubts, "doubts": doubts})
        return
    if found:
        _show_table(found, now)
    click.echo(f"{len(found)} dead letters")
    for doubt in doubts:
        click.echo(doubt, err=True)


@dlq.command("show")
@click.argument("message_id")
@click.option("--payload", is_flag=True, help="the body too, with the personal data in it")
@pass_reach
def show_dead(reach: Reach, message_id: str, payload: bool) -> None:
    """Show one dead letter: its envelope, without what may be personal data."""
    made = reach.hub()
    dead = _one(made, message_id)
    content = _for_machines(dead, made.clock.now())
    content["envelope"] = envelope(dead.letter.body)
    if payload:
        content["body"] = dead.letter.body
    say_json(content)


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


@dataclass
class Acts:
    """Acts on dead letters, in one person's name."""

    made: Hub
    who: str
    untold: int = 0

    def tell(self, dead: Dead, act: Act, note: str = "") -> None:
        """Put the act on the timeline of the return that the message names, if there is one."""
        if not dead.return_id or dead.merchant == UNKNOWN_MERCHANT:
            return
        fact = OperatorActed(act=act, subject=f"dead letter {dead.message_id}", note=note)
        clock, returns = self.made.clock, self.made.returns
        if not record_act(returns, clock, dead.merchant, dead.return_id, self.who, fact):
            self.untold += 1

    def do(
        self, chosen: list[Dead], act: Callable[[Round, Dead], None], done: str, *, rate: float
    ) -> None:
        """Act on each of the chosen, and say how many it were, whatever ends it."""
        count = 0

        def one(found: tuple[Round, Dead]) -> str:
            nonlocal count
            act(*found)
            count += 1
            return done

        try:
            with closing(_again(self.made, chosen, rate)) as found:
                one_by_one(found, one, of=len(chosen), rate=rate)
        finally:
            click.echo(f"{count} of {len(chosen)} {done}")
            if self.untold:
                click.echo(f"{self.untold} on no timeline: the hub does not know the return")
        if count < len(chosen):
            raise CommandError("the others were gone, or someone else holds them now", REFUSED)


def _chosen(
    made: Hub, wanted: Filter, verb: str, *, everything: bool, dry_run: bool, yes: bool
) -> tuple[list[Dead], int]:
    """The dead letters to act on, once the user is sure; and how many named ones are not there."""
    if wanted.is_empty and not everything:
        raise click.UsageError(
            "say which: message ids, --queue, --merchant, --return, --reason or an age; "
            f"--all to {verb} everything"
        )
    if everything and not wanted.is_empty:
        raise click.UsageError("--all means everything; leave it out, or what narrows")
    found, doubts = _look(made, wanted)
    for doubt in doubts:
        click.echo(doubt, err=True)
    gone = sorted(set(wanted.ids) - {dead.message_id for dead in found})
    if gone:
        click.echo(clean(f"no dead letter fits: {', '.join(gone)}"), err=True)
    if not found:
        click.echo(f"no dead letter fits; nothing to {verb}")
        return [], len(gone)
    _show_table(found, made.clock.now())
    if dry_run:
        click.echo(f"{len(found)} would be acted on ({verb}); nothing was done")
        return [], len(gone)
    if len(found) > 1 and not yes:
        click.confirm(f"{verb} these {len(found)}?", abort=True)
    return found, len(gone)


def _again(made: Hub, chosen: list[Dead], rate: float) -> Generator[tuple[Round, Dead], None, None]:
    """Receive the chosen messages again: a hold does not outlast a person's thinking."""
    for queue in made.dead_letter_queues():
        left = {dead.message_id for dead in chosen if dead.letter.queue == queue.name}
        if not left:
            continue
        hold = min(LONGEST_HOLD, HOLD_SECONDS + int(len(left) / rate))
        with queue.round(hold) as letters:
            for letter in letters:
                if letter.message_id in left:
                    left.remove(letter.message_id)
                    yield letters, read(letter, queue.contract)
                if not left:
                    break


all_option = click.option("--all", "everything", is_flag=True, help="every dead letter")


@dlq.command()
@filters
@all_option
@rate_option
@yes_option
@dry_run_option
@pass_reach
def replay(
    reach: Reach, wanted: Filter, everything: bool, rate: float, yes: bool, dry_run: bool
) -> None:
    """Send dead letters back to the queue that they came from.

    Each is sent first and deleted here after. Interrupted in between it stays, and sending it twice
    is harmless: the hub's ledger keeps what was done from being done again.

    Example: hub dlq replay --merchant example --reason readable
    """
    made = reach.hub()
    chosen, gone = _chosen(made, wanted, "replay", everything=everything, dry_run=dry_run, yes=yes)
    if chosen:
        acts = Acts(made, reach.caller())

        def send(letters: Round, dead: Dead) -> None:
            letters.send_again(
                dead.letter, dead.letter.body, lambda: acts.tell(dead, "dead_letter_replayed")
            )

        acts.do(chosen, send, "replayed", rate=rate)
    if gone:
        sys.exit(REFUSED)


@dlq.command()
@click.argument("message_id")
@click.option("--body", "file", type=click.File("rb"), help="the new body; - is standard input")
@yes_option
@pass_reach
def edit(reach: Reach, message_id: str, file: BinaryIO | None, yes: bool) -> None:
    """Mend one dead letter in your editor, or take its new body from a file, and send it.

    The new body has to be readable by the release that runs here; else nothing is sent. It is sent
    first, and the dead letter deleted after, as by replay.
    """
    made = reach.hub()
    dead = _one(made, message_id)
    contract = _queue(made, dead.letter.queue).contract
    body = _edited(dead, contract) if file is None else _from_file(file, contract)
    merchant, return_id = _names_in(body)
    mended = Dead(dead.letter, merchant, return_id, READABLE, "")
    is_other = (dead.merchant, dead.return_id) != (merchant, return_id)
    if is_other and not yes:
        click.confirm(clean(f"It was about {dead.about}, now {mended.about}. Send it?"), abort=True)
    acts = Acts(made, reach.caller())

    def send(letters: Round, found: Dead) -> None:
        def told() -> None:
            acts.tell(mended, "dead_letter_edited")
            if is_other:
                acts.tell(dead, "dead_letter_edited", f"it is now about {mended.about}")

        letters.send_again(found.letter, body, told)

    acts.do([dead], send, "edited and sent", rate=1.0)


def _from_file(file: BinaryIO, contract: Callable[[str], object]) -> str:
    try:
        body = file.read(LONGEST_MESSAGE + 1).decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError("the new body is not UTF-8 text; nothing was sent", REFUSED) from None
    code, reason = judged(body, contract)
    if code != READABLE:
        raise CommandError(clean(f"{code}: {reason}; nothing was sent"), REFUSED)
    return body


def _edited(dead: Dead, contract: Callable[[str], object]) -> str:
    """The body from the user's editor, once it is readable."""
    body = dead.letter.body
    while True:
        saved = click.edit(body, extension=".json")
        if saved is None or saved.strip() == dead.letter.body.strip():
            raise CommandError(
                "the body was not changed, and nothing was sent; replay sends it as it is", REFUSED
            )
        body = saved
        code, reason = judged(body, contract)
        if code == READABLE:
            return body
        click.echo(clean(f"{code}: {reason}; nothing was sent"), err=True)
        if not click.confirm("Edit it again?"):
            raise CommandError("nothing was sent", REFUSED)


@dlq.command()
@filters
@all_option
@click.option("--note", required=True, help="why; kept with the message and on the timeline")
@rate_option
@yes_option
@dry_run_option
@pass_reach
def discard(
    reach: Reach,
    wanted: Filter,
    everything: bool,
    note: str,
    rate: float,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take dead letters out of their queue for good. Nothing is destroyed.

    Each is kept first, among the parked work as dead-letter/MESSAGE_ID, and deleted here after.
    """
    note = note.strip()
    if not note:
        raise click.UsageError("--note says why; it cannot be empty")
    made = reach.hub()
    chosen, gone = _chosen(made, wanted, "discard", everything=everything, dry_run=dry_run, yes=yes)
    fitting = [dead for dead in chosen if len(kept(dead).encode()) <= LONGEST_PAYLOAD]
    for dead in chosen:
        if dead not in fitting:
            click.echo(
                f"{dead.message_id} is too long to be kept whole, so it stays: save it with "
                "show --payload, or edit it to one without bodies",
                err=True,
            )
    if fitting:
        acts = Acts(made, reach.caller())
        known = set(made.merchants.all_ids())

        def keep(dead: Dead) -> None:
            item = ParkedItem(
                # A merchant without a file is in no list of parked work.
                merchant=dead.merchant if dead.merchant in known else UNKNOWN_MERCHANT,
                parked_id=f"dead-letter/{dead.message_id}",
                flow=FLOWS[dead.letter.queue],
                code="operator.discarded",
                reason=f"discarded by {acts.who}: {note}",
                subject=dead.return_id,
                payload=kept(dead),
            )
            made.parking.park(item)
            made.parking.close(item, "discarded", acts.who, note)
            acts.tell(dead, "dead_letter_discarded", note)

        def take_out(letters: Round, dead: Dead) -> None:
            letters.take_out(dead.letter, lambda: keep(dead))

        acts.do(fitting, take_out, "discarded", rate=rate)
    if gone or len(fitting) < len(chosen):
        sys.exit(REFUSED)


def kept(dead: Dead) -> str:
    """What is kept of a discarded message: all of it, but for bodies that the portal still has."""
    body = dead.letter.body
    if dead.code != READABLE:
        return body
    content = read_json(body)
    if not any(name in content for name in BODIES):
        return body
    return json.dumps({name: value for name, value in content.items() if name not in BODIES})
