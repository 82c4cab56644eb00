"""The warehouse's bundles as they were read last, compactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import StrictInt, StrictStr, TypeAdapter

from returns_hub.adapters.dynamodb.items import expiry
from returns_hub.adapters.dynamodb.kept_content import content_of
from returns_hub.adapters.dynamodb.table import Row, Table, put
from returns_hub.domain.base import short_hash
from returns_hub.domain.bundles import KnownBundle

Held = tuple[StrictInt, StrictStr, dict[StrictStr, StrictInt], StrictInt]
"""Product id, version, parts, walk."""
BUCKET = TypeAdapter(dict[StrictStr, Held])
BUCKETS = 64
"""Items that bundles are spread over: 20,000 with ten components each make items of 125 KB."""


class KeptBundles(Table):
    """The part of `ports.feed_store.FeedStore` about bundles.

    bundles: 1 request for each megabyte. keep: the same, and 1 for every 25 buckets that change.
    """

    def bundles(self, merchant: str) -> Mapping[str, KnownBundle]:
        """See `FeedStore.bundles`.

        Raises:
            Permanent: They cannot be read.
        """
        rows: dict[str, Held] = {}
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
        self._write_all(
            self._bundle_bucket(merchant, number, rows)
            for number, rows in after.items()
            if rows != before.get(number)
        )

    def _bundle_bucket(self, merchant: str, number: int, rows: dict[str, Held]) -> Any:
        row: Row = {
            "pk": _pk(merchant),
            "sk": f"BUNDLES#{number:02d}",
            "bundles": json.dumps(rows, sort_keys=True, separators=(",", ":")),
            "expires_at": expiry(self._clock.now()),
        }
        return put(row)

    def _bundle_buckets(self, merchant: str) -> dict[int, dict[str, Held]]:
        return {
            int(item["sk"].removeprefix("BUNDLES#")): content_of(
                item.get("bundles"), BUCKET, "what bundles are made of"
            )
            for item in self._partition(_pk(merchant))
        }


def _pk(merchant: str) -> str:
    return f"{merchant}#bundles"


def _bucket_of(sku: str) -> int:
    return int(short_hash(sku, 4), 16) % BUCKETS
