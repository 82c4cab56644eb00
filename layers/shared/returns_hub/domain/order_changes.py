"""Changes to an order that the warehouse has not begun."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from returns_hub.domain.warehouse_orders import OrderStage, Recipient

NOT_BEGUN = (OrderStage.NEW, OrderStage.ON_HOLD, OrderStage.BACK_ORDERED)
"""Stages in which nobody picks yet."""


@dataclass(frozen=True)
class OrderHeaderChange:
    """What changes of an order's header; None leaves it as it is.

    Args:
        recipient: Who gets the goods: the whole of it, so that no line of another address stays.
        courier: The courier service's id or name.
        external_reference: The order's name elsewhere; unique for the client.
        delivery_notes: For the courier.
        required_delivery: The day it is wanted.
        required_despatch: The day it has to leave.
    """

    recipient: Recipient | None = None
    courier: int | str | None = None
    external_reference: str | None = None
    delivery_notes: str | None = field(default=None, repr=False)
    required_delivery: date | None = None
    required_despatch: date | None = None
