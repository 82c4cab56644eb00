"""A policy tried on what was decided before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.case import Case
from returns_hub.domain.decisions import decide
from returns_hub.domain.facts import (
    Event,
    Fact,
    LinesCommitted,
    ReceiptSettled,
    ReceiptTaken,
)
from returns_hub.domain.matching import CaseLine
from returns_hub.domain.policy import Policy
from returns_hub.domain.policy_trial import Change, Trial, try_policy
from returns_hub.domain.receipts import Condition, Goods
from returns_hub.domain.returns import PortalAbilities
from tests.support.fakes import START

ABLE = PortalAbilities(amount_counts="line")
STANDARD = Policy()


def case(*received: Goods, **more: Any) -> Case:
    content: dict[str, Any] = {
        "lines": (CaseLine(id="a", sku="TEE", quantity=3, value=Decimal("30.00")),),
        "goods": received or (Goods(sku="TEE", units=3),),
        "value": Decimal("30.00"),
        "currency": "GBP",
    }
    return Case(**content | more)


def timeline(*cases: Case, policy: Policy = STANDARD, shadow: bool = False) -> list[Event]:
    """What the flow keeps of decisions about these cases."""
    facts: list[tuple[str, Fact]] = []
    for number, one in enumerate(cases, start=1):
        found = decide(one, policy, ABLE)
        receipt = f"41@{number}"
        taken = ReceiptTaken(
            external_return_id=41,
            receipt=receipt,
            units={},
            decision=found.action.value,
            policy=found.policy,
            case=one,
        )
        facts.append((found.rule, taken))
        if found.lines and not shadow:
            batch = LinesCommitted(batch=number, receipt=receipt, lines=found.lines)
            facts.append((found.rule, batch))
        settled = ReceiptSettled(external_return_id=41, receipt=receipt, outcome="x")
        facts.append((found.rule, settled))
    return events(*facts)


def events(*facts: tuple[str, Fact]) -> list[Event]:
    return [
        Event(sequence=n, at=START, actor="hub", rule=rule, config_version=1, fact=fact)
        for n, (rule, fact) in enumerate(facts, start=1)
    ]


def change_of(past: list[Event], **policy: Any) -> Change:
    trial = try_policy(past, Policy.model_validate(policy), ABLE)
    assert trial.change is not None
    return trial.change


SHORT = Goods(sku="TEE", units=2)
WORN = Goods(sku="TEE", units=3, condition=Condition.QUARANTINE)


@pytest.mark.parametrize("shadow", [False, True])
@pytest.mark.parametrize("preset", ["standard", "strict", "pay-what-arrived", "ask"])
def test_the_policy_that_decided_changes_nothing(preset: Any, shadow: bool) -> None:
    policy = Policy(preset=preset)
    cases = (case(SHORT), case(WORN), case(), case(Goods(sku="CAP", units=1)), case(closed="x"))
    past = timeline(*cases, policy=policy, shadow=shadow)

    assert try_policy(past, policy, ABLE) == Trial(tried=5)


def test_another_action_is_a_change_with_both_rules_and_the_worth() -> None:
    found = change_of(timeline(case(SHORT)), preset="ask")

    assert (found.then, found.would) == ("flag", "ask")
    assert (found.then_rule, found.would_rule) == ("short: flag", "short: ask")
    assert (found.value, found.currency) == (Decimal("30.00"), "GBP")
    assert not found.same_policy


def test_other_lines_in_the_same_action_are_a_change_told_line_by_line() -> None:
    found = change_of(timeline(case(WORN)), lines={"damaged": "process_no_restock"})

    assert (found.then, found.would) == ("process", "process")
    assert found.lines == ("TEE: restock -> no restock",)
    left = change_of(timeline(case(WORN)), lines={"damaged": "hold"})
    assert (left.would, left.lines) == ("wait", ())


def test_in_shadow_other_rules_are_a_change() -> None:
    past = timeline(case(WORN), shadow=True)
    found = change_of(past, lines={"damaged": "process_no_restock"})
    assert found.would_rule == "damaged: process_no_restock"


def test_the_lines_of_a_later_process_call_are_not_those_of_an_earlier_decision() -> None:
    shadow = timeline(case(), shadow=True)
    live = timeline(case(restock=False))
    later = [e.model_copy(update={"sequence": e.sequence + len(shadow)}) for e in live]

    assert try_policy([*shadow, *later], STANDARD, ABLE) == Trial(tried=2)


def test_a_return_is_followed_to_its_first_change_only() -> None:
    """What came later followed from what was decided: its worth must not count twice."""
    past = timeline(case(), case(SHORT), case(SHORT))
    trial = try_policy(past, Policy(preset="ask"), ABLE)

    assert trial.tried == 2
    assert trial.change is not None
    assert trial.change.receipt == "41@2"


def test_decisions_without_their_case_cannot_be_tested() -> None:
    old = ReceiptTaken(external_return_id=41, receipt="41@1", units={}, decision="flag")
    aside = old.model_copy(update={"decision": "park"})

    assert try_policy(events(("r", old)), STANDARD, ABLE) == Trial(untestable=1)
    assert try_policy(events(("r", aside)), STANDARD, ABLE) == Trial()
    assert try_policy([], STANDARD, ABLE) == Trial()


def test_what_the_same_policy_decides_otherwise_is_not_the_policys_doing() -> None:
    policy = Policy(preset="pay-what-arrived")
    past = timeline(case(SHORT), policy=policy)

    trial = try_policy(past, policy, PortalAbilities())

    assert trial.change is not None
    assert trial.change.same_policy
    assert (trial.change.then, trial.change.would) == ("process", "flag")
