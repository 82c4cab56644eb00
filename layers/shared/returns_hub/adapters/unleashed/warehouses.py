"""Warehouses of Unleashed; read only.

Source: a working client's sample (``GET /Warehouses``): ``WarehouseCode``, ``WarehouseName``,
``Obsolete``.
"""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.reading import text_of, value_of
from returns_hub.domain.unleashed.warehouses import ErpWarehouse

PATH = "/Warehouses"


class UnleashedWarehouses(UnleashedResource):
    """`ports.erp.ErpWarehouses`."""

    def warehouses(self) -> tuple[ErpWarehouse, ...]:
        """See `ErpWarehouses.warehouses`. A code is as Unleashed has it, blanks included."""
        rows = self._client.rows(PATH, size=self._connection.page_size)
        return tuple(
            ErpWarehouse(
                code=str(value_of(row, "WarehouseCode") or ""),
                name=text_of(row, "WarehouseName"),
                obsolete=value_of(row, "Obsolete") is True,
            )
            for row in rows
        )
