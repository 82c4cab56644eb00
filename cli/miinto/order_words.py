"""One order in the tabs that operators know: general, address, items, shipments, RMAs, refunds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from cli.miinto.desk import Desk, short
from cli.miinto.words import masked, money, when, worth_in_words
from cli.stories import say_story
from cli.terminal import clean, console, shown, table
from returns_hub.domain.miinto.facts import MarketEvent
from returns_hub.domain.miinto.orders import Address, Customer, MarketOrder, OrderState


def say_order(
    desk: Desk,
    state: OrderState,
    live: MarketOrder | None,
    trouble: str,
    events: Sequence[MarketEvent],
    *,
    unmasked: bool,
) -> None:
    """The order for a person."""
    _say("General", *_general(desk, state))
    _say("Address", *_address(live, trouble, unmasked=unmasked))
    click.echo("\nItems")
    _say_items(state)
    _say("Shipments", *_shipments(state))
    _say("RMAs", *_rmas(desk, state))
    _say("Refunds", *(state.refunds or ("none",)))
    click.echo("\nComments")
    say_story(events)


def _say(title: str, *lines: str) -> None:
    click.echo(f"{title}" if title == "General" else f"\n{title}")
    for line in lines:
        click.echo(clean(f"  {line}"))


def _general(desk: Desk, state: OrderState) -> tuple[str, ...]:
    market = desk.country(state.shop) or "not told"
    mode = ", in shadow: nothing was sent" if state.shadow else ""
    rows = [
        f"order {state.id} of shop {short(state.shop)} (market {market}), "
        f"the buyer's number {state.parent_id or 'not told'}",
        f"status {state.standing.replace('_', ' ')}{mode}",
        f"made {when(state.created_at)} UTC, seen by the hub {when(state.first_seen_at)} UTC",
        f"worth {worth_in_words(state.lines, state.currency, desk.price_is)}",
    ]
    if state.number:
        made = f", its id there {state.made_id}" if state.made_id is not None else ", not made yet"
        rows.append(f"number {state.number} in the store of record{made}")
    if state.cancelled:
        rows.append(f"cancelled: {state.cancelled.replace('_', ' ')}")
    if state.parked:
        rows.append(f"waits for a person: hub parked show {state.merchant} {state.parked}")
    return tuple(rows)


def _address(live: MarketOrder | None, trouble: str, *, unmasked: bool) -> tuple[str, ...]:
    if live is None:
        return (f"not to be had now: {trouble}",)
    kind = live.delivery_type.replace("_", " ")
    word = f" ({live.delivery_word})" if live.delivery_word else ""
    delivery = f"delivery type {kind}{word}"
    if live.customer is None:
        return (delivery, "Miinto tells no customer")
    customer = live.customer if unmasked else masked(live.customer)
    contact = ", ".join(part for part in (customer.email, customer.phone) if part)
    return (
        delivery,
        f"deliver to {_place(customer.delivery)}",
        f"bill to    {_place(customer.billing)}",
        f"contact    {contact or '-'}",
        *(() if unmasked else ("masked; --unmasked shows it whole, and keeps who looked",)),
    )


def _place(address: Address) -> str:
    town = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (address.name, address.street, town, address.country)
    return ", ".join(part for part in parts if part) or "-"


def _say_items(state: OrderState) -> None:
    rows = table("position", "item", "SKU", "GTIN", "units", "price")
    for line in state.lines:
        rows.add_row(
            str(line.position),
            shown(line.name or "-"),
            shown(line.sku or "not known"),
            shown(line.gtin or "-"),
            str(line.quantity),
            shown(money(line.price, state.currency)),
        )
    console().print(rows)


def _shipments(state: OrderState) -> tuple[str, ...]:
    told = []
    for sent in state.despatches:
        part = f" (part {sent.part})" if sent.part else ""
        told_too = "Miinto was told" if sent.tracking in state.tracking_sent else "Miinto not told"
        how = " ".join(word for word in (sent.carrier, sent.tracking) if word) or "no tracking"
        told.append(f"{when(sent.at)} UTC{part}: {how}; {told_too}")
    return tuple(told) or ("none",)


def _rmas(desk: Desk, state: OrderState) -> tuple[str, ...]:
    rows = []
    for return_id in state.rmas:
        kept = desk.store.rma(desk.merchant, return_id)
        stands = desk.hub.returns.load(desk.merchant, return_id)
        miinto = f"Miinto says {kept.status_word or kept.status}" if kept else "not kept"
        hub = f"the hub: {stands.outcome}" if stands.version else "the hub has not announced it"
        rows.append(f"{return_id}: {miinto}; {hub}")
    return tuple(rows) or ("none",)


def order_as_json(
    desk: Desk,
    state: OrderState,
    live: MarketOrder | None,
    trouble: str,
    events: Sequence[MarketEvent],
    *,
    unmasked: bool,
) -> dict[str, Any]:
    """The order for machines."""
    customer: Customer | None = None
    if live is not None and live.customer is not None:
        customer = live.customer if unmasked else masked(live.customer)
    rmas = [desk.store.rma(desk.merchant, return_id) for return_id in state.rmas]
    return {
        "status": state.standing,
        "market": desk.country(state.shop),
        **state.model_dump(mode="json"),
        "delivery": {
            "type": live.delivery_type if live else None,
            "word": live.delivery_word if live else None,
        },
        "customer": customer.model_dump(mode="json") if customer else None,
        "customer_is_masked": not unmasked,
        "not_read_because": trouble,
        "rmas": [
            {"return_id": rma.return_id, "status": rma.status, "status_word": rma.status_word}
            for rma in rmas
            if rma is not None
        ],
        "timeline": [event.model_dump(mode="json") for event in events],
    }
