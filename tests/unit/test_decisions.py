"""The decision table: every preset, every row, and what no table may ever lead to."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.domain.case import EXTRAS, Action, Case, Decision
from returns_hub.domain.decisions import decide
from returns_hub.domain.matching import CaseLine, LineOutcome, Standing
from returns_hub.domain.notes import UNMATCHED_NOTE
from returns_hub.domain.policy import PRESETS, ExtraRules, LineRules, Policy
from returns_hub.domain.receipts import Condition, Goods
from returns_hub.domain.returns import PortalAbilities

NATIVE = PortalAbilities(amount_counts="line")
WHOLE_ONLY = PortalAbilities(processes_lines=False, chooses_restock=False, rejects_lines=False)


def case(*goods: tuple[Any, ...], lines: dict[str, int] | None = None, **changes: Any) -> Case:
    """A case of one line A of 3, or of the lines named; goods are (SKU, units, condition)."""
    wanted = lines or {"A": 3}
    content: dict[str, Any] = {
        "lines": tuple(
            CaseLine(id=f"line-{sku}", sku=sku, quantity=quantity, value=Decimal("30.00"))
            for sku, quantity in wanted.items()
        ),
        "goods": tuple(
            Goods(sku=row[0], units=row[1], condition=row[2] if len(row) > 2 else Condition.GOOD)
            for row in goods
        ),
        "value": Decimal("30.00"),
        "currency": "GBP",
    }
    return Case(**(content | changes))


def policy(**rows: Any) -> Policy:
    """The standard policy with rows of the table, or other settings, replaced."""
    of_lines = {row: rows.pop(row) for row in list(rows) if row in LineRules.model_fields}
    extras = {row: rows.pop(row) for row in list(rows) if row in ExtraRules.model_fields}
    return Policy(lines=LineRules(**of_lines), extras=ExtraRules(**extras), **rows)


SITUATIONS = {
    "match": case(("A", 3)),
    "short": case(("A", 2)),
    "missing": case(("A", 3), lines={"A": 3, "B": 1}),
    "damaged": case(("A", 2), ("A", 1, Condition.QUARANTINE)),
    "scrapped": case(("A", 3, Condition.SCRAP)),
    "unknown_condition": case(("A", 3, Condition.UNKNOWN)),
    "over": case(("A", 4)),
    "duplicate": Case(
        lines=(
            CaseLine(id="line-A", sku="A", quantity=3),
            CaseLine(id="line-B", sku="B", quantity=1, standing=Standing.FINISHED),
        ),
        goods=(Goods(sku="A", units=3), Goods(sku="B", units=2)),
    ),
    "wrong_sku": case(("A", 3), ("X", 1)),
    "unidentified": case(("A", 3), ("", 1)),
}
"""A case for each row; but for that row's cause everything is right."""

WHAT_COMES_OF: dict[str, tuple[Action, dict[str, Any] | None]] = {
    "process": (Action.PROCESS, {"restock": True, "reject": False}),
    "process_no_restock": (Action.PROCESS, {"restock": False, "reject": False}),
    "process_share": (Action.PROCESS, {"restock": True, "amount": Decimal("20.00")}),
    "reject": (Action.PROCESS, {"restock": False, "reject": True}),
    "flag": (Action.FLAG, None),
    "ask": (Action.ASK, None),
    "go_on": (Action.PROCESS, {"restock": True}),
}


def of_row(row: str, action: str, found: Decision) -> None:
    """A row's action led to what the table promises."""
    if action == "hold":
        held = "line-B" if row == "missing" else "line-A"
        assert held not in {one.line_id for one in found.lines}
        assert found.action in {Action.WAIT, Action.PROCESS}
        return
    wanted, of_line = WHAT_COMES_OF[action]
    assert found.action is wanted, (row, action, found.rule)
    if of_line is None:
        assert not found.lines
        assert action in found.rule
        assert found.note
        return
    about = "line-B" if row == "missing" else "line-A"
    (chosen,) = [one for one in found.lines if one.line_id == about]
    assert {name: getattr(chosen, name) for name in of_line} == of_line


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("row", SITUATIONS)
def test_every_row_of_every_preset_does_what_it_says(preset: str, row: str) -> None:
    table = Policy(preset=preset)  # type: ignore[arg-type]

    of_row(row, PRESETS[preset][row], decide(SITUATIONS[row], table, NATIVE))


