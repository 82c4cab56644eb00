"""Assemblies of Unleashed.

Sources: Unleashed's page on assemblies: batches and serial numbers are not taken there; custom
statuses override the others in its filter. Another vendor's data model has ``SourceWarehouse`` and
``DestinationWarehouse``, a digest one ``Warehouse``. Whether its list leaves out deleted ones, and
knows that word, is not told: those of orders do, so they are asked for, and an account that refuses
the word has none. A custom status is never in a query, since how a blank is signed is not known:
what comes is looked through by the flow.
"""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import PRODUCTS
from returns_hub.adapters.unleashed.moves import (
    NOTHING,
    UnleashedMoves,
    numbered,
    quantity_of,
    sku_of,
)
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    is_tracked,
    moment_in,
    number_or_none,
    part_of,
    text_of,
    warehouse_of,
)
from returns_hub.domain.unleashed.moves import Move, MoveLine
from returns_hub.errors import Permanent


class UnleashedAssemblies(UnleashedMoves):
    """`ports.erp.ErpAssemblies`."""

    path = "/Assemblies"
    lines = "AssemblyLines"
    status = "assemblyStatus"
    leaves_out_deleted = True

    def move_of(self, row: Raw) -> Move:
        """See `UnleashedMoves.move_of`."""
        components = tuple(
            MoveLine(
                number,
                sku_of(line),
                quantity_of(line, "Quantity"),
                product_guid=guid_of(part_of(line, "Product")),
                wastage=number_or_none(line, "WastageQuantity") or NOTHING,
                unit_cost=number_or_none(line, "UnitCost"),
                total_cost=number_or_none(line, "LineTotalCost"),
            )
            for number, line in numbered(row, self.lines)
        )
        made = MoveLine(
            1,
            sku_of(row),
            quantity_of(row, "Quantity"),
            product_guid=guid_of(part_of(row, "Product")),
        )
        due = moment_in(row, "AssembleBy")
        return Move(
            kind="assembly",
            guid=guid_of(row),
            number=text_of(row, "AssemblyNumber"),
            status=text_of(row, "AssemblyStatus"),
            custom_status=text_of(row, "CustomAssemblyStatus"),
            source_code=warehouse_of(row, "SourceWarehouse", "Warehouse", "DestinationWarehouse"),
            destination_code=warehouse_of(
                row, "DestinationWarehouse", "Warehouse", "SourceWarehouse"
            ),
            taken=components,
            brought=(made,),
            modified_at=moment_in(row, "LastModifiedOn"),
            created_at=moment_in(row, "CreatedOn"),
            due=due.date() if due else None,
            type_word=text_of(row, "AssemblyType"),
        )

    def tracked_in(self, assembly: Move) -> tuple[str, ...]:
        """See `ErpAssemblies.tracked_in`."""
        guids = {
            line.sku: line.product_guid for line in (*assembly.brought, *assembly.taken) if line.sku
        }
        return tuple(sorted(sku for sku, guid in guids.items() if self._is_tracked(sku, guid)))

    def _is_tracked(self, sku: str, guid: str) -> bool:
        product = self._one(PRODUCTS, guid)
        if product is None:
            raise Permanent(
                "unleashed.no_such_product", f"Unleashed does not know the product {sku[:60]}"
            )
        return is_tracked(product)
