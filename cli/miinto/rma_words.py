"""One RMA as an operator reads it, and as a machine does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from cli.miinto.desk import Desk, short
from cli.miinto.words import money, when
from cli.stories import say_story
from cli.terminal import clean, console, shown, table
from returns_hub.domain.facts import Event
from returns_hub.domain.miinto.rmas import Rma


def say_rma(desk: Desk, found: Rma, events: Sequence[Event]) -> None:
    """The RMA for a person."""
    word = f" ({found.status_word})" if found.status_word not in {"", found.status} else ""
    click.echo(
        clean(f"RMA {found.id} of shop {short(found.shop)}: Miinto says {found.status}{word}")
    )
    basket = f", the buyer's number {found.parent_id}" if found.parent_id else ""
    click.echo(clean(f"order {found.order_id or 'not told'}{basket}"))
    click.echo(f"asked for {when(found.created_at)} UTC, changed {when(found.updated_at)} UTC")
    if found.tracking:
        click.echo(clean(f"tracking {found.tracking}"))
    rows = table("line", "item", "GTIN", "units", "price", "status", "buyer's reason")
    for position in found.positions:
        reason = " - ".join(part for part in (position.reason, position.comment) if part)
        rows.add_row(
            shown(position.id),
            shown(position.item.name or "-"),
            shown(position.item.gtin or "-"),
            str(position.quantity),
            shown(money(position.price, found.currency)),
            position.status,
            shown(reason or "-"),
        )
    console().print(rows)
    state = desk.hub.returns.load(desk.merchant, found.return_id)
    if not state.version:
        click.echo("the hub has not announced it to the warehouse")
        return
    for shipment in state.shipments:
        if shipment.external_return_id is not None:
            click.echo(f"expected in Mintsoft as external return {shipment.external_return_id}")
    click.echo(clean(f"the hub: {state.outcome}"))
    click.echo(clean(f"what is decided, and why: hub decide --explain {found.return_id}"))
    say_story(events)


def rma_as_json(desk: Desk, found: Rma) -> dict[str, Any]:
    """The RMA for machines; its raw body is left out, for it may name the buyer."""
    state = desk.hub.returns.load(desk.merchant, found.return_id)
    return {
        "return_id": found.return_id,
        **found.model_dump(mode="json", exclude={"raw"}),
        "outcome": state.outcome if state.version else None,
    }
