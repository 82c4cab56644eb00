"""hub miinto what-if: another acceptance rule, tried on the transfers of the last days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import yaml

from cli.choices import merchant_option
from cli.miinto.desk import desk_of, short
from cli.miinto.words import money
from cli.plain_yaml import Plain, Unreadable, refuse_what_is_not_plain, text_of
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.what_if import Tried, WhatIf
from returns_hub.flows.miinto.what_if import MOST_DAYS, read_rule, what_if

FIRST = 20
PLACE = ("miinto", "transfers", "rule")


@verb("what-if")
@click.option(
    "--rule",
    "file",
    type=click.Path(path_type=Path),
    help="a file with the keys of miinto.transfers.rule, or a whole merchant file; the live rule "
    "without it",
)
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=14,
    show_default=True,
    help="transfers that were offered in so many days",
)
@click.option("--all", "everything", is_flag=True, help=f"list all, not the first {FIRST}")
@merchant_option
@json_option
@pass_reach
def try_rule(
    reach: Reach,
    file: Path | None,
    days: int,
    everything: bool,
    merchant: str | None,
    as_json: bool,
) -> None:
    """Try another acceptance rule on past transfers: won, lost, why, and the money.

    Nothing is asked of Miinto or Mintsoft, and nothing is sent. Judgements are made again from what
    was known when they were made, so that transfers.mode has to have been shadow or live then.

    \b
    hub miinto what-if --days 14
    hub miinto what-if --rule rule.yaml --days 14 --all

    See also: hub miinto transfers, docs/miinto-transfers.md
    """
    desk = desk_of(reach, merchant)
    rule = rule_of(file) if file is not None else desk.connection.transfers.rule
    found = what_if(desk.market_world, rule, days)
    if as_json:
        say_json(_for_machines(rule, days, found))
    else:
        _say(rule, days, found, everything=everything)


def rule_of(file: Path) -> AcceptRule:
    """The rule of a file: the keys of a rule, or a whole merchant file's.

    Raises:
        CommandError: It cannot be read.
        Permanent: It is no rule.
    """
    try:
        text = text_of(file)
    except Unreadable as error:
        raise CommandError(clean(f"{file} {error.text}"), REFUSED) from None
    try:
        refuse_what_is_not_plain(text)
        content = yaml.load(text, Loader=Plain)  # noqa: S506 - a SafeLoader of ours
    except (yaml.YAMLError, Unreadable, ValueError, RecursionError, OverflowError):
        raise CommandError(clean(f"{file} is not plain YAML"), REFUSED) from None
    if isinstance(content, dict) and "miinto" in content:
        for name in PLACE:
            inner = content.get(name) if isinstance(content, dict) else None
            content = {} if inner is None else inner
    return read_rule(content)


def _say(rule: AcceptRule, days: int, found: WhatIf, *, everything: bool) -> None:
    told = ", ".join(f"{name} {value}" for name, value in rule.model_dump(mode="json").items())
    click.echo(f"the rule ({told})")
    click.echo(f"on {len(found.positions)} positions that were offered in the last {days} days:")
    if not found.positions:
        return
    counts = table("what happened", "the rule would", "positions")
    for kind, units in sorted(found.counts.items()):
        happened, _, would = kind.partition(": ")
        counts.add_row(happened, would.replace("_", " "), str(units))
    console().print(counts)
    sums = table("currency", "accepted then", "would accept", "won", "lost")
    for currency, worth in sorted(found.money.items()):
        amounts = (worth.accepted, worth.would_accept, worth.won, worth.lost)
        sums.add_row(shown(currency), *(shown(money(amount, currency)) for amount in amounts))
    if found.money:
        console().print(sums)
    if found.without_worth:
        click.echo(
            f"{found.without_worth} positions are in no sum: nobody has told whether their price "
            "is of a unit or of all (miinto.transfers.price_is), or in which currency"
        )
    if found.cannot_tell:
        click.echo(f"{found.cannot_tell} positions were kept with too little to be judged again")
    _say_changes([one for one in found.positions if one.is_won or one.is_lost], everything)


def _say_changes(changes: list[Tried], everything: bool) -> None:
    if not changes:
        click.echo("nothing would have been won or lost")
        return
    shown_ = changes if everything else changes[:FIRST]
    rows = table("", "shop", "transfer", "position", "worth", "happened", "why it would be so")
    for one in shown_:
        worth = one.worth if one.worth is not None else one.price
        rows.add_row(
            "won" if one.is_won else "lost",
            shown(short(one.shop)),
            str(one.transfer),
            str(one.position),
            shown(money(worth, one.currency)),
            shown(f"{one.happened} by {one.by}" if one.by else one.happened),
            shown(one.why),
        )
    console().print(rows)
    if len(changes) > len(shown_):
        click.echo(f"and {len(changes) - len(shown_)} more (--all)")


def _for_machines(rule: AcceptRule, days: int, found: WhatIf) -> dict[str, Any]:
    content = found.model_dump(mode="json")
    for row, one in zip(content["positions"], found.positions, strict=True):
        row |= {"won": one.is_won, "lost": one.is_lost}
    return {
        "rule": rule.model_dump(mode="json"),
        "days": days,
        **content,
        "cannot_tell": found.cannot_tell,
    }
