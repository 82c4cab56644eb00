"""Deliveries of the ERP's webhook in DynamoDB, in the table of records that are kept in step.

=======================================  =========================================================
pk                                       sk
=======================================  =========================================================
``{merchant}#webhook#{delivery}``        ``TAKEN``: it was; goes after 14 days
``{merchant}#watch#{flow}``              ``COUNTS``: since when, how many in each way, the newest
=======================================  =========================================================

Unleashed does not say for how long it sends again. A repeat of any age is harmless all the same:
the record is read again, and its version is known.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    read_item,
    typed,
)
from returns_hub.ports.deliveries import Watched

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_FOR = timedelta(days=14)


class DynamoDbDeliveries:
    """`ports.deliveries.Deliveries`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def is_known(self, merchant: str, delivery: str) -> bool:
        """See `Deliveries.is_known`."""
        return bool(self._item(_taken(merchant, delivery)))

    def remember(self, merchant: str, flow: str, delivery: str, at: datetime) -> None:
        """See `Deliveries.remember`. Counted first: a lost count would look like a silent
        webhook."""
        self._update(
            _counts(merchant, flow),
            "SET last_at = :at ADD delivered :one",
            {":at": as_text(at), ":one": 1},
        )
        self._update(
            _taken(merchant, delivery),
            "SET expires_at = :expires",
            {":expires": expiry(at, KEPT_FOR)},
        )

    def missed(self, merchant: str, flow: str, count: int) -> None:
        """See `Deliveries.missed`."""
        self._update(_counts(merchant, flow), "ADD missed :count", {":count": count})

    def watched(self, merchant: str, flow: str) -> Watched:
        """See `Deliveries.watched`."""
        item = self._item(_counts(merchant, flow))

        def moment(name: str) -> datetime | None:
            return from_text(item[name]) if name in item else None

        return Watched(
            since=moment("since"),
            delivered=int(item.get("delivered", 0)),
            missed=int(item.get("missed", 0)),
            last_at=moment("last_at"),
        )

    def begin(self, merchant: str, flow: str, was: Watched, now: datetime) -> bool:
        """See `Deliveries.begin`."""
        values: dict[str, str | int] = {":now": as_text(now), ":none": 0}
        condition = "attribute_not_exists(#since)"
        if was.since is not None:
            values[":was"] = as_text(was.since)
            condition = "#since = :was"
        try:
            self._update(
                _counts(merchant, flow),
                "SET #since = :now, delivered = :none, missed = :none",
                values,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#since": "since"},
            )
        except ClientError as error:
            item_that_failed(error)
            return False
        return True

    def _item(self, key: dict[str, str | int]) -> dict[str, Any]:
        return read_item(self._client, self._table, key)

    def _update(
        self,
        key: dict[str, str | int],
        expression: str,
        values: dict[str, str | int],
        **more: Any,
    ) -> None:
        with dynamodb_errors():
            self._client.update_item(
                TableName=self._table,
                Key=typed(key),
                UpdateExpression=expression,
                ExpressionAttributeValues=typed(values),
                **more,
            )


def _taken(merchant: str, delivery: str) -> dict[str, str | int]:
    return {"pk": f"{merchant}#webhook#{delivery}", "sk": "TAKEN"}


def _counts(merchant: str, flow: str) -> dict[str, str | int]:
    return {"pk": f"{merchant}#watch#{flow}", "sk": "COUNTS"}
