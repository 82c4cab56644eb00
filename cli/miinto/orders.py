"""hub miinto orders list, show: the marketplace's orders, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from cli.choices import merchant_option
from cli.miinto.desk import Desk, desk_of, shop_of, short
from cli.miinto.order_words import order_as_json, say_order
from cli.miinto.paging import after_option, limit_option, say_more
from cli.miinto.words import Amount, Day, minor_units, when, worth, worth_in_words
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.domain.miinto.facts import CustomerShown
from returns_hub.domain.miinto.orders import MarketOrder, OrderState
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Verdict
from returns_hub.ports.marketplace import MarketPage, MarketQuery

PENDING = "pending-approval"
STATUSES = {
    PENDING: "pending_approval",
    "accepted": "accepted",
    "cancelled": "cancelled",
    "not-inserted": "not_inserted",
    "inserted": "inserted",
    "despatched": "despatched",
}
MOST_LOOKED_THROUGH = 5000
"""Orders that one command looks through for a price."""


@dataclass(frozen=True)
class PriceRange:
    """Amounts in the orders' own currencies; with `currency` only orders of that one."""

    least: Decimal | None
    most: Decimal | None
    currency: str | None

    @property
    def is_narrow(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.currency) or self.least is not None or self.most is not None

    def takes(self, row: OrderState | TransferState, price_is: str) -> bool:
        """Whether the row's worth is, or may be, in the range."""
        if self.currency and row.currency != self.currency:
            return False
        lines = row.lines if isinstance(row, OrderState) else row.waiting
        least, most = worth(lines, price_is)
        if self.least is not None and most < minor_units(self.least, row.currency):
            return False
        return self.most is None or least <= minor_units(self.most, row.currency)


@verbs()
def orders() -> None:
    """Orders of Miinto: where each stands, and what belongs to it.

    \b
    hub miinto orders list --market DK --from 2026-05-01
    hub miinto orders show 045-1234 555001

    See also: hub miinto transfers, docs/miinto.md
    """


