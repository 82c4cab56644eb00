"""hub miinto transfers accept, decline, release: a person's word about a transfer's positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option
from cli.dry import dry, up_to_the_first_write
from cli.filters import dry_run_option, yes_option
from cli.miinto.desk import Desk, desk_of, once, shop_of
from cli.miinto.transfers import known_transfer, standing_of
from cli.miinto.words import money
from cli.terminal import REFUSED, act_json_option, clean, pass_reach, say_outcome
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.miinto.transfers import Position, TransferState
from returns_hub.flows.miinto.decide_transfers import (
    accept_positions,
    decline_positions,
    release_decision,
)
from returns_hub.flows.miinto.market_world import MarketWorld

Decide = Callable[[MarketWorld, str, int, Sequence[int], str], str]
DECIDE: dict[str, Decide] = {"accept": accept_positions, "decline": decline_positions}


def _decision(name: str, words: str) -> click.Command:
    """One of the two verbs that decide."""

    @click.argument("shop")
    @click.argument("transfer", type=int)
    @click.argument("positions", type=int, nargs=-1, metavar="[POSITION]...")
    @click.option("--all", "everything", is_flag=True, help="every position that waits")
    @merchant_option
    @yes_option
    @dry_run_option
    @act_json_option
    @pass_reach
    @acts("transfer")
    def act(
        reach: Reach,
        shop: str,
        transfer: int,
        positions: tuple[int, ...],
        everything: bool,
        merchant: str | None,
        yes: bool,
        dry_run: bool,
    ) -> None:
        if bool(positions) is everything:
            raise click.UsageError("name POSITIONs, or say --all")
        desk = desk_of(reach, merchant)
        state = known_transfer(desk, shop_of(desk, shop), transfer)
        chosen = _chosen(state, positions, everything=everything)
        for position in chosen:
            _, why = standing_of(state, position)
            price = money(position.price, state.currency)
            click.echo(
                clean(
                    f"{position.id}: {position.quantity} x {position.item.name or '(no name)'}, "
                    f"{price}; the rule: {why}"
                )
            )
        ids = [position.id for position in chosen]
        named = _named(desk, state) | {"positions": ids}
        if dry_run:
            market = dry(desk.hub).market_world(desk.merchant)
            up_to_the_first_write(
                lambda: DECIDE[name](market, state.shop, state.id, ids, "dry run")
            )
            click.echo(f"would {name} {_count(chosen)}: {words} Nothing was sent.")
            say_outcome("would_be_done", dry_run=True, **named)
            return
        require_yes(f"{name} {_count(chosen)}? {words}", yes=yes)
        told = once(
            lambda: DECIDE[name](desk.market_world, state.shop, state.id, ids, reach.caller())
        )
        click.echo(clean(f"{'accepted' if name == 'accept' else 'declined'}: {told}"))
        say_outcome("done", **named, told=clean(told))

    act.__doc__ = (
        f"{name.capitalize()} positions of a transfer, once, with your name on its timeline.\n\n"
        f"{words}\n\n"
        f"\b\nhub miinto transfers {name} 045-1234 9001 71 72\n"
        f"hub miinto transfers {name} 045-1234 9001 --all --dry-run\n\n"
        "See also: hub miinto transfers show, hub miinto transfers list, docs/miinto-transfers.md"
    )
    return verb(name)(act)


def _named(desk: Desk, state: TransferState) -> dict[str, Any]:
    return {"merchant": desk.merchant, "shop": state.shop, "transfer": state.id}


def _count(chosen: Sequence[Position]) -> str:
    return f"{len(chosen)} position{'s' if len(chosen) > 1 else ''}"


def _chosen(
    state: TransferState, positions: Sequence[int], *, everything: bool
) -> tuple[Position, ...]:
    waiting = {position.id: position for position in state.waiting}
    if state.gone or not waiting:
        why = f"it is gone ({state.gone})" if state.gone else "each of its positions is decided"
        raise CommandError(clean(f"nothing of transfer {state.id} waits: {why}"), REFUSED)
    if everything:
        return tuple(waiting.values())
    for position in positions:
        if position not in waiting:
            ids = ", ".join(str(number) for number in waiting)
            raise CommandError(f"position {position} does not wait; there are: {ids}", REFUSED)
    return tuple(waiting[position] for position in dict.fromkeys(positions))


@verb("release")
@click.argument("shop")
@click.argument("transfer", type=int)
@click.argument("number", type=int, metavar="REQUEST")
@click.option("--note", default="", help="what you saw; kept on the timeline")
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("transfer")
def release(
    reach: Reach,
    shop: str,
    transfer: int,
    number: int,
    note: str,
    merchant: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Say that a request without an answer was NOT carried out: you looked at Miinto.

    Its positions wait again, and may be decided anew. If Miinto did carry it out, the hub finds
    that out by itself: leave it alone.

    \b
    hub miinto transfers release 045-1234 9001 1 --note "still pending in the panel"
    hub miinto transfers release 045-1234 9001 1 --dry-run

    See also: hub miinto transfers show, hub parked list
    """
    desk = desk_of(reach, merchant)
    state = known_transfer(desk, shop_of(desk, shop), transfer)
    named = _named(desk, state) | {"request": number}
    if dry_run:
        market = dry(desk.hub).market_world(desk.merchant)
        up_to_the_first_write(
            lambda: release_decision(market, state.shop, state.id, number, "dry run", note)
        )
        click.echo(f"request {number} would be released; nothing was done")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    require_yes(f"request {number} was not carried out at Miinto, you are sure?", yes=yes)
    told = once(
        lambda: release_decision(
            desk.market_world, state.shop, state.id, number, reach.caller(), note
        )
    )
    click.echo(clean(told))
    say_outcome("done", **named, told=clean(told))


accept = _decision("accept", "Miinto makes an order of it that has to be sent.")
decline = _decision("decline", "Miinto offers it to others; that cannot be taken back.")
