"""The words for orders and stock: what a draft needs, what a level means, money in minor units."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.minor_units import amount_of, exponent_of
from returns_hub.domain.warehouse_orders import OrderLine, Recipient, draft_problem, same_goods
from returns_hub.domain.warehouse_stock import LevelMeans, StockLevel, StockProof, StockSample
from tests.support.order_worlds import draft


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        ({"number": "x" * 50}, None),
        ({"number": "x" * 51}, "more than 50 characters"),
        ({"number": ""}, "needs a number"),
        ({"number": "DK 1"}, None),
        ({"number": "DK-1\n"}, "without blanks"),
        ({"number": "DK\x00"}, "printable"),
        ({"number": "a+b"}, "merged"),
        ({"warehouse_id": 0}, "no warehouse"),
        ({"items": ()}, "no items"),
        ({"items": (OrderLine("TEE", 0),)}, "quantity of at least 1"),
        ({"items": (OrderLine(" ", 1),)}, "needs a SKU"),
        ({"items": (OrderLine("TEE", 1, -1),)}, "no price below 0"),
        ({"items": (OrderLine("TEE", 1, 0),)}, None),
        ({"recipient": Recipient(country=" ")}, "no country"),
        ({"courier": ""}, "AUTO"),
        ({"courier": 0}, "AUTO"),
        ({"currency": "dkk"}, "three capital letters"),
        ({"currency": "XXX"}, "three capital letters"),
    ],
)
def test_what_speaks_against_a_draft(changes: dict[str, Any], says: str | None) -> None:
    problem = draft_problem(replace(draft(), **changes), 50)

    assert (problem is None) if says is None else (says in (problem or ""))


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [("GBP", 1890, "18.90"), ("JPY", 1890, "1890"), ("KWD", 1890, "1.890"), ("DKK", -5, "-0.05")],
)
def test_minor_units_become_amounts(currency: str, minor: int, amount: str) -> None:
    assert amount_of(minor, currency) == Decimal(amount)


@pytest.mark.parametrize("word", ["", "GB", "gbp", "GBPS", "XAU", "XBD", "£££", "12A"])
def test_what_is_no_currency(word: str) -> None:
    with pytest.raises(ValueError, match="capital letters"):
        exponent_of(word)


@pytest.mark.parametrize(
    ("held", "wanted", "alone", "merged"),
    [
        ({"TEE": 1}, {"TEE": 1}, True, True),
        ({"TEE": 2}, {"TEE": 1}, False, True),
        ({"TEE": 1, "MUG": 1}, {"TEE": 1}, False, True),
        ({"MUG": 1}, {"TEE": 1}, False, False),
        ({}, {"TEE": 1}, False, False),
    ],
)
def test_goods_are_the_same_unit_for_unit(
    held: dict[str, int], wanted: dict[str, int], alone: bool, merged: bool
) -> None:
    assert same_goods(held, wanted, merged=False) is alone
    assert same_goods(held, wanted, merged=True) is merged


@pytest.mark.parametrize(
    ("level", "total", "quarantined", "means", "units"),
    [
        (40, 44, 0, "available", 40),
        (40, 44, 0, "on_hand", 44),
        (40, 44, 0, "unknown", 40),
        (44, 40, 0, "available", 44),
        (44, 40, 0, "on_hand", 40),
        (44, 40, 0, "unknown", 40),
        (40, None, 0, "on_hand", 40),
        (40, None, 5, "unknown", 35),
        (40, 44, 3, "available", 37),
        (2, 44, 3, "available", 0),
        (-4, 0, 0, "unknown", 0),
        (4, 4, -9, "unknown", 4),
    ],
)
def test_what_can_be_promised(
    level: int, total: int | None, quarantined: int, means: LevelMeans, units: int
) -> None:
    assert StockLevel(level, total, quarantined).available(means) == units


@given(
    on_hand=st.integers(0, 50),
    allocated=st.integers(0, 50),
    quarantined=st.integers(0, 50),
    swapped=st.booleans(),
)
def test_while_it_is_unknown_never_more_is_promised_than_there_is(
    on_hand: int, allocated: int, quarantined: int, swapped: bool
) -> None:
    free = on_hand - allocated
    level = StockLevel(*((on_hand, free) if swapped else (free, on_hand)), quarantined)

    assert level.available("unknown") == max(0, on_hand - allocated - quarantined)


def sample(level: int, on_hand: int, allocated: int, quarantined: int = 0) -> StockSample:
    return StockSample("TEE", level, None, on_hand, allocated, quarantined)


@pytest.mark.parametrize(
    ("row", "tells"),
    [
        (sample(40, 44, 4), "available"),
        (sample(44, 44, 4), "on_hand"),
        (sample(44, 44, 0), None),
        (sample(12, 44, 4), None),
        (sample(37, 44, 4, 3), "available"),
        (sample(47, 44, 4, 3), "on_hand"),
        (sample(40, 44, 4, 4), None),
    ],
)
def test_what_a_product_tells_of_levels(row: StockSample, tells: LevelMeans | None) -> None:
    assert row.tells == tells


def test_a_meaning_is_proven_when_all_that_tell_agree() -> None:
    free, everything, dumb = sample(40, 44, 4), sample(44, 44, 4), sample(44, 44, 0)

    assert StockProof((free, dumb)).means == "available"
    assert StockProof((dumb, everything)).means == "on_hand"
    assert StockProof((dumb,)).means == StockProof().means == "unknown"
    assert StockProof((free, everything)).means == "unknown"
    assert StockProof((free, everything)).is_contradicted
    assert not StockProof((free, dumb)).is_contradicted
