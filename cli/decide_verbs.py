"""hub decide: why a return is decided as it is, and a person's answer to a question about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option
from cli.decide_words import explanation_as_json, say_decision, say_explanation
from cli.filters import dry_run_option, yes_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
)
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.desk import desk_of
from returns_hub.domain.answering import (
    ANSWERS,
    answered,
    as_proposed,
    check_answers,
    for_every_line,
    seen,
)
from returns_hub.domain.case import EXTRAS, Action
from returns_hub.domain.decisions import decide
from returns_hub.domain.receipts import Condition, ReceivedRow
from returns_hub.flows.explain import Explained, explain
from returns_hub.flows.operator import Desk, answer
from returns_hub.flows.questions import questions_of
from returns_hub.flows.world import World
from returns_hub.ports import ParkedItem

F = TypeVar("F", bound=Callable[..., Any])
MOST_SUPPOSED = 10_000
AS_PROPOSED = "as_proposed"


class Goods(click.ParamType[tuple[ReceivedRow, ...]]):
    """Goods to suppose: SKU=2:quarantine,CAP=1."""

    name = "goods"

    def convert(
        self,
        value: str | tuple[ReceivedRow, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[ReceivedRow, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(self._row(part, param, ctx) for part in value.split(","))

    def _row(
        self, part: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> ReceivedRow:
        sku, equals, told = part.rpartition("=")
        units, _, condition = told.partition(":")
        known = [word.value for word in Condition]
        if not equals or not units.strip().isascii() or not units.strip().isdigit():
            self.fail(f"{part!r}: say SKU=UNITS or SKU=UNITS:CONDITION, e.g. TEE=2", param, ctx)
        if not 0 < int(units[:9]) <= MOST_SUPPOSED:
            self.fail(f"{part!r}: 1 to {MOST_SUPPOSED} units", param, ctx)
        if condition and condition.strip() not in known:
            self.fail(f"{part!r}: a condition is one of {', '.join(known)}", param, ctx)
        return ReceivedRow(
            sku=sku.strip(),
            quantity=int(units),
            condition=Condition(condition.strip() or Condition.GOOD),
        )


def merchant_of(made: Hub, return_id: str, merchant: str | None) -> str:
    """Whose return it is: as said, or the only merchant, or the only one who knows the return.

    Raises:
        CommandError: That cannot be told.
    """
    if merchant is not None:
        return merchant
    owners = made.merchants.all_ids()
    if len(owners) != 1:
        known = tuple(o for o in owners if made.returns.load(o, return_id).version)
        if len(known) != 1:
            names = ", ".join(owners) or "there are none yet"
            raise CommandError(clean(f"say whose return it is: --merchant ({names})"), REFUSED)
        owners = known
    return owners[0]


@verbs("decide", invoke_without_command=True)
@click.option("--explain", "return_id", metavar="RETURN", help="explain this return's decision")
@merchant_option
@click.option(
    "--what-if",
    "supposed",
    type=Goods(),
    metavar="GOODS",
    help='suppose that these goods are confirmed now, e.g. "TEE=2:quarantine,CAP=1"',
)
@json_option
@pass_reach
@click.pass_context
def decide_(
    ctx: click.Context,
    reach: Reach,
    return_id: str | None,
    merchant: str | None,
    supposed: tuple[ReceivedRow, ...] | None,
    as_json: bool,
) -> None:
    """Explain what is decided about a return, and answer what the hub asks about it.

    Partners are only read.

    \b
    hub decide --explain 66aa01f0c0ffee0000000001
    hub decide --explain 66aa01f0c0ffee0000000001 --what-if TEE=1 --json

    See also: hub decide answer, hub policy test, hub timeline, docs/policy-commands.md
    """
    if ctx.invoked_subcommand is not None:
        if return_id or merchant or supposed or as_json:
            raise click.UsageError(f"options of {ctx.invoked_subcommand} go behind it")
        return
    if return_id is None:
        raise click.UsageError("say which return: --explain RETURN; or answer a question: answer")
    made = reach.hub()
    owner = merchant_of(made, return_id, merchant)
    world = made.world(owner).for_return(return_id)
    explanation = explain(world, return_id, supposed or ())
    events = made.returns.timeline(owner, return_id)
    if as_json:
        say_json(explanation_as_json(world.live, explanation, events))
    else:
        say_explanation(world.live, explanation, events)


class LineAnswer(click.ParamType[tuple[str, str]]):
    """LINE=ACTION."""

    name = "line=action"

    def convert(
        self,
        value: str | tuple[str, str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        line, equals, action = value.rpartition("=")
        if not equals or not line or line == EXTRAS or action not in ANSWERS:
            allowed = ", ".join(ANSWERS)
            self.fail(f"{value!r}: say LINE=ACTION; an action is one of {allowed}", param, ctx)
        return line, action


@decide_.command("answer")
@click.argument("return_id", metavar="RETURN")
@click.argument("lines", nargs=-1, type=LineAnswer(), metavar="[LINE=ACTION]...")
@click.option(
    "--extras", type=click.Choice(["go_on"]), help="go_on: goods beyond the lines are left aside"
)
@click.option(
    "--all",
    "for_all",
    type=click.Choice([*(action.value for action in ANSWERS), AS_PROPOSED]),
    help="the same for every line that is decided now and is not named; as_proposed confirms "
    "what the hub proposes",
)
@click.option(
    "--note",
    default="",
    help="why; kept on the timeline, and the reason that Miinto is given of rejected positions",
)
@click.option("--partly", is_flag=True, help="though something would still be asked")
@merchant_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("lines")
def answer_question(
    reach: Reach,
    return_id: str,
    lines: tuple[tuple[str, str], ...],
    extras: str | None,
    for_all: str | None,
    note: str,
    partly: bool,
    merchant: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Answer a question about a return (parked as decision.ask); the hub carries it out.

    Shows what the answers lead to, and asks before it keeps them. A line is processed (whole),
    processed_no_restock, rejected, held until more of it comes, or the share that arrived is paid.
    What is flagged is not asked: it is decided in the portal.

    \b
    hub decide answer 66aa01f0c0ffee0000000001 item1=reject --note "worn" --dry-run
    hub decide answer 66aa01f0c0ffee0000000001 --all as_proposed

    See also: hub decide, hub parked list, docs/policy-commands.md
    """
    given = _given(lines, extras)
    if not given and for_all is None:
        raise click.UsageError("say what: LINE=ACTION, --extras go_on, or --all ACTION")
    made = reach.hub()
    owner = merchant_of(made, return_id, merchant)
    desk = desk_of(made, reach.caller())
    questions = questions_of(owner, return_id, desk)
    named: dict[str, Any] = {"merchant": owner, "return_id": return_id}
    if questions.unfinished and not dry_run:
        _finish(questions.unfinished, desk, given)
    if not questions.waiting:
        say_outcome("nothing_to_do", dry_run=dry_run, **named, answers={})
        return
    world = made.world(owner).for_return(return_id)
    asked = [number for number, _ in questions.waiting]
    answers, supplied = _preview(world, return_id, asked, given, for_all, note=note, partly=partly)
    if dry_run:
        click.echo("nothing was done")
        say_outcome("would_be_done", dry_run=True, **named, answers=answers)
        return
    require_yes("keep these answers?", yes=yes)
    for _, item in questions.waiting:
        if answer(item, desk, answers, seen=supplied, note=note) == "already":
            raise CommandError(
                "somebody has answered meanwhile, and their word counts; see "
                f"hub decide --explain {clean(return_id)}",
                REFUSED,
            )
    click.echo(clean(f"answered: {_told(answers)}"))
    say_outcome("done", **named, answers=answers)


