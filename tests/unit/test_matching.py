"""Received goods are handed to lines: no unit twice, none forgotten."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.matching import (
    CaseLine,
    Finding,
    LineOutcome,
    Standing,
    compare,
    resolve,
)
from returns_hub.domain.policy import Matching
from returns_hub.domain.receipts import Condition, Goods

PLAIN = Matching()
SKUS = st.sampled_from(["A", "B", "C", "KIT", "PART", "W-A", ""])


def line(number: int, sku: str, quantity: int = 1, **changes: object) -> CaseLine:
    return CaseLine(id=f"line{number}", sku=sku, quantity=quantity).model_copy(update=changes)


def goods(sku: str, units: int, condition: Condition = Condition.GOOD, as_sku: str = "") -> Goods:
    return Goods(sku=sku, units=units, condition=condition, as_sku=as_sku)


def outcomes(findings: tuple[Finding, ...]) -> list[tuple[str, str, int, int]]:
    return [(f.sku, f.outcome.value, f.expected, f.received) for f in findings]


@given(
    lines=st.lists(st.tuples(SKUS, st.integers(1, 4), st.sampled_from(Standing)), max_size=5),
    rows=st.lists(st.tuples(SKUS, st.integers(0, 5), st.sampled_from(Condition)), max_size=6),
)
def test_every_unit_is_accounted_for_once(
    lines: list[tuple[str, int, Standing]], rows: list[tuple[str, int, Condition]]
) -> None:
    matching = Matching(aliases={"W-A": "A"})
    of_case = [line(n, sku, q, standing=s) for n, (sku, q, s) in enumerate(lines)]
    received = [goods(sku, units, condition) for sku, units, condition in rows]

    findings = compare(of_case, received, matching)

    arrived = Counter[str]()
    for row in received:
        arrived[resolve(row.sku, "", {one.sku for one in of_case}, matching)] += row.units
    told = Counter[str]()
    for finding in findings:
        told[finding.sku] += finding.received - (0 if finding.line_id else finding.expected)
    assert +told == +arrived
    for finding in findings:
        assert sum(finding.conditions.values()) <= finding.received
        if finding.line_id is not None:
            assert 0 <= finding.received <= finding.expected


def test_finished_lines_take_their_units_first_and_kept_ones_last() -> None:
    lines = [
        line(1, "A", keep_item=True),
        line(2, "A"),
        line(3, "A", standing=Standing.FINISHED),
    ]

    assert outcomes(compare(lines, [goods("A", 2)], PLAIN)) == [
        ("A", "not_received", 1, 0),
        ("A", "matched", 1, 1),
        ("A", "already_done", 1, 1),
    ]
    assert [found.received for found in compare(lines, [goods("A", 1)], PLAIN)] == [0, 0, 1]


def test_goods_of_an_earlier_receipt_stay_with_the_line_they_were_processed_for() -> None:
    lines = [line(1, "A", standing=Standing.FINISHED), line(2, "A")]
    received = [goods("A", 1), goods("A", 1, Condition.SCRAP)]

    done, fresh = compare(lines, received, PLAIN)

    assert done.conditions == {}
    assert fresh.conditions == {Condition.SCRAP: 1}
    assert fresh.worst is Condition.SCRAP


def test_what_is_beyond_the_lines_is_told_apart() -> None:
    lines = [line(1, "A"), line(2, "B", standing=Standing.FINISHED)]
    received = [goods("A", 3), goods("B", 2), goods("X", 1), goods("", 4)]

    assert outcomes(compare(lines, received, PLAIN))[2:] == [
        ("A", "over", 1, 3),
        ("B", "duplicate", 1, 2),
        ("X", "wrong_sku", 0, 1),
        ("", "unidentified", 0, 4),
    ]


def test_an_alias_and_a_barcode_lead_to_the_shops_SKU_and_the_same_SKU_goes_first() -> None:
    matching = Matching(aliases={"W-A": "A", "B": "A"})

    assert resolve("W-A", "", {"A"}, matching) == "A"
    assert resolve("B", "", {"A", "B"}, matching) == "B"
    assert resolve("X", "A", {"A"}, matching) == "A"
    assert resolve("X", "A", {"B"}, matching) == "X"
    over = compare([line(1, "A")], [goods("W-A", 2)], matching)[-1]
    assert over.detail == "the warehouse calls it W-A"


def test_components_make_up_a_bundle() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 2, "LID": 1}})
    kits = [line(1, "KIT", 2)]

    both = compare(kits, [goods("CUP", 4), goods("LID", 2)], matching)
    assert outcomes(both) == [("KIT", "matched", 2, 2)]

    mixed = compare(kits, [goods("KIT", 1), goods("CUP", 2), goods("LID", 1)], matching)
    assert outcomes(mixed) == [("KIT", "matched", 2, 2)]


def test_a_bundle_without_a_part_is_short_and_its_parts_are_no_wrong_SKU() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 2, "LID": 1}})

    findings = compare([line(1, "KIT", 2)], [goods("CUP", 3), goods("LID", 2)], matching)

    assert outcomes(findings) == [("KIT", "short", 2, 1)]
    assert findings[0].detail == "of the parts of 1 more: 1 of 2 CUP, 1 of 1 LID"


def test_a_bundle_of_which_only_parts_came_is_short_not_missing() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 2, "LID": 1}})

    findings = compare([line(1, "KIT")], [goods("CUP", 1)], matching)

    assert outcomes(findings) == [("KIT", "short", 1, 0)]


def test_more_parts_than_a_bundle_has_are_over_not_a_wrong_SKU() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 2, "LID": 1}})

    findings = compare([line(1, "KIT")], [goods("CUP", 5), goods("LID", 1)], matching)

    assert outcomes(findings) == [("KIT", "matched", 1, 1), ("CUP", "over", 0, 3)]


def test_a_damaged_part_damages_its_bundle() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 2, "LID": 1}})
    received = [goods("CUP", 2), goods("LID", 1, Condition.QUARANTINE)]

    (finding,) = compare([line(1, "KIT")], received, matching)

    assert finding.outcome is LineOutcome.MATCHED
    assert finding.conditions == {Condition.QUARANTINE: 1}


def test_a_part_that_is_a_line_of_its_own_serves_that_line_first() -> None:
    matching = Matching(bundles={"KIT": {"CUP": 1, "LID": 1}})
    lines = [line(1, "KIT"), line(2, "CUP")]

    findings = compare(lines, [goods("CUP", 1), goods("LID", 1)], matching)

    assert [f.outcome for f in findings] == [LineOutcome.SHORT, LineOutcome.MATCHED]