def allowed(model: type[LineRules] | type[ExtraRules], row: str) -> list[str]:
    tried = ("process", "process_no_restock", "process_share", "reject", "hold", "go_on")
    fits = []
    for action in (*tried, "flag", "ask"):
        try:
            model.model_validate({row: action})
        except ValidationError:
            continue
        fits.append(action)
    return fits


OVERRIDES = [
    (row, action)
    for model in (LineRules, ExtraRules)
    for row in model.model_fields
    for action in allowed(model, row)
]


@pytest.mark.parametrize(("row", "action"), OVERRIDES)
@pytest.mark.parametrize("preset", PRESETS)
def test_an_override_counts_whatever_the_preset_says(preset: str, row: str, action: str) -> None:
    table = policy(preset=preset, **{row: action})

    assert table.table()[row] == action
    of_row(row, action, decide(SITUATIONS[row], table, NATIVE))


def test_every_preset_has_every_row_and_every_row_a_situation() -> None:
    rows = {*LineRules.model_fields, *ExtraRules.model_fields}
    assert set(SITUATIONS) == rows
    for preset in PRESETS.values():
        assert set(preset) == rows


def test_nothing_is_paid_for_goods_that_did_not_come() -> None:
    """No row lets a line be processed of which nothing came."""
    assert not {"process", "process_no_restock", "process_share"} & set(
        allowed(LineRules, "missing")
    )


def test_the_standard_table_is_the_connectors_but_for_short_lines() -> None:
    assert Policy().table() == {
        "match": "process",
        "short": "flag",
        "missing": "hold",
        "damaged": "process",
        "scrapped": "process",
        "unknown_condition": "process",
        "over": "go_on",
        "duplicate": "go_on",
        "wrong_sku": "flag",
        "unidentified": "flag",
    }


UNIVERSE = [
    case(
        *[("A", units, condition) for units, condition in of_a if units],
        *([("B", b)] if b else []),
        *([("X", x)] if x else []),
        lines={"A": 2, "B": 1},
        more_expected=more,
        restock=restock,
        closed=closed,
    )
    for of_a in itertools.product(
        *[[(units, condition) for units in (0, 1, 2)] for condition in Condition]
    )
    for b, x in itertools.product((0, 1, 2), (0, 1))
    for more, restock, closed in ((False, True, ""), (True, True, ""), (False, False, ""))
]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("abilities", [NATIVE, WHOLE_ONLY], ids=["lines", "whole return"])
def test_what_no_table_may_lead_to(preset: str, abilities: PortalAbilities) -> None:
    table = Policy(preset=preset)  # type: ignore[arg-type]
    assert len(UNIVERSE) > 1000
    for one in UNIVERSE:
        found = decide(one, table, abilities)
        received = {f.line_id: f for f in found.findings if f.line_id}
        actions = set()
        assert bool(found.lines) == (found.action is Action.PROCESS)
        for chosen in found.lines:
            finding = received[chosen.line_id]
            assert finding.received > 0
            assert finding.outcome is not LineOutcome.ALREADY_DONE
            assert one.restock or not chosen.restock
            if finding.received < finding.expected:
                assert chosen.amount is not None
                assert chosen.amount < Decimal("30.00")
                assert not one.more_expected
            for condition in finding.conditions:
                actions.add((condition, chosen.restock))
        if found.action in {Action.FLAG, Action.ASK}:
            assert found.note
            assert found.rule
        if abilities is WHOLE_ONLY and found.lines:
            assert len(found.lines) == len(one.lines)
        if preset in {"strict", "ask"}:
            assert not actions
        if preset == "pay-what-arrived":
            assert not any(restock for _, restock in actions)


