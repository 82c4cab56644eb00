"""A person's answers to a question about a return: what may be answered, and what for."""

from __future__ import annotations

from collections.abc import Mapping

from returns_hub.domain.case import EXTRAS, Case
from returns_hub.domain.choices import asks_to_confirm, choices_of, seen_of
from returns_hub.domain.matching import Finding, LineOutcome, Standing, compare
from returns_hub.domain.policy import ExtraAction, LineAction, Policy
from returns_hub.domain.returns import PortalAbilities
from returns_hub.errors import Permanent

ANSWERS = (
    LineAction.PROCESS,
    LineAction.NO_RESTOCK,
    LineAction.SHARE,
    LineAction.REJECT,
    LineAction.HOLD,
)
"""What a person may say about a line. A flag is set in the portal; `ask` is no answer."""


def check_answers(
    case: Case, policy: Policy, abilities: PortalAbilities, answers: Mapping[str, str]
) -> None:
    """Refuse answers that could not be carried out, or that would change nothing.

    Raises:
        Permanent: An answer is refused, for this reason.
    """
    for line_id, action in answers.items():
        if line_id == EXTRAS:
            _check_extras(case, policy, action)
        else:
            _check_line(case, policy, abilities, line_id, action)


def for_every_line(case: Case, policy: Policy, action: str) -> dict[str, str]:
    """The same answer for each line that is decided now.

    Lines that the table holds are left out: more of their goods may come.
    """
    held = LineAction.HOLD
    return {
        choice.finding.line_id or "": action
        for choice in choices_of(case, policy)
        if choice.action is not held
    }


def as_proposed(case: Case, policy: Policy) -> dict[str, str]:
    """The answers that confirm what the table says about each line that is decided now."""
    said = {choice.finding.line_id or "": choice.action for choice in choices_of(case, policy)}
    return {line: action for line, action in said.items() if action in ANSWERS[:-1]}


def reasons_after(
    before: Mapping[str, str], answers: Mapping[str, str], note: str
) -> dict[str, str]:
    """Why lines are rejected, in people's words, after these answers with this note."""
    kept = {line: words for line, words in before.items() if line not in answers}
    if not note:
        return kept
    rejected = (line for line, action in answers.items() if action == LineAction.REJECT)
    return kept | dict.fromkeys(rejected, note)


def answered(case: Case, policy: Policy, answers: Mapping[str, str], note: str = "") -> Case:
    """The case, with what a person answers and the goods that they answer for."""
    return case.model_copy(
        update={
            "answers": {**case.answers, **answers},
            "answer_reasons": reasons_after(case.answer_reasons, answers, note),
            "answered_for": {**(case.answered_for or {}), **seen(case, policy, answers)},
        }
    )


def seen(case: Case, policy: Policy, answers: Mapping[str, str]) -> dict[str, int]:
    """The units that these answers are given for; see `Case.answered_for`."""
    units: dict[str, int] = {}
    for finding in compare(case.lines, case.goods, policy.matching):
        if finding.line_id is None and EXTRAS in answers:
            units[EXTRAS + finding.sku] = finding.received - finding.expected
        elif finding.line_id in answers:
            line = finding.line_id or ""
            found = {line: finding.received}
            action = LineAction(answers[line])
            units |= seen_of(finding) if asks_to_confirm(policy, action) else found
    return units


def _refused(code: str, reason: str) -> Permanent:
    return Permanent(f"answer.{code}", reason)


def _check_extras(case: Case, policy: Policy, action: str) -> None:
    if action != ExtraAction.GO_ON:
        raise _refused("no_action", f"goods beyond the lines can be answered with go_on: {action}")
    if all(f.line_id is not None for f in compare(case.lines, case.goods, policy.matching)):
        raise _refused("no_extras", "no goods beyond the lines came; there is nothing to answer")


def _check_line(
    case: Case, policy: Policy, abilities: PortalAbilities, line_id: str, action: str
) -> None:
    line = next((line for line in case.lines if line.id == line_id), None)
    if line is None:
        known = ", ".join(found.id for found in case.lines)
        raise _refused("unknown_line", f"the return has no line {line_id}; there are: {known}")
    if line.standing is Standing.FINISHED:
        raise _refused("finished", f"line {line_id} is finished, or in a process call already")
    if line.standing is Standing.UNKNOWN:
        raise _refused("unknown_state", f"line {line_id} is in a state the hub was not told of")
    if not line.sku:
        raise _refused("no_sku", f"line {line_id} has no SKU; process it in the portal")
    findings = compare(case.lines, case.goods, policy.matching)
    finding = next(found for found in findings if found.line_id == line_id)
    if line.keep_item and finding.outcome is LineOutcome.NOT_RECEIVED:
        raise _refused("kept", f"the customer keeps the goods of line {line_id}; nothing to answer")
    _check_action(case, abilities, finding, action)


def _check_action(case: Case, abilities: PortalAbilities, finding: Finding, action: str) -> None:
    where = f"line {finding.line_id}"
    if action not in ANSWERS:
        allowed = ", ".join(ANSWERS)
        raise _refused("no_action", f"{where} can be answered with {allowed}, not with {action}")
    if action == LineAction.REJECT and not abilities.rejects_lines:
        raise _refused("no_reject", f"{where}: the portal cannot reject single lines")
    if action == LineAction.NO_RESTOCK and case.restock and not abilities.chooses_restock:
        raise _refused(
            "no_choice", f"{where}: the portal restocks by itself and cannot leave goods out"
        )
    if action != LineAction.SHARE:
        return
    if abilities.amount_counts == "never":
        raise _refused("no_share", f"{where}: the portal takes a line whole, or not at all")
    if abilities.amount_counts == "unknown":
        raise _refused(
            "no_share",
            f"{where}: nobody proved whether the portal takes an amount for the line or for each "
            "unit (redo.adjustment_counts), so no share can be paid",
        )
    if not finding.received:
        raise _refused("no_share", f"{where}: nothing of it arrived; reject it or hold it")
