"""hub timeline: looking, by reads alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click

from cli.ages import age
from cli.choices import RETURN_ID, merchant_option, one_merchant
from cli.return_story import say_return_story
from cli.terminal import REFUSED, clean, json_option, pass_reach, say_json
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Verdict
from returns_hub.flows.overview.find_returns import FoundReturn, find_returns

MOST_FOUND = 10
KEPT = timedelta(days=400)


@verb()
@click.argument("words", metavar="[MERCHANT] RETURN", nargs=-1, required=True)
@merchant_option
@click.option("--rules", is_flag=True, help="with the rule and the configuration that decided")
@json_option
@pass_reach
def timeline(
    reach: Reach, words: tuple[str, ...], merchant: str | None, rules: bool, as_json: bool
) -> None:
    """Tell the story of one return: what happened, who took a hand in it, what it waits for.

    RETURN is its id, its order's name, or the external return's id in Mintsoft. What was decided by
    which rule and version of the merchant's file says --rules. --json gives the entries as they are
    kept.

    \b
    hub timeline 66aa01f0c0ffee0000000001
    hub timeline example "#5501" --rules

    See also: hub search, hub returns show, hub decide, hub audit list
    """
    given, wanted = _named(words, merchant)
    made = reach.hub()
    owner = one_merchant(made, given)
    state = _the_return(made, owner, wanted)
    events = made.returns.timeline(owner, state.return_id)
    if as_json:
        say_json([event.model_dump(mode="json") for event in events])
        return
    now = made.clock.now()
    say_return_story(state, events, _unfinished(made, state, now), now, rules=rules)


def _named(words: tuple[str, ...], merchant: str | None) -> tuple[str | None, str]:
    """The merchant, when one is named, and the return."""
    if len(words) == 1:
        return merchant, words[0]
    if len(words) > 2:
        raise click.UsageError("name one RETURN; a name with blanks goes into quotes")
    if merchant is not None and merchant != words[0]:
        raise click.UsageError(
            clean(f"the words say {words[0]} and --merchant says {merchant}: give one of them")
        )
    return words[0], words[1]


def _the_return(made: Hub, merchant: str, wanted: str) -> ReturnState:
    """The return that is meant: 1 request by its id, else those of `find_returns` and 1."""
    if RETURN_ID.fullmatch(wanted):
        state = made.returns.load(merchant, wanted)
        if state.version:
            return state
    found = find_returns(made.returns, merchant, wanted, limit=MOST_FOUND)
    if not found.rows:
        made.merchants.live(merchant)  # refused by its own words when there is none
        raise CommandError(clean(f"{merchant} has no return {wanted}"), REFUSED)
    if len(found.rows) > 1:
        now = datetime.now(UTC)
        rows = "\n".join(f"  {_row(row, now)}" for row in found.rows)
        more = "\n  and more: hub search" if found.is_cut else ""
        raise CommandError(
            clean(f"{wanted} is several; name one by its id:\n{rows}{more}"), REFUSED
        )
    return made.returns.load(merchant, found.rows[0].return_id)


def _row(row: FoundReturn, now: datetime) -> str:
    waits = f"waits for: {row.step.in_words}" if row.step else row.outcome
    since = f" {age(now - row.since)}" if row.since else ""
    return f"{row.return_id}  {', '.join(row.order_names)}  {waits}{since}  ({row.matched})"


def _unfinished(made: Hub, state: ReturnState, now: datetime) -> Iterator[Act]:
    """Acts about the return that left no entry: refused, failed or cut off. 1 request."""
    if not made.settings.audit_table:
        return
    acts = made.audit.of_return(state.merchant, state.return_id, now - KEPT, now)
    try:
        yield from (act for act in acts if act.outcome != "done")
    except Verdict as verdict:
        click.echo(clean(f"(acts of people could not be read: {verdict.reason})"), err=True)
