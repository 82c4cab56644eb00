"""What flows need of the ERP's warehouse transfers."""

from __future__ import annotations

from typing import Protocol


class ErpTransfers(Protocol):
    """The warehouse transfers of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
