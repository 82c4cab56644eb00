"""The warehouse's products as a list showed them, in the table of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.cached import CachedRows
from returns_hub.domain.warehouse_goods import WarehouseProduct
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEXTS = ("sku", "name", "ean", "image_url")
NUMBERS = ("weight", "cost_price")
FLAGS = ("is_bundle", "discontinued")


class DynamoDbShelf:
    """`ports.shelf.ProductShelf`: one request for 100 that are asked for, or 25 that are kept."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._rows: CachedRows[str] = CachedRows(client, table, "product", clock)

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, WarehouseProduct]:
        """See `ProductShelf.known`."""
        keys = {_pk(merchant, sku): sku for sku in skus}
        return {keys[key]: _read(row) for key, row in self._rows.known(keys).items()}

    def remember(self, merchant: str, products: Iterable[WarehouseProduct]) -> None:
        """See `ProductShelf.remember`."""
        self._rows.remember({_pk(merchant, p.sku): _written(p) for p in products if p.sku})


def _pk(merchant: str, sku: str) -> str:
    # No merchant's name has a colon, so that this is no key of `catalogue`.
    return f"shelf:{merchant}#{sku}"


def _written(product: WarehouseProduct) -> str:
    row: dict[str, Any] = {"id": product.product_id}
    row |= {name: said for name in (*TEXTS, *FLAGS) if (said := getattr(product, name))}
    row |= {name: str(n) for name in NUMBERS if (n := getattr(product, name)) is not None}
    return json.dumps(row, ensure_ascii=False)


def _read(text: str) -> WarehouseProduct:
    row = json.loads(text)
    said: dict[str, Any] = {name: row.get(name, "") for name in TEXTS}
    said |= {name: row.get(name, False) for name in FLAGS}
    said |= {name: Decimal(row[name]) if name in row else None for name in NUMBERS}
    return WarehouseProduct(product_id=row["id"], **said)
