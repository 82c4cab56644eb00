"""What flows need of the ERP's purchase orders."""

from __future__ import annotations

from typing import Protocol


class ErpPurchaseOrders(Protocol):
    """The purchase orders of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
