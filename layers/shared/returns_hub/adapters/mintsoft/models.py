"""Mintsoft's own words. Their spelling and their gaps stay in this room.

Source: the models of Mintsoft's Swagger (Return, ReturnItem, ReturnReason, Warehouse, Product).
Everything may be missing or null: what is not needed is not read, what is needed is checked where
it is used.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Theirs(BaseModel):
    """A body of Mintsoft's; what we do not know is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


class ReturnItem(Theirs):
    """A row of a return; one physical unit a row where serial numbers are kept."""

    sku: str | None = Field(default=None, alias="SKU")
    quantity: int | None = Field(default=0, alias="Quantity")
    comments: str | None = Field(default=None, alias="Comments")
    stock_action: str | None = Field(default=None, alias="StockAction")
    photos: tuple[str, ...] | None = Field(default=None, alias="ReturnPhotos")


class Return(Theirs):
    """A return; external ones have no order."""

    id: int = Field(alias="ID")
    order_id: int | None = Field(default=None, alias="OrderId")
    order_number: str | None = Field(default=None, alias="OrderNumber")
    client_id: int | None = Field(default=None, alias="ClientId")
    reference: str | None = Field(default=None, alias="Reference")
    confirmed: bool | None = Field(default=False, alias="Confirmed")
    items: tuple[ReturnItem, ...] | None = Field(default=None, alias="ReturnItems")
    last_updated: str = Field(alias="LastUpdated")


class ReturnReason(Theirs):
    """A reason, edited by each tenant."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")
    stock_action: str | None = Field(default=None, alias="StockAction")
    active: bool | None = Field(default=False, alias="Active")


class WarehouseRow(Theirs):
    """A warehouse."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")
    active: bool | None = Field(default=True, alias="Active")


class Product(Theirs):
    """A product: only what tells whose it is."""

    id: int = Field(alias="ID")
    sku: str | None = Field(default=None, alias="SKU")
    client_id: int | None = Field(default=None, alias="ClientId")
    ean: str | None = Field(default=None, alias="EAN")
    upc: str | None = Field(default=None, alias="UPC")


class Ours(BaseModel):
    """A body of ours for Mintsoft: nothing but what is declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class NewReturnItem(Ours):
    """An item of an external return to be made. ``NONE`` is the only action seen to work."""

    sku: str = Field(alias="SKU")
    product_id: int = Field(alias="ProductId")
    quantity: int = Field(alias="Quantity")
    return_reason_id: int = Field(alias="ReturnReasonId")
    action: str = Field(default="NONE", alias="Action")
    comments: str = Field(alias="Comments")


class NewExternalReturn(Ours):
    """Body of ``POST /api/Return/CreateExternalReturn``."""

    client_id: int | None = Field(default=None, alias="ClientId")
    warehouse_id: int = Field(alias="WarehouseId")
    reference: str = Field(alias="Reference")
    items: tuple[NewReturnItem, ...] = Field(alias="ReturnItems")
