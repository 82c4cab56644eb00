"""hub parked list, show, replay, discard: work set aside for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from cli.filters import dry_run_option, newer_than, older_than, one_by_one, rate_option, yes_option
from cli.replay_plans import plan_parked
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.ports import ParkedItem

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Filter:
    """Which parked items are meant; nothing given means none are."""

    ids: tuple[str, ...]
    merchant: str | None
    reason: str | None
    flow: str | None
    older: timedelta | None
    newer: timedelta | None
    everything: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows it, and nobody said that all are meant."""
        given = (self.ids, self.merchant, self.reason, self.flow, self.older, self.newer)
        return not any(given) and not self.everything

    def takes(self, item: ParkedItem, now: datetime) -> bool:
        """Whether the item is meant."""
        age = now - item.first_seen_at if item.first_seen_at else timedelta(0)
        return (
            (not self.ids or item.parked_id in self.ids)
            and (self.reason is None or item.code == self.reason)
            and (self.flow is None or item.flow == self.flow)
            and (self.older is None or age >= self.older)
            and (self.newer is None or age <= self.newer)
        )


def filters(function: F) -> F:
    """The options that narrow."""
    for option in (
        newer_than,
        older_than,
        click.option("--flow", help="create_external_return, process_receipts, redo_webhook, â¦"),
        click.option("--reason", help="only this code, e.g. mintsoft.unknown_sku"),
        click.option("--merchant", help="only this merchant's"),
    ):
        function = option(function)
    return function


def meant(made: Hub, wanted: Filter, *, closed_too: bool = False) -> list[ParkedItem]:
    """The items that the filter takes, oldest first."""
    owners = (
        (wanted.merchant,) if wanted.merchant else (*made.merchants.all_ids(), UNKNOWN_MERCHANT)
    )
    now = datetime.now(UTC)
    found = [
        item
        for owner in owners
        for item in made.parking.list_parked(owner, closed_too=closed_too)
        if wanted.takes(item, now)
    ]
    if wanted.merchant and wanted.merchant != UNKNOWN_MERCHANT and not found:
        made.merchants.live(wanted.merchant)  # refused by its own words when there is none
    return found


@click.group()
def parked() -> None:
    """Work set aside for a person."""


@parked.command("list")
@click.argument("merchant_", metavar="[MERCHANT]", required=False)
@filters
@click.option("--closed", is_flag=True, help="also what was replayed or discarded")
@json_option
@pass_reach
def list_parked(
    reach: Reach,
    merchant_: str | None,
    merchant: str | None,
    reason: str | None,
    flow: str | None,
    older_than: timedelta | None,
    newer_than: timedelta | None,
    closed: bool,
    as_json: bool,
) -> None:
    """List parked work of a merchant, or of all; _unknown has messages that name no merchant."""
    owner = merchant_ or merchant
    wanted = Filter((), owner, reason, flow, older_than, newer_than)
    items = meant(reach.hub(), wanted, closed_too=closed)
    if as_json:
        say_json([_for_machines(item) for item in items])
        return
    for item in items:
        whose = "" if owner else f"{shown(item.merchant)}  "
        done = f"  [dim]{item.state} by {shown(item.closed_by)}[/]" if item.closed_by else ""
        console().print(
            f"{whose}{shown(item.parked_id)}  [dim]{shown(item.code)}[/]{done}\n"
            f"    {shown(item.reason)}",
            soft_wrap=True,
        )
    click.echo(f"{len(items)} parked")


def _for_machines(item: ParkedItem) -> dict[str, Any]:
    content = {name: value for name, value in vars(item).items() if name != "payload"}
    return content | {
        "first_seen_at": item.first_seen_at.isoformat() if item.first_seen_at else None
    }


@parked.command("show")
@click.argument("merchant")
@click.argument("parked_id")
@pass_reach
def show_parked(reach: Reach, merchant: str, parked_id: str) -> None:
    """Show one parked item, its payload included."""
    wanted = Filter((parked_id,), merchant, None, None, None, None)
    found = meant(reach.hub(), wanted, closed_too=True)
    if not found:
        raise CommandError(clean(f"{merchant} has no parked item {parked_id}"), REFUSED)
    say_json(_for_machines(found[0]) | {"payload": found[0].payload})


