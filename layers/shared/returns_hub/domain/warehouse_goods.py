"""Products of the warehouse, in our words.

Weights and lengths are in the units of the warehouse's account (`domain.goods_settings`), and what
comes from elsewhere is converted with `converted` before it is compared or sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

WeightUnit = Literal["kg", "g", "lb", "oz"]
LengthUnit = Literal["m", "cm", "mm", "in"]
ProductUpdate = Literal["whole", "changes"]
"""What a change of a product sends: the product as it was read with the changes in it, or these
alone."""

IN_KILOGRAMS: Mapping[WeightUnit, Decimal] = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}
IN_METRES: Mapping[LengthUnit, Decimal] = {
    "m": Decimal(1),
    "cm": Decimal("0.01"),
    "mm": Decimal("0.001"),
    "in": Decimal("0.0254"),
}
FINEST = Decimal("0.000001")
"""Of a converted number, so that the same one converted again is the same."""
MOST_DIGITS = 15
"""Of a number that goes as JSON: so many a double keeps."""
LONGEST_CODE = 100
"""Characters of a SKU or a barcode. The warehouse documents no limit; Unleashed's codes fit."""


def converted(value: Decimal, one: Decimal, other: Decimal) -> Decimal:
    """A number counted in `one` unit, counted in the `other`; both as in `IN_KILOGRAMS`."""
    if one == other:
        return value
    return (value * one / other).quantize(FINEST).normalize() + Decimal(0)


@dataclass(frozen=True)
class BundleComponent:
    """Units of a product that one unit of a bundle is made of."""

    sku: str
    quantity: int
    product_id: int | None = None


@dataclass(frozen=True)
class NewProduct:
    """A product to be made.

    Args:
        sku: Its SKU; never changed afterwards.
        name: Its name.
        ean: Its EAN; empty for none.
        upc: Its UPC; empty for none.
        weight: In the account's unit; None when it is not known.
        height: In the account's unit of length, like `width` and `depth`.
        image_url: An http(s) address.
        price: What it is sold for, in the account's currency.
        cost_price: What it is bought for, in the account's currency.
        description: For the warehouse's people.
        customs_description: For customs papers.
        commodity_code: Its code in the customs tariff.
        country_of_manufacture: ISO 3166, two letters.
        has_batches: Batch numbers are kept.
        has_serials: Serial numbers are kept.
        has_expiry: Expiry dates are kept.
        components: What a bundle is made of; empty for a product of its own.
    """

    sku: str
    name: str
    ean: str = ""
    upc: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    image_url: str = ""
    price: Decimal | None = None
    cost_price: Decimal | None = None
    description: str = ""
    customs_description: str = ""
    commodity_code: str = ""
    country_of_manufacture: str = ""
    has_batches: bool = False
    has_serials: bool = False
    has_expiry: bool = False
    components: tuple[BundleComponent, ...] = ()


