"""hub dlq list, show, replay, edit, discard: messages that met a fault of the hub's own.

Nothing here loses a message. It is looked at under a short hold and given back; it is deleted only
after it was sent again or kept among the parked work. Ended in between, it stays and is found by
the next look, and doing the same twice is harmless: the ledger and the timeline know what was done.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option
from cli.dead_letters import (
    Filter,
    filters,
    find_one,
    for_machines,
    look,
    queue_of,
    show_table,
)
from cli.dlq_acts import Acts, chosen_of, say_acted
from cli.dlq_bodies import edited, from_file
from cli.filters import dry_run_option, note_option, rate_option, yes_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    pass_reach,
    say_json,
)
from cli.verbs import verbs
from cli.worlds import Reach
from returns_hub.desk import letter_desk_of
from returns_hub.flows.dead_letters import (
    READABLE,
    Dead,
    can_be_kept,
    envelope,
    names_in,
)
from returns_hub.ports.dead_letters import LetterRound


@verbs()
def dlq() -> None:
    """Dead letters: messages that met a fault of the hub's own.

    \b
    hub dlq list
    hub dlq replay --reason readable --dry-run

    See also: hub parked, docs/operating.md
    """


@dlq.command("list")
@filters
@json_option
@pass_reach
def list_dead(reach: Reach, wanted: Filter, as_json: bool) -> None:
    """List dead letters; every message is given back at once.

    What is wrong is what the release that runs here says of the message: "readable" means that it
    could be replayed. Looking counts as a receive.

    \b
    hub dlq list
    hub dlq list --merchant example --older-than 30m

    See also: hub dlq show, hub dlq replay, hub parked list, docs/operating.md
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
@merchant_option
@click.option("--payload", is_flag=True, help="the body too, with the personal data in it")
@act_json_option
@pass_reach
def show_dead(reach: Reach, message_id: str, merchant: str | None, payload: bool) -> None:
    """Show one dead letter as JSON: its envelope, without what may be personal data.

    Example: hub dlq show 6f0e6f0e-1111-4222-8333-444444444444

    See also: hub dlq list, hub dlq edit
    """
    made = reach.hub()
    dead = find_one(made, message_id, merchant)
    content = for_machines(dead, made.clock.now())
    content["envelope"] = envelope(dead.letter.body)
    if payload:
        content["body"] = dead.letter.body
    say_json(content)


all_option = click.option("--all", "everything", is_flag=True, help="every dead letter")


@dlq.command()
@filters
@all_option
@rate_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("ids")
def replay(
    reach: Reach, wanted: Filter, everything: bool, rate: float, yes: bool, dry_run: bool
) -> None:
    """Send dead letters back to the queue that they came from.

    Each is sent first and deleted here after. Interrupted in between it stays, and sending it twice
    is harmless: the hub's ledger keeps what was done from being done again.

    With --dry-run the replay is tried, with nothing written anywhere, and its plan is kept.

    \b
    hub dlq replay --merchant example --reason readable --dry-run
    hub dlq replay --all --yes

    Exit codes: 0 all that were named were sent, 1 some were gone, or others hold them

    See also: hub dlq list, hub dlq edit, hub parked replay, docs/operating.md
    """
    made = reach.hub()
    chosen, gone = chosen_of(
        made, wanted, "replay", everything=everything, dry_run=dry_run, yes=yes
    )
    if chosen:
        acts = Acts(made, letter_desk_of(made, reach.caller()))

        def send(letters: LetterRound, dead: Dead) -> None:
            letters.send_again(
                dead.letter, dead.letter.body, lambda: acts.tell(dead, "dead_letter_replayed")
            )

        acts.do(chosen, send, "replayed", rate=rate)
    if gone:
        sys.exit(REFUSED)


@dlq.command()
@click.argument("message_id")
@merchant_option
@click.option("--body", "file", type=click.File("rb"), help="the new body; - is standard input")
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("message_id")
def edit(
    reach: Reach,
    message_id: str,
    merchant: str | None,
    file: BinaryIO | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Mend one dead letter in your editor, or take its new body from a file, and send it.

    The new body has to be readable by the release that runs here; else nothing is sent. It is sent
    first, and the dead letter deleted after, as by replay.

    \b
    hub dlq edit 6f0e6f0e-1111-4222-8333-444444444444
    hub dlq edit 6f0e6f0e-1111-4222-8333-444444444444 --body docs/events/example.json --dry-run

    See also: hub dlq show, hub dlq replay
    """
    made = reach.hub()
    dead = find_one(made, message_id, merchant)
    contract = queue_of(made, dead.letter.queue).contract
    body = edited(dead, contract) if file is None else from_file(file, contract)
    owner, return_id = names_in(body)
    mended = Dead(dead.letter, owner, return_id, READABLE, "")
    is_other = (dead.merchant, dead.return_id) != (owner, return_id)
    if dry_run:
        click.echo(clean(f"it would be sent, about {mended.about}; nothing was done"))
        say_acted("would_be_done", [mended], 0, dry_run=True)
        return
    require_yes(f"it was about {dead.about}, now {mended.about}; send it?", yes=yes or not is_other)
    acts = Acts(made, letter_desk_of(made, reach.caller()))

    def send(letters: LetterRound, found: Dead) -> None:
        def told() -> None:
            acts.tell(mended, "dead_letter_edited")
            if is_other:
                acts.tell(dead, "dead_letter_edited", f"it is now about {mended.about}")

        letters.send_again(found.letter, body, told)

    acts.do([dead], send, "edited and sent", rate=1.0)


@dlq.command()
@filters
@all_option
@note_option("why; kept with the message and on the timeline")
@rate_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("ids")
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

    Example: hub dlq discard --merchant example --note "a test message" --dry-run

    Exit codes: 0 all that were named were discarded, 1 some were gone, too long, or held by others

    See also: hub dlq list, hub parked discard, docs/operating.md
    """
    made = reach.hub()
    chosen, gone = chosen_of(
        made, wanted, "discard", everything=everything, dry_run=dry_run, yes=yes
    )
    fitting = [dead for dead in chosen if can_be_kept(dead)]
    for dead in chosen:
        if dead not in fitting:
            click.echo(
                f"{dead.message_id} is too long to be kept whole, so it stays: save it with "
                "show --payload, or edit it to one without bodies",
                err=True,
            )
    if chosen and not fitting:
        say_acted("nothing_to_do", chosen, 0)
    if fitting:
        acts = Acts(made, letter_desk_of(made, reach.caller()))

        def keep(dead: Dead) -> None:
            acts.desk.keep(dead, note)
            acts.tell(dead, "dead_letter_discarded", note)

        def take_out(letters: LetterRound, dead: Dead) -> None:
            letters.take_out(dead.letter, lambda: keep(dead))

        acts.do(fitting, take_out, "discarded", rate=rate)
    if gone or len(fitting) < len(chosen):
        sys.exit(REFUSED)
