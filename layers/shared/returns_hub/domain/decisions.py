"""What receipts mean for the portal: one case in, one decision out (R8 to R11, R14 to R17).

Everything here is pure: the same case, policy and abilities give the same decision, whenever and
wherever. A case is stored with the decision it led to, so that another policy can be tried on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.matching import CaseLine, Finding, LineOutcome, Standing, compare
from returns_hub.domain.notes import (
    EXTRA_HEADLINES,
    LINE_HEADLINES,
    UNMATCHED_NOTE,
    joined,
    note_of,
    row_of,
)
from returns_hub.domain.policy import Complete, ExtraAction, LineAction, Policy
from returns_hub.domain.receipts import Condition, Goods
from returns_hub.domain.returns import PortalAbilities

ANSWERED = "answered by a person"
EXTRAS = "*"
"""In a person's answers: the goods that no line announced."""


class Case(Frozen):
    """All that a decision about one return is made from.

    Args:
        closed: The portal's word when it has finished with the return, else empty.
        lines: The return's lines.
        goods: Everything received so far, earlier receipts first.
        more_expected: Another external return of this return is not confirmed yet.
        age_seconds: How long ago the newest of these goods were confirmed.
        value: What the return is worth to the customer, in `currency`; None when not told.
        answers: What a person decided: line id, or `EXTRAS`, -> action.
        restock: The team's restock setting.
    """

    closed: str = ""
    lines: tuple[CaseLine, ...] = ()
    goods: tuple[Goods, ...] = ()
    more_expected: bool = False
    age_seconds: int = 0
    value: Decimal | None = None
    currency: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)
    restock: bool = True
    answered_for: dict[str, int] | None = Field(
        default=None,
        description="line id -> units received of it, and `EXTRAS` + SKU -> units beyond the "
        "lines, when a person answered. An answer about goods beyond the lines, or to hold a line, "
        "was given for those units: with more of them the table decides again. Other answers "
        "about a line stay. None: every answer counts whatever comes",
    )


class Action(StrEnum):
    """What the findings ask for."""

    PROCESS = "process"
    FLAG = "flag"
    ASK = "ask"
    HOLD = "hold"
    WAIT = "wait"
    NOTHING = "nothing"
    SKIP_CLOSED = "skip_closed"


class LineToProcess(Frozen):
    """A line to process or reject, and whether its goods go back on sale.

    `amount`, when it is there, replaces what the portal would pay for the line, in the return's
    currency.
    """

    line_id: str
    sku: str
    restock: bool
    reject: bool = False
    amount: Decimal | None = None

    def in_words(self) -> str:
        """What is done with the line, in a few words."""
        if self.reject:
            return "reject"
        share = f", {self.amount} paid" if self.amount is not None else ""
        return ("restock" if self.restock else "no restock") + share


class Decision(Frozen):
    """What to do about a return now, by which rule of which policy, and why.

    `look_again_seconds` is when the same goods are decided on anew, if nothing else comes.
    """

    action: Action
    rule: str
    policy: str = ""
    findings: tuple[Finding, ...] = ()
    lines: tuple[LineToProcess, ...] = ()
    note: str = ""
    look_again_seconds: int | None = None


class _Choice(Frozen):
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


def decide(case: Case, policy: Policy, abilities: PortalAbilities) -> Decision:
    """Decide what a return's receipts mean for the portal.

    The order: a closed return is skipped; a line in a state nobody told us of stops everything;
    the policy's waiting time; goods beyond the lines; each line by its row; then what holds for
    the whole return (all shipments, limits, what the portal can do).
    """
    if case.closed:
        return Decision(action=Action.SKIP_CLOSED, rule="R10 closed return", policy=policy.version)
    findings = compare(case.lines, case.goods, policy.matching)
    answer = _Answer(policy, findings)
    unknown = [line.id for line in case.lines if line.standing is Standing.UNKNOWN]
    if unknown:
        note = f"line {unknown[0]} is in a state the hub has not been told of; no decision is made"
        return answer.with_note(Action.FLAG, "unknown line state", note)
    if case.age_seconds < policy.wait_seconds:
        left = policy.wait_seconds - case.age_seconds
        return answer.plain(Action.HOLD, "wait before acting", look_again_seconds=left)
    stopped = _extras(case, policy, findings, answer)
    if stopped is not None:
        return stopped
    return _lines(case, policy, abilities, findings, answer)


