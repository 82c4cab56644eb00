"""The acceptance rule: what is in stock and offered for enough; what is not known is a person's."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.miinto.products import Identified, NotIdentified, Product, Reference
from returns_hub.domain.miinto.rule import (
    InStock,
    PriceIs,
    judge,
    rounded,
    rule_in_words,
    units_taken,
)
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.transfers import Judgement, Position, Transfer

UNKNOWN = NotIdentified("unknown_product", "nobody knows it")
SKUS = st.sampled_from(["A", "B"])
RULES = st.builds(
    AcceptRule,
    automatic=st.booleans(),
    price_reference=st.sampled_from(["final", "original"]),
    price_threshold=st.decimals(min_value="0.01", max_value=2, places=4),
    rounding=st.sampled_from(["up", "down", "half_up"]),
    stock_kept_back=st.integers(0, 3),
    otherwise=st.sampled_from(["leave", "decline"]),
)
PRICE_IS: st.SearchStrategy[PriceIs] = st.sampled_from(("unknown", "unit", "line"))


def transfer(*positions: tuple[int, int], currency: str | None = "DKK") -> Transfer:
    """Positions of these quantities and prices; their ids count from 1."""
    pending = tuple(
        Position(id=number, quantity=quantity, price=price)
        for number, (quantity, price) in enumerate(positions, start=1)
    )
    return Transfer(shop="1-m!i!s-045-1234", id=9001, currency=currency, pending=pending)


def said(
    offered: Transfer,
    *,
    products: Mapping[int, Product] | None = None,
    stock: Mapping[str, InStock] | None = None,
    price: Reference = Reference(10_000, 12_000),  # noqa: B008 - it is frozen
    price_is: PriceIs = "unknown",
    refused: frozenset[int] = frozenset(),
    rule: AcceptRule = AcceptRule(),  # noqa: B008 - it is frozen
) -> tuple[Judgement, ...]:
    ids = [position.id for position in offered.pending]
    return judge(
        offered,
        products=products or dict.fromkeys(ids, Identified("TEE", ("product_map",))),
        stock={"TEE": InStock(5)} if stock is None else stock,
        prices=dict.fromkeys(ids, price),
        rule=rule,
        price_is=price_is,
        refused=refused,
    )


def test_in_stock_and_offered_for_enough_is_accepted_in_the_fields_words() -> None:
    (judgement,) = said(transfer((1, 9_700)))
    assert (judgement.verdict, judgement.code) == ("accept", "accepted")
    assert judgement.why == "TEE: 1 wanted, 5 available, offered 97.00 DKK, least 97.00 DKK"
    assert (judgement.available, judgement.least_price) == (5, 9_700)
    assert (judgement.stock, judgement.final_price, judgement.original_price) == (5, 10_000, 12_000)


@pytest.mark.parametrize(
    ("changes", "verdict", "code"),
    [
        ({}, "person", "price_too_low"),
        ({"otherwise": "decline"}, "decline", "price_too_low"),
        ({"price_threshold": "0.9699"}, "accept", "accepted"),
        ({"price_reference": "original", "price_threshold": "0.8082"}, "accept", "accepted"),
        ({"price_reference": "original"}, "person", "price_too_low"),
        ({"stock_kept_back": 5}, "person", "out_of_stock"),
        ({"stock_kept_back": 5, "otherwise": "decline"}, "decline", "out_of_stock"),
    ],
)
def test_one_minor_unit_below(changes: dict[str, object], verdict: str, code: str) -> None:
    (judgement,) = said(transfer((1, 9_699)), rule=AcceptRule.model_validate(changes))
    assert (judgement.verdict, judgement.code) == (verdict, code)


def test_out_of_stock_says_what_was_wanted_and_what_there_is() -> None:
    (judgement,) = said(transfer((2, 30_000)), stock={"TEE": InStock(3, taken=2)}, price_is="unit")
    assert judgement.why == (
        "TEE: 2 wanted, 1 available, offered 300.00 DKK, least 97.00 DKK: not enough in stock"
    )


@pytest.mark.parametrize("otherwise", ["leave", "decline"])
@pytest.mark.parametrize(
    ("offered", "changes", "code"),
    [
        (transfer((1, 1)), {"products": {1: UNKNOWN}}, "unknown_product"),
        (transfer((1, 1)), {"stock": {}}, "stock_unknown"),
        (transfer((1, 1)), {"stock": {"TEE": InStock(0, bundle=True)}}, "bundle"),
        (transfer((2, 1)), {"stock": {"TEE": InStock(0)}}, "price_of_several"),
        (transfer((1, 1), currency=None), {}, "currency_unknown"),
        (transfer((1, 1)), {"price": Reference(currencies=("EUR", "SEK"))}, "currency_mismatch"),
        (transfer((1, 1)), {"price": Reference()}, "price_unknown"),
        (transfer((1, 1)), {"price": Reference(final=0)}, "price_unknown"),
        (transfer((1, 1)), {"refused": frozenset({1})}, "refused"),
    ],
)
def test_what_is_not_known_is_a_persons_and_never_declined(
    offered: Transfer, changes: dict[str, Any], code: str, otherwise: Literal["leave", "decline"]
) -> None:
    (judgement,) = said(offered, rule=AcceptRule(otherwise=otherwise), **changes)
    assert (judgement.verdict, judgement.code) == ("person", code)
    assert judgement.why


@pytest.mark.parametrize(
    ("price_is", "offered", "code"),
    [
        ("unit", 9_700, "accepted"),
        ("unit", 9_699, "price_too_low"),
        ("line", 29_100, "accepted"),
        ("line", 29_099, "price_too_low"),
    ],
)
def test_a_price_counts_for_a_unit_or_for_all(price_is: PriceIs, offered: int, code: str) -> None:
    (judgement,) = said(transfer((3, offered)), price_is=price_is)
    assert judgement.code == code


def test_a_line_is_rounded_once() -> None:
    (judgement,) = said(transfer((3, 1)), price=Reference(final=33), price_is="line")
    assert judgement.least_price == 97  # 96.03, not 3 x 33


def test_positions_of_a_transfer_compete_and_the_first_is_served_first() -> None:
    offered = transfer((1, 9_700), (1, 100), (1, 9_700), (1, 9_700))
    codes = [one.code for one in said(offered, stock={"TEE": InStock(2)})]
    assert codes == ["accepted", "price_too_low", "accepted", "out_of_stock"]


def test_stock_that_is_promised_twice_over_is_nothing() -> None:
    (judgement,) = said(transfer((1, 9_700)), stock={"TEE": InStock(-3)})
    assert (judgement.available, judgement.stock, judgement.code) == (0, -3, "out_of_stock")


HOW = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half_up": ROUND_HALF_UP}


@given(
    share=st.decimals(min_value="0.0001", max_value=2, places=4),
    minor=st.integers(0, 10**12),
    how=st.sampled_from(["up", "down", "half_up"]),
)
def test_rounding_is_decimals_own(
    share: Decimal, minor: int, how: Literal["up", "down", "half_up"]
) -> None:
    assert rounded(share, minor, how) == int((share * minor).to_integral_value(HOW[how]))


RANK = {"person": 0, "decline": 0, "accept": 1}


@given(
    rule=RULES,
    price_is=PRICE_IS,
    quantity=st.integers(1, 3),
    offered=st.integers(0, 400),
    more=st.integers(0, 400),
    units=st.integers(-2, 6),
    more_units=st.integers(0, 6),
    reference=st.none() | st.integers(0, 200),
)
def test_a_better_price_and_more_stock_never_make_it_worse(
    rule: AcceptRule,
    price_is: PriceIs,
    quantity: int,
    offered: int,
    more: int,
    units: int,
    more_units: int,
    reference: int | None,
) -> None:
    def verdict(price: int, stock: int) -> str:
        (judgement,) = judge(
            transfer((quantity, price)),
            products={1: Identified("A", ())},
            stock={"A": InStock(stock)},
            prices={1: Reference(reference, reference)},
            rule=rule,
            price_is=price_is,
        )
        return judgement.verdict

    before = verdict(offered, units)
    after = verdict(offered + more, units + more_units)
    assert RANK[after] >= RANK[before]
    if reference is None or (quantity > 1 and price_is == "unknown"):
        assert before == after == "person"


@given(
    rule=RULES,
    price_is=PRICE_IS,
    lines=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300), SKUS | st.none()), max_size=6),
    stock=st.dictionaries(
        SKUS, st.builds(InStock, st.integers(-1, 6), st.integers(0, 2), st.booleans())
    ),
)
def test_never_more_units_than_available_and_the_unknown_never_declined(
    rule: AcceptRule,
    price_is: PriceIs,
    lines: list[tuple[int, int, str | None]],
    stock: dict[str, InStock],
) -> None:
    offered = transfer(*((quantity, price) for quantity, price, _ in lines))
    skus = {number: sku for number, (_, _, sku) in enumerate(lines, start=1)}
    judgements = judge(
        offered,
        products={n: Identified(sku, ()) if sku else UNKNOWN for n, sku in skus.items()},
        stock=stock,
        prices=dict.fromkeys(skus, Reference(100, 120)),
        rule=rule,
        price_is=price_is,
    )

    assert [one.position for one in judgements] == [one.id for one in offered.pending]
    for sku, units in units_taken(offered, judgements).items():
        assert units <= stock[sku].units - stock[sku].taken - rule.stock_kept_back
        assert not stock[sku].bundle
    for one in judgements:
        known = stock.get(skus[one.position] or "")
        if known is None or known.bundle:
            assert one.verdict == "person"
        if rule.otherwise == "leave":
            assert one.verdict != "decline"


def test_the_rule_in_a_line() -> None:
    assert rule_in_words(AcceptRule(stock_kept_back=2, otherwise="decline"), "unit") == (
        "in stock, 2 kept back, and at least 0.97 x final price a unit rounded up; "
        "otherwise decline"
    )
