"""Which purchase orders the warehouse is told of, and what edits come to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.unleashed.goods_settings import PurchaseImport
from returns_hub.domain.unleashed.purchase_orders import (
    PurchasedProduct,
    PurchaseLine,
    PurchaseOrder,
)
from returns_hub.domain.unleashed.purchase_rule import (
    Standing,
    edits,
    is_wanted,
    order_problem,
    raised_money,
    standing_of,
    units_of,
    units_problem,
    version_of,
)
from tests.unit.test_unleashed_receipt_rule import order

LINE = PurchaseLine(
    "g1",
    1,
    "A",
    Decimal(5),
    unit_price=Decimal("7.5"),
    total=Decimal("37.50"),
    tax=Decimal("7.50"),
    tax_rate=Decimal("0.2"),
)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("Placed", "wanted"),
        ("placed ", "wanted"),
        ("Costed", "going_on"),
        ("Receipted", "going_on"),
        ("Complete", "going_on"),
        ("Completed", "going_on"),
        ("Parked", "withdrawn"),
        ("Unapproved", "withdrawn"),
        ("Something new", "withdrawn"),
        ("Deleted", "deleted"),
    ],
)
def test_a_status_tells_whether_the_goods_are_to_come(status: str, standing: Standing) -> None:
    assert standing_of(at(status), PurchaseImport()) == standing


def at(status: str, custom: str = "") -> PurchaseOrder:
    return replace(order(("A", 5)), status=status, custom_status=custom)


def test_custom_statuses_override_the_others() -> None:
    settings = PurchaseImport(custom_statuses=("On hold",))
    assert is_wanted(at("Parked", "on  hold"), settings)
    assert not is_wanted(at("Placed"), settings)
    assert not is_wanted(at("Complete", "On hold"), settings)
    assert not is_wanted(at("Deleted", "On hold"), settings)
    assert standing_of(at("Placed"), settings) == "going_on"


def test_complete_and_completed_are_one_status() -> None:
    settings = PurchaseImport(statuses=("complete",))
    assert is_wanted(at("Completed"), settings)
    assert is_wanted(at("Complete"), settings)


def test_a_receipt_does_not_make_another_version_but_for_the_status() -> None:
    settings = PurchaseImport()
    one = order(("A", 5))
    set_ = replace(one, lines=(replace(one.lines[0], receipt=Decimal(5)),), stamp="later")
    assert version_of(one, settings) == version_of(set_, settings)
    others = [
        replace(one, status="Receipted"),
        replace(one, status="Parked"),
        replace(one, warehouse_code="3PL"),
        replace(one, lines=(replace(one.lines[0], quantity=Decimal(6)),)),
        replace(one, lines=(replace(one.lines[0], unit="BOX"),)),
    ]
    assert len({version_of(each, settings) for each in [one, *others]}) == 6


@pytest.mark.parametrize(
    ("quantity", "word"),
    [("2.5", "2.5 of A"), ("-1", "quantity -1"), ("NaN", "quantity NaN"), ("3000000000", "quan")],
)
def test_what_is_no_number_of_units_is_named(quantity: str, word: str) -> None:
    problem = order_problem(order(("B", 1), ("A", quantity)))
    assert problem is not None
    assert "line 2" in problem
    assert word in problem
    assert "line 1" not in problem


def test_a_line_without_a_code_is_named_and_one_without_units_is_not() -> None:
    assert "line 1 has no product code" in str(order_problem(order(("", 1))))
    assert order_problem(order(("", 0), ("A", 1))) is None
    assert order_problem(replace(order(("A", 1)), number=" "))
    assert "by hand" in str(order_problem(order(("A", 1), was_received=True)))


def test_units_of_measure_count_for_goods_alone_and_whatever_their_case() -> None:
    def problem(unit: str, product: PurchasedProduct) -> str | None:
        line = replace(LINE, unit=unit, product_guid="p")
        return units_problem(replace(order(), lines=(line,)), {"p": product})

    assert problem("BOX", PurchasedProduct("A", "EA"))
    assert problem("BOX", PurchasedProduct("A"))
    assert problem("ea", PurchasedProduct("A", "EA")) is None
    assert problem("", PurchasedProduct("A", "EA")) is None
    assert problem("HOUR", PurchasedProduct("A", "EA", keeps_stock=False)) is None


def test_edits_are_told_sku_by_sku_but_for_what_the_hub_raised() -> None:
    told = {"A": 5, "B": 2}
    assert edits(told, units_of(order(("A", 5), ("B", 2))), {}) == []
    assert edits(told, units_of(order(("A", 3), ("A", 2), ("B", 2))), {}) == []
    assert edits(told, units_of(order(("A", 6), ("C", "0.5"))), {}) == [
        "A 5 → 6",
        "B 2 → 0",
        "C 0 → 0.5",
    ]
    raised = {"A": frozenset({0, 2})}
    for units in (5, 7):
        assert edits(told, units_of(order(("A", units), ("B", 2))), raised) == []
    assert edits(told, units_of(order(("A", 6), ("B", 2))), raised) == ["A 5 → 6"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, ("52.50", "10.50")),
        ({"tax_rate": None}, ("52.50", "10.50")),
        ({"tax_rate": None, "tax": Decimal(0)}, ("52.50", "0.00")),
        (
            {"discount": Decimal("0.1"), "total": Decimal("33.75"), "tax": Decimal("6.75")},
            ("47.25", "9.45"),
        ),
        (
            {"unit_price": Decimal("0.3333"), "total": Decimal("1.67"), "tax": Decimal("0.33")},
            ("2.33", "0.47"),
        ),
    ],
)
def test_money_of_a_raised_line(changes: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert raised_money(replace(LINE, **changes), Decimal(7)) == tuple(map(Decimal, wanted))


@pytest.mark.parametrize(
    "changes",
    [
        {"total": Decimal("30.00")},
        {"quantity": Decimal(0)},
        {"tax": Decimal("9.00")},
        {"tax": Decimal(0)},
        {"unit_price": Decimal(0), "total": Decimal(0), "tax_rate": None},
    ],
)
def test_money_that_was_set_by_hand_is_not_guessed_at(changes: dict[str, Any]) -> None:
    assert isinstance(raised_money(replace(LINE, **changes), Decimal(7)), str)
