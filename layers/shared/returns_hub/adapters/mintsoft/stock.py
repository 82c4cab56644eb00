"""Stock of one client in Mintsoft, and what its numbers mean.

Sources: Mintsoft's Swagger (StockLevel, InventoryItem) and recorded behaviour of client projects,
which disagree on ``Level`` and ``TotalStockLevel``: hence the setting and its proof. The whole
stock comes in one array without pages, for a warehouse user with the rows of every client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from returns_hub.adapters.mintsoft.answers import rows_of
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import NotThere
from returns_hub.adapters.mintsoft.order_models import Inventory, Level
from returns_hub.adapters.mintsoft.times import to_utc, zone
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.warehouse_stock import StockLevel, StockProof, StockSample
from returns_hub.errors import Permanent, Retryable

LEVELS = "/api/Product/StockLevels"
QUARANTINE = "Quarantine"
"""A breakdown's word, seen by two client projects."""
MOST_SAMPLES = 5
UNREADABLE = StockLevel(level=0, is_doubtful=True, is_unreadable=True)


class MintsoftStock:
    """Levels and inventories; reads alone."""

    def __init__(self, client: MintsoftClient, connection: MintsoftConnection) -> None:
        self._client = client
        self._connection = connection

    def levels(self, warehouse_id: int) -> dict[str, StockLevel]:
        """See `ports.OrdersWarehouse.stock_levels`."""
        found: dict[str, StockLevel] = {}
        local = zone(self._connection.time_zone)

        def keep(row: Level) -> None:
            sku, level = (row.sku or "").strip(), _stock_level(row, local)
            before = found.get(sku)
            if before is not None:
                # Two rows of one SKU are nowhere explained: the smaller one promises less.
                smaller = min(level, before, key=lambda one: one.available("unknown"))
                level = replace(smaller, is_doubtful=True)
            found[sku] = level

        broken: set[str] = set()
        self._each_level(warehouse_id, keep, broken.add)
        for sku in broken:
            known = found.get(sku)
            found[sku] = replace(known, is_doubtful=True) if known is not None else UNREADABLE
        return found

    def prove(self, warehouse_id: int) -> StockProof:
        """See `ports.OrdersWarehouse.prove_stock_levels`.

        Products whose two numbers differ come first: only they can tell.
        """
        telling: list[Level] = []
        others: list[Level] = []

        def keep(row: Level) -> None:
            differ = row.total is not None and row.total != row.level
            chosen = telling if differ else others
            if not row.bundle and len(chosen) < MOST_SAMPLES and (differ or row.level > 0):
                chosen.append(row)

        self._each_level(warehouse_id, keep)
        samples = [self._sample(row) for row in [*telling, *others][:MOST_SAMPLES]]
        return StockProof(tuple(sample for sample in samples if sample is not None))

    def _each_level(
        self,
        warehouse_id: int,
        keep: Callable[[Level], None],
        unread: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Give every row of this client and warehouse away, one at a time; of one that cannot be
        read its SKU, as far as that can.

        Raises:
            Retryable: There were rows, and none could be read.
            Permanent: This tenant has no such list.
        """
        readable = broken = 0
        here = (self._connection.client_id, warehouse_id)

        def take(content: dict[str, Any]) -> None:
            nonlocal readable, broken
            try:
                row = Level.model_validate(content)
            except ValidationError:
                broken += 1
                sku = content.get("SKU")
                is_ours = (content.get("ClientId"), content.get("WarehouseId")) == here
                if is_ours and isinstance(sku, str) and sku.strip():
                    unread(sku.strip())
                return
            readable += 1
            ours = row.client_id == self._connection.client_id and row.warehouse_id == warehouse_id
            if ours and row.sku and row.sku.strip():
                keep(row)

        try:
            self._client.read_rows(
                LEVELS,
                take,
                template=LEVELS,
                query={"WarehouseId": warehouse_id, "Breakdown": "true"},
            )
        except NotThere:
            raise Permanent("mintsoft.no_such_call", f"Mintsoft has no {LEVELS}") from None
        if broken and not readable:
            raise Retryable(
                "mintsoft.unreadable", f"none of {broken} stock levels can be read", after=300
            )

    def _sample(self, row: Level) -> StockSample | None:
        path = f"/api/Product/{row.product_id}/Inventory"
        try:
            content = self._client.read(path, template="/api/Product/{id}/Inventory")
        except NotThere:
            return None
        here = [r for r in rows_of(Inventory, content) if r.warehouse_id == row.warehouse_id]
        if not here:
            return None
        return StockSample(
            sku=(row.sku or "").strip(),
            level=row.level,
            total=row.total,
            on_hand=sum(found.on_hand or 0 for found in here),
            allocated=sum(found.allocated or 0 for found in here),
            quarantined=sum(found.in_quarantine or 0 for found in here),
        )


def _stock_level(row: Level, local: ZoneInfo) -> StockLevel:
    try:
        updated_at = to_utc(row.last_updated, local) if row.last_updated else None
    except ValueError:
        updated_at = None
    return StockLevel(
        level=row.level,
        total=row.total,
        quarantined=sum(
            portion.quantity or 0
            for portion in row.breakdown or ()
            if (portion.type or "").strip().casefold() == QUARANTINE.casefold()
        ),
        bundle=bool(row.bundle),
        updated_at=updated_at,
    )
