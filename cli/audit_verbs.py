"""hub audit list, export: who did what, and what the hub decided, for thirteen months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import click

from cli.audit_reading import Wanted, found_acts, short_name, trail_of
from cli.audit_rows import Row, act_row, decision_row, write_csv, write_jsonl
from cli.choices import MERCHANT, one_merchant
from cli.progress import progress
from cli.return_story import HUB
from cli.terminal import (
    act_json_option,
    clean,
    console,
    json_option,
    machine,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.times import TimeType
from cli.verbs import verbs
from cli.whole_files import plain_stdout, whole_file
from cli.worlds import Reach
from returns_hub.bootstrap import Hub

KEPT = timedelta(days=400)
WRITERS = {"csv": write_csv, "jsonl": write_jsonl}

merchant_option = click.option("--merchant", type=MERCHANT, help="only acts about this merchant")
who_option = click.option(
    "--who", help="only this person's: the ARN, or its last part; see the list"
)
return_option = click.option("--return", "return_id", help="only about this return")
verb_option = click.option("--verb", help='only this command\'s, e.g. "dlq replay", or all of dlq')


@verbs()
def audit() -> None:
    """Who did what with the hub, and what it decided; kept for thirteen months.

    \b
    hub audit list --since 7d
    hub audit list --who pat --verb dlq
    hub audit export --from 2026-01-01 --to 2026-03-31 --format csv --out quarter.csv

    See also: hub timeline, docs/operating.md
    """


@audit.command("list")
@merchant_option
@who_option
@click.option(
    "--since", type=TimeType(), default="30d", show_default=True, help="30d, a day, or a time"
)
@click.option("--until", type=TimeType(is_end=True), help="a day (to its end) or a time [now]")
@return_option
@verb_option
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="most rows"
)
@json_option
@pass_reach
def list_acts(
    reach: Reach,
    merchant: str | None,
    who: str | None,
    since: datetime,
    until: datetime | None,
    return_id: str | None,
    verb: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List acts of people, the last first: when, who, what, about what, and how it ended.

    An act that stays `asked` was cut off. The dashboard's acts are its own: CloudWatch tells no
    name (docs/operators.md says who it was).

    \b
    hub audit list --merchant example --since 2026-03-01
    hub audit list --return 66aa01f0c0ffee0000000001

    See also: hub audit export, hub timeline
    """
    made = reach.hub()
    wanted = _wanted(made, merchant, who, since, until, return_id, verb)
    found = list(islice(found_acts(made, wanted), limit + 1))
    is_cut = len(found) > limit
    if as_json:
        acts = [act.model_dump(mode="json") for act in found[:limit]]
        say_json({"acts": acts, "is_cut": is_cut})
        return
    rows = table("when (UTC)", "who", "what", "about", "how it ended")
    for act in found[:limit]:
        about = " ".join(filter(None, (act.merchant, act.return_id or act.subject)))
        ended = f"{act.outcome}: {act.told}" if act.told else act.outcome
        note = f"\n[dim]{shown(act.note)}[/]" if act.note else ""
        rows.add_row(
            f"{act.at:%Y-%m-%d %H:%M:%S}",
            shown(short_name(act.who)),
            shown(act.verb),
            shown(about),
            f"{shown(ended)}{note}",
        )
    if found:
        console().print(rows)
    more = "; there are more (--limit, or hub audit export)" if is_cut else ""
    click.echo(f"{min(len(found), limit)} acts since {since:%Y-%m-%d %H:%M} UTC{more}")
    if wanted.return_id:
        _say_of_timeline(made, wanted)


def _say_of_timeline(made: Hub, wanted: Wanted) -> None:
    """Point to what people did to a return among many things at once: that act names no return."""
    events = made.returns.timeline(wanted.merchant, wanted.return_id)
    by_people = sum(event.actor != HUB for event in events)
    if by_people:
        story = f"hub timeline {wanted.merchant} {wanted.return_id}"
        click.echo(clean(f"{by_people} entries of its timeline are people's: {story}"))