def _given(lines: Sequence[tuple[str, str]], extras: str | None) -> dict[str, str]:
    given: dict[str, str] = {}
    for line, action in lines:
        if given.setdefault(line, action) != action:
            raise click.UsageError(f"line {line} is answered twice, and not alike")
    return given | ({EXTRAS: extras} if extras else {})


def _told(answers: dict[str, str]) -> str:
    return ", ".join(f"{what}={action}" for what, action in answers.items())


def _finish(items: Sequence[ParkedItem], desk: Desk, given: dict[str, str]) -> None:
    """Close questions whose answer is on the timeline: somebody was interrupted."""
    for item in items:
        kept = desk.returns.load(item.merchant, item.subject).answers
        outcome = answer(item, desk, given, seen={})
        click.echo(clean(f"{item.parked_id} was answered before: {_told(kept)}"))
        if outcome == "already":
            raise CommandError("that is not what you say now; nothing more was kept", REFUSED)


def _preview(
    world: World,
    return_id: str,
    asked: Sequence[int],
    given: dict[str, str],
    for_all: str | None,
    *,
    note: str,
    partly: bool,
) -> tuple[dict[str, str], dict[str, int]]:
    """Show what the answers lead to; the answers, and the units that they are given for."""
    explanation = explain(world, return_id)
    found = [e for e in explanation.receipts if e.receipt.external_return_id in asked]
    if not found:
        raise CommandError(
            "the warehouse does not show the goods as confirmed any more; see "
            f"hub decide --explain {clean(return_id)}",
            REFUSED,
        )
    about = found[-1]
    policy = world.live.merchant.flows.process_receipts.policy
    answers = dict(given)
    if for_all is not None:
        wanted = (
            as_proposed(about.case, policy)
            if for_all == AS_PROPOSED
            else for_every_line(about.case, policy, for_all)
        )
        answers = {**wanted, **given}
    check_answers(about.case, policy, world.portal.abilities, answers)
    case = answered(about.case, policy, answers, note)
    decision = decide(case, policy, world.portal.abilities)
    shown_: Explained = replace(about, case=case, decision=decision, is_due=True)
    for remark in explanation.remarks:
        click.echo(clean(f"- {remark}"))
    click.echo(clean(f"with these answers ({_told(answers)}):"))
    say_decision(shown_, policy, explanation)
    if decision.action is Action.ASK and not partly:
        raise CommandError(
            clean(f"it would still be asked: {decision.note}. Answer that too, or say --partly"),
            REFUSED,
        )
    return answers, seen(about.case, policy, answers)
