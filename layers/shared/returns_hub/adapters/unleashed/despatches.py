"""Despatches, written to shipments and orders, at Unleashed.

Sources: the pages on sales shipments and sales orders; a working client: a shipment is made Parked,
then written whole as Dispatched with its batches, with `serialBatch=true` or batches are thrown
away; digests: a line's `SalesOrderLineNumber` is checked against its product, and of a dispatched
shipment only comments and tracking can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, any_of, quoted
from returns_hub.adapters.unleashed.dates import day
from returns_hub.adapters.unleashed.despatch_shapes import (
    LINES,
    SHIPMENT,
    SHIPMENTS,
    apart_rows,
    fields_of,
    has_apart,
    made_of,
    order_of,
    shipment_of,
    tracked_of,
)
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.reading import guid_of, moment_in, rows_of, text_of, value_of
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.adapters.unleashed.whole import changed, holds, put_whole
from returns_hub.domain.operations import Found, LookUp, NotFound
from returns_hub.domain.unleashed.despatches import (
    DespatchNote,
    ErpShipment,
    SoldOrder,
    Tracked,
    by_line,
)
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports.erp.despatches import NewShipment

ORDERS, COMPANIES = "/SalesOrders", "/ShippingCompanies"
ORDER = f"{ORDERS}/{{guid}}"
OPEN = ("Parked", "Placed", "Backordered")
PAGE_SIZE = 200


class UnleashedDespatches(UnleashedResource):
    """`ports.erp.ErpDespatches`."""

    # -- reading --------------------------------------------------------------------------------

    def sold_order(self, guid: str) -> SoldOrder | None:
        """See `ports.erp.ErpDespatches.sold_order`."""
        row = self._one(ORDERS, guid)
        return None if row is None else order_of(row)

    def order_guid(self, number: str) -> str | None:
        """See `ports.erp.ErpDespatches.order_guid`."""
        rows = self._client.rows(ORDERS, (("orderNumber", number),), size=PAGE_SIZE)
        return next((guid_of(row) for row in rows if text_of(row, "OrderNumber") == number), None)

    def open_orders(self) -> Iterator[SoldOrder]:
        """See `ports.erp.ErpDespatches.open_orders`."""
        query: Query = (("orderStatus", any_of(OPEN)),)
        for row in self._client.rows(ORDERS, query, size=self._connection.page_size):
            order = order_of(row)
            if not order.is_completed and not order.is_deleted:
                yield order

    def shipment(self, guid: str) -> ErpShipment | None:
        """See `ports.erp.ErpDespatches.shipment`."""
        try:
            return shipment_of(self._read(guid))
        except NotThere:
            return None

    def shipments_of(self, order_number: str) -> tuple[ErpShipment, ...]:
        """See `ports.erp.ErpDespatches.shipments_of`."""
        query: Query = (("orderNumber", order_number),)
        rows = self._client.rows(SHIPMENTS, query, size=PAGE_SIZE)
        found = {shipment.guid: shipment for shipment in map(shipment_of, rows)}
        return tuple(
            one for one in found.values() if one.order_number == order_number and not one.is_deleted
        )

    def dispatched_since(self, since: datetime) -> Iterator[tuple[ErpShipment, datetime]]:
        """See `ports.erp.ErpDespatches.dispatched_since`."""
        for row in self._changed(SHIPMENTS, since, status=(("shipmentStatus", "Dispatched"),)):
            shipment = shipment_of({**row, LINES: None})
            changed_at = moment_in(row, "LastModifiedOn") or since
            if shipment.is_dispatched and changed_at >= since:
                yield shipment, changed_at

    def newest_shipments(self) -> tuple[ErpShipment, ...]:
        """See `ports.erp.ErpDespatches.newest_shipments`. The newest change comes first."""
        page = next(iter(self._client.pages(SHIPMENTS, size=PAGE_SIZE, settle=False)), None)
        found = map(shipment_of, page.rows if page is not None else ())
        return tuple(one for one in found if not one.is_deleted)

    def shipping_companies(self) -> tuple[str, ...]:
        """See `ports.erp.ErpDespatches.shipping_companies`."""
        rows = self._client.rows(COMPANIES, size=PAGE_SIZE)
        return tuple(sorted({name for row in rows if (name := text_of(row, "Name"))}))

    def tracked(self, products: Iterable[str]) -> Mapping[str, Tracked]:
        """See `ports.erp.ErpDespatches.tracked`."""
        return {text_of(row, "ProductCode"): tracked_of(row) for row in self._products(products)}

    # -- shipments --------------------------------------------------------------------------------

    def make_shipment(self, new: NewShipment, send_by: datetime) -> str:
        """See `ports.erp.ErpDespatches.make_shipment`."""
        answer = self._client.write(
            "POST",
            SHIPMENTS,
            template=SHIPMENTS,
            body=made_of(new),
            query=self._query,
            send_by=send_by,
        )
        made = guid_of(answer) if isinstance(answer, Mapping) else ""
        return made or new.guid

    def find_shipment(self, new: NewShipment) -> LookUp:
        """See `ports.erp.ErpDespatches.find_shipment`."""
        if self.shipment(new.guid) is not None:
            return Found(new.guid)
        for shipment in self.shipments_of(new.order.number):
            if new.marker in shipment.comments:
                return Found(shipment.guid)
        return NotFound()

    def fill_shipment(self, guid: str, note: DespatchNote, send_by: datetime) -> None:
        """See `ports.erp.ErpDespatches.fill_shipment`."""
        raw = self._present(guid)
        if shipment_of(raw).is_dispatched:
            self._add_tracking(raw, note.tracking, send_by)
            return
        self._put(raw, fields_of(note), note, send_by)

    def dispatch(self, guid: str, note: DespatchNote, send_by: datetime) -> None:
        """See `ports.erp.ErpDespatches.dispatch`."""
        raw = self._present(guid)
        if shipment_of(raw).is_dispatched:
            self._add_tracking(raw, note.tracking, send_by)
            return
        fields = fields_of(note) | {"ShipmentStatus": "Dispatched"}
        if note.left_on is not None:
            fields["DispatchDate"] = day(note.left_on)
        self._put(raw, fields, note, send_by)

    def note_tracking(
        self, guid: str, tracking: str, send_by: datetime, *, instead_of: str = ""
    ) -> None:
        """See `ports.erp.ErpDespatches.note_tracking`."""
        self._add_tracking(self._present(guid), tracking, send_by, instead_of=instead_of)

    # -- orders -----------------------------------------------------------------------------------

    def place(self, guid: str, send_by: datetime) -> None:
        """See `ports.erp.ErpDespatches.place`. Custom statuses are extensions of Parked."""
        path, serial_batch = f"{ORDERS}/{quoted(guid)}", self._connection.batches_and_serials
        try:
            raw = self._client.one(path, self._query, template=ORDER)
        except NotThere:
            raise Permanent("unleashed.not_found", "the order is not in Unleashed") from None
        if not order_of(raw).is_parked:
            return
        put_whole(
            self._client,
            path,
            template=ORDER,
            planned_on=raw,
            fields={"OrderStatus": "Placed", "CustomOrderStatus": None},
            serial_batch=serial_batch,
            send_by=send_by,
        )

    def complete(self, order: SoldOrder, send_by: datetime) -> None:
        """See `ports.erp.ErpDespatches.complete`.

        The order was read when this was decided. Where somebody, or the dispatch before it,
        completed it since, Unleashed refuses the second time; what it is then, counts.
        """
        try:
            self._client.write(
                "POST",
                f"{ORDERS}/{quoted(order.guid)}/Complete",
                template=f"{ORDER}/Complete",
                query=self._query,
                send_by=send_by,
            )
        except Permanent:
            now = self.sold_order(order.guid)
            if now is None or not now.is_completed:
                raise

    # -- looking up -------------------------------------------------------------------------------

    def is_filled(self, guid: str, note: DespatchNote) -> LookUp:
        """See `ports.erp.ErpDespatches.is_filled`."""

        def is_so(raw: dict[str, Any]) -> bool:
            if shipment_of(raw).is_dispatched:
                return _fits(raw, note.tracking)
            return holds(raw, fields_of(note)) and has_apart(raw, note)

        return self._found(guid, is_so)

    def is_dispatched(self, guid: str) -> LookUp:
        """See `ports.erp.ErpDespatches.is_dispatched`."""
        return self._found(guid, lambda raw: shipment_of(raw).is_dispatched)

    def has_tracking(self, guid: str, tracking: str) -> LookUp:
        """See `ports.erp.ErpDespatches.has_tracking`."""
        return self._found(guid, lambda raw: text_of(raw, "TrackingNumber") == tracking)

    def is_placed(self, guid: str) -> LookUp:
        """See `ports.erp.ErpDespatches.is_placed`."""
        order = self.sold_order(guid)
        return Found(guid) if order is not None and not order.is_parked else NotFound()

    def is_completed(self, guid: str) -> LookUp:
        """See `ports.erp.ErpDespatches.is_completed`."""
        order = self.sold_order(guid)
        return Found(guid) if order is not None and order.is_completed else NotFound()

    def _found(self, guid: str, is_so: Callable[[dict[str, Any]], bool]) -> LookUp:
        try:
            raw = self._read(guid)
        except NotThere:
            return NotFound()
        return Found(guid) if is_so(raw) else NotFound()

    # -- how --------------------------------------------------------------------------------------

    @property
    def _query(self) -> Query:
        return SERIAL_BATCH if self._connection.batches_and_serials else ()

    def _read(self, guid: str) -> dict[str, Any]:
        return self._client.one(f"{SHIPMENTS}/{quoted(guid)}", self._query, template=SHIPMENT)

    def _present(self, guid: str) -> dict[str, Any]:
        """A shipment to be written to.

        Raises:
            Permanent: It is gone.
        """
        try:
            raw = self._read(guid)
        except NotThere:
            raise Permanent("unleashed.not_found", "the shipment is not in Unleashed") from None
        shipment = shipment_of(raw)
        if shipment.is_deleted:
            raise Permanent(
                "unleashed.shipment_deleted", f"shipment {shipment.number} was deleted in Unleashed"
            )
        return raw

    def _put(
        self, raw: dict[str, Any], fields: dict[str, Any], note: DespatchNote, send_by: datetime
    ) -> None:
        """Write the whole shipment as it was read a moment before, with what changes.

        Raises:
            Retryable: It does not hold what was sent any more.
        """
        shipment = shipment_of(raw)
        if by_line(shipment.lines) != dict(note.units):
            raise Retryable(
                "unleashed.changed_meanwhile",
                f"shipment {shipment.number} was changed in Unleashed since this was decided; "
                "nothing was written",
                after=1,
            )
        rows = apart_rows(shipment, note) if self._connection.batches_and_serials else {}
        body = changed(raw, fields, {LINES: rows})
        for row, known in zip(rows_of(body, LINES), shipment.lines, strict=True):
            row["SalesOrderLineNumber"] = value_of(row, "SalesOrderLineNumber") or known.line
        self._client.write(
            "PUT",
            f"{SHIPMENTS}/{quoted(shipment.guid)}",
            template=SHIPMENT,
            body=body,
            query=self._query,
            send_by=send_by,
        )

    def _add_tracking(
        self, raw: dict[str, Any], tracking: str, send_by: datetime, *, instead_of: str = ""
    ) -> None:
        if not tracking or text_of(raw, "TrackingNumber") not in {"", instead_of}:
            return
        self._client.write(
            "PUT",
            f"{SHIPMENTS}/{quoted(guid_of(raw))}",
            template=SHIPMENT,
            body=changed(raw, {"TrackingNumber": tracking}),
            query=self._query,
            send_by=send_by,
        )


def _fits(raw: Mapping[str, Any], tracking: str) -> bool:
    return not tracking or bool(text_of(raw, "TrackingNumber"))
