"""hub parked list, show, replay, discard: work set aside for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument, merchants_argument, merchants_option
from cli.filters import (
    dry_run_option,
    in_words,
    newer_than,
    note_option,
    older_than,
    one_by_one,
    rate_option,
    yes_option,
)
from cli.known_words import complete_parked
from cli.replay_plans import plan_parked
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
)
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.desk import desk_of
from returns_hub.flows.operator import discard, replay
from returns_hub.flows.overview.preview import preview
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


def narrowing(function: F) -> F:
    """The options that narrow, but for whose it is."""
    for option in (
        newer_than,
        older_than,
        click.option("--flow", help="only this flow's, e.g. process_receipts"),
        click.option("--reason", help="only this code, e.g. mintsoft.unknown_sku"),
    ):
        function = option(function)
    return function


def filters(function: F) -> F:
    """The options that narrow."""
    return merchants_option(narrowing(function))


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


@verbs()
def parked() -> None:
    """Work set aside for a person.

    \b
    hub parked list
    hub parked replay --merchant example --reason mintsoft.unknown_sku --dry-run

    See also: hub dlq, hub timeline, docs/operating.md
    """


@parked.command("list")
@merchants_argument
@narrowing
@click.option("--closed", is_flag=True, help="also what was replayed or discarded")
@json_option
@pass_reach
def list_parked(
    reach: Reach,
    merchant: str | None,
    reason: str | None,
    flow: str | None,
    older_than: timedelta | None,
    newer_than: timedelta | None,
    closed: bool,
    as_json: bool,
) -> None:
    """List parked work of a merchant, or of all; _unknown has messages that name no merchant.

    \b
    hub parked list
    hub parked list example --reason mintsoft.unknown_sku --older-than 2h

    See also: hub parked show, hub parked replay, hub dlq list, docs/operating.md
    """
    owner = merchant
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
@merchant_argument
@click.argument("parked_id", shell_complete=complete_parked)
@act_json_option
@pass_reach
def show_parked(reach: Reach, merchant: str, parked_id: str) -> None:
    """Show one parked item, its payload included, as JSON.

    Example: hub parked show example create_external_return/66aa01f0c0ffee0000000001

    See also: hub parked replay, hub parked discard
    """
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
    would: Callable[[ParkedItem], Sequence[str]] = lambda _: (),
    plan: Callable[[list[ParkedItem]], None] | None = None,
) -> list[ParkedItem]:
    """The items to act on, once the user is sure; in a dry run none. Then `would` tells what is
    done with one of them, and `plan` is told all."""
    if wanted.is_empty:
        raise click.UsageError(
            f"say which: ids, --merchant, --reason, --flow or an age; --all to {verb} everything"
        )
    items = meant(made, wanted)
    if not items:
        click.echo("nothing that is parked fits")
        _say_acted("nothing_to_do", items, {}, dry_run=dry_run)
        return []
    for item in items[:20]:
        click.echo(clean(f"{item.merchant}  {item.parked_id}  {item.code}"))
        for line in would(item) if dry_run else ():
            click.echo(clean(f"    {line}"))
    if len(items) > 20:
        click.echo(f"and {len(items) - 20} more")
    if dry_run:
        click.echo(f"{len(items)} would be acted on ({verb}); nothing was done")
        if plan is not None:
            plan(items)
        _say_acted("would_be_done", items, {}, dry_run=True)
        return []
    require_yes(f"{verb} these {len(items)}?", yes=yes or len(items) == 1)
    return items


def _say_acted(
    outcome: str, items: Sequence[ParkedItem], counts: dict[str, int], *, dry_run: bool = False
) -> None:
    """The items and what became of them, for machines."""
    named = [{"merchant": i.merchant, "parked_id": i.parked_id, "code": i.code} for i in items]
    say_outcome(outcome, dry_run=dry_run, items=named, counts=counts)


@parked.command("replay")
@click.argument("ids", nargs=-1, metavar="[PARKED_ID]...", shell_complete=complete_parked)
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
@act_json_option
@pass_reach
@acts("ids")
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
    known is looked up again, never repeated, unless you vouch for it with --send-again. One that
    is named by its id alone is replayed without a question.

    With --dry-run the replay is tried, with nothing written anywhere, and its plan is kept.

    \b
    hub parked replay --merchant example --reason mintsoft.unknown_sku --dry-run
    hub parked replay create_external_return/66aa01f0c0ffee0000000001 --merchant example
    hub parked replay --all --yes

    See also: hub parked discard, hub dlq replay, hub timeline, docs/operating.md
    """
    made = reach.hub()
    wanted = Filter(ids, merchant, reason, flow, older_than, newer_than, everything)
    if send_again and not ids:
        raise click.UsageError("--send-again is for items that you looked at: name their ids")

    def would(item: ParkedItem) -> Sequence[str]:
        return preview(item, made.returns, send_again=send_again).in_words()

    def plan(chosen: list[ParkedItem]) -> None:
        plan_parked(made, chosen, desk_of, send_again=send_again)

    items = _chosen(made, wanted, "replay", dry_run=dry_run, yes=yes, would=would, plan=plan)
    if not items:
        return
    desk = desk_of(made, reach.caller())
    counts = one_by_one(
        items, lambda item: replay(item, desk, send_again=send_again), of=len(items), rate=rate
    )
    click.echo(in_words(counts))
    _say_acted("done", items, counts)


@parked.command("discard")
@click.argument("ids", nargs=-1, metavar="[PARKED_ID]...", shell_complete=complete_parked)
@filters
@click.option("--all", "everything", is_flag=True, help="everything that is parked")
@note_option("why; kept with the item and on the timeline")
@rate_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("ids")
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
    """Take parked work out for good, because it was dealt with by hand. Nothing is deleted.

    \b
    hub parked discard --merchant example --older-than 3d --note "made by hand" --dry-run

    See also: hub parked replay, hub dlq discard, docs/operating.md
    """
    made = reach.hub()
    wanted = Filter(ids, merchant, reason, flow, older_than, newer_than, everything)
    items = _chosen(made, wanted, "discard", dry_run=dry_run, yes=yes)
    if not items:
        return
    desk = desk_of(made, reach.caller())
    counts = one_by_one(items, lambda item: discard(item, desk, note), of=len(items), rate=rate)
    click.echo(in_words(counts))
    _say_acted("done", items, counts)
