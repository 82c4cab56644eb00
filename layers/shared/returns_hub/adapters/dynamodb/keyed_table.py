"""Reading and writing a table of timelines, by its keys and its sparse index of what is in work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.items import dynamodb_errors, plain, typed
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = dict[str, str | int]


class KeyedTable:
    """A table with the keys `pk` and `sk`, and an index over `work_pk` and `work_sk`."""

    IN_WORK: str
    """The index's name."""

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

    def _put(self, row: Row) -> Any:
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
                    IndexName=self.IN_WORK,
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
