"""What receipts mean for the portal: one case in, one decision out (R8 to R11, R14 to R17).

Everything here is pure: the same case, policy and abilities give the same decision, whenever and
wherever. A case is stored with the decision it led to, so that another policy can be tried on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from returns_hub.domain.bounds import above_limits, beyond_abilities, share_of
from returns_hub.domain.case import Action, Case, Decision, LineToProcess
from returns_hub.domain.choices import Choice, choose, is_answered_extra, to_decide
from returns_hub.domain.confirming import reason_of, to_confirm
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
from returns_hub.domain.returns import PortalAbilities


def decide(case: Case, policy: Policy, abilities: PortalAbilities) -> Decision:
    """Decide what a return's receipts mean for the portal; see `_decided`."""
    return _asked_instead(_decided(case, policy, abilities), abilities)


def _decided(case: Case, policy: Policy, abilities: PortalAbilities) -> Decision:
    """What the table says.

    The order: a closed return is skipped; a line in a state nobody told us of stops everything;
    the policy's waiting time; goods beyond the lines; each line by its row; then what holds for
    the whole return (all shipments, limits, what the portal can do, what a person confirms).
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


def _asked_instead(decision: Decision, abilities: PortalAbilities) -> Decision:
    """A flag that the portal does not have is a question to a person, with the same note."""
    if decision.action is not Action.FLAG or abilities.flags:
        return decision
    return decision.model_copy(update={"action": Action.ASK})


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
        proposed: tuple[LineToProcess, ...] = (),
    ) -> Decision:
        return Decision(
            action=action,
            rule=rule,
            policy=self._policy,
            findings=self._findings,
            lines=lines,
            note=note,
            look_again_seconds=look_again_seconds,
            proposed=proposed,
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


# -- the lines ----------------------------------------------------------------------------------


def _lines(
    case: Case,
    policy: Policy,
    abilities: PortalAbilities,
    findings: Sequence[Finding],
    answer: _Answer,
) -> Decision:
    lines = {line.id: line for line in case.lines}
    choices = [choose(case, policy, finding) for finding in to_decide(case, findings)]
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
    stop = above_limits(case, policy, chosen) or beyond_abilities(case, policy, abilities, chosen)
    if stop is not None:
        return answer.with_note(stop.action, stop.rule, stop.why, stop.about)
    if held and not abilities.processes_lines:
        return answer.plain(Action.WAIT, "portal: whole return only", look_again_seconds=again)
    to_process = tuple(_to_process(case, policy, abilities, choice, lines) for choice in chosen)
    unconfirmed = to_confirm(case, policy, findings, chosen)
    if unconfirmed is not None:
        return answer.plain(
            Action.ASK, unconfirmed.rule, note=unconfirmed.note, proposed=to_process
        )
    rows = list(dict.fromkeys(f"{choice.row}: {choice.action.value}" for choice in chosen))
    rule = "R8 all SKUs match" if rows == ["match: process"] else "; ".join(rows)
    return answer.plain(
        Action.PROCESS,
        rule,
        lines=to_process,
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


def _look_again(case: Case, policy: Policy, held: Sequence[Choice]) -> int | None:
    if not held or case.more_expected:
        return None
    return max(1, policy.hold_hours * 3600 - case.age_seconds)


def _to_process(
    case: Case,
    policy: Policy,
    abilities: PortalAbilities,
    choice: Choice,
    lines: Mapping[str, CaseLine],
) -> LineToProcess:
    line = lines[choice.finding.line_id or ""]
    rejected = choice.action is LineAction.REJECT
    return LineToProcess(
        line_id=line.id,
        sku=line.sku,
        restock=case.restock and not line.keep_item and choice.sellable and not rejected,
        reject=rejected,
        amount=share_of(line, choice.finding, abilities, case.currency)
        if choice.action is LineAction.SHARE
        else None,
        reason=reason_of(case, policy, choice) if rejected and abilities.gives_reasons else "",
    )


# -- words --------------------------------------------------------------------------------------

_IN_WORDS = {
    LineAction.PROCESS: "processed whole",
    LineAction.NO_RESTOCK: "processed, not restocked",
    LineAction.SHARE: "the received share is paid",
    LineAction.REJECT: "rejected",
}


_EXTRA_IN_WORDS = {
    LineOutcome.WRONG_SKU: "fits no line of the return",
    LineOutcome.UNIDENTIFIED: "cannot be identified",
    LineOutcome.OVER: "more than announced",
    LineOutcome.DUPLICATE: "its lines are finished already",
}


def _is_match(choice: Choice) -> bool:
    """Whether a person's answer is what a perfect match comes to."""
    whole = choice.finding.outcome is LineOutcome.MATCHED and not choice.finding.conditions
    return whole and choice.action is LineAction.PROCESS


def _differences(findings: Sequence[Finding], chosen: Sequence[Choice]) -> str:
    """What differs among that which is processed, and what is done about it; empty for nothing."""
    rows = [
        f"{row_of(choice.finding)}: {_IN_WORDS[choice.action]}"
        for choice in chosen
        if choice.row != "match" and not _is_match(choice)
    ]
    rows += [
        f"{row_of(finding)}: {_EXTRA_IN_WORDS[finding.outcome]}"
        for finding in findings
        if finding.outcome in EXTRA_HEADLINES
    ]
    return joined("Received goods differ from the announced ones", rows) if rows else ""
