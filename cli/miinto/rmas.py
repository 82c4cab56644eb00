"""hub miinto rma list, show, accept, decline: RMAs, and a person's word about one."""

from __future__ import annotations

from collections.abc import Callable

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option
from cli.dry import dry, up_to_the_first_write
from cli.filters import dry_run_option, yes_option
from cli.miinto.desk import Desk, desk_of, once, shop_of, short
from cli.miinto.rma_words import rma_as_json, say_rma
from cli.miinto.words import when
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
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.desk import desk_of as parked_desk
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.rma_proof import is_live, is_proven
from returns_hub.domain.miinto.rmas import Rma, RmaStatus, is_of_miinto
from returns_hub.flows.miinto.decide_rma import RmaDecided, accept_rma, decline_rma

STATUSES: tuple[RmaStatus, ...] = ("pending", "accepted", "declined", "unknown")
FINAL = "Miinto pays the buyer back, and that cannot be taken back."
NOT_PAID = "Miinto pays the buyer nothing for it, and tells the reason."


@verbs()
def rma() -> None:
    """RMAs of Miinto: returns that buyers asked for, and what is decided about them.

    \b
    hub miinto rma list --status pending
    hub miinto rma show miinto-045-1234-30001
    hub miinto rma decline miinto-045-1234-30001 --reason "The item was worn"

    See also: hub decide, docs/miinto.md
    """


@rma.command("list")
@merchant_option
@click.option("--shop", help="only this shop: its id, or short, e.g. 045-1234")
@click.option("--status", type=click.Choice(STATUSES), help="only RMAs that Miinto has so")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="rows")
@json_option
@pass_reach
def list_rmas(
    reach: Reach,
    merchant: str | None,
    shop: str | None,
    status: RmaStatus | None,
    limit: int,
    as_json: bool,
) -> None:
    """List RMAs as they were read last, newest first, and where the hub stands with each.

    `unknown` are those whose status is a word that nobody told us of: no decision is made on them.

    Example: hub miinto rma list --status pending --shop 045-1234

    See also: hub miinto rma show, hub miinto rma requests, docs/miinto.md
    """
    desk = desk_of(reach, merchant)
    of_shop = shop_of(desk, shop) if shop else None
    every = desk.store.find_rmas(desk.merchant, shop=of_shop, status=status)
    found = every[:limit]
    if as_json:
        say_json({"rmas": [rma_as_json(desk, one) for one in found], "of": len(every)})
        return
    rows = table("RMA", "shop", "order", "asked for", "lines", "Miinto says", "the hub")
    for one in found:
        stands = desk.hub.returns.load(desk.merchant, one.return_id)
        rows.add_row(
            shown(one.return_id),
            shown(short(one.shop)),
            shown(one.order_id or "-"),
            when(one.created_at),
            str(len(one.positions)),
            shown(_status(one)),
            shown(stands.outcome if stands.version else "not announced"),
        )
    if found:
        console().print(rows)
    click.echo(f"{len(found)} of {len(every)} RMAs" if len(every) > limit else f"{len(found)} RMAs")
    if not every:
        click.echo(why_none(desk))


def why_none(desk: Desk) -> str:
    """Why the hub may know of no RMA though buyers have made some."""
    connection = desk.connection
    modes = {connection.rma.announce.mode, connection.rma.decide.mode}
    if connection.level == "stock_only" or modes == {Mode.OFF}:
        return "none is read: miinto.level, or both switches of miinto.rma, say so"
    proof = desk.hub.capabilities.rma_proof(desk.merchant)
    if is_live(connection) and not is_proven(connection, proof):
        return (
            "none is read before the RMA contract is proven: "
            f"hub check {desk.merchant} --area miinto"
        )
    return "they are read every five minutes"


def _status(one: Rma) -> str:
    if one.status == "unknown":
        return f"{one.status_word or '(nothing)'} (not known)"
    return one.status


@rma.command("show")
@click.argument("return_id", metavar="RMA")
@merchant_option
@json_option
@pass_reach
def show(reach: Reach, return_id: str, merchant: str | None, as_json: bool) -> None:
    """Show an RMA: its lines, what the warehouse found, what the hub proposes, and its story.

    Nothing is asked of Miinto: it is what was read last. What the warehouse found in full, and what
    would be decided, says hub decide --explain RMA.

    Example: hub miinto rma show miinto-045-1234-30001

    See also: hub miinto rma accept, hub miinto rma decline, hub decide
    """
    desk = desk_of(reach, merchant)
    found = _kept(desk, return_id)
    events = desk.hub.returns.timeline(desk.merchant, return_id)
    if as_json:
        story = [event.model_dump(mode="json") for event in events]
        say_json({**rma_as_json(desk, found), "timeline": story})
    else:
        say_rma(desk, found, events)


def _kept(desk: Desk, return_id: str) -> Rma:
    if not is_of_miinto(return_id):
        raise CommandError(
            clean(f"{return_id} is no RMA's id; they look like miinto-045-1234-30001"), REFUSED
        )
    found = desk.store.rma(desk.merchant, return_id)
    if found is None:
        raise CommandError(clean(f"the hub has seen no RMA {return_id}"), REFUSED)
    return found