def _chosen(
    made: Hub,
    wanted: Filter,
    verb: str,
    *,
    dry_run: bool,
    yes: bool,
    plan: Callable[[list[ParkedItem]], None] | None = None,
) -> list[ParkedItem]:
    """The items to act on, once the user is sure; in a dry run none, but `plan` is told them."""
    if wanted.is_empty:
        raise click.UsageError(
            f"say which: ids, --merchant, --reason, --flow or an age; --all to {verb} everything"
        )
    items = meant(made, wanted)
    if not items:
        click.echo("nothing that is parked fits")
        return []
    for item in items[:20]:
        click.echo(clean(f"{item.merchant}  {item.parked_id}  {item.code}"))
    if len(items) > 20:
        click.echo(f"and {len(items) - 20} more")
    if dry_run:
        click.echo(f"{len(items)} would be acted on ({verb}); nothing was done")
        if plan is not None:
            plan(items)
        return []
    if len(items) > 1 and not yes:
        click.confirm(f"{verb} these {len(items)}?", abort=True)
    return items


def desk_of(made: Hub, who: str) -> Desk:
    """What a person's acts need, of this hub."""
    settings = made.settings
    return Desk(
        who=who,
        returns=made.returns,
        parking=made.parking,
        clock=made.clock,
        send_return=lambda text: made.queue(settings.approved_returns_queue_url).send(text),
        send_receipt=lambda text: made.queue(settings.poll_mintsoft_queue_url).send(text),
        send_store_refund=lambda text: made.queue(settings.store_refunds_queue_url).send(text),
        market=made.market.store,
        records=made.sync_records,
        send_order_change=lambda text: made.queue(settings.order_changes_queue_url).send(text),
        send_despatch=lambda text: made.queue(settings.despatches_queue_url).send(text),
    )


@parked.command("replay")
@click.argument("ids", nargs=-1)
@filters
@click.option("--all", "everything", is_flag=True, help="everything that is parked")
@click.option(
    "--send-again",
    is_flag=True,
    help="you looked at the partner: a write without an answer was NOT carried out there",
)
@rate_option
@yes_option
@dry_run_option
@pass_reach
def replay_parked(
    reach: Reach,
    ids: tuple[str, ...],
    merchant: str | None,
    reason: str | None,
    flow: str | None,
    older_than: timedelta | None,
    newer_than: timedelta | None,
    everything: bool,
    send_again: bool,
    rate: float,
    yes: bool,
    dry_run: bool,
) -> None:
    """Have parked work done again, by the release that runs now.

    Finished steps are skipped, and replaying twice changes nothing. A write whose outcome is not
    known is looked up again, never repeated, unless you vouch for it with --send-again.

    With --dry-run the replay is tried, with nothing written anywhere, and its plan is kept.
    """
    made = reach.hub()
    wanted = Filter(ids, merchant, reason, flow, older_than, newer_than, everything)
    if send_again and not ids:
        raise click.UsageError("--send-again is for items that you looked at: name their ids")

    def plan(chosen: list[ParkedItem]) -> None:
        plan_parked(made, chosen, desk_of, send_again=send_again)

    items = _chosen(made, wanted, "replay", dry_run=dry_run, yes=yes, plan=plan)
    if not items:
        return
    desk = desk_of(made, reach.caller())
    counts = one_by_one(
        items, lambda item: replay(item, desk, send_again=send_again), of=len(items), rate=rate
    )
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))


@parked.command("discard")
@click.argument("ids", nargs=-1)
@filters
@click.option("--all", "everything", is_flag=True, help="everything that is parked")
@click.option("--note", required=True, help="why; kept with the item and on the timeline")
@rate_option
@yes_option
@dry_run_option
@pass_reach
def discard_parked(
    reach: Reach,
    ids: tuple[str, ...],
    merchant: str | None,
    reason: str | None,
    flow: str | None,
    older_than: timedelta | None,
    newer_than: timedelta | None,
    everything: bool,
    note: str,
    rate: float,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take parked work out for good, because it was dealt with by hand. Nothing is deleted."""
    made = reach.hub()
    wanted = Filter(ids, merchant, reason, flow, older_than, newer_than, everything)
    items = _chosen(made, wanted, "discard", dry_run=dry_run, yes=yes)
    if not items:
        return
    desk = desk_of(made, reach.caller())
    counts = one_by_one(items, lambda item: discard(item, desk, note), of=len(items), rate=rate)
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
