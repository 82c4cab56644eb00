"""Bills of materials: nested bundles, those nobody knows, and those that hold themselves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from returns_hub.domain.bundle_settings import Bundles
from returns_hub.domain.bundles import (
    MOST_DEEP,
    Expanded,
    KnownBundle,
    bill_fault,
    bills_in_force,
    differences_of,
    expand,
    faults_of,
    parts_of,
)

SAID: dict[str, dict[str, int]] = {
    "SET": {"TEE": 2},
    "BARE": {},
    "SAME": {"CAP": 2},
    "ELSE": {"MUG": 2},
}


def test_without_bills_the_units_stay_as_they_are() -> None:
    assert expand({"B": 2, "A": 1}, {}) == Expanded({"A": 1, "B": 2}, {})


def test_a_bundle_becomes_its_components_beside_what_was_ordered_by_itself() -> None:
    assert expand({"SET": 2, "CAP": 1}, {"SET": {"CAP": 3, "TEE": 1}}) == Expanded(
        {"CAP": 7, "TEE": 2}, {}
    )


def test_W3_nested_bundles_multiply() -> None:
    bills = {"BOX": {"SET": 2, "CARD": 1}, "SET": {"CAP": 3}}

    assert expand({"BOX": 2}, bills) == Expanded({"CAP": 12, "CARD": 2}, {})


def test_a_component_that_nobody_knows_is_unknown_and_the_rest_is_not() -> None:
    bills: dict[str, dict[str, int]] = {"BOX": {"SET": 2, "CARD": 1}, "SET": {}}

    assert expand({"BOX": 2}, bills) == Expanded({"CARD": 2}, {"SET": 4})


def test_bundles_that_hold_themselves_are_refused_and_what_holds_them_is_not() -> None:
    bills = {"A": {"B": 1}, "B": {"A": 1, "C": 1}, "OUTER": {"A": 2, "D": 1}}

    assert expand({"OUTER": 1, "B": 5}, bills) == Expanded({"D": 1}, {"A": 2, "B": 5})
    assert faults_of(bills) == {"A": "cycle", "B": "cycle"}


def test_bundles_nested_deeper_than_the_bound_are_refused_at_once() -> None:
    def chain(length: int) -> dict[str, dict[str, int]]:
        return {f"B{number}": {f"B{number + 1}": 1} for number in range(length)}

    assert expand({"B0": 1}, chain(MOST_DEEP)).units == {f"B{MOST_DEEP}": 1}
    assert expand({"B0": 1}, chain(MOST_DEEP + 1)) == Expanded({}, {"B0": 1})
    assert bill_fault("B0", chain(MOST_DEEP + 1)) == "too_deep"
    assert bill_fault("B1", chain(MOST_DEEP + 1)) == ""


SKUS = st.sampled_from([f"S{number}" for number in range(9)])


@given(
    units=st.dictionaries(SKUS, st.integers(1, 5)),
    bills=st.dictionaries(SKUS, st.dictionaries(SKUS, st.integers(1, 3), max_size=3)),
)
def test_what_comes_out_is_what_a_plain_walk_gives(
    units: dict[str, int], bills: dict[str, dict[str, int]]
) -> None:
    expanded = expand(units, bills)

    plain: Counter[str] = Counter()
    unknown: Counter[str] = Counter()

    def walk(sku: str, count: int) -> None:
        if sku not in bills:
            plain[sku] += count
        elif bill_fault(sku, bills):
            unknown[sku] += count
        else:
            for part, each in bills[sku].items():
                walk(part, count * each)

    for sku, count in units.items():
        walk(sku, count)
    assert (dict(expanded.units), dict(expanded.unknown)) == (plain, unknown)
    assert not set(expanded.units) & bills.keys()


def test_components_that_are_not_told_whole_are_none() -> None:
    assert parts_of([("TEE", 2), (" TEE ", 1), ("CAP", 1)]) == {"TEE": 3, "CAP": 1}
    assert parts_of([("TEE", 2), ("", 1)]) == {}
    assert parts_of([("TEE", 2), ("CAP", 0)]) == {}
    assert parts_of([]) == {}


def test_the_files_word_stands_before_the_warehouses() -> None:
    known = {sku: KnownBundle(sku, 1, parts=parts) for sku, parts in SAID.items()}
    of_file = {"SET": {"TEE": 1}, "BARE": {"CAP": 1}, "SAME": {"CAP": 2}, "OWN": {"MUG": 1}}

    assert bills_in_force(of_file, known) == {**of_file, "ELSE": {"MUG": 2}}
    assert differences_of(of_file, known) == {"SET": ({"TEE": 1}, {"TEE": 2})}


def test_bills_of_the_file_that_hold_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="bundle A: it is made of itself"):
        Bundles(bills={"A": {"B": 1}, "B": {"A": 1}})
    assert Bundles(bills={"A": {"B": 1}, "B": {"C": 1}}).bills