lines_argument = click.argument("lines", nargs=-1, metavar="[LINE]...")


@rma.command("accept")
@click.argument("return_id", metavar="RMA")
@lines_argument
@click.option("--note", default="", help="why; kept on the timeline")
@click.option(
    "--against-warehouse",
    is_flag=True,
    help="though the warehouse has not got the goods, or found them damaged or short",
)
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("lines")
def accept(
    reach: Reach,
    return_id: str,
    lines: tuple[str, ...],
    note: str,
    against_warehouse: bool,
    merchant: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Accept an RMA, or single LINEs of it, once. Miinto then pays the buyer back.

    What the warehouse found is looked at first: against it nothing is accepted unless you say
    --against-warehouse.

    \b
    hub miinto rma accept miinto-045-1234-30001
    hub miinto rma accept miinto-045-1234-30001 811 --note "seen by hand" --dry-run

    See also: hub miinto rma show, hub miinto rma decline, docs/miinto.md
    """
    if against_warehouse and not note.strip():
        raise click.UsageError("--against-warehouse needs a --note that says why")
    desk = desk_of(reach, merchant)
    _preview(_kept(desk, return_id), lines)

    def act(hub: Hub, who: str) -> RmaDecided:
        return accept_rma(
            hub.market_world(desk.merchant).world,
            return_id,
            who,
            lines=lines,
            note=note,
            against_warehouse=against_warehouse,
            wake=_wake(hub, who),
        )

    if dry_run:
        _try(desk, return_id, act, f"it would be accepted. {FINAL}")
        return
    require_yes(f"accept? {FINAL}", yes=yes)
    _say(desk, once(lambda: act(desk.hub, reach.caller())))


@rma.command("decline")
@click.argument("return_id", metavar="RMA")
@lines_argument
@click.option("--reason", required=True, help="for Miinto's people and the buyer")
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("lines", hides=("reason",))
def decline(
    reach: Reach,
    return_id: str,
    lines: tuple[str, ...],
    reason: str,
    merchant: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Decline an RMA, or single LINEs of it, once, with a reason that the buyer may read.

    Example: hub miinto rma decline miinto-045-1234-30001 --reason "The item was worn"

    See also: hub miinto rma show, hub miinto rma accept, docs/miinto.md
    """
    desk = desk_of(reach, merchant)
    _preview(_kept(desk, return_id), lines)
    click.echo(clean(f"reason: {reason}"))

    def act(hub: Hub, who: str) -> RmaDecided:
        return decline_rma(
            hub.market_world(desk.merchant).world,
            return_id,
            who,
            reason,
            lines=lines,
            wake=_wake(hub, who),
        )

    if dry_run:
        _try(desk, return_id, act, f"it would be declined. {NOT_PAID}")
        return
    require_yes(f"decline? {NOT_PAID}", yes=yes)
    _say(desk, once(lambda: act(desk.hub, reach.caller())))


def _try(desk: Desk, return_id: str, act: Callable[[Hub, str], object], words: str) -> None:
    """The same act up to its first write; refused where it would be."""
    hub = dry(desk.hub)
    would = up_to_the_first_write(lambda: act(hub, "dry run"))
    click.echo(f"{words} Nothing was sent." if would else "there is nothing to do")
    ended = "would_be_done" if would else "nothing_to_do"
    say_outcome(ended, dry_run=True, merchant=desk.merchant, return_id=return_id)


def _wake(hub: Hub, who: str) -> Callable[[str], object]:
    """Has the receipts flow look at an answer now, and not at its next tick."""
    return parked_desk(hub, who).send_receipt


def _preview(found: Rma, lines: tuple[str, ...]) -> None:
    """The positions that are meant, as they were read last; the flow reads them again."""
    for position in found.positions:
        if position.id in lines or (not lines and position.status == "pending"):
            said = f"; the buyer's reason: {position.reason}" if position.reason else ""
            name = position.item.name or "(no name)"
            click.echo(clean(f"{position.id}: {position.quantity} x {name}{said}"))


def _say(desk: Desk, told: RmaDecided) -> None:
    lines = ", ".join(told.lines) or "no line"
    verb = "accepted" if told.verdict == "accept" else "declined"
    became = {
        "sent": f"{verb} at Miinto",
        "answered": f"answered: {told.verdict}; the next run carries it out",
        "already": f"{verb} before; nothing was sent",
        "parked": "nobody knows what became of the request: look at the RMA in Miinto, then see "
        "hub parked list",
    }[told.how]
    click.echo(clean(f"{told.return_id} ({lines}): {became}"))
    for remark in told.remarks:
        click.echo(clean(f"- {remark}"))
    say_outcome(
        "done",
        merchant=desk.merchant,
        return_id=told.return_id,
        verdict=told.verdict,
        lines=list(told.lines),
        how=told.how,
        remarks=list(told.remarks),
    )
