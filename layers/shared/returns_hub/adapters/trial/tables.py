"""DynamoDB in a trial: reads go through, writes stay here, and later reads see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.expressions import (
    Item,
    NotModelled,
    condition,
    refused,
    require,
    updated,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = tuple[str, str]
"""``pk`` and ``sk`` of an item; an empty ``sk`` in a table that has none."""
COUNTED = ("calls#", "gate#")
"""Items that are true whoever works: calls that a partner counts were made, and a partner's pace is
for everybody. These alone are written for real."""
_PARTITION = re.compile(r"\s*(#?\w+)\s*=\s*:\w+")


@dataclass(frozen=True)
class Changed:
    """An item that the trial changed: as it really stands, and as it would; None is none."""

    table: str
    key: Key
    before: Item | None
    after: Item | None


class TrialTables:
    """The calls of DynamoDB's client that the hub makes.

    Every table's key is ``pk``, or ``pk`` and ``sk``; an index's is ``<word>_pk`` and
    ``<word>_sk``. A test holds the template to it.

    Args:
        behind: Reads the real tables.
    """

    def __init__(self, behind: DynamoDBClient) -> None:
        self._behind: Any = behind
        self._now: dict[tuple[str, Key], Item | None] = {}
        self._before: dict[tuple[str, Key], Item | None] = {}

    def changed(self) -> Iterator[Changed]:
        """What would be written, in the order of the first write of each item."""
        for (table, key), after in self._now.items():
            before = self._before[table, key]
            if before != after:
                yield Changed(table, key, before, after)

    # -- reads --------------------------------------------------------------------------------

    def get_item(
        self, *, TableName: str, Key: Item, ProjectionExpression: str = "", **more: Any
    ) -> dict[str, Any]:
        """GetItem."""
        place = (TableName, _key(Key))
        if place not in self._now:
            if ProjectionExpression:
                more["ProjectionExpression"] = ProjectionExpression
            answer: dict[str, Any] = self._behind.get_item(TableName=TableName, Key=Key, **more)
            return answer
        found = self._now[place]
        if found is None:
            return {}
        return {"Item": _projected(found, ProjectionExpression)}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """BatchGetItem."""
        ours: dict[str, list[Item]] = {}
        wanted: dict[str, Any] = {}
        for table, request in RequestItems.items():
            for key in request["Keys"]:
                place = (table, _key(key))
                if place not in self._now:
                    wanted.setdefault(table, {**request, "Keys": []})["Keys"].append(key)
                    continue
                found = self._now[place]
                ours.setdefault(table, []).extend([dict(found)] if found is not None else [])
        answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}}
        if wanted:
            answer = dict(self._behind.batch_get_item(RequestItems=wanted))
        responses = {table: list(rows) for table, rows in answer["Responses"].items()}
        for table, rows in ours.items():
            responses.setdefault(table, []).extend(rows)
        return {**answer, "Responses": responses}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Item,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        FilterExpression: str = "",
        Limit: int = 0,
        ExclusiveStartKey: Item | None = None,
        ScanIndexForward: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        """Query: a real page, with what changed in its stretch in place of what stood there."""
        if Limit:
            more["Limit"] = Limit
        if FilterExpression:
            more["FilterExpression"] = FilterExpression
        if ExpressionAttributeNames:
            more["ExpressionAttributeNames"] = ExpressionAttributeNames
        if ExclusiveStartKey:
            more["ExclusiveStartKey"] = ExclusiveStartKey
        page: dict[str, Any] = self._behind.query(
            TableName=TableName,
            KeyConditionExpression=KeyConditionExpression,
            ExpressionAttributeValues=ExpressionAttributeValues,
            ScanIndexForward=ScanIndexForward,
            **more,
        )
        if not any(table == TableName for table, _ in self._now):
            return page
        names = ExpressionAttributeNames or {}
        partition = _PARTITION.match(KeyConditionExpression)
        if partition is None:
            raise NotModelled(
                f"Query with {KeyConditionExpression!r}, which names no partition first"
            )
        hashed = names.get(partition[1], partition[1])
        ranged = hashed.removesuffix("pk") + "sk"

        def place(row: Mapping[str, Any]) -> tuple[str, Key]:
            return (row.get(ranged, {}).get("S", ""), _key(row))

        def is_behind(row: Item, other: Item) -> bool:
            one, two = place(row), place(other)
            return one > two if ScanIndexForward else one < two

        first, last = ExclusiveStartKey, page.get("LastEvaluatedKey")
        holds, _ = condition(KeyConditionExpression)
        keep = condition(FilterExpression)[0] if FilterExpression else _any
        ours = [
            row
            for (table, _), row in self._now.items()
            if table == TableName
            and row is not None
            and hashed in row
            and holds(row, names, ExpressionAttributeValues)
            and (first is None or is_behind(row, first))
            and not (last is not None and is_behind(row, last))
            and keep(row, names, ExpressionAttributeValues)
        ]
        theirs = [row for row in page["Items"] if (TableName, _key(row)) not in self._now]
        rows = sorted([*theirs, *map(dict, ours)], key=place, reverse=not ScanIndexForward)
        answer = {**page, "Items": rows}
        if Limit and len(rows) > Limit:
            answer["Items"] = rows[:Limit]
            wanted = {"pk", "sk", hashed, ranged}
            final = rows[Limit - 1]
            answer["LastEvaluatedKey"] = {k: v for k, v in final.items() if k in wanted}
        return answer

    def scan(
        self,
        *,
        TableName: str,
        FilterExpression: str = "",
        ExpressionAttributeValues: Item | None = None,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ProjectionExpression: str = "",
        **more: Any,
    ) -> dict[str, Any]:
        """Scan; what changed comes with the last page."""
        asked: dict[str, Any] = {
            "FilterExpression": FilterExpression,
            "ExpressionAttributeValues": ExpressionAttributeValues,
            "ExpressionAttributeNames": ExpressionAttributeNames,
            "ProjectionExpression": ProjectionExpression,
        }
        given = {name: value for name, value in asked.items() if value}
        page: dict[str, Any] = self._behind.scan(TableName=TableName, **given, **more)
        if any(table == TableName for table, _ in self._now) and "pk" not in ProjectionExpression:
            raise NotModelled("Scan of a changed table that does not tell the keys")
        rows = [row for row in page["Items"] if (TableName, _key(row)) not in self._now]
        if "LastEvaluatedKey" not in page:
            keep = condition(FilterExpression)[0] if FilterExpression else _any
            rows += [
                _projected(row, ProjectionExpression, ExpressionAttributeNames)
                for (table, _), row in self._now.items()
                if table == TableName
                and row is not None
                and keep(row, ExpressionAttributeNames or {}, ExpressionAttributeValues or {})
            ]
        return {**page, "Items": rows}

    # -- writes -------------------------------------------------------------------------------

    def put_item(self, *, TableName: str, Item: Item, **more: Any) -> dict[str, Any]:
        """PutItem."""
        require("PutItem", self._stands(TableName, Item), more)
        self._now[TableName, _key(Item)] = dict(Item)
        return {}

    def delete_item(self, *, TableName: str, Key: Item, **more: Any) -> dict[str, Any]:
        """DeleteItem."""
        require("DeleteItem", self._stands(TableName, Key), more)
        self._now[TableName, _key(Key)] = None
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
        if Key["pk"]["S"].startswith(COUNTED):
            answer: dict[str, Any] = self._behind.update_item(
                TableName=TableName,
                Key=Key,
                UpdateExpression=UpdateExpression,
                ReturnValues=ReturnValues,
                **more,
            )
            return answer
        was = self._stands(TableName, Key)
        becomes = updated("UpdateItem", was, Key, UpdateExpression, more)
        self._now[TableName, _key(Key)] = becomes
        shown = {"ALL_OLD": was, "ALL_NEW": becomes}.get(ReturnValues)
        return {"Attributes": dict(shown)} if shown else {}

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """BatchWriteItem."""
        for table, requests in RequestItems.items():
            for request in requests:
                if "PutRequest" in request:
                    self.put_item(TableName=table, Item=request["PutRequest"]["Item"])
                else:
                    self.delete_item(TableName=table, Key=request["DeleteRequest"]["Key"])
        return {"UnprocessedItems": {}}

    def transact_write_items(
        self, *, TransactItems: list[dict[str, Any]], ClientRequestToken: str = ""
    ) -> dict[str, Any]:
        """TransactWriteItems of puts: all or none. No answer of ours is lost, so that the token
        tells nothing."""
        puts = [dict(entry["Put"]) for entry in TransactItems]
        items = [(put.pop("TableName"), put.pop("Item")) for put in puts]
        reasons = [
            {"Code": "None" if self._allows(table, item, put) else "ConditionalCheckFailed"}
            for (table, item), put in zip(items, puts, strict=True)
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise refused(
                "TransactWriteItems",
                "TransactionCanceledException",
                ClientRequestToken,
                CancellationReasons=reasons,
            )
        for table, item in items:
            self._now[table, _key(item)] = dict(item)
        return {}

    def _allows(self, table: str, item: Item, put: Mapping[str, Any]) -> bool:
        try:
            require("Put", self._stands(table, item), put)
        except ClientError:
            return False
        return True

    def _stands(self, table: str, item: Item) -> Item | None:
        """The item as it stands in the trial; what really stands is kept beside."""
        place = (table, _key(item))
        if place not in self._now:
            asked = {name: item[name] for name in ("pk", "sk") if name in item}
            found = self._behind.get_item(TableName=table, Key=asked, ConsistentRead=True)
            self._before[place] = self._now[place] = found.get("Item")
        return self._now[place]


def _key(row: Mapping[str, Any]) -> Key:
    return (row["pk"]["S"], row["sk"]["S"] if "sk" in row else "")


def _projected(row: Item, expression: str, names: Mapping[str, str] | None = None) -> Item:
    if not expression:
        return dict(row)
    told = (name.strip() for name in expression.split(","))
    wanted = {(names or {}).get(name, name) for name in told}
    return {name: value for name, value in row.items() if name in wanted}


_any: Callable[[Item, Mapping[str, str], Mapping[str, Any]], bool] = lambda *_: True  # noqa: E731
