"""hub despatches again: a target is told once more, since it lost or mistook what it was told."""

from __future__ import annotations

from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.despatches.desk import Desk, desk_of
from cli.filters import dry_run_option, yes_option
from cli.terminal import REFUSED, act_json_option, clean, pass_reach, say_outcome
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.file_types import Mode
from returns_hub.domain.relay.despatch import RelayedDespatch, despatch_id_of
from returns_hub.errors import Permanent
from returns_hub.flows.relay.despatch_message import FLOW, parse
from returns_hub.flows.relay.despatches import Again, DespatchSource
from returns_hub.flows.sync.take import Taking
from returns_hub.ports import ParkedItem


@verb()
@merchant_argument
@click.argument("order")
@click.option("--target", "names", multiple=True, help="only these; may be given more than once")
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("order")
def again(
    reach: Reach, merchant: str, order: str, names: tuple[str, ...], yes: bool, dry_run: bool
) -> None:
    """Tell what left with an ORDER once more, as it stands now, under a new revision.

    A receiver takes every id once, so what it has taken has to come under another one. What is
    parked because a target refused it needs no new one: mend the cause, then hub parked replay.

    \b
    hub despatches again example EX-1001 --dry-run
    hub despatches again example 5012 --target channel

    See also: hub despatches show, hub parked replay, docs/wair.md
    """
    desk = desk_of(reach, merchant)
    known = {target.name for target in desk.relay.targets}
    if missing := sorted(set(names) - known):
        told = f"the file names no target {missing[0]}; it has: {', '.join(sorted(known))}"
        raise CommandError(clean(told), REFUSED)
    if desk.relay.mode is not Mode.LIVE:
        raise CommandError(
            f"despatch_relay.mode is {desk.relay.mode.value}: nobody is told", REFUSED
        )
    chosen = frozenset(names) or frozenset(known)
    order_ids = desk.order_ids(order)
    request = f"{desk.hub.clock.now():%Y%m%dT%H%M%S}"
    left = [one for one in order_ids if _summaries(desk, one, Again(request, chosen), show=True)]
    if not left:
        raise CommandError(clean(f"nothing of {order} is despatched in Mintsoft"), REFUSED)
    named: dict[str, Any] = {"merchant": merchant, "targets": sorted(chosen)}
    if dry_run:
        click.echo("nothing was done")
        rows = [{"order": order_id} for order_id in left]
        say_outcome("would_be_done", dry_run=True, **named, orders=rows)
        return
    require_yes(f"tell {', '.join(sorted(chosen))}?", yes=yes)
    told_to: list[dict[str, Any]] = []
    for order_id in left:
        word = _tell(desk, order_id, Again(request, chosen))
        click.echo(f"order {order_id}: {'on the queue' if word == 'told' else word}")
        told_to.append({"order": order_id, "outcome": word})
        if word == "told":
            _close_parked(desk, order_id, chosen, reach.caller())
    say_outcome("done", **named, orders=told_to)


def _summaries(desk: Desk, order_id: int, wish: Again, *, show: bool) -> list[str]:
    """What would be told of an order; nothing where it did not leave.

    Raises:
        CommandError: A person is asked about it already.
    """
    state = desk.state(order_id)
    if state.parked:
        raise CommandError(
            clean(
                f"a person is asked about order {order_id} already: "
                f"hub parked show {desk.merchant} {state.parked}"
            ),
            REFUSED,
        )
    source = DespatchSource(desk.world, wish)
    change = source.read(str(order_id))
    if change is None or not change.content.is_shipped:
        return []
    steps = source.plan(change, state).steps
    found = [step.summary for step in steps if step.partner in wish.targets]
    for summary in found if show else ():
        click.echo(clean(f"order {order_id}: {summary}"))
    return found


def _tell(desk: Desk, order_id: int, wish: Again) -> str:
    source = DespatchSource(desk.world, wish)
    change = source.read(str(order_id))
    if change is None:
        return "Mintsoft does not know it any more"
    return Taking(source, desk.world.sync, lambda: True).deal_with(change).word


def _close_parked(desk: Desk, order_id: int, chosen: frozenset[str], who: str) -> None:
    """What was parked about earlier revisions is answered by this one."""
    despatch_id = despatch_id_of(desk.merchant, order_id)
    for item in desk.hub.parking.list_parked(desk.merchant):
        asked = _asked(item)
        is_meant = asked is not None and asked.target in chosen
        if asked is not None and is_meant and asked.despatch.despatch_id == despatch_id:
            desk.hub.parking.close(item, "replayed", who, "told again under a new revision")
            click.echo(clean(f"closed: {item.parked_id}"))


def _asked(item: ParkedItem) -> RelayedDespatch | None:
    if item.flow != FLOW:
        return None
    try:
        return parse(item.payload)
    except Permanent:
        return None
