"""hub miinto transfers list, show, accept, decline: what Miinto offers, and who takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from cli.choices import merchant_option
from cli.miinto.desk import Desk, desk_of, shop_of, short
from cli.miinto.paging import after_option, limit_option, say_more
from cli.miinto.words import Day, money, when, worth_in_words
from cli.stories import say_story
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.domain.miinto.transfers import Judgement, Position, TransferState
from returns_hub.ports.marketplace import MarketQuery

STANDINGS = {
    "pending-approval": "pending_approval",
    "deciding": "deciding",
    "decided": "decided",
    "gone": "gone",
    "parked": "parked",
    "all": "",
}
OUTCOMES = {
    "": "under way",
    "done": "done",
    "refused": "Miinto refused it",
    "unknown": "nobody knows what became of it",
    "lost": "somebody else was first",
}


@verbs()
def transfers() -> None:
    """Orders that Miinto offers (transfers): what the rule says of them, and a person's word.

    \b
    hub miinto transfers list
    hub miinto transfers show 045-1234 9001
    hub miinto transfers accept 045-1234 9001 71

    See also: hub miinto what-if, docs/miinto-transfers.md
    """


@transfers.command("list")
@merchant_option
@click.option("--shop", help="only this shop: its id, or short, e.g. 045-1234")
@click.option(
    "--status",
    type=click.Choice(list(STANDINGS)),
    default="pending-approval",
    show_default=True,
    help="deciding: a request is under way; gone: decided elsewhere, or expired",
)
@click.option("--from", "since", type=Day(), help="offered on this day (UTC) or later")
@click.option("--to", "until", type=Day(ends=True), help="offered on this day (UTC) or earlier")
@limit_option
@after_option
@json_option
@pass_reach
def list_transfers(
    reach: Reach,
    merchant: str | None,
    shop: str | None,
    status: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """List transfers, newest first; of each position what the rule says of it, and why.

    Example: hub miinto transfers list --shop 045-1234 --status parked

    See also: hub miinto transfers show, hub miinto transfers accept, docs/miinto-transfers.md
    """
    desk = desk_of(reach, merchant)
    page = desk.store.find_transfers(
        desk.merchant,
        MarketQuery(
            shop=shop_of(desk, shop) if shop else None,
            since=since,
            until=until,
            standing=STANDINGS[status],
            limit=limit,
            after=after,
        ),
    )
    found = [row for row in page.rows if isinstance(row, TransferState)]
    if as_json:
        told = [_for_machines(state) for state in found]
        say_json({"transfers": told, "after": page.after})
        return
    rows = table("shop", "transfer", "offered", "position", "units", "price", "rule", "why")
    for state in found:
        for number, position in enumerate(state.positions):
            rows.add_row(*_cells(state, position, is_first=number == 0))
    if found:
        console().print(rows)
    click.echo(f"{len(found)} transfers")
    say_more(page.after)


def _cells(state: TransferState, position: Position, *, is_first: bool) -> tuple[str, ...]:
    head = (
        (shown(short(state.shop)), str(state.id), when(state.created_at or state.first_seen_at))
        if is_first
        else ("", "", "")
    )
    verdict, why = standing_of(state, position)
    item = position.item
    name = " ".join(part for part in (item.brand, item.name) if part)
    return (
        *head,
        shown(f"{position.id} {name}".strip()),
        str(position.quantity),
        shown(money(position.price, state.currency)),
        verdict,
        shown(why),
    )


def standing_of(state: TransferState, position: Position) -> tuple[str, str]:
    """What is decided about a position, or what the rule says of it; and why."""
    for decision in reversed(state.decisions):
        made = f"order {decision.order}" if decision.order is not None else ""
        outcome = OUTCOMES[decision.outcome]
        told = f"request {decision.number} by {decision.by}: {outcome}"
        told += f", {made}" if made else ""
        if decision.outcome in {"refused", "lost"} and position in state.waiting:
            continue
        if position.id in decision.accepted:
            return "accepted" if decision.outcome == "done" else "accept", told
        if position.id in decision.declined:
            return "declined" if decision.outcome == "done" else "decline", told
    if state.gone:
        return "gone", state.gone.replace("_", " ")
    if position.id in state.gone_positions:
        return "gone", "decided elsewhere, or expired"
    said = judgement_of(state, position.id)
    if said is None:
        return "-", "not judged yet"
    return said.verdict, said.why


def judgement_of(state: TransferState, position: int) -> Judgement | None:
    """What the rule said of a position last."""
    return next((said for said in state.judgements if said.position == position), None)


def _for_machines(state: TransferState) -> dict[str, Any]:
    return {"standing": state.standing, **state.model_dump(mode="json")}


@transfers.command("show")
@click.argument("shop")
@click.argument("transfer", type=int)
@merchant_option
@json_option
@pass_reach
def show(reach: Reach, shop: str, transfer: int, merchant: str | None, as_json: bool) -> None:
    """Show a transfer: its positions, what the rule says, and what happened to it.

    Example: hub miinto transfers show 045-1234 9001

    See also: hub miinto transfers accept, hub miinto transfers decline
    """
    desk = desk_of(reach, merchant)
    state = known_transfer(desk, shop_of(desk, shop), transfer)
    events = desk.store.timeline(desk.merchant, "transfer", state.shop, state.id)
    if as_json:
        story = [event.model_dump(mode="json") for event in events]
        say_json({**_for_machines(state), "timeline": story})
        return
    total = worth_in_words(state.positions, state.currency, desk.price_is)
    click.echo(
        clean(
            f"transfer {state.id} of shop {short(state.shop)}: "
            f"{state.standing.replace('_', ' ')}, {total}, "
            f"offered {when(state.created_at or state.first_seen_at)} UTC"
        )
    )
    rows = table("position", "item", "GTIN", "SKU", "units", "price", "least", "stock", "rule")
    whys = []
    for position in state.positions:
        said = judgement_of(state, position.id)
        verdict, why = standing_of(state, position)
        whys.append(f"  {position.id}: {verdict}: {why}")
        least, stock = (said.least_price, said.available) if said else (None, None)
        rows.add_row(
            str(position.id),
            shown(position.item.name or "-"),
            shown(position.item.gtin or "-"),
            shown((said.sku if said else None) or "-"),
            str(position.quantity),
            shown(money(position.price, state.currency)),
            shown(money(least, state.currency)),
            "-" if stock is None else str(stock),
            said.verdict if said else "-",
        )
    console().print(rows)
    click.echo(clean("\n".join(whys)))
    say_story(events)


def known_transfer(desk: Desk, shop: str, transfer: int) -> TransferState:
    state = desk.store.transfer(desk.merchant, shop, transfer)
    if not state.version:
        raise CommandError(
            clean(f"the hub has seen no transfer {transfer} of shop {short(shop)}"), REFUSED
        )
    return state
