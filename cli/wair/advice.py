"""hub wair targets, hub wair transfers: what stock intelligence advised, as it was read last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from cli.choices import merchant_argument
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.domain.wair.settings import Advice
from returns_hub.flows.wair.advice import AdviceCursor, cursor_name

MOST_PROPOSALS = 10_000
location_option = click.option("--location", default="", help="only of this location, by its id")
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, MOST_PROPOSALS),
    default=100,
    show_default=True,
    help="rows of the table; --json has all",
)


@verb()
@merchant_argument
@location_option
@limit_option
@json_option
@pass_reach
def targets(reach: Reach, merchant: str, location: str, limit: int, as_json: bool) -> None:
    """Show the stock targets that were read last: units that a location should have of a SKU.

    By reads of the hub's own tables alone. Nothing acts on them.

    Example: hub wair targets example --location WH-1

    See also: hub wair transfers, docs/wair.md
    """
    made = reach.hub()
    advice = _advice_of(made, merchant)
    cursor = AdviceCursor.of(made.cursors.read(cursor_name(merchant)))
    found = iter(made.feeds.kept.targets(merchant, location))
    if as_json:
        content = [_target_as_json(one) for one in found]
        say_json({"merchant": merchant, "read_at": cursor.targets_at, "targets": content})
        return
    rows = table("location", "SKU", "target", "forecast of")
    told = 0
    for one in islice(found, limit):
        told += 1
        day = one.forecast_date.isoformat() if one.forecast_date else "-"
        rows.add_row(shown(one.location), shown(one.sku), f"{one.quantity:f}", day)
    _say(rows, told, sum(1 for _ in found), "stock targets", cursor.targets_at, advice.targets)


@verb()
@merchant_argument
@location_option
@limit_option
@json_option
@pass_reach
def transfers(reach: Reach, merchant: str, location: str, limit: int, as_json: bool) -> None:
    """Show proposals of transfers, those read last first: from where to where, and how much.

    Each is kept once by its reference, for 400 days. Nothing acts on them. With --location those
    from there and those to there.

    Example: hub wair transfers example --json

    See also: hub wair targets, docs/wair.md
    """
    made = reach.hub()
    advice = _advice_of(made, merchant)
    cursor = AdviceCursor.of(made.cursors.read(cursor_name(merchant)))
    found = _about(iter(made.feeds.kept.proposals(merchant, MOST_PROPOSALS)), location)
    if as_json:
        content = [_proposal_as_json(one) for one in found]
        say_json({"merchant": merchant, "read_at": cursor.transfers_at, "transfers": content})
        return
    rows = table("reference", "from", "to", "SKU", "units", "kind", "planned for", "batch")
    told = 0
    for one in islice(found, limit):
        told += 1
        planned = f"{one.planned_for:%Y-%m-%d}" if one.planned_for else "-"
        rows.add_row(
            shown(one.reference or "-"),
            shown(one.from_location),
            shown(one.to_location),
            shown(one.sku),
            f"{one.quantity:f}",
            shown(one.kind or "-"),
            planned,
            shown(one.batch_description or one.batch or "-"),
        )
    rest = sum(1 for _ in found)
    _say(rows, told, rest, "proposals of transfers", cursor.transfers_at, advice.transfers)


def _advice_of(made: Hub, merchant: str) -> Advice:
    """What the merchant's file says of advice.

    Raises:
        CommandError: It has no stock intelligence.
    """
    connection = made.merchants.live(merchant).merchant.wair
    if connection is None:
        raise CommandError(clean(f"{merchant}'s file has no block wair: (docs/wair.md)"), REFUSED)
    return connection.advice


def _about(found: Iterator[TransferProposal], location: str) -> Iterator[TransferProposal]:
    return (
        one for one in found if not location or location in {one.from_location, one.to_location}
    )


def _say(rows: Any, told: int, rest: int, what: str, read_at: str, is_read: bool) -> None:
    if told:
        console().print(rows)
    more = f", and {rest} more (--limit, --json)" if rest else ""
    when = f"read {read_at[:16].replace('T', ' ')} UTC" if read_at else "none were read yet"
    off = "" if is_read else "; the file does not ask for them (wair.advice)"
    click.echo(f"{told} {what}{more}; {when}{off}")


def _target_as_json(one: StockTarget) -> dict[str, Any]:
    return {
        "location": one.location,
        "sku": one.sku,
        "quantity": f"{one.quantity:f}",
        "forecast_date": one.forecast_date.isoformat() if one.forecast_date else None,
    }


def _proposal_as_json(one: TransferProposal) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "from_location": one.from_location,
        "to_location": one.to_location,
        "sku": one.sku,
        "quantity": f"{one.quantity:f}",
        "kind": one.kind,
        "batch": one.batch,
        "batch_description": one.batch_description,
        "planned_for": one.planned_for.isoformat() if one.planned_for else None,
    }