class _Answer:
    """Makes decisions that all name the policy and the findings."""

    def __init__(self, policy: Policy, findings: tuple[Finding, ...]) -> None:
        self._policy = policy.version
        self._findings = findings

    def plain(
        self,
        action: Action,
        rule: str,
        *,
        note: str = "",
        lines: tuple[LineToProcess, ...] = (),
        look_again_seconds: int | None = None,
    ) -> Decision:
        return Decision(
            action=action,
            rule=rule,
            policy=self._policy,
            findings=self._findings,
            lines=lines,
            note=note,
            look_again_seconds=look_again_seconds,
        )

    def with_note(
        self, action: Action, rule: str, headline: str, about: Sequence[Finding] = ()
    ) -> Decision:
        return self.plain(action, rule, note=note_of(headline, about))


# -- goods beyond the lines ---------------------------------------------------------------------


def _extras(
    case: Case, policy: Policy, findings: Sequence[Finding], answer: _Answer
) -> Decision | None:
    """The decision when goods beyond the lines stop the return; flag goes before ask."""
    findings = [finding for finding in findings if not is_answered_extra(case, finding)]
    for wanted in (ExtraAction.FLAG, ExtraAction.ASK):
        for outcome, headline in EXTRA_HEADLINES.items():
            about = [f for f in findings if f.outcome is outcome]
            if about and policy.extra_action(outcome.value) is wanted:
                is_r9 = wanted is ExtraAction.FLAG and headline == UNMATCHED_NOTE
                rule = f"{'R9 ' if is_r9 else ''}{outcome.value}: {wanted.value}"
                also = [f for f in findings if EXTRA_HEADLINES.get(f.outcome) == headline]
                return answer.with_note(Action(wanted.value), rule, headline, also)
    return None


def is_answered_extra(case: Case, finding: Finding) -> bool:
    """Whether a person, who saw no fewer of these goods beyond the lines, said to go on."""
    if finding.line_id is not None or case.answers.get(EXTRAS) != ExtraAction.GO_ON:
        return False
    if case.answered_for is None:
        return True
    return finding.received - finding.expected <= case.answered_for.get(EXTRAS + finding.sku, 0)


# -- the lines ----------------------------------------------------------------------------------

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


def _rows_of(finding: Finding) -> list[str]:
    """The rows of the table that a line's finding meets."""
    rows = [_ROW_OF_CONDITION[c] for c in finding.conditions if c in _ROW_OF_CONDITION]
    if finding.outcome is LineOutcome.SHORT:
        rows.append("short")
    elif finding.outcome is LineOutcome.NOT_RECEIVED:
        rows.append("missing")
    elif not rows:
        rows.append("match")
    return rows


def _choose(case: Case, policy: Policy, finding: Finding) -> _Choice:
    """The most careful action among the rows that a line meets; a person's word goes first."""
    said = _said(case, policy, finding)
    if said is not None:
        action = LineAction(said)
        sellable = action is not LineAction.NO_RESTOCK
        return _Choice(finding=finding, row=ANSWERED, action=action, sellable=sellable)
    choices = []
    for row in _rows_of(finding):
        action = policy.line_action(row)
        if row in {"short", "missing"} and case.more_expected:
            action = LineAction.HOLD
        elif action is LineAction.HOLD and _hold_is_over(case, policy):
            action = LineAction(policy.after_hold)
        choices.append(_Choice(finding=finding, row=row, action=action))
    careful = min(choices, key=lambda choice: _MOST_CAREFUL_FIRST.index(choice.action))
    sellable = all(choice.action is not LineAction.NO_RESTOCK for choice in choices)
    return careful.model_copy(update={"sellable": sellable})


def _said(case: Case, policy: Policy, finding: Finding) -> str | None:
    """What a person said about a line, while it counts.

    A person's `hold` lasts as the table's: until its time is over, or more of the line came.
    """
    line = finding.line_id or ""
    said = case.answers.get(line)
    if said == LineAction.HOLD:
        seen = finding.received if case.answered_for is None else case.answered_for.get(line, 0)
        if finding.received > seen or _hold_is_over(case, policy):
            return None
    return said


