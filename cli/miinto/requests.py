"""hub miinto rma requests, request: goods that came back, or were refunded, without an RMA."""

from __future__ import annotations

import re
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option
from cli.dry import dry, up_to_the_first_write
from cli.filters import dry_run_option, yes_option
from cli.miinto.desk import Desk, desk_of, once, short
from cli.miinto.words import named
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    console,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.miinto.orders import RequestState
from returns_hub.flows.miinto.answer_request import confirm_request, discard_request
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.request_rma import FLOW, is_question

NAMED = re.compile(rf"(?:{FLOW}/)?(?P<shop>[^/]+)/(?P<order>[0-9]{{1,15}})/(?P<source>.+)")
PAYS = "Miinto then makes an RMA of it and pays the buyer back."
ENDINGS = {
    "requested": "requested at Miinto",
    "known": "requested before; nothing was sent",
    "asked": "not made: see hub miinto rma requests for why",
    "discarded": "given up; its units are free again",
    "already": "given up before",
}


class Units(click.ParamType[tuple[int, int]]):
    """POSITION=UNITS of the order."""

    name = "position=units"

    def convert(
        self,
        value: str | tuple[int, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([0-9]{1,15})=([1-9][0-9]{0,3})", value.strip())
        if found is None:
            self.fail(f"{named(value)}: say POSITION=UNITS, e.g. 71=1", param, ctx)
        return int(found[1]), int(found[2])


@verb("requests")
@merchant_option
@json_option
@pass_reach
def list_requests(reach: Reach, merchant: str | None, as_json: bool) -> None:
    """List RMA requests that wait for a person: proposed, refused, or without an answer.

    Example: hub miinto rma requests

    See also: hub miinto rma request, docs/miinto.md
    """
    desk = desk_of(reach, merchant)
    found = [
        (item.parked_id.removeprefix(f"{FLOW}/"), item)
        for item in desk.hub.parking.list_parked(desk.merchant)
        if item.flow == FLOW and is_question(item.parked_id)
    ]
    if as_json:
        say_json({"requests": [_row(desk, name, item.reason) for name, item in found]})
        return
    rows = table("request", "positions", "stands", "why")
    for name, item in found:
        row = _row(desk, name, item.reason)
        told = ", ".join(f"{position}={units}" for position, units in row["positions"].items())
        rows.add_row(shown(name), told or "-", row["outcome"] or "-", shown(item.reason))
    if found:
        console().print(rows)
    click.echo(f"{len(found)} requests wait")


def _row(desk: Desk, name: str, why: str) -> dict[str, Any]:
    request = _request_of(desk, name)
    return {
        "request": name,
        "outcome": request.outcome if request else "",
        "units": request.units if request else {},
        "positions": request.positions if request else {},
        "why": why,
    }


def _request_of(desk: Desk, name: str) -> RequestState | None:
    shop, order, source = _named(desk, name)
    return desk.store.order(desk.merchant, shop, order).request(source)


def _named(desk: Desk, name: str) -> tuple[str, int, str]:
    """Shop, order and source of a request's name."""
    found = NAMED.fullmatch(name)
    if found is None:
        raise CommandError(clean(f"{name} names no request; see hub miinto rma requests"), REFUSED)
    shop = desk.connection.shop(found["shop"])
    return shop.id if shop else found["shop"], int(found["order"]), found["source"]


@verb("request")
@click.argument("name", metavar="REQUEST")
@click.argument("positions", nargs=-1, type=Units(), metavar="[POSITION=UNITS]...")
@click.option(
    "--send-again",
    is_flag=True,
    help="you looked at Miinto: a request without an answer was NOT made there",
)
@click.option("--discard", is_flag=True, help="give it up: nothing is sent")
@click.option("--note", default="", help="with --discard: why; kept on the timeline")
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("name")
def request(
    reach: Reach,
    name: str,
    positions: tuple[tuple[int, int], ...],
    send_again: bool,
    discard: bool,
    note: str,
    merchant: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Have an RMA request made that waits for you, once, or give it up (--discard).

    Without POSITION=UNITS it is for what the hub proposes.

    \b
    hub miinto rma request 045-1234/555001/receipt-77@1
    hub miinto rma request 045-1234/555001/receipt-77@1 71=1 --dry-run
    hub miinto rma request 045-1234/555001/receipt-77@1 --discard --note "paid by hand"

    See also: hub miinto rma requests, hub miinto orders show, docs/miinto.md
    """
    if discard and (positions or send_again):
        raise click.UsageError("--discard sends nothing: leave the rest out")
    if note and not discard:
        raise click.UsageError("--note goes with --discard")
    desk = desk_of(reach, merchant)
    shop, order, source = _named(desk, name)
    found = desk.store.order(desk.merchant, shop, order).request(source)
    if found is None:
        raise CommandError(clean(f"order {short(shop)}/{order} has no request {source}"), REFUSED)
    chosen = dict(positions) or None
    _preview(found, chosen)

    def act(market: MarketWorld, who: str) -> str:
        named: dict[str, Any] = {"shop": shop, "order": order, "source": source, "who": who}
        if discard:
            return discard_request(market, **named, note=note)
        return confirm_request(market, **named, positions=chosen, send_again=send_again)

    facts: dict[str, Any] = {"merchant": desk.merchant, "request": name}
    if dry_run:
        market = dry(desk.hub).market_world(desk.merchant)
        would = up_to_the_first_write(lambda: act(market, "dry run"))
        words = "would be given up" if discard else "would be requested"
        told = f"{words}; nothing was done" if would else "there is nothing to do"
        click.echo(clean(f"{name}: {told}"))
        say_outcome("would_be_done" if would else "nothing_to_do", dry_run=True, **facts)
        return
    require_yes("give it up?" if discard else f"request it? {PAYS}", yes=yes)
    ending = once(lambda: act(desk.market_world, reach.caller()))
    click.echo(clean(f"{name}: {ENDINGS.get(ending, ending)}"))
    say_outcome("done", **facts, ending=ending)


def _preview(found: RequestState, chosen: dict[int, int] | None) -> None:
    goods = ", ".join(f"{units} x {sku or '?'}" for sku, units in found.units.items())
    came = "came back" if found.origin == "receipt" else "were refunded by the store"
    click.echo(clean(f"{goods or 'goods'} {came}; it stands: {found.outcome}"))
    if found.reason:
        click.echo(clean(f"why it waits: {found.reason}"))
    told = ", ".join(f"{p}={units}" for p, units in (chosen or found.positions).items())
    click.echo(clean(f"for positions {told or 'that are not known: name them'}"))
