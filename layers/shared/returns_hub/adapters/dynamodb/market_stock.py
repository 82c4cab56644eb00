"""What the marketplace was told last of each variant's stock, compactly."""

from __future__ import annotations

import json
from collections.abc import Mapping

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, typed
from returns_hub.adapters.dynamodb.market_table import MarketTable
from returns_hub.adapters.dynamodb.table import Row

BUCKETS = 64
"""Items that a shop's variants are spread over: 50,000 variants make items of about 15 KB."""


class ToldStock(MarketTable):
    """Units by variant. told: 1 request for each megabyte. keep: 1 for each bucket that changed."""

    def told_stock(self, merchant: str, shop: str) -> Mapping[str, int]:
        """See `MarketStore.told_stock`."""
        told: dict[str, int] = {}
        for units in self._buckets(merchant, shop).values():
            told |= units
        return told

    def keep_told_stock(
        self, merchant: str, shop: str, told: Mapping[str, int], *, whole: bool = False
    ) -> None:
        """See `MarketStore.keep_told_stock`."""
        before = self._buckets(merchant, shop)
        after = {number: {} if whole else dict(units) for number, units in before.items()}
        for variant, units in told.items():
            after.setdefault(_bucket_of(variant), {})[variant] = units
        expires = expiry(self._clock.now())
        for number, held in after.items():
            if held == before.get(number):
                continue
            row: Row = {
                "pk": rows.of_stock(merchant, shop),
                "sk": f"TOLD#{number:02d}",
                "told": json.dumps(held, sort_keys=True, separators=(",", ":")),
                "expires_at": expires,
            }
            with dynamodb_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=typed(rows.fitting(row, f"what shop {shop} was told of stock")),
                )

    def _buckets(self, merchant: str, shop: str) -> dict[int, dict[str, int]]:
        found = self._partition(rows.of_stock(merchant, shop), "TOLD#")
        return {int(item["sk"].removeprefix("TOLD#")): json.loads(item["told"]) for item in found}


def _bucket_of(variant: str) -> int:
    return int(variant[:4], 16) % BUCKETS