def test_a_closed_return_is_skipped_whatever_came() -> None:
    assert decide(case(("X", 9), closed="complete"), Policy(), NATIVE).action is Action.SKIP_CLOSED


def test_a_line_in_a_state_nobody_told_us_of_stops_everything() -> None:
    strange = CaseLine(id="line-S", sku="S", quantity=1, standing=Standing.UNKNOWN)
    one = case(("A", 3))
    found = decide(one.model_copy(update={"lines": (*one.lines, strange)}), Policy(), NATIVE)

    assert found.action is Action.FLAG
    assert "line-S" in found.note


def test_R9_the_note_is_the_connectors_and_names_what_does_not_fit() -> None:
    found = decide(case(("A", 3), ("X", 1), ("", 2)), Policy(), NATIVE)

    assert found.note == (
        f"{UNMATCHED_NOTE} (X: expected 0, received 1; no SKU: expected 0, received 2)"
    )
    assert found.rule == "R9 wrong_sku: flag"


def test_goods_that_fit_nothing_are_never_passed_over_in_silence() -> None:
    alone = case(("X", 1))
    goes_on = policy(wrong_sku="go_on")

    assert decide(alone, goes_on, NATIVE).action is Action.FLAG
    assert decide(case(("X", 1), more_expected=True), goes_on, NATIVE).action is Action.NOTHING
    told = decide(case(("X", 1), ("A", 3)), goes_on, NATIVE)
    assert told.action is Action.PROCESS
    assert "X: expected 0, received 1" in told.note


def test_a_short_line_waits_for_another_shipment_whatever_the_row_says() -> None:
    for action in ("process", "flag", "ask", "reject", "process_share", "hold"):
        found = decide(case(("A", 2), more_expected=True), policy(short=action), NATIVE)
        assert found.action is Action.WAIT


def test_the_most_careful_row_counts_when_a_line_meets_several() -> None:
    short_and_damaged = case(("A", 2, Condition.QUARANTINE))

    paid = decide(short_and_damaged, policy(short="process", damaged="reject"), NATIVE)
    assert paid.lines[0].reject
    asked = decide(short_and_damaged, policy(short="ask", damaged="reject"), NATIVE)
    assert asked.action is Action.ASK
    flagged = decide(short_and_damaged, policy(short="ask", damaged="flag"), NATIVE)
    assert flagged.action is Action.FLAG


def test_a_difference_that_is_processed_is_told_with_what_is_done() -> None:
    found = decide(case(("A", 2), ("X", 1)), policy(short="process", wrong_sku="go_on"), NATIVE)

    assert found.action is Action.PROCESS
    assert found.rule == "short: process"
    assert "A: expected 3, received 2: processed whole" in found.note
    assert "X: expected 0, received 1" in found.note
    silent = policy(short="process", wrong_sku="go_on", note_differences=False)
    assert not decide(case(("A", 2)), silent, NATIVE).note


def test_a_perfect_match_needs_no_note() -> None:
    found = decide(case(("A", 3)), Policy(), NATIVE)

    assert found.rule == "R8 all SKUs match"
    assert not found.note


# -- time ---------------------------------------------------------------------------------------


def test_nothing_is_done_before_the_waiting_time_is_over() -> None:
    waits = policy(wait_seconds=45)

    early = decide(case(("A", 3), age_seconds=44), waits, NATIVE)
    assert (early.action, early.look_again_seconds) == (Action.HOLD, 1)
    assert decide(case(("A", 3), age_seconds=45), waits, NATIVE).action is Action.PROCESS


