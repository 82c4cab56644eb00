"""Counts of calls to a partner in DynamoDB: one small item for each account and month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import dynamodb_errors, item_that_failed, plain, typed
from returns_hub.adapters.unleashed.meter import Full
from returns_hub.domain.unleashed.budget import CallClass, Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbCallCounts:
    """`adapters.unleashed.meter.CallCounts`, in the control table. Every method is 1 request."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, account: str, month: str) -> Usage:
        """See `CallCounts.read`."""
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=_key(account, month), ConsistentRead=True
            )
        return _usage(plain(answer.get("Item", {})))

    def take(
        self, account: str, month: str, kind: CallClass, count: int, most: int | None
    ) -> Usage | Full:
        """See `CallCounts.take`."""
        values: dict[str, str | int] = {":count": count}
        more: dict[str, Any] = {}
        if most is not None and count > most:
            return Full(self.read(account, month))
        if most is not None:
            values[":room"] = most - count
            more["ConditionExpression"] = "attribute_not_exists(calls) OR calls <= :room"
        try:
            with dynamodb_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_key(account, month),
                    UpdateExpression=f"ADD calls :count, {kind.value}_calls :count",
                    ExpressionAttributeValues=typed(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **more,
                )
        except ClientError as error:
            return Full(_usage(item_that_failed(error)))
        return _usage(plain(answer["Attributes"]))


def _usage(item: Mapping[str, Any]) -> Usage:
    return Usage(**{kind.value: int(item.get(f"{kind.value}_calls", 0)) for kind in CallClass})


def _key(account: str, month: str) -> Any:
    return typed({"pk": f"calls#unleashed#{account}#{month}"})
