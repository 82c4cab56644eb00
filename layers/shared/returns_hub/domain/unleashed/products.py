"""Products of Unleashed, in our words.

Source: the keys of the official sample. Every number but the code may be missing. In which units
weights and sizes are its API does not tell: the merchant's file does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ErpProduct:
    """A product.

    Args:
        guid: Unleashed's.
        code: Its SKU, as Unleashed has it, blanks included; it never changes.
        name: Its description; may be empty.
        barcode: Empty for none.
        weight: In `products.weight_unit`; None or 0: not known.
        height: In `products.length_unit`, like `width` and `depth`.
        image_url: The default image's; empty for none.
        average_cost: Average landed price of a unit, in the account's currency; it moves with every
            receipt.
        purchase_price: The default one, in the account's currency.
        customs_description: For customs papers.
        commodity_code: Its code in the customs tariff.
        country: Where it was made, as Unleashed has it, mostly a code of two letters.
        is_batch_tracked: Batch numbers are kept.
        is_serialized: Serial numbers are kept.
        never_diminishing: A service or a charge: there are no goods.
        is_assembled: It is made of others by a bill of materials.
        obsolete: It is no more.
        created_at: When it was made.
        modified_at: When it changed last.
    """

    guid: str
    code: str
    name: str = ""
    barcode: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    depth: Decimal | None = None
    image_url: str = ""
    average_cost: Decimal | None = None
    purchase_price: Decimal | None = None
    customs_description: str = ""
    commodity_code: str = ""
    country: str = ""
    is_batch_tracked: bool = False
    is_serialized: bool = False
    never_diminishing: bool = False
    is_assembled: bool = False
    obsolete: bool = False
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True)
class ErpProductPage:
    """A page of the list of products: its number from 1, and what is on it."""

    number: int
    products: tuple[ErpProduct, ...]
