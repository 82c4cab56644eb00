"""A policy has a person confirm: what the hub proposes, what passes, and why a line is declined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.adapters.miinto.portal import ABILITIES
from returns_hub.domain.answering import answered, as_proposed, check_answers
from returns_hub.domain.case import EXTRAS, Action, Case, Decision
from returns_hub.domain.decisions import decide
from returns_hub.domain.matching import CaseLine, Standing
from returns_hub.domain.miinto.settings import REJECT_REASONS, RmaPolicy
from returns_hub.domain.policy import Confirm, Policy
from returns_hub.domain.policy_lint import lint
from returns_hub.domain.receipts import Condition, Goods
from returns_hub.domain.returns import PortalAbilities
from returns_hub.errors import Permanent

NATIVE = PortalAbilities(amount_counts="line")
UNLESS = RmaPolicy(confirm=Confirm(processing="unless_matched", rejecting=True))
NEVER = RmaPolicy(confirm=Confirm(processing="never", rejecting=False))


def case(*goods: tuple[Any, ...], lines: dict[str, int] | None = None, **changes: Any) -> Case:
    """A case of one line A of 1, or of the lines named; goods are (SKU, units, condition)."""
    content: dict[str, Any] = {
        "lines": tuple(
            CaseLine(id=f"line-{sku}", sku=sku, quantity=units, value=Decimal(30))
            for sku, units in (lines or {"A": 1}).items()
        ),
        "goods": tuple(
            Goods(sku=row[0], units=row[1], condition=row[2] if len(row) > 2 else Condition.GOOD)
            for row in goods
        ),
    }
    return Case(**(content | changes))


def of(found: Case, policy: Policy = RmaPolicy()) -> Decision:  # noqa: B008 - frozen
    return decide(found, policy, ABILITIES)


TWO = case(("A", 1), ("B", 1, Condition.QUARANTINE), lines={"A": 1, "B": 1})


def test_an_rma_is_put_before_a_person_with_what_the_hub_proposes() -> None:
    found = of(TWO)

    assert found.action is Action.ASK
    assert not found.lines
    assert [(line.line_id, line.reject) for line in found.proposed] == [
        ("line-A", False),
        ("line-B", True),
    ]
    assert found.note == (
        "Proposed: accept A (expected 1, received 1); decline B: The item arrived damaged "
        "(expected 1, received 1 (1 quarantine))"
    )


def test_goods_that_nobody_announced_are_told_with_the_proposal() -> None:
    assert "other goods: A: expected 1, received 2" in of(case(("A", 2))).note


@pytest.mark.parametrize(
    ("about", "action"),
    [
        (case(("A", 1)), Action.PROCESS),
        (case(("A", 2)), Action.ASK),
        (case(("A", 1), lines={"A": 1, "B": 1}), Action.ASK),
        (case(("A", 1, Condition.UNKNOWN)), Action.ASK),
        (case(("A", 1, Condition.QUARANTINE)), Action.ASK),
        (
            case(
                ("A", 1),
                lines={"A": 1},
                answers={EXTRAS: "go_on"},
            ),
            Action.PROCESS,
        ),
        (
            Case(
                lines=(
                    CaseLine(id="line-A", sku="A", quantity=1),
                    CaseLine(id="line-B", sku="", quantity=1),
                ),
                goods=(Goods(sku="A", units=1),),
            ),
            Action.ASK,
        ),
        (
            Case(
                lines=(
                    CaseLine(id="line-A", sku="A", quantity=1),
                    CaseLine(id="line-B", sku="B", quantity=1, standing=Standing.FINISHED),
                ),
                goods=(Goods(sku="A", units=1), Goods(sku="B", units=1)),
            ),
            Action.PROCESS,
        ),
    ],
    ids=["match", "over", "missing", "unknown", "damaged", "answered", "no SKU", "finished"],
)
def test_only_a_return_whose_every_line_matches_passes(about: Case, action: Action) -> None:
    assert of(about, UNLESS).action is action


def test_a_decline_is_asked_though_processing_is_not() -> None:
    asks = RmaPolicy(confirm=Confirm(processing="never", rejecting=True))

    assert of(TWO, asks).action is Action.ASK
    assert of(case(("A", 1)), asks).action is Action.PROCESS
    assert of(TWO, NEVER).action is Action.PROCESS


def test_what_a_person_answered_is_confirmed() -> None:
    policy = RmaPolicy()
    confirmed = answered(TWO, policy, as_proposed(TWO, policy))

    found = of(confirmed)

    assert found.action is Action.PROCESS
    assert [(line.line_id, line.reject, line.reason) for line in found.lines] == [
        ("line-A", False, ""),
        ("line-B", True, REJECT_REASONS["damaged"]),
    ]


def test_what_is_not_answered_is_still_asked() -> None:
    partly = answered(TWO, RmaPolicy(), {"line-A": "process"})

    assert of(partly).action is Action.ASK


# -- reasons ------------------------------------------------------------------------------------


def test_the_persons_own_words_are_the_reason() -> None:
    policy = RmaPolicy()
    declined = answered(TWO, policy, {"line-A": "process", "line-B": "reject"}, "Smells of smoke")

    assert [line.reason for line in of(declined).lines] == ["", "Smells of smoke"]


def test_words_of_an_older_answer_are_not_those_of_a_newer() -> None:
    policy = RmaPolicy()
    first = answered(TWO, policy, {"line-B": "reject"}, "Smells of smoke")

    assert answered(first, policy, {"line-B": "reject"}).answer_reasons == {}
    assert answered(first, policy, {"line-A": "process"}, "fine").answer_reasons == {
        "line-B": "Smells of smoke"
    }


def test_without_a_reason_of_the_policys_the_rows_headline_is_it() -> None:
    silent = NEVER.model_copy(update={"reject_reasons": {}})

    assert of(TWO, silent).lines[1].reason == "Goods were received damaged"


def test_a_line_without_fault_is_not_declined_without_words() -> None:
    good = answered(case(("A", 1)), RmaPolicy(), {"line-A": "reject"})

    assert of(good).action is Action.ASK
    assert "answer with a note" in of(good).note
    said = answered(case(("A", 1)), RmaPolicy(), {"line-A": "reject"}, "Not our product")
    assert of(said).lines[0].reason == "Not our product"


def test_a_portal_without_reasons_is_given_none() -> None:
    found = decide(TWO, NEVER, NATIVE)

    assert [line.reason for line in found.lines] == ["", ""]


def test_reasons_are_of_rows_that_can_be_rejected() -> None:
    with pytest.raises(ValidationError, match="reject_reasons"):
        Policy(reject_reasons={"match": "x"})  # type: ignore[dict-item]


# -- an answer is about what was found then -----------------------------------------------------


@pytest.mark.parametrize(
    "goods",
    [(("A", 1, Condition.QUARANTINE),), (("A", 1, Condition.SCRAP),), ()],
    ids=["quarantined", "scrapped", "gone"],
)
def test_an_accept_does_not_outlive_the_finding_that_it_was_given_for(goods: Any) -> None:
    policy = RmaPolicy()
    accepted = answered(case(("A", 1)), policy, {"line-A": "process"})
    assert of(accepted).action is Action.PROCESS

    worse = accepted.model_copy(update={"goods": case(*goods).goods})

    assert of(worse).action is not Action.PROCESS


def test_a_decline_does_not_outlive_it_either() -> None:
    policy = RmaPolicy()
    declined = answered(case(("A", 1, Condition.SCRAP)), policy, {"line-A": "reject"})
    assert of(declined).action is Action.PROCESS

    better = declined.model_copy(update={"goods": case(("A", 1)).goods})

    assert of(better).action is Action.ASK


def test_an_accept_of_damaged_goods_stays_while_they_are_as_damaged() -> None:
    damaged = case(("A", 1, Condition.QUARANTINE))
    insisted = answered(damaged, RmaPolicy(), {"line-A": "process"})

    assert of(insisted).action is Action.PROCESS
    assert not of(insisted).lines[0].reject


def test_where_nobody_confirms_an_answer_stays_whatever_comes() -> None:
    policy = Policy()
    said = answered(case(("A", 1)), policy, {"line-A": "process"})
    later = said.model_copy(update={"goods": case(("A", 1, Condition.QUARANTINE)).goods})

    assert decide(later, policy, NATIVE).action is Action.PROCESS
    assert said.answered_for == {"line-A": 1}


# -- a portal that has no flag ------------------------------------------------------------------


def test_a_flag_that_the_portal_does_not_have_is_a_question_with_the_same_note() -> None:
    stranger = case(("X", 1))
    flagged = decide(stranger, Policy(), NATIVE)

    assert flagged.action is Action.FLAG
    asked = decide(stranger, Policy(), ABILITIES)
    assert asked == flagged.model_copy(update={"action": Action.ASK})


def test_an_unknown_state_of_a_line_is_asked_and_cannot_be_answered() -> None:
    line = CaseLine(id="line-A", sku="A", quantity=1, standing=Standing.UNKNOWN)
    unknown = Case(lines=(line,), goods=(Goods(sku="A", units=1),), answers={"line-A": "process"})

    assert of(unknown).action is Action.ASK
    with pytest.raises(Permanent, match="was not told of"):
        check_answers(unknown, RmaPolicy(), ABILITIES, {"line-A": "process"})


def test_a_share_is_neither_decided_nor_answered() -> None:
    short = case(("A", 2), lines={"A": 3})
    shares = NEVER.model_copy(
        update={"lines": NEVER.lines.model_copy(update={"short": "process_share"})}
    )

    assert of(short, shares).action is Action.ASK
    with pytest.raises(Permanent, match="whole, or not at all"):
        check_answers(short, shares, ABILITIES, {"line-A": "process_share"})


# -- the policy ---------------------------------------------------------------------------------


def test_what_says_nothing_new_keeps_its_version() -> None:
    assert Policy().version == "standard@91a3c292"
    assert Policy(confirm=Confirm(rejecting=True)).version != Policy().version
    assert Policy(reject_reasons={"damaged": "x"}).version != Policy().version


def test_advice_on_what_the_portal_has_not() -> None:
    told = {a.where for a in lint(Policy(), ABILITIES, restock=True) if not a.is_note}
    assert "confirm.processing" in told
    assert not [a for a in lint(RmaPolicy(), ABILITIES, restock=True) if not a.is_note]
    shares = Policy.model_validate({"lines": {"short": "process_share", "missing": "flag"}})
    where = {a.where for a in lint(shares, ABILITIES, restock=True) if not a.is_note}
    assert {"lines.short", "lines.missing"} <= where
    silent = [a.where for a in lint(RmaPolicy(), NATIVE, restock=True)]
    assert "reject_reasons" in silent
