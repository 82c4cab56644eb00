"""An amount that is shared out over the parts of a bundle."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.sale_amounts import shared_out


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        ("10.00", [1, 1, 1], ["3.33", "3.33", "3.34"]),
        ("12.00", [1, 2], ["4.00", "8.00"]),
        ("0.05", [1] * 9, ["0.01"] * 5 + ["0.00"] * 4),
        ("0.00", [0, 0], ["0.00", "0.00"]),
    ],
)
def test_parts_make_the_whole(amount: str, shares: list[int], parts: list[str]) -> None:
    weights = [Decimal(share) for share in shares]
    assert shared_out(Decimal(amount), weights, "GBP") == [Decimal(part) for part in parts]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_no_part_is_below_nothing(cents: int, shares: list[int]) -> None:
    amount = Decimal(cents).scaleb(-2)
    parts = shared_out(amount, [Decimal(share) for share in shares], "GBP")
    assert sum(parts) == amount
    assert min(parts) >= 0
