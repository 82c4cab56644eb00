"""What flows need of the ERP's stock on hand and adjustments."""

from __future__ import annotations

from typing import Protocol


class ErpStock(Protocol):
    """The stock on hand and adjustments of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
