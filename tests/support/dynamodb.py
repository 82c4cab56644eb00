"""DynamoDB in memory, for the simulation: the calls that the hub makes, strictly, in microseconds.

It knows the expressions that the hub's adapters use and refuses every other loudly.
tests/contract holds it to moto. Beside a plain store it can read as DynamoDB really does where
reads are eventually consistent: an older version of an item.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.expressions import (
    Item,
    NotModelled,
    check_used,
    condition,
    refused,
    require,
    updated,
)

Key = tuple[str, ...]
_OF_PARTITION = re.compile(r"\s*(\S+)\s*=\s*(:\w+)")

TOKEN_LASTS = 600.0
"""Seconds that a transaction's request token is remembered."""
VERSIONS_KEPT = 6


# -- tables -----------------------------------------------------------------------------------


@dataclass
class Table:
    """Items by key, with their latest versions and when each was written."""

    hash_key: str
    range_key: str | None
    indexes: dict[str, tuple[str, str]]
    items: dict[Key, Item] = field(default_factory=dict)
    past: dict[Key, list[tuple[float, Item | None]]] = field(default_factory=dict)

    def key_of(self, item: Mapping[str, Any]) -> Key:
        """The key of an item."""
        if self.range_key is None:
            return (item[self.hash_key]["S"],)
        return (item[self.hash_key]["S"], item[self.range_key]["S"])

    def put(self, key: Key, item: Item | None, at: float) -> None:
        """Write, or with None delete."""
        versions = self.past.setdefault(key, [])
        versions.append((at, item))
        del versions[:-VERSIONS_KEPT]
        if item is None:
            self.items.pop(key, None)
        else:
            self.items[key] = item

    def as_of(self, key: Key, at: float) -> Item | None:
        """The item as it stood at a moment."""
        versions = self.past.get(key, [])
        position = bisect_right([written for written, _ in versions], at)
        if position:
            return versions[position - 1][1]
        return None if len(versions) < VERSIONS_KEPT else versions[0][1]


