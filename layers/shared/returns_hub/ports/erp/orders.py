"""What flows need of the ERP's sales orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.sales_orders import SalesOrder


class ErpOrders(Protocol):
    """The sales orders of one merchant in its ERP.

    One that cannot be made sense of comes with `SalesOrder.unreadable`, so that it holds up no
    other.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime) -> Iterator[SalesOrder]:
        """Orders that changed at or after `since`, of every status, deleted ones last.

        In no promised order, each at least once, and page by page: what came before an error
        counts.
        """

    def read(self, guid: str) -> SalesOrder | None:
        """One order, a deleted one as well; None when the ERP does not know it.

        An order that was made a moment ago may not be known yet.
        """

    def open_orders(self) -> Iterator[SalesOrder]:
        """Every order that is placed or back-ordered now: what stock is allocated to."""

    def with_number(self, number: str) -> SalesOrder | None:
        """The order with exactly this number, a deleted one only where there is no other.

        Raises:
            Permanent: The number holds what cannot be asked for.
        """
