"""Orders of the warehouse as they were sold: prices, carriage, channel, and who gets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from returns_hub.domain.warehouse_orders import Recipient, WarehouseOrder

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SoldItem:
    """Units of a SKU on an order.

    Args:
        sku: The warehouse's.
        quantity: Units.
        price: Of one unit; whether it holds tax the warehouse does not say. None: not shown.
        discount: As the warehouse shows it; of what, it does not say.
    """

    sku: str
    quantity: int
    price: Decimal | None = None
    discount: Decimal = ZERO


@dataclass(frozen=True)
class WarehouseSale:
    """An order as it was sold.

    Args:
        order: The order.
        currency: ISO 4217; empty when it is not shown.
        items: As `WarehouseOrder.items`, with their prices.
        channel: The name of its sales channel; empty when it is not shown.
        carriage: Shipping before tax; 0 when it is not shown.
        discount: Off the whole order, before tax; 0 when it is not shown.
        ordered_at: When it was ordered; None when it is not shown.
        recipient: Who gets it; its country is a name.
    """

    order: WarehouseOrder
    currency: str
    items: tuple[SoldItem, ...]
    channel: str = ""
    carriage: Decimal = ZERO
    discount: Decimal = ZERO
    ordered_at: datetime | None = None
    recipient: Recipient = field(default=Recipient(country=""), repr=False)
