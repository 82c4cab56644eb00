"""Mintsoft's own words for orders and stock.

Source: the models of Mintsoft's Swagger (Order, OrderItem, NewOrderWithItems, StockLevel,
InventoryItem). Of an order nothing is read that says who the buyer is.
"""

from __future__ import annotations

from pydantic import Field

from returns_hub.adapters.mintsoft.models import Ours, Theirs


class OrderItem(Theirs):
    """A line of an order; ``Commited`` is their spelling."""

    id: int | None = Field(default=None, alias="ID")
    sku: str | None = Field(default=None, alias="SKU")
    quantity: int | None = Field(default=0, alias="Quantity")
    allocated: int | None = Field(default=0, alias="Allocated")
    committed: int | None = Field(default=0, alias="Commited")
    on_back_order: int | None = Field(default=0, alias="OnBackOrder")


class NameValue(Theirs):
    """More that an order carries."""

    name: str | None = Field(default=None, alias="Name")
    value: str | None = Field(default=None, alias="Value")


class Order(Theirs):
    """An order. A row of the search may have no status and no courier."""

    id: int = Field(alias="ID")
    client_id: int | None = Field(default=None, alias="ClientId")
    number: str | None = Field(default=None, alias="OrderNumber")
    external_reference: str | None = Field(default=None, alias="ExternalOrderReference")
    status_id: int | None = Field(default=None, alias="OrderStatusId")
    warehouse_id: int | None = Field(default=None, alias="WarehouseId")
    part: int | None = Field(default=None, alias="Part")
    parts: int | None = Field(default=None, alias="NumberOfParts")
    despatch_date: str | None = Field(default=None, alias="DespatchDate")
    courier_id: int | None = Field(default=None, alias="CourierServiceId")
    courier: str | None = Field(default=None, alias="CourierServiceName")
    tracking_number: str | None = Field(default=None, alias="TrackingNumber")
    tracking_url: str | None = Field(default=None, alias="TrackingURL")
    parcels: int | None = Field(default=0, alias="NumberOfParcels")
    channel_id: int | None = Field(default=None, alias="ChannelId")
    items: tuple[OrderItem, ...] | None = Field(default=None, alias="OrderItems")
    name_values: tuple[NameValue, ...] | None = Field(default=None, alias="OrderNameValues")
    last_updated: str = Field(alias="LastUpdated")


class VerifiedItem(Theirs):
    """Units of an item that were scanned when they were picked: ``BarcodeVerifiedOrderItem``."""

    item_id: int | None = Field(default=None, alias="OrderItemId")
    quantity: int | None = Field(default=0, alias="Quantity")
    batch: str | None = Field(default=None, alias="BatchNo")
    serial: str | None = Field(default=None, alias="SerialNo")


class OrderHeader(Theirs):
    """What can be changed of an order. Personal data: compared, never kept or shown."""

    title: str | None = Field(default=None, alias="Title", repr=False)
    company: str | None = Field(default=None, alias="CompanyName", repr=False)
    first_name: str | None = Field(default=None, alias="FirstName", repr=False)
    last_name: str | None = Field(default=None, alias="LastName", repr=False)
    address_1: str | None = Field(default=None, alias="Address1", repr=False)
    address_2: str | None = Field(default=None, alias="Address2", repr=False)
    address_3: str | None = Field(default=None, alias="Address3", repr=False)
    town: str | None = Field(default=None, alias="Town", repr=False)
    county: str | None = Field(default=None, alias="County", repr=False)
    postcode: str | None = Field(default=None, alias="PostCode", repr=False)
    country_id: int | None = Field(default=None, alias="CountryId")
    email: str | None = Field(default=None, alias="Email", repr=False)
    phone: str | None = Field(default=None, alias="Phone", repr=False)
    courier_id: int | None = Field(default=None, alias="CourierServiceId")
    courier: str | None = Field(default=None, alias="CourierServiceName")
    external_reference: str | None = Field(default=None, alias="ExternalOrderReference")
    delivery_notes: str | None = Field(default=None, alias="DeliveryNotes", repr=False)
    required_delivery: str | None = Field(default=None, alias="RequiredDeliveryDate")
    required_despatch: str | None = Field(default=None, alias="RequiredDespatchDate")