def _hold_is_over(case: Case, policy: Policy) -> bool:
    return case.age_seconds >= policy.hold_hours * 3600


def _to_decide(case: Case, findings: Sequence[Finding]) -> list[Finding]:
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
    for finding in _to_decide(case, compare(case.lines, case.goods, policy.matching)):
        chosen = _choose(case, policy, finding)
        rows = () if chosen.row == ANSWERED else tuple(_rows_of(finding))
        choices.append(LineChoice(finding=finding, rows=rows, row=chosen.row, action=chosen.action))
    return tuple(choices)


def _lines(
    case: Case,
    policy: Policy,
    abilities: PortalAbilities,
    findings: Sequence[Finding],
    answer: _Answer,
) -> Decision:
    lines = {line.id: line for line in case.lines}
    choices = [_choose(case, policy, finding) for finding in _to_decide(case, findings)]
    for wanted in (LineAction.FLAG, LineAction.ASK):
        stopping = [choice for choice in choices if choice.action is wanted]
        if stopping:
            rows = list(dict.fromkeys(choice.row for choice in stopping))
            headline = "; ".join(LINE_HEADLINES.get(row, row) for row in rows)
            about = [choice.finding for choice in stopping]
            rule = f"{', '.join(rows)}: {wanted.value}"
            return answer.with_note(Action(wanted.value), rule, headline, about)
    held = [choice for choice in choices if choice.action is LineAction.HOLD]
    chosen = [choice for choice in choices if choice.action is not LineAction.HOLD]
    again = _look_again(case, policy, held)
    if not chosen:
        strangers = _strangers_alone(case, findings)
        if strangers:
            rule = f"{strangers[0].outcome.value}: nothing else came"
            return answer.with_note(Action.FLAG, rule, UNMATCHED_NOTE, strangers)
        action = Action.WAIT if any(c.finding.received for c in held) else Action.NOTHING
        return answer.plain(action, "R8 nothing new", look_again_seconds=again)
    if policy.complete_when is Complete.ALL_SHIPMENTS and case.more_expected:
        return answer.plain(Action.WAIT, "not all shipments are confirmed")
    refused = _above_limits(case, policy, chosen, answer) or _beyond_abilities(
        case, abilities, chosen, answer
    )
    if refused is None and held and not abilities.processes_lines:
        refused = answer.plain(Action.WAIT, "portal: whole return only", look_again_seconds=again)
    if refused is not None:
        return refused
    rows = list(dict.fromkeys(f"{choice.row}: {choice.action.value}" for choice in chosen))
    rule = "R8 all SKUs match" if rows == ["match: process"] else "; ".join(rows)
    return answer.plain(
        Action.PROCESS,
        rule,
        lines=tuple(_to_process(case, abilities, choice, lines) for choice in chosen),
        note=_differences(findings, chosen) if policy.note_differences else "",
        look_again_seconds=again,
    )


