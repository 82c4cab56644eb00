"""What flows need of the ERP: sales orders that the hub makes."""

from __future__ import annotations

from typing import Protocol


class ErpOrderMaking(Protocol):
    """The ERP of one merchant: sales orders that the hub makes."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
