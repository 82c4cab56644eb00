"""Mintsoft's own words for ASNs.

Source: the models of Mintsoft's Swagger (ASN, ASNItem, ASNItemAllocation, NewASN), and recorded
behaviour: ``QuantityReceieved`` is its spelling, a supplier is a text or an object, and
``Quantity`` counts packages.
"""

from __future__ import annotations

from pydantic import Field

from returns_hub.adapters.mintsoft.models import Ours, Theirs


class AsnStatus(Theirs):
    """A status."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")


class Supplier(Theirs):
    """A supplier, where it is not a text."""

    name: str | None = Field(default=None, alias="Name")


class Allocation(Theirs):
    """Units of an item that were put somewhere together."""

    quantity: int | None = Field(default=0, alias="Quantity")
    expiry_date: str | None = Field(default=None, alias="ExpiryDate")
    batch: str | None = Field(default=None, alias="BatchNo")
    serial: str | None = Field(default=None, alias="SerialNo")


class AsnItemRow(Theirs):
    """An item of an ASN."""

    id: int = Field(alias="ID")
    product_id: int | None = Field(default=None, alias="ProductId")
    sku: str | None = Field(default=None, alias="SKU")
    expected: int | None = Field(default=0, alias="QuantityExpected")
    received: int | None = Field(default=0, alias="QuantityReceieved")
    booked: int | None = Field(default=0, alias="QuantityBooked")
    complete: bool | None = Field(default=False, alias="Complete")
    line_id: str | None = Field(default=None, alias="SourceLineId")
    allocations: tuple[Allocation, ...] | None = Field(default=None, alias="ASNItemAllocations")


class AsnRow(Theirs):
    """An ASN."""

    id: int = Field(alias="ID")
    client_id: int | None = Field(default=None, alias="ClientId")
    warehouse_id: int | None = Field(default=None, alias="WarehouseId")
    reference: str | None = Field(default=None, alias="POReference")
    supplier: str | Supplier | None = Field(default=None, alias="Supplier")
    product_supplier_id: int | None = Field(default=None, alias="ProductSupplierId")
    supplier_notes: str | None = Field(default=None, alias="SupplierNotes")
    expected: str | None = Field(default=None, alias="EstimatedDelivery")
    booked_in_at: str | None = Field(default=None, alias="BookedInDate")
    comments: str | None = Field(default=None, alias="Comments")
    goods_in: str | None = Field(default=None, alias="GoodsInType")
    packages: int | None = Field(default=0, alias="Quantity")
    status: AsnStatus | None = Field(default=None, alias="ASNStatus")
    status_id: int | None = Field(default=None, alias="ASNStatusId")
    items: tuple[AsnItemRow, ...] | None = Field(default=None, alias="Items")
    last_updated: str = Field(alias="LastUpdated")


class NewAsnItem(Ours):
    """An item of an ASN to be made."""

    sku: str = Field(alias="SKU")
    quantity: int = Field(alias="Quantity")
    line_id: str | None = Field(default=None, alias="SourceLineId")


class NewAsn(Ours):
    """Body of ``PUT /api/ASN``, and without items of ``POST /api/ASN/{id}``. None is not sent."""

    client_id: int | None = Field(default=None, alias="ClientId")
    warehouse_id: int = Field(alias="WarehouseId")
    reference: str = Field(alias="POReference")
    supplier: str | None = Field(default=None, alias="Supplier")
    product_supplier_id: int | None = Field(default=None, alias="ProductSupplierId")
    supplier_notes: str | None = Field(default=None, alias="SupplierNotes")
    expected: str | None = Field(default=None, alias="EstimatedDelivery")
    comments: str | None = Field(default=None, alias="Comments")
    goods_in: str | None = Field(default=None, alias="GoodsInType")
    packages: int = Field(alias="Quantity")
    items: tuple[NewAsnItem, ...] | None = Field(default=None, alias="Items")
