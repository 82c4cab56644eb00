"""What becomes of a product of Unleashed at the warehouse.

Unleashed is the master of products, and only what *it* changed is carried over: of each field that
the file names a mark is kept of what Unleashed said last, and a field that has the same mark is
left, whatever the warehouse holds by now. So an edit at the warehouse is not fought over. Of a
product that the warehouse has before the hub sees it for the first time, what is empty there is
filled in, and what differs is left.

Source: the connector's help pages (what is imported, what is updated, weight only where the
warehouse has 0, no ``& % #`` in SKUs). What it does with a product that is obsolete no more they do
not say: it is taken up again where the hub itself discontinued it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from returns_hub.domain.base import short_hash
from returns_hub.domain.goods_settings import WarehouseGoodsSettings
from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.unleashed.stock_settings import ProductField, Products
from returns_hub.domain.warehouse_goods import (
    IN_KILOGRAMS,
    IN_METRES,
    LengthUnit,
    NewProduct,
    ProductChange,
    WarehouseProduct,
    converted,
    product_problem,
)

HARD_IN_SKUS = "&%#"
FINEST_COST = Decimal("0.0001")
"""Unleashed's average costs have up to 14 decimals, which change with every receipt."""
MARK_DIGITS = 8
OF_CHANGES: Mapping[ProductField, str] = {
    "barcode": "ean",
    "image_url": "image_url",
    "weight": "weight",
    "purchase_price": "cost_price",
}
"""The file's names of fields, and those of `ProductChange`."""
FIELDS: tuple[ProductField, ...] = tuple(OF_CHANGES)


@dataclass(frozen=True)
class Memo:
    """What is kept of a product's version that was dealt with.

    Args:
        product_id: The warehouse's id; None when it is not known.
        marks: Of each field what Unleashed said of it.
        ended: It was obsolete, or deleted, and the file carried that.
        discontinued: The hub discontinued it at the warehouse.
    """

    product_id: int | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    ended: bool = False
    discontinued: bool = False

    @staticmethod
    def of(kept: Mapping[str, Any]) -> Memo | None:
        """As it was kept; None when nothing was."""
        if not kept:
            return None
        ended, discontinued = kept.get("ended") is True, kept.get("discontinued") is True
        return Memo(kept.get("id"), dict(kept.get("marks", {})), ended, discontinued)

    def to_json(self) -> dict[str, Any]:
        """To be kept."""
        marks = dict(self.marks)
        said = {"id": self.product_id, "ended": self.ended, "discontinued": self.discontinued}
        return {"marks": marks, **{name: value for name, value in said.items() if value}}


@dataclass(frozen=True)
class Left:
    """It is not made at the warehouse, and that is nothing for a person as long as nobody needs it.

    Args:
        code: A bounded word for counting.
        why: In a sentence.
    """

    code: str
    why: str


@dataclass(frozen=True)
class Wrong:
    """It cannot be made, and a person has to see to it. `why` is a sentence."""

    why: str


def draft_of(
    product: ErpProduct,
    settings: Products,
    goods: WarehouseGoodsSettings,
    *,
    batches_and_serials: bool,
) -> NewProduct:
    """The product in the warehouse's terms and units."""

    def long(value: Decimal | None) -> Decimal | None:
        return _in_units(value, settings.length_unit, goods.length_unit)

    country = product.country.strip().upper()
    return NewProduct(
        sku=product.code,
        name=product.name or product.code,
        ean=product.barcode,
        weight=_known(
            product.weight, IN_KILOGRAMS[settings.weight_unit], IN_KILOGRAMS[goods.weight_unit]
        ),
        height=long(product.height),
        width=long(product.width),
        depth=long(product.depth),
        image_url=product.image_url if _is_address(product.image_url) else "",
        cost_price=_cost(product),
        customs_description=product.customs_description,
        commodity_code=product.commodity_code,
        country_of_manufacture=country if len(country) == 2 and country.isalpha() else "",
        has_batches=batches_and_serials and product.is_batch_tracked,
        has_serials=batches_and_serials and product.is_serialized,
    )


def marks_of(draft: NewProduct) -> dict[str, str]:
    """A mark of each field that can be updated; equal when Unleashed says the same of it."""
    return {name: _mark(_value(draft, name)) for name in FIELDS}


def why_not_made(
    product: ErpProduct, draft: NewProduct, *, create: bool = True
) -> Left | Wrong | None:
    """Why the product is not made at the warehouse, which does not have it; None: it is made."""
    named = repr(product.code[:60])
    if product.never_diminishing:
        return Left("unleashed.no_goods", f"{named} never diminishes: there are no goods")
    if product.obsolete:
        return Left("unleashed.obsolete", f"{named} is obsolete, and the warehouse has none")
    if not create:
        return Left("unleashed.not_created", "products.create is false, and the warehouse has none")
    hard = sorted({c for c in product.code if c in HARD_IN_SKUS})
    if hard:
        return Left(
            "unleashed.hard_sku",
            f"the code {named} holds {' '.join(hard)}, on which Mintsoft's imports break; make the "
            "product there by hand, or give it another code in Unleashed",
        )
    problem = product_problem(draft)
    return Wrong(problem) if problem else None


