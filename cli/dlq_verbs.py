"""hub dlq list, show, replay, edit, discard: messages that met a fault of the hub's own.

Nothing here loses a message. It is looked at under a short hold and given back; it is deleted only
after it was sent again or kept among the parked work. Ended in between, it stays and is found by
the next look, and doing the same twice is harmless: the ledger and the timeline know what was done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Literal

import click

from cli.dead_letters import (
    FLOWS,
    LONGEST_HOLD,
    READABLE,
    Dead,
    Filter,
    envelope,
    filters,
    find_one,
    for_machines,
    judged,
    kept,
    look,
    names_in,
    queue_of,
    read,
    show_table,
)
from cli.filters import dry_run_option, one_by_one, rate_option, yes_option
from cli.replay_plans import plan_dead
from cli.terminal import REFUSED, clean, json_option, pass_reach, say_json
from cli.worlds import CommandError, Reach
from returns_hub.adapters.dynamodb.parking import LONGEST_PAYLOAD
from returns_hub.adapters.queues.dead_letters import (
    HOLD_SECONDS,
    Round,
)
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import OperatorActed
from returns_hub.flows.operator import record_act
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.receive_approved_return import LONGEST_MESSAGE
from returns_hub.ports import ParkedItem

Act = Literal["dead_letter_replayed", "dead_letter_edited", "dead_letter_discarded"]


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
    found, doubts = look(made, wanted)
    now = made.clock.now()
    if as_json:
        rows = [for_machines(dead, now) for dead in found]
        say_json({"messages": rows, "is_whole": not doubts, "doubts": doubts})
        return
    if found:
        show_table(found, now)
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
    dead = find_one(made, message_id)
    content = for_machines(dead, made.clock.now())
    content["envelope"] = envelope(dead.letter.body)
    if payload:
        content["body"] = dead.letter.body
    say_json(content)


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
    found, doubts = look(made, wanted)
    for doubt in doubts:
        click.echo(doubt, err=True)
    gone = sorted(set(wanted.ids) - {dead.message_id for dead in found})
    if gone:
        click.echo(clean(f"no dead letter fits: {', '.join(gone)}"), err=True)
    if not found:
        click.echo(f"no dead letter fits; nothing to {verb}")
        return [], len(gone)
    show_table(found, made.clock.now())
    if dry_run:
        click.echo(f"{len(found)} would be acted on ({verb}); nothing was done")
        if verb == "replay":
            plan_dead(made, found)
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

    With --dry-run the replay is tried, with nothing written anywhere, and its plan is kept.

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
    dead = find_one(made, message_id)
    contract = queue_of(made, dead.letter.queue).contract
    body = _edited(dead, contract) if file is None else _from_file(file, contract)
    merchant, return_id = names_in(body)
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
