"""What a flow needs of a warehouse whose orders are told as sales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.warehouse_sales import WarehouseSale


class WarehouseSales(Protocol):
    """One merchant's orders in its warehouse, as they were sold. Reads raise Retryable when they
    cannot be answered now, and Misconfigured."""

    def channels(self) -> Mapping[int, str]:
        """Names of the sales channels by the id that an order has."""

    def read_sale(self, order_id: int) -> WarehouseSale | None:
        """One order; None when the warehouse does not know it as this client's."""