@dataclass(frozen=True)
class Carried:
    """What is written to a product that the warehouse has.

    Args:
        change: It.
        fields: The fields of ours that it carries, and ``discontinued``.
        differ: Fields that differ from the warehouse's and are left, of a product that was there
            before the hub saw it.
        memo: To be kept when it is written.
    """

    change: ProductChange
    fields: tuple[str, ...]
    differ: tuple[str, ...]
    memo: Memo


def carried(
    product: ErpProduct,
    draft: NewProduct,
    here: WarehouseProduct,
    memo: Memo | None,
    settings: Products,
    *,
    told_before: Iterable[str] = (),
    is_recent: bool = True,
) -> Carried:
    """What of a product is carried to the warehouse's.

    Args:
        product: As Unleashed has it.
        draft: The same in the warehouse's terms.
        here: As the warehouse has it.
        memo: What was kept of the last version that was dealt with; None: none was.
        settings: `unleashed.products`.
        told_before: Fields of a write of which nobody knows yet whether it was carried out: they
            are carried in any case, as they are now.
        is_recent: It changed since the hub is live; one that was obsolete before is left.
    """
    again = frozenset(told_before)
    marks = marks_of(draft)
    named: dict[str, Any] = {}
    differ: list[str] = []
    wanted = () if product.obsolete else settings.updates
    for name in FIELDS:
        if name not in wanted and name not in again:
            continue
        value, held = _value(draft, name), _held(here, name)
        if name not in again and not _is_carried(name, value, held, memo, settings):
            if memo is None and value and held and value != held:
                differ.append(name)
            continue
        if value or isinstance(value, str):
            named[OF_CHANGES[name]] = value
    ending = _ending(product, here, memo, settings, is_recent=is_recent)
    if ending is None and "discontinued" in again:
        ending = product.obsolete
    if ending is not None:
        named["discontinued"] = ending
    fields = tuple(name for name in FIELDS if OF_CHANGES[name] in named)
    by_us = memo is not None and memo.discontinued
    return Carried(
        change=ProductChange(**named),
        fields=fields + (("discontinued",) if ending is not None else ()),
        differ=tuple(differ),
        memo=Memo(
            product_id=here.product_id,
            # What is not carried now, since the file or the product's end says so, is later.
            marks={**(memo.marks if memo else {}), **{name: marks[name] for name in wanted}},
            ended=_is_ended(product, settings),
            discontinued=product.obsolete and (by_us or ending is True),
        ),
    )


def is_known(product: ErpProduct, draft: NewProduct, memo: Memo | None, settings: Products) -> bool:
    """Whether nothing changed of what would be carried, so that nobody need be asked."""
    if memo is None or memo.product_id is None or memo.ended != _is_ended(product, settings):
        return False
    marks = marks_of(draft)
    same = all(memo.marks.get(name) == marks[name] for name in settings.updates)
    return product.obsolete or same


def _is_carried(
    name: ProductField,
    value: Any,
    held: Any,
    memo: Memo | None,
    settings: Products,
) -> bool:
    is_filled_in = bool(value) and not held
    if memo is None or name not in memo.marks:
        return is_filled_in
    if memo.marks[name] == _mark(value):
        return False
    if name == "weight" and not settings.overwrite_weight:
        return is_filled_in
    if value:
        return True
    # What Unleashed emptied is emptied where it is still what Unleashed had said.
    return bool(memo.marks[name] == _mark(held))


def _is_ended(product: ErpProduct, settings: Products) -> bool:
    """Whether its end counts; where the file leaves it, it counts once the file does not."""
    return product.obsolete and settings.discontinue


def _ending(
    product: ErpProduct,
    here: WarehouseProduct,
    memo: Memo | None,
    settings: Products,
    *,
    is_recent: bool,
) -> Literal[True, False] | None:
    """What `discontinued` becomes; None when it is left."""
    if not settings.discontinue:
        return None
    if product.obsolete:
        is_news = is_recent if memo is None else not memo.ended
        return True if is_news and not here.discontinued else None
    was_ours = memo is not None and memo.ended and memo.discontinued
    return False if was_ours and here.discontinued else None


def _mark(value: Any) -> str:
    return short_hash(str(value), MARK_DIGITS)


def _value(draft: NewProduct, name: ProductField) -> Any:
    return getattr(draft, OF_CHANGES[name])


def _held(here: WarehouseProduct, name: ProductField) -> Any:
    return getattr(here, OF_CHANGES[name])


def _cost(product: ErpProduct) -> Decimal | None:
    """What a unit is bought for: on average, else by default; a 0 is none."""
    costs = (product.average_cost, product.purchase_price)
    cost = next((c for c in costs if c is not None and c.is_finite() and c > 0), None)
    if cost is None:
        return None
    return cost.quantize(FINEST_COST, ROUND_HALF_UP).normalize() + Decimal(0)


def _in_units(value: Decimal | None, one: LengthUnit, other: LengthUnit) -> Decimal | None:
    return _known(value, IN_METRES[one], IN_METRES[other])


def _known(value: Decimal | None, one: Decimal, other: Decimal) -> Decimal | None:
    """The number in the other unit; None for one that is not known: 0 is, and so is one below."""
    if value is None or not value.is_finite() or value <= 0:
        return None
    return converted(value, one, other).normalize() + Decimal(0)


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and text.isprintable() and " " not in text
