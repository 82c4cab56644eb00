"""What a replay would do, for --dry-run: each merchant's in a plan of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import click

from cli.plan_verbs import counted, show_and_keep
from cli.terminal import clean
from returns_hub.bootstrap import Hub
from returns_hub.domain.plans import Plan
from returns_hub.flows.dead_letters import Dead
from returns_hub.flows.operator import Desk, replay
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.plan_runs import plan_messages
from returns_hub.ports import ParkedItem
from returns_hub.trial import MOST_WRITES, TrialHub

MOST_NAMED = 3
"""Items that a plan's subject names; of more it has the number."""


def plan_parked(
    made: Hub,
    items: Sequence[ParkedItem],
    desk_of: Callable[[Hub, str], Desk],
    *,
    send_again: bool = False,
) -> None:
    """Show and keep the plan of replaying these parked items.

    Args:
        made: Whose.
        items: They.
        desk_of: What a person's acts need, of a hub.
        send_again: See `flows.operator.replay`.
    """
    plans: list[Plan] = []
    for merchant, some in groupby(sorted(items, key=lambda one: one.merchant), _merchant_of):
        if merchant == UNKNOWN_MERCHANT:
            _say_unplanned()
            continue
        theirs = list(some)

        def replayed(trial: TrialHub, theirs: Iterable[ParkedItem] = tuple(theirs)) -> None:
            desk = desk_of(trial, "a plan")
            for item in theirs:
                replay(item, desk, send_again=send_again)

        subject = _named([item.parked_id for item in theirs])
        with counted(f"the replay for {merchant}", MOST_WRITES) as tell:
            plans.append(
                plan_messages(made, merchant, (), subject=subject, before=replayed, on_entry=tell)
            )
    _show(made, plans)


def plan_dead(made: Hub, found: Sequence[Dead]) -> None:
    """Show and keep the plan of sending these dead letters again."""
    plans: list[Plan] = []
    known = set(made.merchants.all_ids())
    for merchant, some in groupby(
        sorted(found, key=lambda one: one.merchant), lambda d: d.merchant
    ):
        if merchant not in known:
            _say_unplanned()
            continue
        theirs = list(some)
        messages = [(dead.letter.queue, dead.letter.body) for dead in theirs]
        subject = _named([dead.message_id for dead in theirs])
        with counted(f"the replay for {merchant}", MOST_WRITES) as tell:
            plans.append(plan_messages(made, merchant, messages, subject=subject, on_entry=tell))
    _show(made, plans)


def _show(made: Hub, plans: Sequence[Plan]) -> None:
    if plans:
        keep = bool(made.settings.findings_table)
        show_and_keep(made, tuple(plans), as_json=False, keep=keep)


def _merchant_of(item: ParkedItem) -> str:
    return item.merchant


def _named(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{len(names)} of {names[0]} and others"


def _say_unplanned() -> None:
    click.echo(clean("what names no merchant of ours cannot be planned"), err=True)