@orders.command("list")
@merchant_option
@click.option("--shop", help="only this shop: its id, or short, e.g. 045-1234")
@click.option("--market", help="only the shops of this country, e.g. DK")
@click.option("--status", type=click.Choice(list(STATUSES)), help="only orders that stand so")
@click.option("--from", "since", type=Day(), help="made on this day (UTC) or later")
@click.option("--to", "until", type=Day(ends=True), help="made on this day (UTC) or earlier")
@click.option("--price-from", type=Amount(), help="worth this or more, in the order's currency")
@click.option("--price-to", type=Amount(), help="worth this or less, in the order's currency")
@click.option("--currency", help="only orders in this currency, e.g. DKK")
@limit_option
@after_option
@json_option
@pass_reach
def list_orders(
    reach: Reach,
    merchant: str | None,
    shop: str | None,
    market: str | None,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    price_from: Decimal | None,
    price_to: Decimal | None,
    currency: str | None,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """List orders, newest first. Those that wait for approval come first, on the first page; where
    they are more than a page, --status pending-approval has them all.

    \b
    hub miinto orders list --status not-inserted
    hub miinto orders list --market DK --price-from 500 --from 2026-05-01 --to 2026-05-31

    See also: hub miinto orders show, docs/miinto.md
    """
    desk = desk_of(reach, merchant)
    prices = PriceRange(price_from, price_to, currency.upper() if currency else None)
    shops = _shops(desk, shop, market)
    query = MarketQuery(since=since, until=until, limit=limit)
    waiting: list[TransferState] = []
    found, more, more_may_wait = [], "", False
    if status == PENDING or (status is None and not after):
        pending = _page(desk, shops, prices, query, STATUSES[PENDING], after)
        waiting = [row for row in pending.rows if isinstance(row, TransferState)]
        more = pending.after if status == PENDING else ""
        more_may_wait = status is None and bool(pending.after)
    if status != PENDING:
        page = _page(desk, shops, prices, query, STATUSES[status] if status else "", after)
        found = [row for row in page.rows if isinstance(row, OrderState)]
        more = page.after
    if as_json:
        rows = [_transfer_row(desk, one) for one in waiting] + [_row(desk, o) for o in found]
        say_json({"orders": rows, "after": more, "more_may_wait": more_may_wait})
        return
    rows_ = table("shop", "order", "buyer's no.", "market", "made", "worth", "status", "number")
    for one in waiting:
        rows_.add_row(*_transfer_cells(desk, one))
    for order in found:
        rows_.add_row(*_cells(desk, order))
    if waiting or found:
        console().print(rows_)
    click.echo(f"{len(waiting) + len(found)} orders")
    if more_may_wait:
        click.echo(f"more may wait for approval: --status {PENDING}")
    say_more(more)


def _shops(desk: Desk, shop: str | None, market: str | None) -> frozenset[str] | None:
    """The shops meant; None for all, those that left the file included.

    Raises:
        CommandError: There is none.
    """
    if shop is None and market is None:
        return None
    ids = {shop_of(desk, shop)} if shop else {found.id for found in desk.connection.shops}
    if market is not None:
        of_market = {one for one in ids if market.upper() == desk.country(one)}
        if not of_market:
            known = sorted({desk.country(one) for one in ids} - {""})
            raise CommandError(
                clean(f"no shop is of {market.upper()}; there are: {', '.join(known) or 'none'}"),
                REFUSED,
            )
        ids = of_market
    return frozenset(ids)


def _page(
    desk: Desk,
    shops: frozenset[str] | None,
    prices: PriceRange,
    query: MarketQuery,
    standing: str,
    after: str,
) -> MarketPage:
    """One page of what is asked for; what the store cannot narrow is narrowed here."""
    kind = desk.store.find_transfers if standing == "pending_approval" else desk.store.find_orders
    one_shop = next(iter(shops)) if shops is not None and len(shops) == 1 else None
    rows: list[TransferState | OrderState] = []
    looked = 0
    while looked < MOST_LOOKED_THROUGH:
        asked = MarketQuery(
            shop=one_shop,
            since=query.since,
            until=query.until,
            standing=standing,
            limit=query.limit - len(rows),
            after=after,
        )
        page = kind(desk.merchant, asked)
        looked += max(len(page.rows), 1)
        rows += [
            row
            for row in page.rows
            if (shops is None or row.shop in shops) and prices.takes(row, desk.price_is)
        ]
        after = page.after
        if not after or len(rows) >= query.limit:
            break
    return MarketPage(tuple(rows), after)


def _market(desk: Desk, shop: str) -> str:
    return desk.country(shop) or "-"


def _cells(desk: Desk, order: OrderState) -> Iterator[str]:
    yield shown(short(order.shop))
    yield str(order.id)
    yield shown(order.parent_id or "-")
    yield shown(_market(desk, order.shop))
    yield when(order.created_at or order.first_seen_at)
    yield shown(worth_in_words(order.lines, order.currency, desk.price_is))
    yield f"{order.standing.replace('_', ' ')}{' (shadow)' if order.shadow else ''}"
    yield shown(order.number or "-")


def _transfer_cells(desk: Desk, state: TransferState) -> Iterator[str]:
    yield shown(short(state.shop))
    yield f"offer {state.id}"
    yield "-"
    yield shown(_market(desk, state.shop))
    yield when(state.created_at or state.first_seen_at)
    yield shown(worth_in_words(state.waiting, state.currency, desk.price_is))
    yield "pending approval"
    yield "-"


def _row(desk: Desk, order: OrderState) -> dict[str, Any]:
    least, most = worth(order.lines, desk.price_is)
    return {
        "status": order.standing,
        "market": desk.country(order.shop),
        "worth": {"least": least, "most": most, "currency": order.currency},
        **order.model_dump(mode="json"),
    }


def _transfer_row(desk: Desk, state: TransferState) -> dict[str, Any]:
    least, most = worth(state.waiting, desk.price_is)
    return {
        "status": "pending_approval",
        "market": desk.country(state.shop),
        "worth": {"least": least, "most": most, "currency": state.currency},
        **state.model_dump(mode="json"),
    }


@orders.command("show")
@click.argument("shop")
@click.argument("order", type=int)
@click.option(
    "--unmasked",
    is_flag=True,
    help="show the buyer's name and address whole; the order's timeline keeps who looked",
)
@merchant_option
@json_option
@pass_reach
def show(
    reach: Reach, shop: str, order: int, unmasked: bool, merchant: str | None, as_json: bool
) -> None:
    """Show an order: general, address, items, shipments, RMAs, refunds, and its story.

    The buyer is read from Miinto now, for the hub keeps no buyer's data; shown are initials and the
    postcode's area.

    Example: hub miinto orders show 045-1234 555001

    See also: hub miinto orders list, hub miinto rma requests
    """
    desk = desk_of(reach, merchant)
    shop_id = shop_of(desk, shop)
    state = desk.store.order(desk.merchant, shop_id, order)
    if not state.version:
        raise CommandError(
            clean(f"the hub has seen no order {order} of shop {short(shop_id)}"), REFUSED
        )
    if unmasked:
        state = _note_who_looks(desk, state, reach.caller())
    live, trouble = _read(desk, shop_id, order)
    events = desk.store.timeline(desk.merchant, "order", shop_id, order)
    if as_json:
        say_json(order_as_json(desk, state, live, trouble, events, unmasked=unmasked))
    else:
        say_order(desk, state, live, trouble, events, unmasked=unmasked)


def _read(desk: Desk, shop: str, order: int) -> tuple[MarketOrder | None, str]:
    """The order as Miinto has it; or why it is not to be had."""
    try:
        found = desk.market_world.marketplace.read_order(shop, order)
    except Verdict as verdict:
        return None, verdict.reason
    return found, "" if found else "Miinto does not know the order"


def _note_who_looks(desk: Desk, state: OrderState, who: str) -> OrderState:
    """Kept before anything is shown, so that nobody looks without a trace."""
    rule = "hub miinto orders show --unmasked"
    return desk.market_world.record_order(state, rule, CustomerShown(), actor=who)
