"""The warehouse's bundles as they were read last, compactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import StrictInt, StrictStr, TypeAdapter

from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, plain, typed
from returns_hub.adapters.dynamodb.kept_content import content_of
from returns_hub.domain.base import short_hash
from returns_hub.domain.bundles import KnownBundle
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = tuple[StrictInt, StrictStr, dict[StrictStr, StrictInt], StrictInt]
"""Product id, version, parts, walk."""
HELD = TypeAdapter(dict[StrictStr, Row])
BUCKETS = 64
"""Items that bundles are spread over: 20,000 with ten components each make items of 125 KB."""


class KeptBundles:
    """The part of `ports.feed_store.FeedStore` about bundles.

    bundles: 1 request for each megabyte. keep: the same, and 1 for each bucket that changed.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def bundles(self, merchant: str) -> Mapping[str, KnownBundle]:
        """See `FeedStore.bundles`.

        Raises:
            Permanent: They cannot be read.
        """
        rows: dict[str, Row] = {}
        for bucket in self._bundle_buckets(merchant).values():
            rows |= bucket
        return {sku: KnownBundle(sku, *row) for sku, row in rows.items()}

    def keep_bundles(
        self, merchant: str, bundles: Iterable[KnownBundle], gone: Iterable[str] = ()
    ) -> None:
        """See `FeedStore.keep_bundles`."""
        changed = {
            one.sku: (one.product_id, one.version, dict(one.parts), one.walk) for one in bundles
        }
        leaving = set(gone) - changed.keys()
        if not changed and not leaving:
            return
        before = self._bundle_buckets(merchant)
        after = {number: dict(rows) for number, rows in before.items()}
        for sku, row in changed.items():
            after.setdefault(_bucket_of(sku), {})[sku] = row
        for sku in leaving:
            after.get(_bucket_of(sku), {}).pop(sku, None)
        for number, rows in after.items():
            if rows != before.get(number):
                self._write_bundles(merchant, number, rows)

    def _write_bundles(self, merchant: str, number: int, rows: dict[str, Row]) -> None:
        row: dict[str, str | int] = {
            "pk": f"{merchant}#bundles",
            "sk": f"BUNDLES#{number:02d}",
            "bundles": json.dumps(rows, sort_keys=True, separators=(",", ":")),
            "expires_at": expiry(self._clock.now()),
        }
        with dynamodb_errors():
            self._client.put_item(TableName=self._table, Item=typed(row))

    def _bundle_buckets(self, merchant: str) -> dict[int, dict[str, Row]]:
        found: dict[int, dict[str, Row]] = {}
        more: dict[str, Any] = {}
        while True:
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues=typed({":pk": f"{merchant}#bundles"}),
                    ConsistentRead=True,
                    **more,
                )
            for item in map(plain, page["Items"]):
                number = int(item["sk"].removeprefix("BUNDLES#"))
                found[number] = content_of(item.get("bundles"), HELD, "what bundles are made of")
            if "LastEvaluatedKey" not in page:
                return found
            more["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _bucket_of(sku: str) -> int:
    return int(short_hash(sku, 4), 16) % BUCKETS
