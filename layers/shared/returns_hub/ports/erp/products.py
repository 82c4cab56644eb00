"""What flows need of the ERP's products."""

from __future__ import annotations

from typing import Protocol


class ErpProducts(Protocol):
    """The products of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
