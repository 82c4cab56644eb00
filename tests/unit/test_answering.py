"""What a person may answer to a question, and what their answer counts for."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.answering import answered, check_answers, for_every_line, seen
from returns_hub.domain.case import EXTRAS, Action, Case
from returns_hub.domain.decisions import decide
from returns_hub.domain.matching import CaseLine, Standing
from returns_hub.domain.policy import Policy
from returns_hub.domain.receipts import Goods
from returns_hub.domain.returns import PortalAbilities
from returns_hub.errors import Permanent

ASK = Policy(preset="ask")
ABLE = PortalAbilities(amount_counts="line")
LINES = (
    CaseLine(id="tee", sku="TEE", quantity=3),
    CaseLine(id="mug", sku="MUG", quantity=1),
    CaseLine(id="done", sku="CAP", quantity=1, standing=Standing.FINISHED),
    CaseLine(id="odd", sku="HAT", quantity=1, standing=Standing.UNKNOWN),
    CaseLine(id="kept", sku="SOCK", quantity=1, keep_item=True),
    CaseLine(id="nameless", sku="", quantity=1),
)
OPEN = LINES[:2]


def case(*goods: tuple[str, int], **more: Any) -> Case:
    arrived = tuple(Goods(sku=sku, units=units) for sku, units in goods or (("TEE", 2),))
    return Case(goods=arrived, **{"lines": LINES} | more)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"none": "process"}, "unknown_line"),
        ({"done": "process"}, "finished"),
        ({"odd": "process"}, "unknown_state"),
        ({"kept": "process"}, "kept"),
        ({"nameless": "process"}, "no_sku"),
        ({"tee": "flag"}, "no_action"),
        ({"tee": "ask"}, "no_action"),
        ({"tee": "burn"}, "no_action"),
        ({"mug": "process_share"}, "no_share"),
        ({EXTRAS: "go_on"}, "no_extras"),
        ({EXTRAS: "flag"}, "no_action"),
        ({"tee": "process", "none": "process"}, "unknown_line"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(answers: dict[str, str], code: str) -> None:
    with pytest.raises(Permanent) as refused:
        check_answers(case(), ASK, ABLE, answers)
    assert refused.value.code == f"answer.{code}"


@pytest.mark.parametrize("action", ["process", "process_no_restock", "process_share", "reject"])
def test_what_can_be_carried_out_is_taken(action: str) -> None:
    check_answers(case(), ASK, ABLE, {"tee": action})


@pytest.mark.parametrize(
    ("action", "code"),
    [("reject", "no_reject"), ("process_no_restock", "no_choice"), ("process_share", "no_share")],
)
def test_what_the_portal_cannot_do_is_refused(action: str, code: str) -> None:
    plain = PortalAbilities(rejects_lines=False, chooses_restock=False)
    with pytest.raises(Permanent) as refused:
        check_answers(case(), ASK, plain, {"tee": action})
    assert refused.value.code == f"answer.{code}"


def test_without_restocking_there_is_no_choice_to_miss() -> None:
    plain = PortalAbilities(chooses_restock=False)
    check_answers(case(restock=False), ASK, plain, {"tee": "process_no_restock"})


def test_the_same_for_every_line_leaves_out_what_is_held_finished_or_kept() -> None:
    plain = case(lines=(*OPEN, LINES[2], LINES[4]))
    assert for_every_line(plain, ASK, "process") == {"tee": "process", "mug": "process"}
    held = Policy.model_validate({"preset": "ask", "lines": {"missing": "hold"}})
    assert for_every_line(plain, held, "reject") == {"tee": "reject"}
    waiting = case(lines=OPEN, more_expected=True)
    assert for_every_line(waiting, ASK, "process") == {}


def test_an_answer_is_given_for_the_units_that_were_there() -> None:
    here = case(("TEE", 2), ("X", 3), ("Y", 1))
    assert seen(here, ASK, {"tee": "hold"}) == {"tee": 2}
    assert seen(here, ASK, {EXTRAS: "go_on", "mug": "reject"}) == {"mug": 0, "*X": 3, "*Y": 1}


def test_going_on_with_goods_beyond_the_lines_counts_for_no_more_of_them() -> None:
    first = answered(case(("TEE", 3), ("X", 1), lines=OPEN[:1]), ASK, {EXTRAS: "go_on"})
    assert decide(first, ASK, ABLE).action is Action.PROCESS

    def with_goods(*goods: tuple[str, int]) -> Action:
        arrived = tuple(Goods(sku=sku, units=units) for sku, units in goods)
        return decide(first.model_copy(update={"goods": arrived}), ASK, ABLE).action

    assert with_goods(("TEE", 3), ("X", 2)) is Action.ASK
    assert with_goods(("TEE", 4), ("X", 1)) is Action.ASK
    assert with_goods(("TEE", 3)) is Action.PROCESS


def test_answers_add_up() -> None:
    first = answered(case(lines=OPEN), ASK, {"tee": "reject"})
    both = answered(first, ASK, {"mug": "hold"})

    assert both.answers == {"tee": "reject", "mug": "hold"}
    assert both.answered_for == {"tee": 2, "mug": 0}
    found = decide(both, ASK, ABLE)
    assert [line.line_id for line in found.lines] == ["tee"]


def test_a_persons_hold_ends_when_more_of_the_line_comes() -> None:
    held = answered(case(lines=OPEN[:1]), ASK, {"tee": "hold"})
    assert decide(held, ASK, ABLE).action is Action.WAIT

    more = held.model_copy(update={"goods": (Goods(sku="TEE", units=3),)})
    assert decide(more, ASK, ABLE).action is Action.PROCESS


def test_a_persons_hold_lasts_as_long_as_the_tables() -> None:
    day = Policy.model_validate({"preset": "ask", "hold_hours": 24})
    held = answered(case(lines=OPEN[:1]), day, {"tee": "hold"})
    waiting = decide(held, day, ABLE)
    assert (waiting.action, waiting.look_again_seconds) == (Action.WAIT, 24 * 3600)

    over = held.model_copy(update={"age_seconds": 24 * 3600})
    assert decide(over, day, ABLE).action is Action.ASK