class InMemoryDynamoDb:
    """The tables, and the calls on them.

    Args:
        tables: CloudFormation properties by table name, as template.yaml has them.
        now: Seconds; for stale reads and for how long request tokens are remembered.
        lag: How old an eventually consistent read is now, in seconds.
        page: Most items that a page of a query holds; small, to make pages happen.
    """

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, Any]],
        *,
        now: Callable[[], float] = lambda: 0.0,
        lag: Callable[[], float] = lambda: 0.0,
        page: int = 100,
    ) -> None:
        self.tables = {name: _table(properties) for name, properties in tables.items()}
        self._now = now
        self._lag = lag
        self._page = page
        self._tokens: dict[str, tuple[float, str]] = {}

    # -- reads --------------------------------------------------------------------------------

    def get_item(
        self,
        *,
        TableName: str,
        Key: Item,
        ConsistentRead: bool = False,
        ProjectionExpression: str = "",
    ) -> dict[str, Any]:
        """GetItem."""
        table = self.tables[TableName]
        found = self._read(table, table.key_of(Key), consistent=ConsistentRead)
        if found is None:
            return {}
        if ProjectionExpression:
            wanted = {name.strip() for name in ProjectionExpression.split(",")}
            found = {name: value for name, value in found.items() if name in wanted}
        return {"Item": dict(found)}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """BatchGetItem."""
        found = {}
        for name, wanted in RequestItems.items():
            table = self.tables[name]
            keys = [table.key_of(key) for key in wanted["Keys"]]
            consistent = wanted.get("ConsistentRead", False)
            rows = [self._read(table, key, consistent=consistent) for key in keys]
            only = wanted.get("ProjectionExpression", "")
            found[name] = [_projected(row, only) for row in rows if row is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Item,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        FilterExpression: str = "",
        ProjectionExpression: str = "",
        IndexName: str = "",
        ConsistentRead: bool = False,
        Limit: int = 0,
        ExclusiveStartKey: Item | None = None,
        ScanIndexForward: bool = True,
    ) -> dict[str, Any]:
        """Query, in rising order of the range key unless told else."""
        table = self.tables[TableName]
        names = ExpressionAttributeNames or {}
        holds, used = condition(KeyConditionExpression)
        keep = holds
        if FilterExpression:
            keep, more = condition(FilterExpression)
            used |= more
        check_used("Query", used, names, ExpressionAttributeValues)
        if IndexName and ConsistentRead:
            raise refused("Query", "ValidationException", "no consistent reads of an index")
        hash_key, range_key = (
            table.indexes[IndexName] if IndexName else (table.hash_key, table.range_key)
        )
        at = None if ConsistentRead else self._now() - self._lag()
        # The hash key alone first: most rows are of another partition.
        of = _OF_PARTITION.match(KeyConditionExpression)
        alone = of and names.get(of[1], of[1]) == hash_key
        partition = ExpressionAttributeValues[of[2]].get("S") if of and alone else None
        rows = [
            item
            for item in self._items(table, at)
            if hash_key in item
            and partition in {None, item[hash_key]["S"]}
            and holds(item, names, ExpressionAttributeValues)
        ]

        def place(item: Mapping[str, Any]) -> tuple[str, Any]:
            return (item[range_key]["S"] if range_key else "", table.key_of(item))

        rows.sort(key=place, reverse=not ScanIndexForward)
        if ExclusiveStartKey is not None:
            # The row may have left the index since its page was read: it goes on behind its place.
            start = place(ExclusiveStartKey)
            behind = (
                place(row) > start if ScanIndexForward else place(row) < start for row in rows
            )
            rows = [row for row, is_behind in zip(rows, behind, strict=True) if is_behind]
        size = min(Limit or self._page, self._page)
        shown = rows[:size]
        answer: dict[str, Any] = {
            "Items": [
                _projected(row, ProjectionExpression)
                for row in shown
                if keep(row, names, ExpressionAttributeValues)
            ],
            "ScannedCount": len(shown),
        }
        if len(rows) > size or (Limit and len(shown) == Limit):
            last = shown[-1]
            wanted = {table.hash_key, table.range_key, hash_key, range_key}
            answer["LastEvaluatedKey"] = {k: v for k, v in last.items() if k in wanted}
        return answer

    def scan(
        self,
        *,
        TableName: str,
        FilterExpression: str,
        ExpressionAttributeValues: Item,
        ProjectionExpression: str,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ExclusiveStartKey: Item | None = None,
        Limit: int = 0,
    ) -> dict[str, Any]:
        """Scan, in the order of the keys; eventually consistent."""
        table = self.tables[TableName]
        keep, used = condition(FilterExpression)
        names = ExpressionAttributeNames or {}
        shown = {name.strip() for name in ProjectionExpression.split(",")}
        used |= {name for name in shown if name.startswith("#")}
        check_used("Scan", used, names, ExpressionAttributeValues)
        at = self._now() - self._lag()
        rows = sorted(self._items(table, at), key=table.key_of)
        if ExclusiveStartKey is not None:
            start = table.key_of(ExclusiveStartKey)
            rows = [row for row in rows if table.key_of(row) > start]
        size = min(Limit or self._page, self._page)
        read, more = rows[:size], rows[size:]
        wanted = {names.get(name, name) for name in shown}
        answer: dict[str, Any] = {
            "Items": [
                {name: value for name, value in row.items() if name in wanted}
                for row in read
                if keep(row, names, ExpressionAttributeValues)
            ],
            "ScannedCount": len(read),
        }
        if more:
            keys = {table.hash_key, table.range_key}
            answer["LastEvaluatedKey"] = {k: v for k, v in read[-1].items() if k in keys}
        return answer

    def _read(self, table: Table, key: Key, *, consistent: bool) -> Item | None:
        lag = 0.0 if consistent else self._lag()
        return table.as_of(key, self._now() - lag) if lag else table.items.get(key)

    def _items(self, table: Table, at: float | None) -> Iterator[Item]:
        if at is None or at >= self._now():
            yield from table.items.values()
            return
        for key in list(table.past):
            item = table.as_of(key, at)
            if item is not None:
                yield item

    # -- writes -------------------------------------------------------------------------------

    def put_item(self, *, TableName: str, Item: Item, **more: Any) -> dict[str, Any]:
        """PutItem."""
        table = self.tables[TableName]
        key = table.key_of(Item)
        require("PutItem", table.items.get(key), more)
        table.put(key, dict(Item), self._now())
        return {}

    def delete_item(self, *, TableName: str, Key: Item, **more: Any) -> dict[str, Any]:
        """DeleteItem."""
        table = self.tables[TableName]
        key = table.key_of(Key)
        require("DeleteItem", table.items.get(key), more)
        if key in table.items:
            table.put(key, None, self._now())
        return {}

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        UpdateExpression: str,
        ReturnValues: str = "NONE",
        **more: Any,
    ) -> dict[str, Any]:
        """UpdateItem."""
        table = self.tables[TableName]
        key = table.key_of(Key)
        was = table.items.get(key)
        becomes = updated("UpdateItem", was, Key, UpdateExpression, more)
        table.put(key, becomes, self._now())
        match ReturnValues:
            case "NONE":
                return {}
            case "ALL_OLD":
                return {"Attributes": dict(was)} if was is not None else {}
            case "ALL_NEW":
                return {"Attributes": dict(becomes)}
            case _:
                raise NotModelled(f"UpdateItem with ReturnValues {ReturnValues}")

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """BatchWriteItem."""
        for name, requests in RequestItems.items():
            for request in requests:
                if "PutRequest" in request:
                    self.put_item(TableName=name, Item=request["PutRequest"]["Item"])
                else:
                    self.delete_item(TableName=name, Key=request["DeleteRequest"]["Key"])
        return {"UnprocessedItems": {}}

    def transact_write_items(
        self, *, TransactItems: list[dict[str, Any]], ClientRequestToken: str = ""
    ) -> dict[str, Any]:
        """TransactWriteItems: all puts or none; the same request token again changes nothing."""
        seen = self._tokens.get(ClientRequestToken) if ClientRequestToken else None
        if seen is not None and self._now() - seen[0] < TOKEN_LASTS:
            if seen[1] != repr(TransactItems):
                raise refused("TransactWriteItems", "IdempotentParameterMismatchException")
            return {}
        reasons = []
        for entry in TransactItems:
            put = dict(entry["Put"])
            table = self.tables[put.pop("TableName")]
            try:
                require("Put", table.items.get(table.key_of(put.pop("Item"))), put)
                reasons.append({"Code": "None"})
            except ClientError:
                reasons.append({"Code": "ConditionalCheckFailed"})
        if any(reason["Code"] != "None" for reason in reasons):
            raise refused(
                "TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons
            )
        for entry in TransactItems:
            table = self.tables[entry["Put"]["TableName"]]
            item = entry["Put"]["Item"]
            table.put(table.key_of(item), dict(item), self._now())
        if ClientRequestToken:
            self._tokens[ClientRequestToken] = (self._now(), repr(TransactItems))
        return {}


def _table(properties: Mapping[str, Any]) -> Table:
    keys = {row["KeyType"]: row["AttributeName"] for row in properties["KeySchema"]}
    indexes = {}
    for index in properties.get("GlobalSecondaryIndexes", []):
        of_index = {row["KeyType"]: row["AttributeName"] for row in index["KeySchema"]}
        indexes[index["IndexName"]] = (of_index["HASH"], of_index["RANGE"])
    return Table(keys["HASH"], keys.get("RANGE"), indexes)


def _projected(row: Mapping[str, Any], expression: str) -> dict[str, Any]:
    """What a ProjectionExpression leaves of an item; all of it without one."""
    wanted = {name.strip() for name in expression.split(",")}
    return {name: value for name, value in row.items() if not expression or name in wanted}
