"""What the `unleashed:` block says about orders: import, shipments, despatches, export.

Source of the settings and their defaults: the settings page of the warehouse's own connector;
docs/unleashed.md has them by its names. Where that page tells no default, the careful one is taken.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.file_types import Mode, Switch
from returns_hub.domain.unleashed.flow_base import (
    Courier,
    CustomStatuses,
    FewestMinutes,
    TaxCode,
    UnleashedFlow,
)

Channel = Annotated[str, StringConstraints(min_length=1, max_length=60)]
OrderStatusWord = Literal["open", "placed", "parked", "backordered", "completed"]
FixedStatus = Literal["placed", "parked", "backordered"]
ShipmentStatusWord = Literal["parked", "placed", "picking", "packed", "dispatched"]
WarehouseStatus = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,30}$")]


class OrderEdits(Frozen):
    """An order that was edited in Unleashed after it was imported."""

    increases: Switch = Field(
        default=True, description="more units, and new lines, reach the warehouse's order"
    )
    decreases: Switch = Field(
        default=False, description="fewer units, and lines that are gone, do so as well"
    )
    addresses: Switch = Field(
        default=True, description="another delivery address reaches the warehouse's order"
    )
    deletions: Literal["ask", "cancel"] = Field(
        default="ask",
        description="an order that was deleted in Unleashed: a person is asked, or it is cancelled "
        "while the warehouse has not begun it",
    )

    @model_validator(mode="after")
    def _in_this_order(self) -> Self:
        if self.decreases and not self.increases:
            raise ValueError("decreases is a second switch, after increases; switch that on too")
        return self


class OrderImport(UnleashedFlow):
    """Sales orders of Unleashed become orders of the warehouse."""

    every_minutes: FewestMinutes = Field(default=15, description="minutes between two runs")
    statuses: tuple[OrderStatusWord, ...] = Field(
        default=("open",), min_length=1, description="sales orders of these statuses are imported"
    )
    open_means: tuple[FixedStatus, ...] = Field(
        default=("placed", "backordered"),
        min_length=1,
        description="open is no status of Unleashed's API; parked ones are drafts",
    )
    custom_statuses: CustomStatuses = Field(
        default=(), description="where any is named, these alone are imported, whatever statuses is"
    )
    number_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]{0,15}$",
        description="before the order's number: UNL- makes UNL-12345 of 12345",
    )
    channel: Channel | None = Field(
        default=None, description="Mintsoft channel that orders are imported against"
    )
    channel_by_source: Switch = Field(
        default=False, description="orders come under the channel of their source id"
    )
    channels: dict[str, Channel] = Field(
        default_factory=dict,
        description="source id, or what it begins with -> Mintsoft channel; others have `channel`",
    )
    default_country: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="ISO 3166 country of orders that name none; without it they go to a person",
    )
    ioss_number: str | None = Field(
        default=None, pattern=r"^IM[0-9]{10}$", description="IOSS number of every order"
    )
    courier_default: Courier = Field(
        default="AUTO", description="Mintsoft courier service of delivery methods without an entry"
    )
    couriers: dict[str, Courier] = Field(
        default_factory=dict,
        description="Unleashed's delivery method -> Mintsoft courier service (id or name)",
    )
    charges: Literal["leave_out", "comment"] = Field(
        default="leave_out",
        description="charge lines hold no goods: left out, or named in the order's comments",
    )
    edits: OrderEdits = OrderEdits.model_construct()

    @model_validator(mode="after")
    def _channels_are_named(self) -> Self:
        if self.channel_by_source and not self.channels:
            raise ValueError("channel_by_source needs channels: a channel for each source id")
        if "" in {source.strip() for source in self.channels}:
            raise ValueError("channels has an empty source id")
        return self


class ShipmentImport(UnleashedFlow):
    """Sales shipments of Unleashed become orders of the warehouse, in place of their orders."""

    every_minutes: FewestMinutes = Field(default=15, description="minutes between two runs")
    statuses: tuple[ShipmentStatusWord, ...] = Field(
        default=("placed",), min_length=1, description="shipments of these statuses are imported"
    )
    splitting: Switch = Field(
        default=False,
        description="a shipment that was split after its import changes its order, while the "
        "warehouse has not begun it",
    )


class Despatches(UnleashedFlow):
    """What the warehouse sent is told to Unleashed."""

    complete_order: Switch = Field(
        default=True, description="a sales order whose goods are all sent is completed"
    )
    shipping_companies: dict[str, str] = Field(
        default_factory=dict,
        description="Mintsoft courier -> Unleashed's shipping company; others go by their name",
    )
    send_shipping_company: Switch = Field(
        default=True, description="name the shipping company, beside the tracking number"
    )


class MarketplaceOrders(Frozen):
    """Orders of the marketplace that are made in Unleashed (`miinto.orders.into: unleashed`)."""

    customers: dict[str, str] = Field(
        default_factory=dict,
        description="currency (ISO 4217) -> code of Unleashed's customer of such orders, whose "
        "currency it has to be",
    )
    tax_code: TaxCode | None = Field(
        default=None, description="tax code of Unleashed on these orders"
    )

    @model_validator(mode="after")
    def _currencies(self) -> Self:
        for currency, code in self.customers.items():
            if not re.fullmatch("[A-Z]{3}", currency) or not code.strip():
                raise ValueError("customers maps a currency, e.g. DKK, to a customer's code")
        return self


class OrderExport(UnleashedFlow):
    """Orders of the warehouse become sales orders of Unleashed."""

    since: UtcTime | None = Field(
        default=None, description="orders since this moment; by default since live_from"
    )
    channels: tuple[Channel, ...] = Field(
        default=(), description="orders of these Mintsoft channels; of every one when empty"
    )
    statuses: tuple[WarehouseStatus, ...] = Field(
        default=("DESPATCHED",),
        min_length=1,
        description="orders in these Mintsoft statuses, in its words",
    )
    prices: Literal["unknown", "net", "gross"] = Field(
        default="unknown",
        description="whether prices of Mintsoft's order items are before tax or with it; no source "
        "tells",
    )
    missing_prices: Literal["ask", "zero"] = Field(
        default="ask",
        description="an item without a price: a person is asked, or it is exported for nothing",
    )
    discounts: Literal["ask", "leave_out"] = Field(
        default="ask",
        description="a discount, of which no source tells what it counts for: a person is asked, "
        "or prices count as they are",
    )
    bundles: Literal["components", "bundle"] = Field(
        default="components", description="what of a bundle is exported: its components, or itself"
    )
    customer: str | None = Field(
        default=None, max_length=200, description="code of Unleashed's customer of these orders"
    )
    customer_by_channel: Switch = Field(
        default=False, description="the customer whose name in Unleashed is the channel's"
    )
    carriage_description: str = Field(
        default="Carriage", min_length=1, max_length=100, description="name of the line of carriage"
    )
    carriage_product: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="code of Unleashed's product of the line of carriage, one without stock; "
        "without it that is a charge line",
    )
    tax_code: TaxCode | None = Field(
        default=None, description="tax code of Unleashed on exported orders; it takes none without"
    )
    journal_only: Switch = Field(
        default=False, description="send a journal to the accounts, in place of the full invoice"
    )

    @model_validator(mode="after")
    def _has_a_customer(self) -> Self:
        if self.mode is not Mode.LIVE:
            return self
        if self.customer is None and not self.customer_by_channel:
            raise ValueError(
                "mode is live, and no sales order is without a customer: name `customer`, or set "
                "customer_by_channel"
            )
        if self.tax_code is None:
            raise ValueError("mode is live, and no sales order is without a tax: name `tax_code`")
        if self.prices == "unknown":
            raise ValueError(
                "mode is live, and prices is unknown: look at an order in Mintsoft whose prices "
                "you know, and say net or gross"
            )
        return self