def test_a_hold_ends_and_a_person_is_told() -> None:
    holds = policy(short="hold", hold_hours=24)

    held = decide(case(("A", 2), age_seconds=3600), holds, NATIVE)
    assert (held.action, held.look_again_seconds) == (Action.WAIT, 23 * 3600)
    over = decide(case(("A", 2), age_seconds=24 * 3600), holds, NATIVE)
    assert (over.action, over.rule) == (Action.FLAG, "short: flag")
    asks = policy(short="hold", hold_hours=24, after_hold="ask")
    assert decide(case(("A", 2), age_seconds=86400), asks, NATIVE).action is Action.ASK


def test_a_line_on_hold_does_not_hold_back_the_others() -> None:
    found = decide(case(("A", 3), lines={"A": 3, "B": 1}), policy(hold_hours=1), NATIVE)

    assert [chosen.line_id for chosen in found.lines] == ["line-A"]
    assert found.look_again_seconds == 3600


def test_all_shipments_first_when_the_policy_says_so() -> None:
    whole = policy(complete_when="all_shipments")

    assert decide(case(("A", 3), more_expected=True), whole, NATIVE).action is Action.WAIT
    assert decide(case(("A", 3)), whole, NATIVE).action is Action.PROCESS
    assert decide(case(("A", 3), more_expected=True), Policy(), NATIVE).action is Action.PROCESS


# -- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "changes", "stops"),
    [
        ({"most_units": 3}, {}, False),
        ({"most_units": 2}, {}, True),
        ({"most_money": "30.00", "currency": "GBP"}, {}, False),
        ({"most_money": "29.99", "currency": "GBP"}, {}, True),
        ({"most_money": "100", "currency": "EUR"}, {}, True),
        ({"most_money": "100", "currency": "GBP"}, {"value": None}, True),
    ],
)
def test_above_a_limit_a_person_decides(
    limits: dict[str, Any], changes: dict[str, Any], *, stops: bool
) -> None:
    found = decide(case(("A", 3), **changes), policy(limits=limits), NATIVE)

    assert found.action is (Action.ASK if stops else Action.PROCESS)
    flagged = decide(case(("A", 3), **changes), policy(limits={**limits, "above": "flag"}), NATIVE)
    assert flagged.action is (Action.FLAG if stops else Action.PROCESS)


def test_a_rejected_line_pays_nothing_so_no_limit_stops_it() -> None:
    table = policy(damaged="reject", limits={"most_units": 1})

    assert decide(case(("A", 3, Condition.QUARANTINE)), table, NATIVE).action is Action.PROCESS


def test_limits_of_money_need_their_currency() -> None:
    with pytest.raises(ValidationError, match="go together"):
        policy(limits={"most_money": "5"})


# -- a person's answers -------------------------------------------------------------------------


def test_what_a_person_answered_goes_before_the_table_and_its_limits() -> None:
    table = policy(preset="ask", limits={"most_units": 1})
    answers = {"line-A": "process"}

    found = decide(case(("A", 2), answers=answers), table, NATIVE)

    assert found.action is Action.PROCESS
    assert found.rule == "answered by a person: process"
    assert found.lines[0].restock


def test_an_answer_about_other_goods_lets_the_lines_go_on() -> None:
    one = case(("A", 3), ("X", 1), answers={EXTRAS: "go_on"})

    assert decide(one, Policy(preset="strict"), NATIVE).action is Action.PROCESS


def test_an_answer_for_one_line_leaves_the_others_to_the_table() -> None:
    one = case(("A", 2), ("B", 1), lines={"A": 3, "B": 2}, answers={"line-A": "process"})

    assert decide(one, Policy(preset="ask"), NATIVE).action is Action.ASK


# -- what the portal can do ---------------------------------------------------------------------


def test_a_portal_that_processes_whole_returns_waits_for_all_goods() -> None:
    part = case(("A", 3), lines={"A": 3, "B": 1})

    assert decide(part, Policy(), WHOLE_ONLY).action is Action.WAIT
    assert decide(part, Policy(), NATIVE).action is Action.PROCESS


