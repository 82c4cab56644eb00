"""Reading and writing the marketplace's table, by its keys and its two indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, plain, typed
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class MarketTable:
    """Reading and writing the table."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def _get(self, pk: str, sk: str) -> dict[str, Any]:
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return plain(answer.get("Item", {}))

    def _put(self, row: rows.Row) -> Any:
        return {"Put": {"TableName": self._table, "Item": typed(row)}}

    def _all_of(self, pk: str, begins: str) -> list[dict[str, Any]]:
        """Every item of a partition whose sort key begins so, in order; read consistently."""
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :begins)",
                    ExpressionAttributeValues=typed({":pk": pk, ":begins": begins}),
                    ConsistentRead=True,
                    **start,
                )
            found += [plain(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _in_work(self, partition: str, limit: int | None, behind: str = "") -> list[dict[str, Any]]:
        """Rows of the sparse index behind a key, the oldest first; all without a limit."""
        # An index takes no empty text to compare with.
        values = {":partition": partition, ":behind": behind or " "}
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while limit is None or len(found) < limit:
            bound: dict[str, Any] = {} if limit is None else {"Limit": limit - len(found)}
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    IndexName=rows.IN_WORK,
                    KeyConditionExpression="work_pk = :partition AND work_sk > :behind",
                    ExpressionAttributeValues=typed(values),
                    **bound,
                    **start,
                )
            found += [plain(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found

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
