"""What flows need of the ERP's warehouses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.warehouses import ErpWarehouse
    from returns_hub.domain.warehouse_orders import Recipient


class ErpWarehouses(Protocol):
    """The warehouses of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def warehouses(self) -> tuple[ErpWarehouse, ...]:
        """Every warehouse of the account, obsolete ones too."""

    def address_of(self, code: str) -> Recipient | None:
        """Where a warehouse is, for goods that go there; None when there is none with exactly this
        code. Its country is as the ERP has it, a name or a code, or empty.

        The list is read once for all codes.
        """
