"""What flows need of the ERP: word of what was sent, on shipments and orders."""

from __future__ import annotations

from typing import Protocol


class ErpDespatches(Protocol):
    """The ERP of one merchant: word of what was sent, on shipments and orders."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
