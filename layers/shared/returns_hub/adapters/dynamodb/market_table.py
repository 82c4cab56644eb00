"""Reading and writing the marketplace's table, by its keys and its two indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, plain, typed
from returns_hub.adapters.dynamodb.keyed_table import KeyedTable


class MarketTable(KeyedTable):
    """Reading and writing the table."""

    IN_WORK = rows.IN_WORK

    def _page_by_date(
        self, partition: str, before: str, limit: int, narrow: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], int, str]:
        """A page of the index by date, the newest first: rows that are of what `narrow` says, how
        many were read, and behind which key it goes on (nothing at the end)."""
        wanted = {name: value for name, value in narrow.items() if value}
        filters: dict[str, Any] = {}
        if wanted:
            filters["FilterExpression"] = " AND ".join(f"{name} = :{name}" for name in wanted)
        with dynamodb_errors():
            page = self._client.query(
                TableName=self._table,
                IndexName=rows.BY_DATE,
                KeyConditionExpression="list_pk = :partition AND list_sk < :before",
                ExpressionAttributeValues=typed(
                    {":partition": partition, ":before": before}
                    | {f":{name}": value for name, value in wanted.items()}
                ),
                ScanIndexForward=False,
                Limit=limit,
                **filters,
            )
        last = page.get("LastEvaluatedKey", {}).get("list_sk", {}).get("S", "")
        return [plain(item) for item in page["Items"]], page["ScannedCount"], last
