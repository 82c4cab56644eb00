"""What holds for the whole return, whatever its lines ask for: limits, the portal's abilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from returns_hub.domain.case import ANSWERED, Action, Case
from returns_hub.domain.choices import Choice
from returns_hub.domain.confirming import reason_of
from returns_hub.domain.matching import CaseLine, Finding
from returns_hub.domain.minor_units import exponent_of
from returns_hub.domain.policy import LineAction, Policy
from returns_hub.domain.returns import PortalAbilities


@dataclass(frozen=True)
class Stop:
    """Nothing of the return is processed: what is done instead, by which rule, and why."""

    action: Action
    rule: str
    why: str
    about: tuple[Finding, ...] = ()


def share_of(
    line: CaseLine, finding: Finding, abilities: PortalAbilities, currency: str | None
) -> Decimal | None:
    """What the received share of a line is worth, in the return's currency.

    Rounded down to the currency's smallest coin, or to a smaller one that the line's own value
    shows: a portal may write 15 for 15.00. None when it cannot be told.
    """
    counts = abilities.amount_counts
    if line.value is None or line.value <= 0 or counts in {"unknown", "never"}:
        return None
    share = line.value * finding.received / line.quantity
    if counts == "unit":
        share /= line.quantity
    places = max(-int(line.value.as_tuple().exponent), _places_of(currency))
    return share.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)


def _places_of(currency: str | None) -> int:
    try:
        return exponent_of(currency or "")
    except ValueError:
        return 0


def above_limits(case: Case, policy: Policy, chosen: Sequence[Choice]) -> Stop | None:
    """What stops a return that is more than the hub may process by itself; None when it is not."""
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
    return Stop(Action(limits.above), f"limits: {limits.above}", why)


def beyond_abilities(
    case: Case, policy: Policy, abilities: PortalAbilities, chosen: Sequence[Choice]
) -> Stop | None:
    """What stops a return with which the portal cannot do what is wanted; None when it can."""
    rejects = [choice for choice in chosen if choice.action is LineAction.REJECT]
    if rejects and not abilities.rejects_lines:
        why = "The portal cannot reject single lines"
        return _flag_instead("portal: no reject", why, rejects)
    unsaid = [choice for choice in rejects if not reason_of(case, policy, choice)]
    if unsaid and abilities.gives_reasons:
        about = tuple(choice.finding for choice in unsaid)
        why = "The portal is told why a line is rejected, and nobody has said; answer with a note"
        return Stop(Action.ASK, "portal: no reason", why, about)
    unsold = [c for c in chosen if not c.sellable and c.action is not LineAction.REJECT]
    if unsold and case.restock and not abilities.chooses_restock:
        why = "The portal restocks by itself and cannot leave these goods out"
        return _flag_instead("portal: no restock choice", why, unsold)
    lines = {line.id: line for line in case.lines}
    unpaid = [
        choice
        for choice in chosen
        if choice.action is LineAction.SHARE
        and share_of(lines[choice.finding.line_id or ""], choice.finding, abilities, case.currency)
        is None
    ]
    if unpaid:
        why = "Fewer units were received than announced, and the share to pay cannot be told"
        return _flag_instead("short: process_share not possible", why, unpaid)
    return None


def _flag_instead(rule: str, why: str, about: Sequence[Choice]) -> Stop:
    return Stop(Action.FLAG, rule, why, tuple(choice.finding for choice in about))
