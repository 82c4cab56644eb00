"""What stock intelligence advised, compactly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class KeptAdvice:
    """The part of `ports.feed_store.FeedStore` about what is advised."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def keep_targets(self, merchant: str, targets: Iterable[StockTarget], read_at: datetime) -> int:
        """See `FeedStore.keep_targets`."""
        raise NotImplementedError

    def targets(self, merchant: str, location: str = "") -> Iterable[StockTarget]:
        """See `FeedStore.targets`."""
        raise NotImplementedError

    def keep_proposals(
        self, merchant: str, proposals: Iterable[TransferProposal], read_at: datetime
    ) -> int:
        """See `FeedStore.keep_proposals`."""
        raise NotImplementedError

    def proposals(self, merchant: str, most: int = 1000) -> Iterable[TransferProposal]:
        """See `FeedStore.proposals`."""
        raise NotImplementedError
