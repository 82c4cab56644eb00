"""Reading a table page by page, and writing to it in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.items import dynamodb_errors, plain, read_item, typed
from returns_hub.errors import Retryable
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = dict[str, str | int]
READ_AT_ONCE = 100
WRITE_AT_ONCE = 25
"""Items of one BatchGetItem and of one BatchWriteItem (DynamoDB's documents)."""
MOST_TRIES = 8
"""Of one batch that DynamoDB takes in parts."""
FIRST_WAIT_SECONDS = 0.1
"""Before the second of these tries; each wait after it is twice as long, 13 seconds in all."""


class Table:
    """One table.

    Args:
        client: DynamoDB.
        table: Its name.
        clock: Tells the time, and waits.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def _get(self, pk: str, sk: str) -> dict[str, Any]:
        """One item, read consistently; empty when there is none."""
        return read_item(self._client, self._table, {"pk": pk, "sk": sk})

    def _rows(
        self,
        condition: str,
        values: Mapping[str, str | int],
        limit: int | None = None,
        **more: Any,
    ) -> Iterator[dict[str, Any]]:
        """What a query finds, at most `limit`; a page is asked for once the one before is taken.

        Args:
            condition: The KeyConditionExpression.
            values: Of its names; ``{":pk": "example"}``.
            limit: None for everything.
            more: Other parameters of the query.
        """
        left, start = limit, dict[str, Any]()
        while left is None or left > 0:
            bound: dict[str, Any] = {} if left is None else {"Limit": left}
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=typed(values),
                    **bound,
                    **more,
                    **start,
                )
            yield from map(plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            left = None if left is None else left - len(page["Items"])

    def _partition(self, pk: str, begins: str = "", **more: Any) -> Iterator[dict[str, Any]]:
        """A partition's items whose sort key begins so, in its order; read consistently."""
        if not begins:
            return self._rows("pk = :pk", {":pk": pk}, ConsistentRead=True, **more)
        return self._rows(
            "pk = :pk AND begins_with(sk, :begins)",
            {":pk": pk, ":begins": begins},
            ConsistentRead=True,
            **more,
        )

    def _read_all(self, keys: Iterable[Row], **more: Any) -> Iterator[dict[str, Any]]:
        """The items of these keys that are there, in no order, 100 at once.

        Args:
            keys: Theirs.
            more: Other parameters of the table's part of the request.

        Raises:
            Retryable: DynamoDB tells no more for now.
        """
        rest = iter(keys)
        while some := list(islice(rest, READ_AT_ONCE)):
            wanted: dict[str, Any] = {self._table: {"Keys": list(map(typed, some)), **more}}
            for _ in self._tries():
                with dynamodb_errors():
                    answer = self._client.batch_get_item(RequestItems=wanted)
                yield from map(plain, answer["Responses"].get(self._table, []))
                wanted = dict(answer.get("UnprocessedKeys", {}))
                if not wanted:
                    break

    def _write_all(self, requests: Iterable[Any]) -> None:
        """Write what `put` and `gone` made, 25 at once, as they come; no key twice in 25.

        Raises:
            Retryable: DynamoDB takes no more for now; what came before is written.
        """
        rest = iter(requests)
        while some := list(islice(rest, WRITE_AT_ONCE)):
            wanted: dict[str, Any] = {self._table: some}
            for _ in self._tries():
                with dynamodb_errors():
                    answer = self._client.batch_write_item(RequestItems=wanted)
                wanted = dict(answer.get("UnprocessedItems", {}))
                if not wanted:
                    break

    def _tries(self) -> Iterator[None]:
        """Tries of a batch that is taken in parts, with waits between them."""
        for attempt in range(MOST_TRIES):
            if attempt:
                self._clock.sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            yield
        raise Retryable("dynamodb.busy", f"the table {self._table} takes no more for now")


def put(row: Row) -> Any:
    """An item that is written with others; see `Table._write_all`."""
    return {"PutRequest": {"Item": typed(row)}}


def gone(key: Row) -> Any:
    """An item that is deleted with others, by its key."""
    return {"DeleteRequest": {"Key": typed(key)}}
