"""A policy tried on a past return: the stored cases decided anew, and what would have changed.

Pure: a case holds all that its decision was made from. Only the moments at which the hub decided
are tried again. A return is followed to its first decision that would be another one: what came
after it followed from what was decided then, and proves nothing about the other policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from returns_hub.domain.base import Frozen
from returns_hub.domain.case import Action, Case, Decision, LineToProcess
from returns_hub.domain.decisions import decide
from returns_hub.domain.facts import Event, LinesCommitted, ReceiptTaken
from returns_hub.domain.policy import Policy
from returns_hub.domain.returns import PortalAbilities
from returns_hub.domain.state import BY_HAND

SET_ASIDE = "park"
"""The decision of receipts that no table was asked about."""


class Change(Frozen):
    """A decision that would be another one.

    Args:
        at: When it was made.
        receipt: About which receipt.
        then: The action that was decided.
        would: The action that would be.
        then_rule: The rule that decided.
        would_rule: The rule that would.
        lines: Lines that would be treated otherwise, in words; empty when no line is.
        value: What the return is worth to the customer, in `currency`; None when not told.
        currency: ISO 4217.
        same_policy: The policy that is tried is the one that decided then, so the release, or what
            the portal can do, has changed.
    """

    at: datetime
    receipt: str
    then: str
    would: str
    then_rule: str
    would_rule: str
    lines: tuple[str, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    same_policy: bool = False


class Trial(Frozen):
    """What became of trying: how many decisions could be tried and how many not, and the change."""

    tried: int = 0
    untestable: int = 0
    change: Change | None = None


def try_policy(events: Sequence[Event], policy: Policy, abilities: PortalAbilities) -> Trial:
    """Decide a past return anew.

    Args:
        events: Its timeline.
        policy: The policy to try.
        abilities: What the portal can do.
    """
    tried = untestable = 0
    for place, event in enumerate(events):
        fact = event.fact
        if not isinstance(fact, ReceiptTaken) or fact.decision == SET_ASIDE:
            continue
        if fact.case is None:
            untestable += 1
            continue
        tried += 1
        change = _change(event, fact, fact.case, _committed(events[place + 1 :]), policy, abilities)
        if change is not None:
            return Trial(tried=tried, untestable=untestable, change=change)
    return Trial(tried=tried, untestable=untestable)


def _committed(after: Iterable[Event]) -> tuple[LineToProcess, ...] | None:
    """The lines of the process call that a decision led to; None without one, as in shadow."""
    for event in after:
        if isinstance(event.fact, ReceiptTaken):
            return None
        if isinstance(event.fact, LinesCommitted) and event.fact.receipt != BY_HAND:
            return event.fact.lines
    return None


def _change(  # noqa: PLR0917 - what was decided, from what, and what to try on it
    event: Event,
    fact: ReceiptTaken,
    case: Case,
    committed: tuple[LineToProcess, ...] | None,
    policy: Policy,
    abilities: PortalAbilities,
) -> Change | None:
    would = decide(case, policy, abilities)
    lines: tuple[str, ...] = ()
    if fact.decision == would.action.value:
        if would.action is not Action.PROCESS:
            return None
        if committed is None and event.rule == would.rule:
            return None
        lines = _differing(committed or (), would)
        if committed is not None and not lines:
            return None
    return Change(
        at=event.at,
        receipt=fact.receipt,
        then=fact.decision,
        would=would.action.value,
        then_rule=event.rule,
        would_rule=would.rule,
        lines=lines,
        value=case.value,
        currency=case.currency,
        same_policy=fact.policy == policy.version,
    )


def _differing(then: Iterable[LineToProcess], would: Decision) -> tuple[str, ...]:
    was = {line.line_id: line for line in then}
    becomes = {line.line_id: line for line in would.lines}
    return tuple(
        f"{(was.get(line_id) or becomes[line_id]).sku}: {_told(was.get(line_id))} -> "
        f"{_told(becomes.get(line_id))}"
        for line_id in {**was, **becomes}
        if was.get(line_id) != becomes.get(line_id)
    )


def _told(line: LineToProcess | None) -> str:
    if line is None:
        return "left open"
    return line.in_words()
