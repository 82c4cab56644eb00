"""What flows need of the ERP's warehouse transfers."""

from __future__ import annotations

from typing import Protocol

from returns_hub.ports.erp.moves import ErpMoves


class ErpTransfers(ErpMoves, Protocol):
    """The warehouse transfers of one merchant in its ERP."""