@audit.command("export")
@click.option("--from", "since", type=TimeType(), help="a day, a time, 30d [all that is kept]")
@click.option("--to", "until", type=TimeType(is_end=True), help="a day (to its end), a time [now]")
@merchant_option
@who_option
@return_option
@click.option(
    "--decisions",
    is_flag=True,
    help="also what the hub decided of each return: rule and configuration version",
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(list(WRITERS)),
    default="csv",
    show_default=True,
    help="of the file",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="else standard output")
@act_json_option
@pass_reach
def export(
    reach: Reach,
    since: datetime | None,
    until: datetime | None,
    merchant: str | None,
    who: str | None,
    return_id: str | None,
    decisions: bool,
    suffix: str,
    out: Path | None,
) -> None:
    """Write acts of people, the oldest first; with --decisions then every timeline's entries.

    A cell that a spreadsheet would take for a formula gets an apostrophe. A file is written whole
    or not at all. --decisions without --return reads the table of returns slowly from its begin to
    its end, so as not to be in the flows' way.

    \b
    hub audit export --from 2026-01-01 --to 2026-03-31 --merchant example --out quarter.csv
    hub audit export --return 66aa01f0c0ffee0000000001 --decisions --format jsonl

    See also: hub audit list, hub timeline
    """
    if decisions and who:
        raise click.UsageError("--decisions are the hub's, and --who is a person; leave one out")
    made = reach.hub()
    now = datetime.now(UTC)
    begin = since or now - KEPT
    owner = one_merchant(made, merchant) if decisions else merchant
    wanted = _wanted(made, owner, who, begin, until, return_id, None)
    rows = _rows(made, wanted, decisions=decisions)
    if out is None and machine() is not None:
        say_json({"rows": list(rows)})
        return
    if out is None:
        WRITERS[suffix](rows, plain_stdout())
        return
    with whole_file(out) as file:
        count = WRITERS[suffix](rows, file)
    click.echo(f"{out}: {count} rows", err=True)
    say_outcome("done", out=str(out), rows=count)


def _wanted(
    made: Hub,
    merchant: str | None,
    who: str | None,
    since: datetime,
    until: datetime | None,
    return_id: str | None,
    verb: str | None,
) -> Wanted:
    until = until or datetime.now(UTC)
    if until <= since:
        raise click.UsageError("that is an empty time: it ends before it begins")
    trail_of(made)
    if merchant:
        made.merchants.live(merchant)  # refused by its own words when there is none
    owner = one_merchant(made, merchant) if return_id else merchant
    return Wanted(since, until, owner or "", who or "", return_id or "", (verb or "").strip())


def _rows(made: Hub, wanted: Wanted, *, decisions: bool) -> Iterator[Row]:
    span = (wanted.until - wanted.since).total_seconds()
    with progress("acts") as tell:
        for number, act in enumerate(found_acts(made, wanted, newest_first=False), start=1):
            tell((act.at - wanted.since).total_seconds() / span, f"{number} acts")
            yield act_row(act)
    if decisions:
        yield from _decisions(made, wanted)


def _decisions(made: Hub, wanted: Wanted) -> Iterator[Row]:
    span = (wanted.until - wanted.since).total_seconds()
    with progress("decisions") as tell:
        for number, return_id in enumerate(_returns(made, wanted), start=1):
            for event in made.returns.timeline(wanted.merchant, return_id):
                if wanted.since <= event.at < wanted.until:
                    tell((event.at - wanted.since).total_seconds() / span, f"{number} returns")
                    yield decision_row(wanted.merchant, return_id, event)


def _returns(made: Hub, wanted: Wanted) -> Iterator[str]:
    if wanted.return_id:
        yield wanted.return_id
        return
    for page in made.returns.walk(wanted.merchant, wanted.since):
        yield from (return_id for return_id, _ in page)
