"""Warehouse stock transfers of Unleashed.

Sources: Unleashed's page on transfers: without ``transferStatus`` the list holds everything,
deleted ones too; one is read by its Guid or by its number. The key of the number was seen by
nobody: three spellings are read.
"""

from __future__ import annotations

from returns_hub.adapters.unleashed.moves import (
    UnleashedMoves,
    numbered,
    quantity_of,
    sku_of,
)
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    moment_in,
    part_of,
    text_of,
    warehouse_of,
)
from returns_hub.domain.unleashed.moves import Move, MoveLine

NUMBERS = ("TransferOrderNumber", "TransferNumber", "WarehouseTransferNumber")


class UnleashedTransfers(UnleashedMoves):
    """`ports.erp.ErpTransfers`."""

    path = "/WarehouseStockTransfers"
    lines = "TransferDetails"
    status = "transferStatus"

    def move_of(self, row: Raw) -> Move:
        """See `UnleashedMoves.move_of`."""
        goods = tuple(
            MoveLine(
                number,
                sku_of(line),
                quantity_of(line, "TransferQuantity"),
                product_guid=guid_of(part_of(line, "Product")),
            )
            for number, line in numbered(row, self.lines)
        )
        due = moment_in(row, "DeliveryDate")
        return Move(
            kind="transfer",
            guid=guid_of(row),
            number=next((found for name in NUMBERS if (found := text_of(row, name))), ""),
            status=text_of(row, "TransferStatus"),
            source_code=warehouse_of(row, "SourceWarehouse"),
            destination_code=warehouse_of(row, "DestinationWarehouse"),
            taken=goods,
            brought=goods,
            modified_at=moment_in(row, "LastModifiedOn"),
            created_at=moment_in(row, "CreatedOn"),
            due=due.date() if due else None,
        )
