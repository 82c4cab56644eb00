"""What flows need of the ERP's sales orders."""

from __future__ import annotations

from typing import Protocol


class ErpOrders(Protocol):
    """The sales orders of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
