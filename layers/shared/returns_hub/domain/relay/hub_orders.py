"""Orders of the warehouse that the hub made itself: they have a source of truth of their own."""

from __future__ import annotations

from typing import Literal

from returns_hub.domain.unleashed.echoes import is_for_unleashed
from returns_hub.domain.warehouse_orders import WarehouseOrder

MIINTO_NAME = "Miinto order"
"""Under this name the warehouse's order carries Miinto's id; see `miinto.order_draft`."""
Maker = Literal["unleashed", "miinto"]


def made_for(order: WarehouseOrder) -> Maker | None:
    """For whose record the hub made the order; None for one that came another way."""
    if is_for_unleashed(order.external_reference):
        return "unleashed"
    if any(name == MIINTO_NAME for name, _ in order.name_values):
        return "miinto"
    return None
