"""Decisions as an operator reads them, and as a machine does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from cli.terminal import clean, console, shown, table
from returns_hub.domain.case import Action, Decision
from returns_hub.domain.explaining import (
    AnswerTold,
    Decided,
    LineTold,
    action_in_words,
    tell_answers,
    tell_history,
    tell_lines,
)
from returns_hub.domain.facts import Event
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.policy import Policy
from returns_hub.flows.explain import Explained, Explanation

MINUTES = "%Y-%m-%d %H:%M"


def say_explanation(live: LiveMerchant, explanation: Explanation, events: Sequence[Event]) -> None:
    """The whole explanation for a person."""
    policy = live.merchant.flows.process_receipts.policy
    portal_return = explanation.portal_return
    worth = ""
    if portal_return.value_total is not None:
        worth = f", worth {portal_return.value_total} {portal_return.currency}"
    click.echo(
        clean(f"return {portal_return.id}: {portal_return.status_word or portal_return.status}")
        + f" in the portal{worth}"
    )
    click.echo(f"policy {policy.version}, merchant file {live.merchant.merchant} v{live.version}")
    for remark in explanation.remarks:
        click.echo(clean(f"- {remark}"))
    for explained in to_tell(explanation):
        click.echo("")
        click.echo(clean(_heading(explained, portal_return.id)))
        say_decision(explained, policy, explanation)
    _say_answers(tell_answers(events))
    _say_history(tell_history(events))


def to_tell(explanation: Explanation) -> tuple[Explained, ...]:
    """What is decided next; when nothing is, the newest receipt as it would be decided now."""
    due = tuple(found for found in explanation.receipts if found.is_due)
    return due or explanation.receipts[-1:]


def say_decision(explained: Explained, policy: Policy, explanation: Explanation) -> None:
    """One receipt: its lines, the rows that apply, and the decision."""
    lines = table("SKU", "line", "expected", "received", "outcome", "rows of the table", "now")
    for told in tell_lines(explained.case, policy):
        lines.add_row(*(shown(cell) for cell in _cells(told)))
    console().print(lines)
    decision = explained.decision
    click.echo(f"decision: {decision.action.value} ({action_in_words(decision)})")
    click.echo(clean(f"rule: {decision.rule}"))
    for line in decision.lines:
        click.echo(clean(f"  {line.sku} ({line.line_id}): {line.in_words()}"))
    for line in decision.proposed:
        click.echo(clean(f"  proposed: {line.sku} ({line.line_id}): {line.in_words()}"))
    if decision.note:
        click.echo(clean(f"note: {decision.note}"))
    if decision.look_again_seconds is not None:
        then = explanation.at + timedelta(seconds=decision.look_again_seconds)
        click.echo(f"decided anew at {then:{MINUTES}} UTC, or when more is confirmed")


def _heading(explained: Explained, return_id: str) -> str:
    receipt = explained.receipt
    if explained.supposed:
        return "what if these goods were confirmed now:"
    told = f"receipt {receipt.key}, confirmed {receipt.updated_at:{MINUTES}} UTC"
    if explained.is_due:
        return f"{told}: the next run decides"
    if explained.settled == "parked":
        answer = f"; hub decide answer {return_id}"
        asks = answer if explained.decision.action is Action.ASK else ""
        return f"{told}: waits for a person{asks}. As it would be decided now:"
    until = f" until {explained.until:{MINUTES}} UTC" if explained.until else ""
    settled = explained.settled.replace("_", " ")
    return f"{told}: settled ({settled}{until}). As it would be decided now:"


def _cells(told: LineTold) -> tuple[str, ...]:
    finding, line = told.finding, told.line
    rows = "; ".join(f"{row.row}: {row.says} ({row.origin})" for row in told.rows)
    now = f"{told.action} ({told.why})" if told.action and told.why else told.action or told.why
    where = line.id if line else "-"
    if finding is None:
        return "(none)", where, str(line.quantity if line else 0), "0", "-", rows, now
    outcome = finding.outcome.value.replace("_", " ")
    conditions = ", ".join(f"{units} {word.value}" for word, units in finding.conditions.items())
    received = f"{finding.received} ({conditions})" if conditions else str(finding.received)
    outcome += f" ({finding.detail})" if finding.detail else ""
    sku = finding.sku or "(none)"
    return sku, where, str(finding.expected), received, outcome, rows, now


def _say_answers(answers: Sequence[AnswerTold]) -> None:
    if answers:
        click.echo("\nanswered by people:")
    for told in answers:
        said = ", ".join(f"{what}={action}" for what, action in told.answers.items())
        note = f" ({told.note})" if told.note else ""
        click.echo(clean(f"  {told.at:{MINUTES}} UTC  {told.who}: {said}{note}"))


def _say_history(history: Sequence[Decided]) -> None:
    if not history:
        click.echo("\nnothing has been decided about this return yet")
        return
    click.echo("\ndecided before:")
    for told in history:
        by = f"policy {told.policy}, " if told.policy else ""
        click.echo(
            clean(
                f"  {told.at:{MINUTES}} UTC  {told.decision}, by {told.rule} ({by}merchant file "
                f"v{told.config_version}), about receipt {told.receipt}"
            )
        )
        if told.note:
            click.echo(clean(f"      note: {told.note}"))
        for became in told.became:
            click.echo(clean(f"      {became}"))


def explanation_as_json(
    live: LiveMerchant, explanation: Explanation, events: Sequence[Event]
) -> dict[str, Any]:
    """The whole explanation for machines."""
    policy = live.merchant.flows.process_receipts.policy
    portal_return = explanation.portal_return
    return {
        "merchant": live.merchant.merchant,
        "return_id": portal_return.id,
        "status": portal_return.status.value,
        "config_version": live.version,
        "policy": policy.version,
        "remarks": list(explanation.remarks),
        "receipts": [receipt_as_json(found, policy, explanation) for found in explanation.receipts],
        "answers": [told.model_dump(mode="json") for told in tell_answers(events)],
        "decided": [told.model_dump(mode="json") for told in tell_history(events)],
    }


def receipt_as_json(
    explained: Explained, policy: Policy, explanation: Explanation
) -> dict[str, Any]:
    """One receipt and the decision about it."""
    return {
        "receipt": explained.receipt.key,
        "supposed": explained.supposed,
        "is_due": explained.is_due,
        "settled": explained.settled,
        "until": explained.until.isoformat() if explained.until else None,
        "lines": [told.model_dump(mode="json") for told in tell_lines(explained.case, policy)],
        "decision": _decision(explained.decision, explanation),
        "case": explained.case.model_dump(mode="json"),
    }


def _decision(decision: Decision, explanation: Explanation) -> dict[str, Any]:
    again = decision.look_again_seconds
    until = explanation.at + timedelta(seconds=again) if again is not None else None
    return decision.model_dump(mode="json", exclude={"findings"}) | {
        "again_at": until.isoformat() if until else None
    }
