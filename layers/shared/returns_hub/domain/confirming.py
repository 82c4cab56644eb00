"""What a person confirms before the hub does it, and what the hub proposes to them.

Lines that a person answered are confirmed. Of the others, the policy's `confirm` says which are put
before one, together with the whole return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from returns_hub.domain.case import ANSWERED, Case
from returns_hub.domain.choices import Choice, rows_of, to_decide
from returns_hub.domain.matching import Finding, LineOutcome, Standing
from returns_hub.domain.notes import LINE_HEADLINES, MOST_ROWS_IN_NOTE, row_of
from returns_hub.domain.policy import LineAction, Policy


@dataclass(frozen=True)
class Unconfirmed:
    """Why a person has to confirm, and the proposal in words."""

    rule: str
    note: str


def reason_of(case: Case, policy: Policy, choice: Choice) -> str:
    """Why a line is rejected: in a person's words, the policy's, or those of the row.

    Empty when a person rejects what the table finds no fault with, and does not say why.
    """
    if choice.row == ANSWERED:
        said = case.answer_reasons.get(choice.finding.line_id or "", "")
        if said:
            return said
        rows = [row for row in rows_of(choice.finding) if row in LINE_HEADLINES]
    else:
        rows = [choice.row]
    told = {str(row): words for row, words in policy.reject_reasons.items()}
    return next((told.get(row) or LINE_HEADLINES.get(row, "") for row in rows), "")


def to_confirm(
    case: Case, policy: Policy, findings: Sequence[Finding], chosen: Sequence[Choice]
) -> Unconfirmed | None:
    """What a person has to confirm of what was chosen; None when nothing is left to confirm."""
    confirm = policy.confirm
    open_ = [choice for choice in chosen if choice.row != ANSWERED]
    rejects = [choice for choice in open_ if choice.action is LineAction.REJECT]
    if rejects and confirm.rejecting:
        return Unconfirmed("confirm: rejecting", proposal(case, policy, findings, chosen))
    if len(rejects) == len(open_) or confirm.processing == "never":
        return None
    if confirm.processing == "unless_matched" and _all_match(case, findings):
        return None
    rule = f"confirm: processing {confirm.processing}"
    return Unconfirmed(rule, proposal(case, policy, findings, chosen))


def _all_match(case: Case, findings: Sequence[Finding]) -> bool:
    """Whether all that is left of the return has come, good, and nothing else has."""
    if any(not line.sku and line.standing is Standing.OPEN for line in case.lines):
        return False
    if any(finding.line_id is None for finding in findings):
        return False
    return all(
        finding.outcome is LineOutcome.MATCHED and not finding.conditions
        for finding in to_decide(case, findings)
    )


_PROPOSED = {
    LineAction.PROCESS: "accept {line}",
    LineAction.NO_RESTOCK: "accept {line}, not restocked",
    LineAction.SHARE: "pay the received share of {line}",
    LineAction.REJECT: "decline {line}",
}


def proposal(
    case: Case, policy: Policy, findings: Sequence[Finding], chosen: Sequence[Choice]
) -> str:
    """What the hub would do with each line, and the goods that no line announced."""
    rows = [_proposed(case, policy, choice) for choice in chosen]
    rows += [f"other goods: {row_of(finding)}" for finding in findings if finding.line_id is None]
    more = len(rows) - MOST_ROWS_IN_NOTE
    shown = "; ".join(rows[:MOST_ROWS_IN_NOTE])
    return f"Proposed: {shown}{f'; and {more} more' if more > 0 else ''}"


def _proposed(case: Case, policy: Policy, choice: Choice) -> str:
    finding = choice.finding
    name, _, rest = row_of(finding).partition(": ")
    words = _PROPOSED[choice.action].format(line=name)
    if choice.action is LineAction.REJECT:
        words = f"{words}: {reason_of(case, policy, choice) or 'no reason given'}"
    return f"{words} ({rest})"
