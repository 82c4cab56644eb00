"""What flows need of the ERP's customers."""

from __future__ import annotations

from typing import Protocol


class ErpCustomers(Protocol):
    """The customers of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
