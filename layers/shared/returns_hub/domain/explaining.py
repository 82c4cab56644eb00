"""A decision explained: each line with the rows of the table that it meets, and what came before.

Pure: everything is told from a case, a policy, and the events of a timeline.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from returns_hub.domain.base import Frozen
from returns_hub.domain.case import ANSWERED, Case, Decision
from returns_hub.domain.choices import LineChoice, choices_of, is_answered_extra
from returns_hub.domain.facts import (
    Event,
    Flagged,
    LinesProcessed,
    OperatorActed,
    Parked,
    ReceiptSettled,
    ReceiptTaken,
    WouldSend,
)
from returns_hub.domain.matching import CaseLine, Finding, Standing, compare
from returns_hub.domain.policy import LineAction, Policy


class RowTold(Frozen):
    """A row of the table that applies, what it says, and who says so: the preset or the file."""

    row: str
    says: str
    origin: str


class LineTold(Frozen):
    """A line, or goods beyond the lines, and what the table says.

    `action` is what counts now, empty when nothing is to be decided; `why` tells what the rows
    alone do not.
    """

    line: CaseLine | None
    finding: Finding | None
    rows: tuple[RowTold, ...] = ()
    action: str = ""
    why: str = ""


def tell_lines(case: Case, policy: Policy) -> tuple[LineTold, ...]:
    """Every line of the return in its order, then the goods beyond the lines."""
    findings = compare(case.lines, case.goods, policy.matching)
    of_line = {finding.line_id: finding for finding in findings if finding.line_id is not None}
    choices = {choice.finding.line_id: choice for choice in choices_of(case, policy)}
    told = [
        _line(line, of_line.get(line.id), choices.get(line.id), case, policy) for line in case.lines
    ]
    told += [_extra(finding, case, policy) for finding in findings if finding.line_id is None]
    return tuple(told)


def _line(
    line: CaseLine,
    finding: Finding | None,
    choice: LineChoice | None,
    case: Case,
    policy: Policy,
) -> LineTold:
    if finding is None:
        return LineTold(line=line, finding=None, why="it has no SKU, so nothing can be matched")
    if choice is None:
        why = "finished, or in a process call already"
        if line.standing is Standing.OPEN:
            why = "the customer keeps the goods"
        elif line.standing is Standing.UNKNOWN:
            why = "in a state the hub was not told of: nothing is decided"
        return LineTold(line=line, finding=finding, why=why)
    rows = tuple(
        RowTold(row=row, says=policy.line_action(row), origin=policy.origin(row))
        for row in choice.rows
    )
    return LineTold(
        line=line,
        finding=finding,
        rows=rows,
        action=choice.action,
        why=_why(choice, case, policy),
    )


def _why(choice: LineChoice, case: Case, policy: Policy) -> str:
    if choice.row == ANSWERED:
        return ANSWERED
    says = policy.line_action(choice.row)
    if choice.action is not says and choice.action is LineAction.HOLD:
        return "another shipment of the return is not confirmed yet"
    if choice.action is not says:
        return f"the hold of {policy.hold_hours} hours is over (after_hold)"
    if choice.action is LineAction.HOLD and case.more_expected:
        return "another shipment of the return is not confirmed yet"
    return ""


def _extra(finding: Finding, case: Case, policy: Policy) -> LineTold:
    row = finding.outcome.value
    says = policy.extra_action(row)
    rows = (RowTold(row=row, says=says, origin=policy.origin(row)),)
    if is_answered_extra(case, finding):
        return LineTold(line=None, finding=finding, rows=rows, action="go_on", why=ANSWERED)
    return LineTold(line=None, finding=finding, rows=rows, action=says)


class AnswerTold(Frozen):
    """What a person answered, and when."""

    at: datetime
    who: str
    answers: dict[str, str]
    note: str


def tell_answers(events: Iterable[Event]) -> tuple[AnswerTold, ...]:
    """Every answer on a timeline, oldest first."""
    return tuple(
        AnswerTold(at=event.at, who=event.actor, answers=event.fact.answers, note=event.fact.note)
        for event in events
        if isinstance(event.fact, OperatorActed) and event.fact.act == "answered"
    )


class Decided(Frozen):
    """A decision that was made, and what became of it, oldest first.

    `policy` is empty for decisions of releases that had no table.
    """

    at: datetime
    receipt: str
    decision: str
    rule: str
    policy: str
    config_version: int
    note: str
    became: tuple[str, ...] = ()


def tell_history(events: Iterable[Event]) -> tuple[Decided, ...]:
    """Every decision on a timeline, oldest first."""
    decided: list[Decided] = []
    for event in events:
        fact = event.fact
        if isinstance(fact, ReceiptTaken):
            decided.append(
                Decided(
                    at=event.at,
                    receipt=fact.receipt,
                    decision=fact.decision,
                    rule=event.rule,
                    policy=fact.policy,
                    config_version=event.config_version,
                    note=fact.note,
                )
            )
            continue
        said = _became(event)
        if said and decided:
            last = decided[-1]
            decided[-1] = last.model_copy(update={"became": (*last.became, said)})
    return tuple(decided)


def _became(event: Event) -> str:
    match event.fact:
        case LinesProcessed(batch=batch, how=how):
            return f"process call {batch} was taken ({how.replace('_', ' ')})"
        case Flagged():
            return "flagged in the portal"
        case Parked(code=code):
            return f"put before a person ({code})"
        case WouldSend(operation=operation):
            return f"shadow: would {operation}"
        case OperatorActed(act=act):
            return f"{act} by {event.actor}"
        case ReceiptSettled(outcome=outcome, until=until):
            ends = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
            return f"settled: {outcome.replace('_', ' ')}{ends}"
    return ""


def action_in_words(decision: Decision) -> str:
    """The action in a sentence."""
    return _IN_WORDS[decision.action.value]


_IN_WORDS = {
    "process": "process these lines in the portal",
    "flag": "flag the return in the portal; nothing of it is processed",
    "ask": "put the return before a person; nothing of it is processed",
    "hold": "do nothing yet",
    "wait": "do nothing; wait for more",
    "nothing": "do nothing",
    "skip_closed": "process nothing: the portal has closed the return",
}
