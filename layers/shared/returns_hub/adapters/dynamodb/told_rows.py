"""What stock intelligence was told last of each row, compactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ToldRows:
    """The part of `ports.feed_store.FeedStore` about what was told."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def told(self, merchant: str, data_set: str, part: str = "") -> Mapping[str, str]:
        """See `FeedStore.told`."""
        raise NotImplementedError

    def keep_told(
        self,
        merchant: str,
        data_set: str,
        rows: Mapping[str, str],
        *,
        part: str = "",
        gone: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """See `FeedStore.keep_told`."""
        raise NotImplementedError
