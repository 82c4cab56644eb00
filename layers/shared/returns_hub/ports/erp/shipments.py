"""What flows need of the ERP's sales shipments."""

from __future__ import annotations

from typing import Protocol


class ErpShipments(Protocol):
    """The sales shipments of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