@pytest.mark.parametrize("action", ["reject", "process_no_restock"])
def test_what_the_portal_cannot_do_is_flagged_not_approximated(action: str) -> None:
    found = decide(case(("A", 3, Condition.QUARANTINE)), policy(damaged=action), WHOLE_ONLY)

    assert found.action is Action.FLAG
    assert found.rule.startswith("portal:")


@pytest.mark.parametrize(
    ("counts", "value", "quantity", "received", "paid"),
    [
        ("line", "30.00", 3, 2, "20.00"),
        ("line", "10.00", 3, 1, "3.33"),
        ("unit", "30.00", 3, 2, "6.66"),
        ("line", "1000", 3, 2, "666"),
        ("line", "0.01", 3, 1, "0.00"),
    ],
)
def test_the_share_of_a_line_is_rounded_down_in_its_own_coins(
    counts: Any, value: str, quantity: int, received: int, paid: str
) -> None:
    line = CaseLine(id="line-A", sku="A", quantity=quantity, value=Decimal(value))
    one = Case(lines=(line,), goods=(Goods(sku="A", units=received),))

    found = decide(one, policy(short="process_share"), PortalAbilities(amount_counts=counts))

    assert found.lines[0].amount == Decimal(paid)
    assert str(found.lines[0].amount) == paid


@pytest.mark.parametrize(
    ("value", "currency", "paid"),
    [
        ("15", "GBP", "7.50"),
        ("18.9", "GBP", "9.45"),
        ("15", "JPY", "7"),
        ("18.905", "GBP", "9.452"),
        ("15", "gold", "7"),
    ],
)
def test_a_value_without_its_last_zeros_loses_no_coins(
    value: str, currency: str, paid: str
) -> None:
    line = CaseLine(id="line-A", sku="A", quantity=2, value=Decimal(value))
    one = Case(lines=(line,), goods=(Goods(sku="A", units=1),), currency=currency)

    found = decide(one, policy(short="process_share"), NATIVE)

    assert str(found.lines[0].amount) == paid


@pytest.mark.parametrize("value", [None, Decimal("0.00")])
def test_a_share_that_cannot_be_told_is_flagged(value: Decimal | None) -> None:
    line = CaseLine(id="line-A", sku="A", quantity=3, value=value)
    one = Case(lines=(line,), goods=(Goods(sku="A", units=2),))
    share = policy(short="process_share")

    assert decide(one, share, NATIVE).action is Action.FLAG
    assert decide(case(("A", 2)), share, PortalAbilities()).action is Action.FLAG


# -- the policy itself --------------------------------------------------------------------------


def test_the_version_changes_with_what_counts_and_with_nothing_else() -> None:
    assert policy().version == policy(short="flag").version
    assert policy().version != policy(short="ask").version
    assert policy().version != policy(wait_seconds=1).version
    assert policy().version != Policy(preset="strict").version


@pytest.mark.parametrize(
    ("matching", "words"),
    [
        ({"bundles": {"KIT": {}}}, "no components"),
        ({"bundles": {"KIT": {"KIT": 1}}}, "holds a bundle"),
        ({"bundles": {"KIT": {"BOX": 1}, "BOX": {"CUP": 1}}}, "holds a bundle"),
        ({"aliases": {"A": "B", "B": "C"}}, "alias"),
        ({"bundles": {"KIT": {"CUP": 0}}}, "greater than or equal to 1"),
    ],
)
def test_matching_that_makes_no_sense_is_refused(matching: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        policy(matching=matching)


def test_the_same_case_gives_the_same_decision_after_being_stored() -> None:
    for one in UNIVERSE[:200]:
        stored = Case.model_validate_json(one.model_dump_json())
        assert decide(stored, Policy(), NATIVE) == decide(one, Policy(), NATIVE)