@dataclass(frozen=True)
class ProductChange:
    """Fields of a product that change; None leaves one as it is, and an empty text empties it."""

    name: str | None = None
    ean: str | None = None
    upc: str | None = None
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    image_url: str | None = None
    cost_price: Decimal | None = None
    discontinued: bool | None = None

    def named(self) -> dict[str, str | Decimal | bool]:
        """The fields that change, with what they become."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class WarehouseProduct:
    """A product as the warehouse holds it; the fields are those of `NewProduct`.

    Args:
        product_id: The warehouse's id.
        version: The warehouse's word for the last change; empty when it is not shown.
        updated_at: When that was; None when it is not shown.
        is_bundle: It is made of other products.
        discontinued: It is no longer sold.
        written: The SKU with the blanks around it, where there are any; `sku` is without them.
    """

    product_id: int
    sku: str
    name: str
    version: str = ""
    updated_at: datetime | None = None
    ean: str = ""
    upc: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    image_url: str = ""
    price: Decimal | None = None
    cost_price: Decimal | None = None
    has_batches: bool = False
    has_serials: bool = False
    has_expiry: bool = False
    is_bundle: bool = False
    discontinued: bool = False
    written: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """Identifies this version of this product."""
        return f"{self.product_id}@{self.version}"

    @property
    def barcodes(self) -> frozenset[str]:
        """Its EAN and UPC, as far as it has them."""
        return frozenset(code for code in (self.ean, self.upc) if code)

    def lacks(self, change: ProductChange) -> tuple[str, ...]:
        """Names of the fields that the change names and this product does not have like that."""
        return tuple(
            name
            for name, value in change.named().items()
            if not _is_same(getattr(self, name), value)
        )


def _is_same(held: object, wanted: object) -> bool:
    if isinstance(wanted, Decimal):
        # Mintsoft shows a number that was never set as 0.
        return (held if isinstance(held, Decimal) else Decimal(0)) == wanted
    return held == wanted


@dataclass(frozen=True)
class ProductMade:
    """What making a product came to.

    Args:
        product_id: The warehouse's id.
        found: It had been made before, and was found.
    """

    product_id: int
    found: bool = False


@dataclass(frozen=True)
class ProductUpdated:
    """What changing a product came to.

    Args:
        product: As it is now; None when it could not be read afterwards.
        refused: Fields that the warehouse did not take.
        lost: Fields, in the warehouse's own words, that nobody named and that changed all the same.
    """

    product: WarehouseProduct | None
    refused: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductPage:
    """Some products, how many calls finding them took, and the page to go on with.

    `next_page` is None when the list came to its end.
    """

    products: tuple[WarehouseProduct, ...]
    calls: int
    next_page: int | None = None

    @property
    def complete(self) -> bool:
        """Whether the list came to its end."""
        return self.next_page is None


def product_problem(draft: NewProduct) -> str | None:
    """Why no warehouse would take the product, in a sentence; None when nothing speaks against."""
    codes = (draft.sku, draft.ean, draft.upc)
    says: tuple[tuple[bool, str], ...] = (
        (not draft.sku.strip() or draft.sku != draft.sku.strip(), "it needs a SKU without blanks"),
        (not all(code.isprintable() for code in codes), "its codes must be printable"),
        (max(map(len, codes)) > LONGEST_CODE, f"a code has more than {LONGEST_CODE} characters"),
        (not draft.name.strip(), "it needs a name"),
        (
            any(part.quantity < 1 or not part.sku.strip() for part in draft.components),
            "a component needs a SKU and a quantity of at least 1",
        ),
        (any(part.sku == draft.sku for part in draft.components), "it is a component of itself"),
        (
            len({part.sku for part in draft.components}) != len(draft.components),
            "a component is named twice",
        ),
    )
    numbers = (draft.weight, draft.height, draft.width, draft.depth, draft.price, draft.cost_price)
    why = next((why for is_so, why in says if is_so), None) or _of_numbers(numbers)
    return f"product {draft.sku[:60]}: {why}" if why else None


def change_problem(change: ProductChange) -> str | None:
    """Why the change cannot be sent, in a sentence; None when nothing speaks against it."""
    named = change.named()
    if not named:
        return "it names nothing to change"
    if change.name is not None and not change.name.strip():
        return "a product needs a name"
    codes = [code for code in (change.ean, change.upc) if code]
    if any(len(code) > LONGEST_CODE or not code.isprintable() for code in codes):
        return f"a code must be printable, with at most {LONGEST_CODE} characters"
    return _of_numbers(value for value in named.values() if isinstance(value, Decimal))


def _of_numbers(numbers: Iterable[Decimal | None]) -> str | None:
    for number in numbers:
        if number is None:
            continue
        if not number.is_finite() or number < 0:
            return "a weight, a length or a price is below 0"
        if len(number.normalize().as_tuple().digits) > MOST_DIGITS or number >= 10**MOST_DIGITS:
            return f"a weight, a length or a price has more than {MOST_DIGITS} digits"
    return None
