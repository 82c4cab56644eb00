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
from returns_hub.adapters.unleashed.client import SERIAL_BATCH
from returns_hub.adapters.unleashed.shipment_translate import shipment_of
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.shipments import Shipment

PATH = "/SalesShipments"


class UnleashedShipments(UnleashedResource):
    """`ports.erp.ErpShipments`."""

    def changed_since(self, since: datetime) -> Iterator[Shipment]:
        """See `ErpShipments.changed_since`."""
        yield from map(shipment_of, self._changed(PATH, since, self._also()))
        deleted = self._deleted_if_known(PATH, "shipmentStatus", since, self._also())
        yield from map(shipment_of, deleted)

    def read(self, guid: str) -> Shipment | None:
        """See `ErpShipments.read`."""
        row = self._one(PATH, guid, self._also())
        return None if row is None else shipment_of(row)

    def of_order(self, order_number: str) -> tuple[Shipment, ...]:
        """See `ErpShipments.of_order`. Filters may match beginnings: compared here, exactly."""
        query: Query = (("orderNumber", order_number), *self._also())
        rows = self._client.rows(PATH, query, size=self._connection.page_size)
        found = map(shipment_of, rows)
        return tuple(shipment for shipment in found if shipment.order_number == order_number)

    def _also(self) -> Query:
        return SERIAL_BATCH if self._connection.batches_and_serials else ()
