"""Mintsoft's own words for products.

Source: the models of Mintsoft's Swagger (Product, Bundle, BundleItem). ``DisCont`` is its spelling.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from returns_hub.adapters.mintsoft.models import Theirs
from returns_hub.adapters.mintsoft.numbers import as_json_number
from returns_hub.domain.warehouse_goods import NewProduct, ProductChange

OF_CHANGES = {
    "name": "Name",
    "ean": "EAN",
    "upc": "UPC",
    "weight": "Weight",
    "height": "Height",
    "width": "Width",
    "depth": "Depth",
    "image_url": "ImageURL",
    "cost_price": "CostPrice",
    "discontinued": "DisCont",
}
"""Our names of what changes, and Mintsoft's."""
CHANGES_WITH_EVERY_WRITE = frozenset({"LastUpdated", "LastUpdatedByUser", "Volume"})
"""``Volume`` follows the lengths; no source tells how."""


class ProductRow(Theirs):
    """A product."""

    id: int = Field(alias="ID")
    sku: str | None = Field(default=None, alias="SKU")
    name: str | None = Field(default=None, alias="Name")
    client_id: int | None = Field(default=None, alias="ClientId")
    ean: str | None = Field(default=None, alias="EAN")
    upc: str | None = Field(default=None, alias="UPC")
    weight: Decimal | None = Field(default=None, alias="Weight")
    height: Decimal | None = Field(default=None, alias="Height")
    width: Decimal | None = Field(default=None, alias="Width")
    depth: Decimal | None = Field(default=None, alias="Depth")
    image_url: str | None = Field(default=None, alias="ImageURL")
    price: Decimal | None = Field(default=None, alias="Price")
    cost_price: Decimal | None = Field(default=None, alias="CostPrice")
    has_batches: bool | None = Field(default=False, alias="HasBatchNumber")
    has_serials: bool | None = Field(default=False, alias="HasSerialNumber")
    has_expiry: bool | None = Field(default=False, alias="HasExpiryDate")
    bundle: bool | None = Field(default=False, alias="Bundle")
    discontinued: bool | None = Field(default=False, alias="DisCont")
    last_updated: str | None = Field(default=None, alias="LastUpdated")


class Component(Theirs):
    """A product in a bundle."""

    product_id: int | None = Field(default=None, alias="ProductId")
    sku: str | None = Field(default=None, alias="SKU")
    quantity: int | None = Field(default=0, alias="Quantity")


class Bundle(Theirs):
    """What a bundle is made of."""

    components: tuple[Component, ...] | None = Field(default=None, alias="Components")


def new_product(draft: NewProduct, client_id: int | None) -> dict[str, Any]:
    """Body of ``PUT /api/Product``; what is not known is left out.

    Raises:
        Permanent: A number cannot be sent exactly.
    """
    numbers = {
        "Weight": draft.weight,
        "Height": draft.height,
        "Width": draft.width,
        "Depth": draft.depth,
        "Price": draft.price,
        "CostPrice": draft.cost_price,
    }
    said: dict[str, Any] = {
        "ClientId": client_id,
        "EAN": draft.ean or None,
        "UPC": draft.upc or None,
        "Description": draft.description or None,
        "CustomsDescription": draft.customs_description or None,
        "ImageURL": draft.image_url or None,
        "CommodityCode": {"Code": draft.commodity_code} if draft.commodity_code else None,
        "CountryOfManufacture": (
            {"Code": draft.country_of_manufacture} if draft.country_of_manufacture else None
        ),
        "HasBatchNumber": draft.has_batches or None,
        "HasSerialNumber": draft.has_serials or None,
        "HasExpiryDate": draft.has_expiry or None,
        **{name: None if n is None else as_json_number(n) for name, n in numbers.items()},
    }
    known = {name: value for name, value in said.items() if value is not None}
    return {"SKU": draft.sku, "Name": draft.name, **known}


def new_bundle(draft: NewProduct, client_id: int | None) -> dict[str, Any]:
    """Body of ``PUT /api/Product/Bundle``, which takes a name and components, and little else."""
    body: dict[str, Any] = {
        "SKU": draft.sku,
        "Name": draft.name,
        "Components": [
            {"SKU": part.sku, "Quantity": part.quantity}
            | ({"ProductId": part.product_id} if part.product_id else {})
            for part in draft.components
        ],
    }
    return body | ({} if client_id is None else {"ClientId": client_id})


def changed_fields(change: ProductChange) -> dict[str, Any]:
    """What the change names, in Mintsoft's words.

    Raises:
        Permanent: A number cannot be sent exactly.
    """
    return {
        OF_CHANGES[name]: as_json_number(value) if isinstance(value, Decimal) else value
        for name, value in change.named().items()
    }
