"""What flows need of the ERP's stock on hand and adjustments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.stock_rows import (
        AdjustmentDraft,
        AdjustmentSeen,
        ProductFacts,
        StockPage,
        StockRow,
    )


class ErpStockRoom(Protocol):
    """The stock on hand and adjustments of one merchant in its ERP.

    A product that never moved in a warehouse has no row there: that is 0 of a product that exists,
    and nothing of one that does not. Lists are given away page by page while they are read.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def account(self) -> str:
        """A short name of the account: what was proven of one says nothing of another.

        Raises:
            Misconfigured: The secret is missing or malformed.
        """

    def pages(self, code: str, first: int = 1) -> Iterator[StockPage]:
        """Every row of a warehouse.

        Rows that move while the list is read may come twice or not at all: read a product by its
        Guid (`rows_of`) before anything is decided about it.

        Args:
            code: The warehouse's.
            first: The page to begin with.

        Raises:
            Misconfigured: Rows of another warehouse came.
        """

    def changed(self, code: str, since: datetime) -> Iterator[StockRow]:
        """Rows of a warehouse that changed at or after a moment. Raises as `pages`."""

    def rows_of(self, code: str, guids: Iterable[str]) -> Mapping[str, StockRow]:
        """Rows of these products in a warehouse, by Guid; one without a row is not in it.

        One request for 40 products. Raises as `pages`.
        """

    def products_of(self, guids: Iterable[str]) -> Mapping[str, ProductFacts]:
        """Products by Guid, obsolete ones too; one that is not known is not in it.

        One request for 40 products; for very many the list of products is read instead.
        """

    def products_named(self, skus: Iterable[str]) -> Mapping[str, ProductFacts]:
        """Products with exactly these codes; one that is not known is not in it.

        A request or two for each code that was not met before; for many the list of products is
        read instead.
        """

    def adjust(self, draft: AdjustmentDraft, send_by: datetime) -> str:
        """Make an adjustment, completed at once; its Guid.

        Looked up by `read_adjustment` with the draft's Guid. That is conclusive, found or not: the
        Guid is ours, made of the operation's key, and nobody else makes one with it.

        Raises:
            Permanent: Refused: the reason does not exist, or stock would be below 0.
        """

    def read_adjustment(self, guid: str) -> AdjustmentSeen | None:
        """One adjustment; None when there is none with this Guid."""
