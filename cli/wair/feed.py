"""hub wair plan, run, show: what the feed would tell, one run by hand, and what was told last."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.filters import dry_run_option, yes_option
from cli.heard import Heard
from cli.progress import working
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
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.settings import DATA_SETS, WairConnection
from returns_hub.flows.wair.feed import run_feed
from returns_hub.flows.wair.feed_cursor import FeedCursor, ask_full, cursor_name, part_key
from returns_hub.flows.wair.feed_due import STOCK
from returns_hub.flows.wair.feed_plan import FeedPlan, PlannedSet, plan_feed

SECONDS = 270.0
"""A run's time, as the function's: the lease ends a moment later."""
MINUTES = "%Y-%m-%d %H:%M"
FIRST = 5


@dataclass(frozen=True)
class Standing:
    """How a set, or a location's part of it, stands.

    Args:
        data_set: Which.
        location: Of stock the location's id; else empty.
        mode: The set's switch.
        told_at: When rows of it were told last; None when never.
        rows: How many rows that were.
        full: Whether that was every row.
        kept: How many rows were told in all, as the hub keeps them.
        waits: Why the next tick goes on with it, in a few words; else empty.
    """

    data_set: str
    location: str
    mode: str
    told_at: datetime | None
    rows: int
    full: bool
    kept: int
    waits: str


@verb()
@merchant_argument
@click.option("--full", is_flag=True, help="as at night: every row, changed or not")
@json_option
@pass_reach
def plan(reach: Reach, merchant: str, full: bool, as_json: bool) -> None:
    """Show what the next run would tell: how many rows of each set and location, and what not.

    The same code as in the run, in a world that writes nothing: the warehouse's stock is read, its
    products are those that the hub read last, and nothing is told. What no person was asked yet,
    and would be, is shown.

    \b
    hub wair plan example
    hub wair plan example --full --json

    Exit codes: 0 fine, 1 refused, 3 something could not be read

    See also: hub wair run, hub wair show, docs/wair.md
    """
    made = reach.hub()
    _connection(made, merchant)
    found, told = _planned(made, merchant, full=full)
    if as_json:
        say_json(told)
    if found.failed:
        sys.exit(UNREACHABLE)


def _planned(made: Hub, merchant: str, *, full: bool) -> tuple[FeedPlan, dict[str, Any]]:
    """What the next run would tell, said, and for machines."""
    heard = Heard()
    with working(f"planning the feed of {merchant}"):
        found = plan_feed(made.reading_only().feeds.world(merchant).heard_by(heard), full=full)
    _say_plan(found)
    for why in heard.reasons:
        click.echo(clean(why), err=True)
    told = asdict(found) | {"products_at": _moment(found.products_at)}
    return found, {"merchant": merchant, "why_not": heard.reasons, **told}


@verb()
@merchant_argument
@click.option("--now", is_flag=True, help="though its interval is not over")
@click.option("--full", is_flag=True, help="every row, changed or not, as at night")
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts()
def run(reach: Reach, merchant: str, now: bool, full: bool, yes: bool, dry_run: bool) -> None:
    """Run the feed once, from this machine, under the lease that the schedule's runs take too.

    Sets that are live are told, so it is asked first; hub wair plan shows what. What does not fit
    into one run is the next one's, which the schedule begins within five minutes.

    \b
    hub wair run example --now
    hub wair run example --full --dry-run

    Exit codes: 0 fine, 1 refused, 3 something failed, or could not be read

    See also: hub wair plan, hub wair show, docs/wair.md
    """
    made = reach.hub()
    connection = _connection(made, merchant)
    if not connection.modes:
        raise CommandError(
            f"no set of {merchant} is told: wair.data_sets switches them on (docs/wair.md)", REFUSED
        )
    if dry_run:
        found, told = _planned(made, merchant, full=full)
        click.echo("nothing was done")
        say_outcome("would_be_done", dry_run=True, **told)
        if found.failed:
            sys.exit(UNREACHABLE)
        return
    is_live = Mode.LIVE in connection.modes
    require_yes(f"run the feed of {merchant}, which is live and writes?", yes=yes or not is_live)
    if full:
        ask_full(made.stores(), merchant)
    ends = made.clock.monotonic() + SECONDS
    made.clock.begin(lambda: ends - made.clock.monotonic())
    heard = Heard()
    with working(f"running the feed of {merchant}"):
        ended = run_feed(made.feeds.world(merchant).heard_by(heard), now or full)
    click.echo(clean(_in_words(ended)))
    say_outcome("done", merchant=merchant, ended=ended, why_not=heard.reasons)
    if "failed" in ended:
        for why in heard.reasons:
            click.echo(clean(why), err=True)
        sys.exit(UNREACHABLE)


@verb()
@merchant_argument
@json_option
@pass_reach
def show(reach: Reach, merchant: str, as_json: bool) -> None:
    """Show what was told last: when, how many rows, and what waits, by set and location.

    By reads of the hub's own tables alone.

    Example: hub wair show example

    See also: hub wair plan, docs/wair.md
    """
    made = reach.hub()
    connection = _connection(made, merchant)
    cursor = FeedCursor.of(made.cursors.read(cursor_name(merchant)))
    standings = tuple(_standings(made, merchant, connection, cursor))
    if as_json:
        say_json(
            {
                "merchant": merchant,
                "sets": [asdict(one) | {"told_at": _moment(one.told_at)} for one in standings],
                "full_at": _moment(cursor.full_at),
                "products_at": _moment(cursor.products_at),
                "open_batch": cursor.open,
                "asked": dict(cursor.drops),
            }
        )
        return
    rows = table("set", "location", "mode", "told last (UTC)", "rows", "in all", "waits")
    for one in standings:
        at = one.told_at.strftime(MINUTES) if one.told_at else "never"
        many = f"{one.rows}, all" if one.full else str(one.rows)
        rows.add_row(
            one.data_set, shown(one.location), one.mode, at, many, str(one.kept), one.waits
        )
    console().print(rows)
    click.echo(clean(f"every row was told last on {_when(cursor.full_at)}"))
    click.echo(clean(f"the warehouse's products were read last on {_when(cursor.products_at)}"))
    if cursor.open:
        click.echo(clean(f"batch {cursor.open} may be open; the next run closes it"))
    for location in cursor.drops:
        click.echo(clean(f"a person is asked about {location}: hub parked list {merchant}"))


def _connection(made: Hub, merchant: str) -> WairConnection:
    connection = made.merchants.live(merchant).merchant.wair
    if connection is None:
        raise CommandError(f"{merchant}'s file has no block wair: (docs/wair.md)", REFUSED)
    return connection


def _say_plan(found: FeedPlan) -> None:
    click.echo("every row would be told" if found.full else "what changed would be told")
    rows = table("set", "location", "mode", "would tell", "unchanged", "first", "left out")
    for one in found.sets:
        rows.add_row(
            one.data_set,
            shown(one.location),
            one.mode,
            str(one.tell),
            str(one.unchanged),
            shown("\n".join(one.first[:FIRST])),
            shown(_left_out(one)),
        )
    console().print(rows)
    for one in found.sets:
        if one.asks and one.data_set == "stock":
            click.echo(
                clean(
                    f"{one.location}: {one.asks} SKUs that had stock would go to 0; a person is "
                    "asked, and nothing of it is told before"
                )
            )
    if found.products_at is None:
        click.echo("items, sizes and colours: the products have not been read to their end yet")


def _left_out(one: PlannedSet) -> str:
    return "\n".join(
        f"{count} {why.replace('_', ' ')}: {', '.join(first[:FIRST])}"
        for why, (count, first) in one.left_out.items()
    )


def _standings(
    made: Hub, merchant: str, connection: WairConnection, cursor: FeedCursor
) -> Iterator[Standing]:
    for name in DATA_SETS:
        if not connection.is_told(name):
            continue
        is_stock = name in STOCK
        for part in [one.id for one in connection.locations] if is_stock else [""]:
            key = part_key(name, part)
            last = cursor.last.get(key)
            waits = ""
            if key in cursor.begun:
                waits = "its end is unknown: every row is told again"
            elif (is_stock and part in cursor.todo) or (not is_stock and cursor.master):
                waits = "the next tick goes on"
            elif part in cursor.drops:
                waits = "a person is asked"
            yield Standing(
                name,
                part,
                connection.data_set(name).mode.value,
                last.at if last else None,
                last.rows if last else 0,
                last.full if last else False,
                len(made.feeds.kept.told(merchant, name, part)),
                waits,
            )


def _in_words(ended: dict[str, int]) -> str:
    if not ended:
        return "nothing is due (--now runs it all the same), or another run is at work"
    return ", ".join(f"{key}: {count}".replace("_", " ") for key, count in ended.items())


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _when(moment: datetime | None) -> str:
    return moment.strftime(MINUTES) if moment else "no day yet"
