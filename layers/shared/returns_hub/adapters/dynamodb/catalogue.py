"""Warehouse product ids by SKU: a cache in the container before a cache in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.cached import CachedRows
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbCatalogue:
    """`ports.Catalogue`. A warm container asks nothing; else one request for 100 SKUs."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._rows: CachedRows[int] = CachedRows(client, table, "product_id", clock)

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, int]:
        """See `ports.Catalogue.known`."""
        keys = {_pk(merchant, sku): sku for sku in skus}
        return {keys[key]: found for key, found in self._rows.known(keys).items()}

    def remember(self, merchant: str, products: Mapping[str, int]) -> None:
        """See `ports.Catalogue.remember`."""
        self._rows.remember({_pk(merchant, sku): found for sku, found in products.items()})

    def forget(self, merchant: str, skus: Iterable[str]) -> None:
        """See `ports.Catalogue.forget`."""
        self._rows.forget(_pk(merchant, sku) for sku in skus)


def _pk(merchant: str, sku: str) -> str:
    return f"{merchant}#{sku}"
