"""What hub dlq does to dead letters: which are meant, each in its turn, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import click

from cli.asking import require_yes
from cli.dead_letters import Filter, look, show_table
from cli.filters import one_by_one
from cli.replay_plans import plan_dead
from cli.terminal import REFUSED, clean, say_outcome
from cli.worlds import CommandError
from returns_hub.bootstrap import Hub
from returns_hub.flows.dead_letters import Act, Dead, LetterDesk, again
from returns_hub.ports.dead_letters import LetterRound


@dataclass
class Acts:
    """Acts on dead letters, in one person's name."""

    made: Hub
    desk: LetterDesk
    untold: int = 0

    def tell(self, dead: Dead, act: Act, note: str = "") -> None:
        """Put the act on the timeline of the return that the message names, if there is one."""
        if not self.desk.tell(dead, act, note):
            self.untold += 1

    def do(
        self,
        chosen: list[Dead],
        act: Callable[[LetterRound, Dead], None],
        done: str,
        *,
        rate: float,
    ) -> None:
        """Act on each of the chosen, and say how many it were, whatever ends it."""
        count = 0

        def one(found: tuple[LetterRound, Dead]) -> str:
            nonlocal count
            act(*found)
            count += 1
            return done

        try:
            with closing(again(self.made.dead_letter_queues(), chosen, 1 / rate)) as found:
                one_by_one(found, one, of=len(chosen), rate=rate)
        finally:
            click.echo(f"{count} of {len(chosen)} {done}")
            if self.untold:
                click.echo(f"{self.untold} on no timeline: the hub does not know the return")
            if sys.exc_info()[0] is None:
                say_acted("done" if count == len(chosen) else "partly_done", chosen, count)
        if count < len(chosen):
            raise CommandError("the others were gone, or someone else holds them now", REFUSED)


def chosen_of(
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
        say_acted("nothing_to_do", [], 0, dry_run=dry_run)
        return [], len(gone)
    show_table(found, made.clock.now())
    if dry_run:
        click.echo(f"{len(found)} would be acted on ({verb}); nothing was done")
        if verb == "replay":
            plan_dead(made, found)
        say_acted("would_be_done", found, 0, dry_run=True)
        return [], len(gone)
    require_yes(f"{verb} these {len(found)}?", yes=yes or len(found) == 1)
    return found, len(gone)


def say_acted(outcome: str, chosen: list[Dead], count: int, *, dry_run: bool = False) -> None:
    """The dead letters that were meant, and how many were acted on, for machines."""
    named = [
        {"message_id": d.message_id, "merchant": d.merchant, "return_id": d.return_id}
        for d in chosen
    ]
    say_outcome(outcome, dry_run=dry_run, messages=named, count=count)
