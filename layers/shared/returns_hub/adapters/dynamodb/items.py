"""Plain values to DynamoDB's typed ones and back, and calling it with our verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_FOR = timedelta(days=400)
"""Thirteen months of audit, and a little more."""
MOST_BYTES = 390_000
"""Of one item; DynamoDB takes 400 KB (its documents: item size), names of attributes included."""


def typed(values: Mapping[str, str | int]) -> dict[str, Any]:
    """Strings and whole numbers as DynamoDB attributes; an empty string stays one."""
    return {
        name: {"S": value} if isinstance(value, str) else {"N": str(value)}
        for name, value in values.items()
    }


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB attributes as strings and whole numbers."""
    return {
        name: int(value["N"]) if "N" in value else value.get("S", "")
        for name, value in item.items()
    }


def size_of(row: Mapping[str, str | int]) -> int:
    """Bytes of a row as DynamoDB counts them, or a few more."""
    return sum(len(name) + len(str(value).encode()) for name, value in row.items())


def as_text(moment: datetime) -> str:
    """A time as text of one width, so that texts compare as the times do."""
    # `strftime` writes a year before 1000 with fewer digits.
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The time that `as_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def expiry(now: datetime, keep: timedelta = KEEP_FOR) -> int:
    """When a row may go, in epoch seconds, as DynamoDB's time to live wants it."""
    return int((now + keep).timestamp())


@contextmanager
def dynamodb_errors() -> Iterator[None]:
    """Turn what DynamoDB raises into verdicts; a failed condition passes through as it is."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in CONDITION_FAILED:
            raise
        raise verdict_of(error, "dynamodb") from error
    except BotoCoreError as error:
        raise verdict_of(error, "dynamodb") from error


def read_item(client: DynamoDBClient, table: str, key: Mapping[str, str | int]) -> dict[str, Any]:
    """One item, read consistently; empty when there is none."""
    with dynamodb_errors():
        answer = client.get_item(TableName=table, Key=typed(key), ConsistentRead=True)
    return plain(answer.get("Item", {}))


CONDITION_FAILED = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})


def item_that_failed(error: ClientError) -> dict[str, Any]:
    """The stored item that a failed condition returned (ALL_OLD); empty when there was none.

    Raises:
        Conflict: It was not a condition that failed.
    """
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise Conflict(str(error)) from error
    response: Mapping[str, Any] = error.response
    return plain(response.get("Item", {}))