class Country(Theirs):
    """A country; its id differs from tenant to tenant."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")
    code: str | None = Field(default=None, alias="Code")
    code3: str | None = Field(default=None, alias="Code3")


class OrderStatus(Theirs):
    """A status; `external_name` is what the client is shown."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")
    external_name: str | None = Field(default=None, alias="ExternalName")


class OrderComment(Theirs):
    """A comment on an order."""

    comment: str | None = Field(default=None, alias="Comment")


class Courier(Theirs):
    """A courier service."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")
    active: bool | None = Field(default=True, alias="ActiveB")


class Portion(Theirs):
    """Units of a level that are something special."""

    quantity: int | None = Field(default=0, alias="Quantity")
    type: str | None = Field(default=None, alias="Type")


class Level(Theirs):
    """A product's stock in a warehouse."""

    product_id: int = Field(alias="ProductId")
    warehouse_id: int | None = Field(default=None, alias="WarehouseId")
    client_id: int | None = Field(default=None, alias="ClientId")
    sku: str | None = Field(default=None, alias="SKU")
    level: int = Field(alias="Level")
    total: int | None = Field(default=None, alias="TotalStockLevel")
    bundle: bool | None = Field(default=False, alias="Bundle")
    breakdown: tuple[Portion, ...] | None = Field(default=None, alias="Breakdown")
    last_updated: str | None = Field(default=None, alias="LastUpdated")


class Inventory(Theirs):
    """What there is of a product in a warehouse, in words that are clear."""

    warehouse_id: int | None = Field(default=None, alias="WarehouseId")
    on_hand: int | None = Field(default=0, alias="OnHand")
    allocated: int | None = Field(default=0, alias="Allocated")
    in_quarantine: int | None = Field(default=0, alias="InQuarantine")


class NewOrderItem(Ours):
    """An item of an order to be made."""

    sku: str = Field(alias="SKU")
    quantity: int = Field(alias="Quantity")
    unit_price: float | None = Field(default=None, alias="UnitPrice")
    details: str | None = Field(default=None, alias="Details")


class NewNameValue(Ours):
    """More that the order shall carry."""

    name: str = Field(alias="Name")
    value: str = Field(alias="Value")


class NewOrder(Ours):
    """Body of ``PUT /api/Order``. What is None is not sent."""

    client_id: int | None = Field(default=None, alias="ClientId")
    number: str = Field(alias="OrderNumber")
    external_reference: str | None = Field(default=None, alias="ExternalOrderReference")
    title: str | None = Field(default=None, alias="Title")
    company: str | None = Field(default=None, alias="CompanyName")
    first_name: str | None = Field(default=None, alias="FirstName")
    last_name: str | None = Field(default=None, alias="LastName")
    address_1: str | None = Field(default=None, alias="Address1")
    address_2: str | None = Field(default=None, alias="Address2")
    address_3: str | None = Field(default=None, alias="Address3")
    town: str | None = Field(default=None, alias="Town")
    county: str | None = Field(default=None, alias="County")
    postcode: str | None = Field(default=None, alias="PostCode")
    country: str = Field(alias="Country")
    email: str | None = Field(default=None, alias="Email")
    phone: str | None = Field(default=None, alias="Phone")
    courier: str | None = Field(default=None, alias="CourierService")
    courier_id: int | None = Field(default=None, alias="CourierServiceId")
    channel: str | None = Field(default=None, alias="Channel")
    channel_id: int | None = Field(default=None, alias="ChannelId")
    warehouse_id: int = Field(alias="WarehouseId")
    currency: str = Field(alias="Currency")
    comments: str | None = Field(default=None, alias="Comments")
    delivery_notes: str | None = Field(default=None, alias="DeliveryNotes")
    ioss_number: str | None = Field(default=None, alias="IOSSNumber")
    items: tuple[NewOrderItem, ...] = Field(alias="OrderItems")
    name_values: tuple[NewNameValue, ...] | None = Field(default=None, alias="OrderNameValues")
