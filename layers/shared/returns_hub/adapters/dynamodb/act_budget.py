"""How many acts may still be done from dashboards: one item of the control table.

The item holds one time, until which what was taken lasts at the steady pace (epoch milliseconds).
Taking moves it on, as long as it is no further ahead than a minute's acts; so up to a minute's acts
can be done at once, and after that one at the pace. Both writes are conditional, so takers that
come together never take more than there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import dynamodb_errors, item_that_failed, typed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from returns_hub.ports import Clock

KEY = "acts#dashboards"
MINUTE = 60_000
"""Milliseconds."""
CONTENDED_SECONDS = 1.0


class DynamoDbActBudget:
    """`ports.desk.ActBudget`. take: 1 request, 2 when others took before.

    Args:
        client: DynamoDB.
        table: The control table.
        clock: Tells the time.
        per_minute: Acts a minute, and the most at once.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock, per_minute: int) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self.most = per_minute

    def take(self, acts: int) -> float:
        """See `ports.desk.ActBudget.take`.

        Raises:
            ValueError: More than `most`, or none.
        """
        if not 0 < acts <= self.most:
            raise ValueError(f"between 1 and {self.most} acts")
        now = round(self._clock.now().timestamp() * 1000)
        block = MINUTE * acts // self.most
        latest = now + MINUTE - block
        free = self._write(
            "SET taken_until = :after",
            "attribute_not_exists(taken_until) OR taken_until <= :now",
            {":after": now + block, ":now": now},
        )
        if free is None:
            return 0.0
        taken = self._write(
            "SET taken_until = taken_until + :block",
            "taken_until > :now AND taken_until <= :latest",
            {":block": block, ":now": now, ":latest": latest},
        )
        if taken is None:
            return 0.0
        return max((int(taken.get("taken_until", 0)) - latest) / 1000, CONTENDED_SECONDS)

    def _write(
        self, expression: str, condition: str, values: dict[str, str | int]
    ) -> dict[str, Any] | None:
        """None when it was done; else the item as it stands."""
        try:
            with dynamodb_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": KEY}),
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=typed(values),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return item_that_failed(error)
        return None
