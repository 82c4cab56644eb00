"""Changes to an order that the warehouse has not begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from returns_hub.domain.warehouse_orders import OrderStage, Recipient

NOT_BEGUN = frozenset({OrderStage.NEW, OrderStage.ON_HOLD, OrderStage.BACK_ORDERED})
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


def units_to_set(held: Mapping[str, int], wanted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """What to set, SKU by SKU, to get from the units held to those wanted.

    More comes before less and nothing comes last, so that the order is never empty on the way.
    """
    changed = [
        (sku, wanted.get(sku, 0))
        for sku in sorted({*held, *wanted})
        if wanted.get(sku, 0) != held.get(sku, 0)
    ]

    def turn(change: tuple[str, int]) -> tuple[int, str]:
        sku, units = change
        return (2 if units == 0 else 0 if units > held.get(sku, 0) else 1, sku)

    return tuple(sorted(changed, key=turn))
