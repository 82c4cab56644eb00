"""What flows need of the ERP's warehouses."""

from __future__ import annotations

from typing import Protocol

from returns_hub.domain.unleashed.warehouses import ErpWarehouse


class ErpWarehouses(Protocol):
    """The warehouses of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def warehouses(self) -> tuple[ErpWarehouse, ...]:
        """Every warehouse of the account, obsolete ones too."""
