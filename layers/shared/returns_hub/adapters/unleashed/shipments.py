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
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, quoted
from returns_hub.adapters.unleashed.dates import since as in_query
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.shipment_translate import shipment_of
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.shipments import Shipment
from returns_hub.errors import Permanent

PATH = "/SalesShipments"
DELETED = "Deleted"


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

    # -- how ----------------------------------------------------------------------------------

    def _listed(self, query: Query) -> Iterator[Shipment]:
        rows = self._client.rows(PATH, (*query, *self._also()), size=self._connection.page_size)
        return (shipment_of(row) for row in rows)

    def _also(self) -> Query:
        return SERIAL_BATCH if self._connection.batches_and_serials else ()
