"""What flows need of the ERP's credit notes."""

from __future__ import annotations

from typing import Protocol


class ErpCreditNotes(Protocol):
    """The credit notes of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
