"""`ports.shelf.ProductShelf` in memory; tests/contract holds it to the one in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable

from returns_hub.domain.warehouse_goods import WarehouseProduct


class FakeShelf:
    """The shelf."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], WarehouseProduct] = {}

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, WarehouseProduct]:
        return {s: self.rows[merchant, s] for s in skus if (merchant, s) in self.rows}

    def remember(self, merchant: str, products: Iterable[WarehouseProduct]) -> None:
        self.rows |= {(merchant, p.sku): p for p in products if p.sku}
