"""What flows need of the ERP's assemblies."""

from __future__ import annotations

from typing import Protocol


class ErpAssemblies(Protocol):
    """The assemblies of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
