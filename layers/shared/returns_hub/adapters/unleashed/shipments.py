"""Sales shipments of Unleashed; read only.

Sources: Unleashed's page on them (``modifiedSince`` takes a time; ``orderNumber`` overrides every
other filter; lists come with the newest change first; ``serialBatch`` for batches and serial
numbers). That a shipment can be deleted is told there, and the word of that status is not: lists
are asked for ``Deleted`` by itself, as those of orders have to be, and an account that refuses the
word has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, any_of, quoted
from returns_hub.adapters.unleashed.dates import since as in_query
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.reading import Raw, guid_of, part_of, text_of
from returns_hub.adapters.unleashed.shipment_translate import (
    at_customer,
    parent_of,
    recipient_of,
    shipment_of,
)
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.shipments import NOWHERE, ParentOrder, Shipment, has_address
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Permanent

PATH = "/SalesShipments"
ORDERS = "/SalesOrders"
CUSTOMERS = "/Customers"
DELETED = "Deleted"
OPEN = ("Placed", "Backordered")
"""Orders that stock is allocated to; parked ones are drafts. No source says it in one place."""


class UnleashedShipments(UnleashedResource):
    """`ports.erp.ErpShipments`."""

    def changed_since(self, since: datetime) -> Iterator[Shipment]:
        """See `ErpShipments.changed_since`."""
        changed: Query = (("modifiedSince", in_query(since)),)
        yield from self._listed(changed)
        try:
            yield from self._listed((("shipmentStatus", DELETED), *changed))
        except Permanent as verdict:
            # The word is inferred; an account that does not know it cannot tell of deletions.
            if verdict.code != "unleashed.refused":
                raise

    def read(self, guid: str) -> Shipment | None:
        """See `ErpShipments.read`."""
        path = f"{PATH}/{quoted(guid)}"
        try:
            return shipment_of(self._client.one(path, self._also(), template=f"{PATH}/{{guid}}"))
        except NotThere:
            return None

    def of_order(self, order_number: str) -> tuple[Shipment, ...]:
        """See `ErpShipments.of_order`. Filters may match beginnings: compared here, exactly."""
        rows = self._listed((("orderNumber", order_number),))
        return tuple(shipment for shipment in rows if shipment.order_number == order_number)

    def order_of(self, shipment: Shipment) -> ParentOrder | None:
        """See `ErpShipments.order_of`."""
        raw = self._order(shipment)
        if raw is None:
            return None
        try:
            customer = NOWHERE if has_address(recipient_of(raw)) else self._customer(raw)
            return parent_of(raw, customer)
        except ValueError as error:
            raise Permanent(
                "unleashed.unreadable_order",
                f"order {shipment.order_number[:60]} of Unleashed cannot be read: {error}",
            ) from None

    def open_orders(self) -> Iterator[ParentOrder]:
        """See `ErpShipments.open_orders`."""
        size = self._connection.page_size
        for raw in self._client.rows(ORDERS, (("orderStatus", any_of(OPEN)),), size=size):
            try:
                yield parent_of(raw)
            except ValueError as error:
                raise Permanent("unleashed.unreadable_order", f"an open order: {error}") from None

    # -- how ----------------------------------------------------------------------------------

    def _listed(self, query: Query) -> Iterator[Shipment]:
        rows = self._client.rows(PATH, (*query, *self._also()), size=self._connection.page_size)
        return (shipment_of(row) for row in rows)

    def _also(self) -> Query:
        return SERIAL_BATCH if self._connection.batches_and_serials else ()

    def _order(self, shipment: Shipment) -> Raw | None:
        if shipment.order_guid:
            path = f"{ORDERS}/{quoted(shipment.order_guid)}"
            try:
                return self._client.one(path, template=f"{ORDERS}/{{guid}}")
            except NotThere:
                return None
        rows = self._client.rows(
            ORDERS,
            (("orderNumber", shipment.order_number),),
            size=self._connection.page_size,
        )
        return next((r for r in rows if text_of(r, "OrderNumber") == shipment.order_number), None)

    def _customer(self, order: Raw) -> Recipient:
        guid = guid_of(part_of(order, "Customer"))
        if not guid:
            return NOWHERE
        path = f"{CUSTOMERS}/{quoted(guid)}"
        try:
            raw = self._client.one(path, template=f"{CUSTOMERS}/{{guid}}")
        except NotThere:
            return NOWHERE
        return at_customer(raw)
