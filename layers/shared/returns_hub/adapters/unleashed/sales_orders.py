"""Sales orders of Unleashed; read only.

Sources: Unleashed's page on sales orders. Without ``orderStatus`` its list leaves deleted orders
out, and with it it has those statuses alone. Orders are not read by status or custom status: one
that goes to a status that is not imported has to be seen, and how a status with a blank is signed
is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import any_of
from returns_hub.adapters.unleashed.order_translate import to_sales_order
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.sales_orders import SalesOrder

PATH = "/SalesOrders"
ALLOCATING = ("Placed", "Backordered")
"""Statuses that stock is allocated to; parked orders are drafts. No source says it in one place."""


class UnleashedSalesOrders(UnleashedResource):
    """`ports.erp.ErpOrders`."""

    def changed_since(self, since: datetime) -> Iterator[SalesOrder]:
        """See `ErpOrders.changed_since`.

        Deleted ones are read last, so that one that is deleted meanwhile is seen.
        """
        yield from map(to_sales_order, self._changed(PATH, since))
        yield from map(to_sales_order, self._deleted(PATH, "orderStatus", since))

    def read(self, guid: str) -> SalesOrder | None:
        """See `ErpOrders.read`."""
        row = self._one(PATH, guid)
        return None if row is None else to_sales_order(row)

    def open_orders(self) -> Iterator[SalesOrder]:
        """See `ErpOrders.open_orders`."""
        return self._listed((("orderStatus", any_of(ALLOCATING)),))

    def with_number(self, number: str) -> SalesOrder | None:
        """See `ErpOrders.with_number`. The filter may match more; it is compared here."""
        found = [
            order for order in self._listed((("orderNumber", number),)) if order.number == number
        ]
        return min(found, key=lambda order: order.is_deleted, default=None)

    def _listed(self, query: Query) -> Iterator[SalesOrder]:
        rows = self._client.rows(PATH, query, size=self._connection.page_size)
        return (to_sales_order(row) for row in rows)
