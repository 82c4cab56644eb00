"""A difference counts once a second look shows the very same; and goes when a whole look does not
show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.drift.findings import Difference, Finding, Folded, Look, Standing
from returns_hub.domain.drift.folding import fold

KIND = "stock.mintsoft_unleashed"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def difference(subject: str = "TEE @ WH", here: int = 5, **changes: object) -> Difference:
    base = Difference(kind=KIND, subject=subject, says={"mintsoft": here, "unleashed": 7}, units=2)
    return replace(base, **changes)  # type: ignore[arg-type]


def look(hours: float, *kinds: str) -> Look:
    return Look(at=NOON + hours * HOUR, kinds=frozenset(kinds or (KIND,)))


def folded(before: Folded | None, seen: Iterable[Difference], at: Look, most: int = 500) -> Folded:
    known = before.findings if before else ()
    last = before.look if before else Look(at=NOON - HOUR)
    return fold(known, seen, at, HOUR, last=last, most=most)


def only(result: Folded) -> Finding:
    (finding,) = result.findings
    return finding


def test_a_difference_is_suspected_then_new_then_recurring_then_resolved() -> None:
    first = folded(None, [difference()], look(0))
    second = folded(first, [difference()], look(1))
    third = folded(second, [difference(here=4)], look(2))
    gone = folded(third, [], look(3))
    standings = [only(each).standing for each in (first, second, third, gone)]
    assert standings == [
        Standing.SUSPECTED,
        Standing.NEW,
        Standing.RECURRING,
        Standing.RESOLVED,
    ]
    assert only(second).told_at == NOON + HOUR
    assert only(gone).resolved_at == NOON + 3 * HOUR
    assert (only(third).looks, only(third).first_seen) == (3, NOON)
    assert dict(first.look.counted) == {}
    assert dict(first.look.suspected) == {KIND: 1}
    assert dict(third.look.counted) == {KIND: 1}
    assert dict(gone.look.counted) == {}


def test_a_second_look_within_the_grace_time_confirms_nothing() -> None:
    first = folded(None, [difference()], look(0))
    soon = folded(first, [difference()], look(0.9))
    assert only(soon).standing is Standing.SUSPECTED
    assert only(folded(soon, [difference()], look(1))).standing is Standing.NEW


def test_what_says_something_else_each_time_is_moving_and_its_clock_starts_again() -> None:
    result = folded(None, [difference(here=9)], look(0))
    for number in range(1, 5):
        result = folded(result, [difference(here=9 - number)], look(number))
        assert only(result).standing is Standing.SUSPECTED
        assert only(result).first_seen == NOON + number * HOUR
    soon = folded(result, [difference(here=5)], look(4.5))
    assert only(soon).standing is Standing.SUSPECTED
    assert only(folded(soon, [difference(here=5)], look(5))).standing is Standing.NEW


def test_what_cannot_be_in_flight_counts_at_once() -> None:
    result = folded(None, [difference(confirm=False)], look(0))
    assert only(result).standing is Standing.NEW
    assert only(folded(result, [difference(confirm=False)], look(1))).standing is Standing.RECURRING


def test_a_suspicion_that_does_not_show_again_is_forgotten() -> None:
    first = folded(None, [difference()], look(0))
    after = folded(first, [], look(1))
    assert (after.findings, after.changed) == ((), ())
    assert after.forgotten == (difference().id,)


@pytest.mark.parametrize("confirm", [True, False])
def test_kinds_that_were_not_looked_for_stay_as_they_are(confirm: bool) -> None:
    first = folded(None, [difference(confirm=confirm)], look(0))
    after = folded(first, [], look(1, "orders.stalled"))
    assert after.findings == first.findings
    assert (after.changed, after.forgotten) == ((), ())
    assert dict(after.look.counted) == ({} if confirm else {KIND: 1})


def test_a_resolved_one_that_comes_back_is_new_again_with_its_history() -> None:
    result = folded(None, [difference()], look(0))
    for hours in (1, 2):
        result = folded(result, [difference()], look(hours))
    result = folded(result, [], look(3))
    back = folded(result, [difference()], look(4))
    assert (only(back).standing, only(back).returned) == (Standing.SUSPECTED, 1)
    assert only(back).resolved_at == NOON + 3 * HOUR
    again = folded(back, [difference()], look(5))
    assert (only(again).standing, only(again).returned) == (Standing.NEW, 1)
    assert only(again).told_at == NOON + 5 * HOUR


def test_a_resolved_one_that_only_seemed_to_come_back_stays_resolved_when_it_was() -> None:
    result = folded(None, [difference(confirm=False)], look(0))
    result = folded(result, [], look(1))
    result = folded(result, [difference()], look(2))
    after = folded(result, [], look(3))
    finding = only(after)
    assert (finding.standing, finding.returned) == (Standing.RESOLVED, 0)
    assert finding.resolved_at == NOON + HOUR
    assert after.changed == (finding,)


def test_what_was_resolved_is_not_written_again() -> None:
    result = folded(None, [difference(confirm=False)], look(0))
    result = folded(result, [], look(1))
    assert folded(result, [], look(2)).changed == ()


def test_what_a_cut_off_look_found_is_still_new_in_the_next() -> None:
    before = folded(None, [difference(confirm=False)], look(0)).findings
    told = Look(at=NOON - HOUR)
    after = fold(before, [difference(confirm=False)], look(1), HOUR, last=told)
    assert only(after).standing is Standing.NEW


def test_only_the_largest_of_a_kind_are_kept_and_all_are_counted() -> None:
    many = [difference(f"S{n}", units=n, confirm=False) for n in range(1, 11)]
    other = Difference("lint.sku_blank", "x", {}, confirm=False)
    result = folded(None, [*many, other], look(0), most=3)
    kept = [finding.difference.subject for finding in result.findings]
    assert kept == ["S10", "S9", "S8", "x"]
    assert dict(result.look.counted) == {KIND: 10, "lint.sku_blank": 1}
    assert dict(result.look.units) == {KIND: 55, "lint.sku_blank": 0}
    assert dict(result.look.beyond) == {KIND: 7}


def test_what_is_beyond_the_kept_ones_counts_only_once_all_of_these_do() -> None:
    many = [difference(f"S{n}", units=n) for n in range(1, 11)]
    first = folded(None, many, look(0), most=3)
    assert dict(first.look.counted) == {}
    second = folded(first, many, look(1), most=3)
    assert dict(second.look.counted) == {KIND: 10}


def test_worth_goes_before_units_and_is_summed_by_currency() -> None:
    dear = difference("dear", units=1, value=Decimal("900.10"), currency="GBP", confirm=False)
    cheap = difference("cheap", units=99, value=Decimal("1.20"), currency="GBP", confirm=False)
    far = difference("far", units=1, value=Decimal(901), currency="DKK", confirm=False)
    result = folded(None, [cheap, far, dear], look(0), most=2)
    assert [finding.difference.subject for finding in result.findings] == ["far", "dear"]
    assert dict(result.look.value) == {"DKK": Decimal(901), "GBP": Decimal("900.10")}


def test_a_finding_that_larger_ones_displace_is_not_told_as_resolved() -> None:
    first = folded(None, [difference("small", units=1, confirm=False)], look(0), most=1)
    seen = [difference("small", units=1), difference("large", units=9, confirm=False)]
    after = folded(first, seen, look(1), most=1)
    assert only(after).difference.subject == "large"
    assert after.forgotten == (difference("small").id,)


def test_a_subject_told_twice_counts_once() -> None:
    twice = [difference(confirm=False), difference(confirm=False)]
    assert dict(folded(None, twice, look(0)).look.counted) == {KIND: 1}


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("ABCD"), max_size=4), st.booleans(), st.integers(1, 90)),
        max_size=8,
    )
)
def test_nothing_counts_before_a_grace_time_and_nothing_counting_is_lost(
    looks: list[tuple[set[str], bool, int]],
) -> None:
    """Whatever looks come: a finding that counts was there a grace time before, and leaves only by
    a whole look that did not show it."""
    at, before, last = NOON, dict[str, Finding](), Look(at=NOON - HOUR)
    for shown, whole, minutes in looks:
        at += timedelta(minutes=minutes)
        now = Look(at=at, kinds=frozenset([KIND] if whole else []))
        result = fold(
            before.values(), [difference(name) for name in sorted(shown)], now, HOUR, last=last
        )
        after = {finding.id: finding for finding in result.findings}
        for finding in after.values():
            if finding.counts:
                assert finding.told_at is not None
                assert finding.told_at - finding.first_seen >= HOUR
        for finding in before.values():
            if finding.counts and not after[finding.id].counts:
                assert whole
                assert finding.difference.subject not in shown
                assert after[finding.id].standing is Standing.RESOLVED
        before, last = after, result.look


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TEE\x01 @ WH", "TEE\x02 @ WH"),
        ("x" * 210 + "A", "x" * 210 + "B"),
        ("TEE  S", "TEE S"),
        ("a@b.c", "d@e.f"),
        ("\ud800", "\udfff"),
    ],
)
def test_what_is_shown_alike_is_still_told_apart(one: str, other: str) -> None:
    """Two SKUs of which only what may not be shown differs are two differences."""
    result = folded(None, [difference(one), difference(other)], look(0))
    subjects = {finding.difference.subject for finding in result.findings}
    assert len(subjects) == 2
    assert all(subject.isprintable() and len(subject) <= 200 for subject in subjects)
    again = folded(result, [difference(other), difference(one)], look(2))
    assert {f.standing for f in again.findings} == {Standing.NEW}
    assert dict(again.look.counted) == {KIND: 2}
