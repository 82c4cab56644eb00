"""What becomes of a product of Unleashed at the warehouse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.goods_settings import WarehouseGoodsSettings
from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.unleashed.products_rule import (
    Carried,
    Left,
    Memo,
    Wrong,
    carried,
    draft_of,
    is_known,
    marks_of,
    why_not_made,
)
from returns_hub.domain.unleashed.stock_settings import Products
from returns_hub.domain.warehouse_goods import NewProduct, ProductChange, WarehouseProduct

EVERY_FIELD = Products()


def product(**changes: Any) -> ErpProduct:
    content: dict[str, Any] = {
        "guid": "g-1",
        "code": "MUG-BLU",
        "name": "Blue mug",
        "barcode": "5012345678900",
        "weight": Decimal("0.42"),
        "height": Decimal("10.5"),
        "image_url": "https://images.example.test/mug.png",
        "average_cost": Decimal("2.13754999999999"),
        "purchase_price": Decimal("2.05"),
        "country": "pt",
        "commodity_code": "691200",
        "customs_description": "Ceramic mug",
        "is_batch_tracked": True,
    }
    return ErpProduct(**content | changes)


def draft(of: ErpProduct, settings: Products = EVERY_FIELD, **goods: Any) -> NewProduct:
    return draft_of(of, settings, WarehouseGoodsSettings(**goods), batches_and_serials=False)


def here(**changes: Any) -> WarehouseProduct:
    content: dict[str, Any] = {
        "product_id": 801,
        "sku": "MUG-BLU",
        "name": "Blue mug",
        "ean": "5012345678900",
        "weight": Decimal("0.42"),
        "image_url": "https://images.example.test/mug.png",
        "cost_price": Decimal("2.1375"),
    }
    return WarehouseProduct(**content | changes)


def told(
    now: ErpProduct,
    there: WarehouseProduct,
    before: ErpProduct | None = None,
    settings: Products = EVERY_FIELD,
    **more: Any,
) -> Carried:
    """What is carried, when `before` is what was dealt with last."""
    memo = None
    if before is not None:
        memo = Memo(801, marks_of(draft(before, settings)), ended=before.obsolete)
    return carried(now, draft(now, settings), there, more.pop("memo", memo), settings, **more)


# -- what it is at the warehouse ---------------------------------------------------------------


def test_a_product_in_the_warehouses_terms() -> None:
    made = draft(product())

    assert made == NewProduct(
        sku="MUG-BLU",
        name="Blue mug",
        ean="5012345678900",
        weight=Decimal("0.42"),
        height=Decimal("10.5"),
        image_url="https://images.example.test/mug.png",
        cost_price=Decimal("2.1375"),
        customs_description="Ceramic mug",
        commodity_code="691200",
        country_of_manufacture="PT",
    )


def test_units_are_those_of_both_files() -> None:
    grams = Products(weight_unit="g", length_unit="mm")
    made = draft(product(weight=Decimal(420), height=Decimal(105)), grams, weight_unit="kg")

    assert (made.weight, made.height) == (Decimal("0.42"), Decimal("10.5"))


@pytest.mark.parametrize("number", [None, Decimal(0), Decimal(-1), Decimal("NaN")])
def test_a_number_that_is_none_is_not_known(number: Decimal | None) -> None:
    made = draft(product(weight=number, height=number, average_cost=number, purchase_price=number))

    assert (made.weight, made.height, made.cost_price) == (None, None, None)


def test_a_cost_is_the_average_or_else_the_price_by_default() -> None:
    assert draft(product(average_cost=Decimal(0))).cost_price == Decimal("2.05")
    assert draft(product(average_cost=Decimal("2.00005"))).cost_price == Decimal("2.0001")


def test_what_the_warehouse_could_not_use_is_left_out() -> None:
    odd = product(name="", image_url="C:/mug.png", country="Portugal")

    made = draft(odd)

    assert (made.name, made.image_url, made.country_of_manufacture) == ("MUG-BLU", "", "")


def test_batches_go_along_only_where_the_file_says_so() -> None:
    said = [
        draft_of(product(), EVERY_FIELD, WarehouseGoodsSettings(), batches_and_serials=both)
        for both in (False, True)
    ]

    assert [made.has_batches for made in said] == [False, True]


# -- which are made ----------------------------------------------------------------------------


def test_a_product_is_made() -> None:
    assert why_not_made(product(), draft(product())) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"never_diminishing": True}, "unleashed.no_goods"),
        ({"obsolete": True}, "unleashed.obsolete"),
        ({"code": "A&B"}, "unleashed.hard_sku"),
        ({"code": "A%B"}, "unleashed.hard_sku"),
        ({"code": "A#B"}, "unleashed.hard_sku"),
    ],
)
def test_what_the_warehouse_does_not_need_or_cannot_hold_is_left(
    changes: dict[str, Any], code: str
) -> None:
    odd = product(**changes)
    left = why_not_made(odd, draft(odd))

    assert isinstance(left, Left)
    assert left.code == code


def test_nothing_is_made_where_the_file_says_so() -> None:
    left = why_not_made(product(), draft(product()), create=False)

    assert isinstance(left, Left)
    assert left.code == "unleashed.not_created"


@pytest.mark.parametrize("code", ["", " A", "A ", "A\tB"])
def test_a_code_that_no_warehouse_takes_is_a_persons_question(code: str) -> None:
    odd = product(code=code)

    assert isinstance(why_not_made(odd, draft(odd)), Wrong)


# -- seen for the first time -------------------------------------------------------------------


def test_what_is_empty_there_is_filled_in() -> None:
    there = here(ean="", image_url="", weight=Decimal(0), cost_price=None)

    carry = told(product(), there)

    assert carry.change == ProductChange(
        ean="5012345678900",
        image_url="https://images.example.test/mug.png",
        weight=Decimal("0.42"),
        cost_price=Decimal("2.1375"),
    )
    assert carry.fields == ("barcode", "image_url", "weight", "purchase_price")
    assert carry.memo.product_id == 801


def test_what_differs_there_is_left_and_told() -> None:
    carry = told(product(), here(ean="999", cost_price=Decimal(3)))

    assert carry.change == ProductChange()
    assert carry.differ == ("barcode", "purchase_price")


def test_what_is_empty_at_unleashed_empties_nothing() -> None:
    bare = product(barcode="", image_url="", weight=None, average_cost=None, purchase_price=None)

    carry = told(bare, here())

    assert carry.change == ProductChange()
    assert carry.differ == ()


def test_only_fields_that_the_file_names_are_carried() -> None:
    there = here(ean="", cost_price=None)

    assert told(product(), there, settings=Products(updates=())).change == ProductChange()
    carry = told(product(), there, settings=Products(updates=("purchase_price",)))
    assert carry.change == ProductChange(cost_price=Decimal("2.1375"))


# -- seen again --------------------------------------------------------------------------------


def test_only_what_unleashed_changed_is_carried() -> None:
    edited_there = here(ean="999", image_url="https://images.example.test/other.png")

    carry = told(product(average_cost=Decimal(3)), edited_there, product())

    assert carry.change == ProductChange(cost_price=Decimal(3))


def test_unleashed_is_the_master_of_what_both_changed() -> None:
    carry = told(product(barcode="501"), here(ean="999"), product())

    assert carry.change == ProductChange(ean="501")


def test_a_weight_is_carried_onto_none_or_where_the_file_says_so() -> None:
    heavier = product(weight=Decimal("0.5"))

    assert told(heavier, here(), product()).change == ProductChange()
    assert told(heavier, here(weight=Decimal(0)), product()).change.weight == Decimal("0.5")
    overwrites = Products(overwrite_weight=True)
    assert told(heavier, here(), product(), overwrites).change.weight == Decimal("0.5")


def test_what_unleashed_emptied_is_emptied_where_it_is_still_what_unleashed_said() -> None:
    emptied = product(barcode="")

    assert told(emptied, here(), product()).change == ProductChange(ean="")
    assert told(emptied, here(ean="999"), product()).change == ProductChange()


def test_a_number_that_unleashed_emptied_is_left() -> None:
    emptied = product(weight=None, average_cost=None, purchase_price=None)
    overwrites = Products(overwrite_weight=True)

    assert told(emptied, here(), product(), overwrites).change == ProductChange()


def test_what_changed_while_a_field_was_not_named_is_carried_once_it_is() -> None:
    nothing, barcode = Products(updates=()), Products(updates=("barcode",))
    meanwhile = told(product(barcode="501"), here(), product(), nothing)
    assert meanwhile.change == ProductChange()

    carry = told(product(barcode="501"), here(), None, barcode, memo=meanwhile.memo)

    assert carry.change == ProductChange(ean="501")


def test_nobody_is_asked_about_what_did_not_change() -> None:
    memo = Memo(801, marks_of(draft(product())))
    renamed = product(name="Mug, blue")

    assert is_known(renamed, draft(renamed), memo, EVERY_FIELD)
    assert not is_known(product(), draft(product()), None, EVERY_FIELD)
    assert not is_known(product(), draft(product()), Memo(None, memo.marks), EVERY_FIELD)
    dearer = product(average_cost=Decimal(3))
    assert not is_known(dearer, draft(dearer), memo, EVERY_FIELD)
    assert is_known(dearer, draft(dearer), memo, Products(updates=("barcode",)))
    gone = product(obsolete=True)
    assert not is_known(gone, draft(gone), memo, EVERY_FIELD)


def test_what_nobody_knows_the_end_of_is_carried_as_it_is_now() -> None:
    """It was changed, the answer was lost, and Unleashed changed it back."""
    carry = told(product(), here(ean="501"), product(), told_before=["barcode"])

    assert carry.change == ProductChange(ean="5012345678900")
    assert carry.fields == ("barcode",)


# -- its end -----------------------------------------------------------------------------------


def test_a_product_that_is_no_more_is_discontinued_and_else_left() -> None:
    gone = product(obsolete=True, barcode="501")

    carry = told(gone, here(), product())

    assert carry.change == ProductChange(discontinued=True)
    assert carry.memo.ended
    assert carry.memo.discontinued
    assert carry.memo.marks == marks_of(draft(product())), "and the barcode is carried if it is"


def test_a_product_is_not_discontinued_where_the_file_or_the_warehouse_says_so() -> None:
    gone = product(obsolete=True)

    assert told(gone, here(), product(), Products(discontinue=False)).change == ProductChange()
    carry = told(gone, here(discontinued=True), product())
    assert carry.change == ProductChange()
    assert not carry.memo.discontinued


def test_a_product_that_ended_while_the_file_left_it_is_discontinued_once_it_does_not() -> None:
    gone = product(obsolete=True)
    memo = told(gone, here(), product(), Products(discontinue=False)).memo
    assert is_known(gone, draft(gone), memo, Products(discontinue=False))

    assert not is_known(gone, draft(gone), memo, EVERY_FIELD)
    assert told(gone, here(), memo=memo).change == ProductChange(discontinued=True)


def test_what_was_obsolete_before_the_hub_is_left() -> None:
    gone = product(obsolete=True)

    assert told(gone, here(), is_recent=False).change == ProductChange()
    assert told(gone, here(), is_recent=True).change == ProductChange(discontinued=True)


def test_who_takes_a_product_up_again_at_the_warehouse_is_not_fought() -> None:
    gone = product(obsolete=True)
    memo = told(gone, here(), product()).memo

    assert told(gone, here(discontinued=False), memo=memo).change == ProductChange()


def test_what_the_hub_discontinued_it_takes_up_again() -> None:
    memo = told(product(obsolete=True), here(), product()).memo

    carry = told(product(barcode="501"), here(discontinued=True), memo=memo)

    assert carry.change == ProductChange(ean="501", discontinued=False)
    assert not carry.memo.ended
    assert not carry.memo.discontinued


def test_what_a_person_discontinued_stays_so() -> None:
    assert told(product(), here(discontinued=True), product()).change == ProductChange()
    by_hand = Memo(801, marks_of(draft(product())), ended=True)
    assert told(product(), here(discontinued=True), memo=by_hand).change == ProductChange()


def test_a_memo_is_kept_as_it_is() -> None:
    memo = Memo(801, {"barcode": "ab"}, ended=True, discontinued=True)

    assert Memo.of(memo.to_json()) == memo
    assert Memo.of(Memo(marks={"weight": "x"}).to_json()) == Memo(marks={"weight": "x"})
    assert Memo.of({}) is None