def _strangers_alone(case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """Goods that fit no line, when nothing that fits has come or is awaited from elsewhere.

    With `go_on` they are told together with the lines that are processed. When there are none, they
    may be all that the customer sent, and nobody would hear of it.
    """
    if case.more_expected:
        return []
    fitting = [f for f in findings if f.line_id is not None]
    if any(f.outcome is not LineOutcome.NOT_RECEIVED for f in fitting):
        return []
    unknown = {LineOutcome.WRONG_SKU, LineOutcome.UNIDENTIFIED}
    return [f for f in findings if f.outcome in unknown and not is_answered_extra(case, f)]


def _look_again(case: Case, policy: Policy, held: Sequence[_Choice]) -> int | None:
    if not held or case.more_expected:
        return None
    return max(1, policy.hold_hours * 3600 - case.age_seconds)


def _to_process(
    case: Case, abilities: PortalAbilities, choice: _Choice, lines: Mapping[str, CaseLine]
) -> LineToProcess:
    line = lines[choice.finding.line_id or ""]
    rejected = choice.action is LineAction.REJECT
    return LineToProcess(
        line_id=line.id,
        sku=line.sku,
        restock=case.restock and not line.keep_item and choice.sellable and not rejected,
        reject=rejected,
        amount=_share_of(line, choice.finding, abilities)
        if choice.action is LineAction.SHARE
        else None,
    )


def _share_of(line: CaseLine, finding: Finding, abilities: PortalAbilities) -> Decimal | None:
    """What the received share of a line is worth, rounded down to the currency's smallest coin
    as the line's own value shows it; None when it cannot be told."""
    if line.value is None or line.value <= 0 or abilities.amount_counts == "unknown":
        return None
    share = line.value * finding.received / line.quantity
    if abilities.amount_counts == "unit":
        share /= line.quantity
    exponent = Decimal(1).scaleb(min(int(line.value.as_tuple().exponent), 0))
    return share.quantize(exponent, rounding=ROUND_DOWN)


# -- the whole return ---------------------------------------------------------------------------


def _above_limits(
    case: Case, policy: Policy, chosen: Sequence[_Choice], answer: _Answer
) -> Decision | None:
    limits = policy.limits
    paid = [choice for choice in chosen if choice.action is not LineAction.REJECT]
    if not paid or all(choice.row == ANSWERED for choice in chosen):
        return None
    why = ""
    units = sum(choice.finding.expected for choice in paid)
    if limits.most_units is not None and units > limits.most_units:
        why = f"{units} units are more than the {limits.most_units} that the hub may process"
    if limits.most_money is not None:
        worth = f"{case.value} {case.currency}"
        if case.value is None or case.currency != limits.currency:
            why = f"what the return is worth in {limits.currency} is not known; limits.most_money"
        elif case.value > limits.most_money:
            why = f"{worth} is more than the {limits.most_money} that the hub may pay by itself"
    if not why:
        return None
    return answer.with_note(Action(limits.above), f"limits: {limits.above}", why)


def _beyond_abilities(
    case: Case,
    abilities: PortalAbilities,
    chosen: Sequence[_Choice],
    answer: _Answer,
) -> Decision | None:
    """The decision when the portal cannot do what the policy wants; None when it can."""
    rejects = [choice for choice in chosen if choice.action is LineAction.REJECT]
    if rejects and not abilities.rejects_lines:
        why = "The portal cannot reject single lines"
        return _flag_instead(answer, "portal: no reject", why, rejects)
    unsold = [c for c in chosen if not c.sellable and c.action is not LineAction.REJECT]
    if unsold and case.restock and not abilities.chooses_restock:
        why = "The portal restocks by itself and cannot leave these goods out"
        return _flag_instead(answer, "portal: no restock choice", why, unsold)
    lines = {line.id: line for line in case.lines}
    unpaid = [
        choice
        for choice in chosen
        if choice.action is LineAction.SHARE
        and _share_of(lines[choice.finding.line_id or ""], choice.finding, abilities) is None
    ]
    if unpaid:
        why = "Fewer units were received than announced, and the share to pay cannot be told"
        return _flag_instead(answer, "short: process_share not possible", why, unpaid)
    return None


def _flag_instead(answer: _Answer, rule: str, why: str, about: Sequence[_Choice]) -> Decision:
    return answer.with_note(Action.FLAG, rule, why, [choice.finding for choice in about])


# -- words --------------------------------------------------------------------------------------

_IN_WORDS = {
    LineAction.PROCESS: "processed whole",
    LineAction.NO_RESTOCK: "processed, not restocked",
    LineAction.SHARE: "the received share is paid",
    LineAction.REJECT: "rejected",
}


def _differences(findings: Sequence[Finding], chosen: Sequence[_Choice]) -> str:
    """What differs among that which is processed, and what is done about it; empty for nothing."""
    rows = [
        f"{row_of(choice.finding)}: {_IN_WORDS[choice.action]}"
        for choice in chosen
        if choice.row != "match"
    ]
    rows += [
        f"{row_of(finding)}: {EXTRA_HEADLINES[finding.outcome].lower()}"
        for finding in findings
        if finding.outcome in EXTRA_HEADLINES
    ]
    return joined("Received goods differ from the announced ones", rows) if rows else ""
