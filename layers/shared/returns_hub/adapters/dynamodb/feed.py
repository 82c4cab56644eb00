"""What the hub keeps of stock intelligence, in one table."""

from __future__ import annotations

from returns_hub.adapters.dynamodb.kept_advice import KeptAdvice
from returns_hub.adapters.dynamodb.kept_bundles import KeptBundles
from returns_hub.adapters.dynamodb.told_rows import ToldRows


class DynamoDbFeedStore(ToldRows, KeptAdvice, KeptBundles):
    """`ports.feed_store.FeedStore`."""
