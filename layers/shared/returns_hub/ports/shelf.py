"""What a flow that looks at a whole catalogue needs of the hub's own stores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.warehouse_goods import WarehouseProduct


class ProductShelf(Protocol):
    """The warehouse's products as a list showed them; entries expire after seven days.

    It tells what is in step without asking the warehouse for each product. It is never the ground
    for a write: what is to be changed is read again.
    """

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, WarehouseProduct]:
        """Those of these products that were shown."""

    def remember(self, merchant: str, products: Iterable[WarehouseProduct]) -> None:
        """Keep them by SKU."""
