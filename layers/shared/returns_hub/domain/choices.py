"""Which row of the decision table counts for a line, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from returns_hub.domain.base import Frozen
from returns_hub.domain.case import ANSWERED, EXTRAS, Case
from returns_hub.domain.matching import Finding, LineOutcome, compare
from returns_hub.domain.policy import ExtraAction, LineAction, Policy
from returns_hub.domain.receipts import Condition


class Choice(Frozen):
    """What the policy says about one finding, and the row that says it.

    `sellable` is false when any row that the line meets keeps its goods off sale.
    """

    finding: Finding
    row: str
    action: LineAction
    sellable: bool = True


class LineChoice(Frozen):
    """What is said about one line: the rows it meets, the one that counts, and its action now.

    The action differs from the table's while other shipments are awaited, and after a hold. A line
    that a person answered meets no row.
    """

    finding: Finding
    rows: tuple[str, ...]
    row: str
    action: LineAction


def is_answered_extra(case: Case, finding: Finding) -> bool:
    """Whether a person, who saw no fewer of these goods beyond the lines, said to go on."""
    if finding.line_id is not None or case.answers.get(EXTRAS) != ExtraAction.GO_ON:
        return False
    if case.answered_for is None:
        return True
    return finding.received - finding.expected <= case.answered_for.get(EXTRAS + finding.sku, 0)


IN_CONDITION = "#"
"""Between a line's id and a condition, among the units that an answer was given for."""

_MOST_CAREFUL_FIRST = (
    LineAction.FLAG,
    LineAction.ASK,
    LineAction.HOLD,
    LineAction.REJECT,
    LineAction.SHARE,
    LineAction.NO_RESTOCK,
    LineAction.PROCESS,
)
_ROW_OF_CONDITION = {
    Condition.UNKNOWN: "unknown_condition",
    Condition.QUARANTINE: "damaged",
    Condition.SCRAP: "scrapped",
}


def rows_of(finding: Finding) -> list[str]:
    """The rows of the table that a line's finding meets."""
    rows = [_ROW_OF_CONDITION[c] for c in finding.conditions if c in _ROW_OF_CONDITION]
    if finding.outcome is LineOutcome.SHORT:
        rows.append("short")
    elif finding.outcome is LineOutcome.NOT_RECEIVED:
        rows.append("missing")
    elif not rows:
        rows.append("match")
    return rows


def choose(case: Case, policy: Policy, finding: Finding) -> Choice:
    """The most careful action among the rows that a line meets; a person's word goes first."""
    said = _said(case, policy, finding)
    if said is not None:
        action = LineAction(said)
        sellable = action is not LineAction.NO_RESTOCK
        return Choice(finding=finding, row=ANSWERED, action=action, sellable=sellable)
    choices = []
    for row in rows_of(finding):
        action = policy.line_action(row)
        if row in {"short", "missing"} and case.more_expected:
            action = LineAction.HOLD
        elif action is LineAction.HOLD and _hold_is_over(case, policy):
            action = LineAction(policy.after_hold)
        choices.append(Choice(finding=finding, row=row, action=action))
    careful = min(choices, key=lambda choice: _MOST_CAREFUL_FIRST.index(choice.action))
    sellable = all(choice.action is not LineAction.NO_RESTOCK for choice in choices)
    return careful.model_copy(update={"sellable": sellable})


def _said(case: Case, policy: Policy, finding: Finding) -> str | None:
    """What a person said about a line, while it counts.

    A person's `hold` lasts as the table's: until its time is over, or more of the line came. Where
    the policy has a person confirm it, an answer counts for what was found of the line then.
    """
    line = finding.line_id or ""
    said = case.answers.get(line)
    if said == LineAction.HOLD:
        seen = finding.received if case.answered_for is None else case.answered_for.get(line, 0)
        if finding.received > seen or _hold_is_over(case, policy):
            return None
    elif said is not None and asks_to_confirm(policy, LineAction(said)):
        return None if _is_another_finding(case, finding) else said
    return said


def asks_to_confirm(policy: Policy, action: LineAction) -> bool:
    """Whether a person confirms lines of this action, all of them or some."""
    if action is LineAction.REJECT:
        return policy.confirm.rejecting
    return policy.confirm.processing != "never"


def seen_of(finding: Finding) -> dict[str, int]:
    """What was found of a line, as it is kept beside an answer: units, and units not good."""
    line = finding.line_id or ""
    worse = {f"{line}{IN_CONDITION}{word}": units for word, units in finding.conditions.items()}
    return {line: finding.received, **worse}


def _is_another_finding(case: Case, finding: Finding) -> bool:
    line = finding.line_id or ""
    if case.answered_for is None or line not in case.answered_for:
        return False
    conditions = {f"{line}{IN_CONDITION}{word}" for word in Condition}
    then = {
        key: units
        for key, units in case.answered_for.items()
        if key == line or (key in conditions and units)
    }
    return then != seen_of(finding)


def _hold_is_over(case: Case, policy: Policy) -> bool:
    return case.age_seconds >= policy.hold_hours * 3600


def to_decide(case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """Findings of lines that are not finished, and whose goods are to come back."""
    kept = {line.id for line in case.lines if line.keep_item}
    return [
        finding
        for finding in findings
        if finding.line_id is not None
        and finding.outcome is not LineOutcome.ALREADY_DONE
        and not (finding.outcome is LineOutcome.NOT_RECEIVED and finding.line_id in kept)
    ]


def choices_of(case: Case, policy: Policy) -> tuple[LineChoice, ...]:
    """What the table, or a person, says about each line that is to be decided."""
    choices = []
    for finding in to_decide(case, compare(case.lines, case.goods, policy.matching)):
        chosen = choose(case, policy, finding)
        rows = () if chosen.row == ANSWERED else tuple(rows_of(finding))
        choices.append(LineChoice(finding=finding, rows=rows, row=chosen.row, action=chosen.action))
    return tuple(choices)
