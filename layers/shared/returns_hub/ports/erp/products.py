"""What flows need of the ERP's products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.products import ErpProduct, ErpProductPage


class ErpProducts(Protocol):
    """The products of one merchant in its ERP. Obsolete ones are among them; deleted ones are not.

    Reads raise Retryable when they cannot be answered now, and Misconfigured.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime | None) -> Iterator[ErpProduct]:
        """Products that changed at or after `since`, every one without it; page by page while they
        are read, some of them twice."""

    def pages_changed_since(
        self, since: datetime | None, first: int = 1
    ) -> Iterator[ErpProductPage]:
        """The same by pages, from this page on.

        Who goes on with an earlier reading takes the last page that it read: rows may have moved by
        less than a page. What changed meanwhile is for the next reading, which has to overlap.
        """

    def read(self, guid: str) -> ErpProduct | None:
        """One product; None when the ERP does not know it any more."""

    def with_code(self, code: str) -> ErpProduct | None:
        """The product with exactly this code, an obsolete one as well."""
