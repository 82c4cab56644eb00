"""Purchase orders of Unleashed: `ports.erp.ErpPurchaseOrders`.

Sources: Unleashed's page on purchases for the calls and filters; a working client for the receipt:
each line is written with its ReceiptQuantity and pending batches (a write of the whole order
ignores batches), then a POST without a body books what is stored, for a Placed order only. Whether
a second receipt is taken no source tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, quoted
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.purchase_translate import (
    LINES,
    receipt_fields,
    to_order,
    to_product,
    without_batches,
)
from returns_hub.adapters.unleashed.reading import Raw, guid_of, rows_of
from returns_hub.adapters.unleashed.whole import changed
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.unleashed.purchase_orders import (
    LineRaise,
    LineReceipt,
    PurchasedProduct,
    PurchaseOrder,
    is_set,
    why_other,
)
from returns_hub.domain.unleashed.purchase_rule import raised_money
from returns_hub.errors import Permanent, Retryable

ORDERS = "/PurchaseOrders"
ONE = f"{ORDERS}/{{guid}}"


class UnleashedPurchaseOrders(UnleashedResource):
    """`ports.erp.ErpPurchaseOrders`."""

    # -- reading ----------------------------------------------------------------------------

    def changed_since(self, since: datetime) -> Iterator[PurchaseOrder]:
        """See `ErpPurchaseOrders.changed_since`. Two lists: without a filter by status deleted
        ones are left out."""
        yield from map(to_order, self._changed(ORDERS, since))
        deleted = map(to_order, self._deleted(ORDERS, "orderStatus", since))
        yield from (order for order in deleted if order.is_deleted)

    def read(self, guid: str) -> PurchaseOrder | None:
        """See `ErpPurchaseOrders.read`."""
        raw = self._raw(guid)
        return None if raw is None else to_order(raw)

    def with_number(self, number: str) -> PurchaseOrder | None:
        """See `ErpPurchaseOrders.with_number`."""
        try:
            rows = list(self._client.rows(ORDERS, (("orderNumber", number),), size=10))
        except Permanent as verdict:
            if verdict.code == "unleashed.unsafe_filter":
                return None
            raise
        found = (to_order(row) for row in rows)
        return next((order for order in found if order.number == number), None)

    def products_of(self, order: PurchaseOrder) -> Mapping[str, PurchasedProduct]:
        """See `ErpPurchaseOrders.products_of`."""
        rows = self._products(line.product_guid for line in order.lines)
        return {guid_of(row): to_product(row) for row in rows}

    # -- raising lines ------------------------------------------------------------------------

    def raise_lines(self, guid: str, raises: Sequence[LineRaise], send_by: datetime) -> None:
        """See `ErpPurchaseOrders.raise_lines`."""
        wanted = {row.guid: row.to for row in raises}

        def fields(order: PurchaseOrder, line_guid: str) -> Mapping[str, Any]:
            line = order.line(line_guid)
            if line is None or line_guid not in wanted or line.quantity >= wanted[line_guid]:
                return {}
            money = raised_money(line, wanted[line_guid])
            if isinstance(money, str):
                raise Permanent(
                    "purchase_orders.cannot_raise",
                    f"purchase order {order.number}: {money}; raise it in Unleashed by hand",
                )
            total, tax = money
            return {"OrderQuantity": wanted[line_guid], "LineTotal": total, "LineTax": tax}

        def require_open(order: PurchaseOrder) -> None:
            if not order.is_placed or not wanted.keys() <= {line.guid for line in order.lines}:
                raise _changed_meanwhile(order, "its status or its lines are others")

        order = self._write_lines(guid, fields, send_by, require_open)
        if not _is_raised(order, raises):
            raise _not_kept(order)

    def raised(self, guid: str, raises: Sequence[LineRaise]) -> LookUp:
        """See `ErpPurchaseOrders.raised`."""
        order = self._there(guid)
        return Found(guid) if _is_raised(order, raises) else NotFound()

    # -- receipts -----------------------------------------------------------------------------

    def set_receipt(self, guid: str, lines: Sequence[LineReceipt], send_by: datetime) -> str:
        """See `ErpPurchaseOrders.set_receipt`."""
        order = self._set(guid, lines, send_by)
        return f"{guid}@{order.stamp}"

    def receipt_set(self, guid: str, lines: Sequence[LineReceipt]) -> LookUp:
        """See `ErpPurchaseOrders.receipt_set`."""
        order = self._there(guid)
        if not is_set(order, lines, tracked=self._tracked):
            return NotFound()
        return Found(f"{guid}@{order.stamp}")

    def receipt(self, guid: str, lines: Sequence[LineReceipt], send_by: datetime) -> None:
        """See `ErpPurchaseOrders.receipt`."""
        before = self._there(guid)
        if before.is_receipted:
            held = {line.guid: line.receipt for line in before.lines}
            if held == {row.guid: row.units for row in lines}:
                return
            raise Permanent(
                "receipts.in_another_way",
                f"purchase order {before.number} is {before.status} in Unleashed, with other units "
                "than the warehouse booked in; compare them there, then discard this",
            )
        self._set(guid, lines, send_by)
        self._client.write(
            "POST", f"{ORDERS}/{quoted(guid)}/Receipt", template=f"{ONE}/Receipt", send_by=send_by
        )

    def receipted(self, guid: str, stamp: str) -> LookUp:
        """See `ErpPurchaseOrders.receipted`."""
        order = self._there(guid)
        if order.is_receipted:
            return Found(guid)
        if stamp and f"{guid}@{order.stamp}" == stamp:
            return NotFound()
        return Inconclusive(
            f"purchase order {order.number} is {order.status} and has changed since its receipt "
            "was sent without an answer; look in Unleashed whether the goods are in stock"
        )

    def complete(self, guid: str, send_by: datetime) -> None:
        """See `ErpPurchaseOrders.complete`."""
        order = self._there(guid)
        if order.is_complete:
            return
        if not order.is_receipted:
            raise Permanent(
                "receipts.not_receipted",
                f"purchase order {order.number} is {order.status} after its receipt, so that it "
                "cannot be completed; look at it in Unleashed",
            )
        self._client.write(
            "POST", f"{ORDERS}/{quoted(guid)}/Complete", template=f"{ONE}/Complete", send_by=send_by
        )

    def completed(self, guid: str) -> LookUp:
        """See `ErpPurchaseOrders.completed`."""
        return Found(guid) if self._there(guid).is_complete else NotFound()

    # -- helpers ------------------------------------------------------------------------------

    @property
    def _tracked(self) -> bool:
        return self._connection.batches_and_serials

    def _raw(self, guid: str) -> Raw | None:
        query = SERIAL_BATCH if self._tracked else ()
        try:
            return self._client.one(f"{ORDERS}/{quoted(guid)}", query, template=ONE)
        except NotThere:
            return None

    def _require(self, guid: str) -> Raw:
        raw = self._raw(guid)
        if raw is None:
            raise Permanent(
                "unleashed.not_found", "the purchase order is not in Unleashed any more"
            )
        return raw

    def _there(self, guid: str) -> PurchaseOrder:
        return _readable(self._require(guid))

    def _set(self, guid: str, lines: Sequence[LineReceipt], send_by: datetime) -> PurchaseOrder:
        """Write what is not so, and read it again: what is stored is what will be booked."""
        wanted = {row.guid: row for row in lines}

        def fields(order: PurchaseOrder, line_guid: str) -> Mapping[str, Any]:
            line, row = order.line(line_guid), wanted.get(line_guid)
            if line is None or row is None or row.is_set_on(line, tracked=self._tracked):
                return {}
            return receipt_fields(row, tracked=self._tracked)

        def require_same(order: PurchaseOrder) -> None:
            why = why_other(order, lines)
            if why:
                raise _changed_meanwhile(order, why)

        order = self._write_lines(guid, fields, send_by, require_same)
        if not is_set(order, lines, tracked=self._tracked):
            raise _not_kept(order)
        return order

    def _write_lines(
        self,
        guid: str,
        fields_of: Callable[[PurchaseOrder, str], Mapping[str, Any]],
        send_by: datetime,
        require: Callable[[PurchaseOrder], None],
    ) -> PurchaseOrder:
        """Write each line that something is to change on, whole; the order as it is then."""
        raw = self._require(guid)
        order = _readable(raw)
        require(order)
        wrote = False
        for row in rows_of(raw, LINES):
            fields = fields_of(order, guid_of(row))
            if not fields:
                continue
            line = row if self._tracked else without_batches(row)
            self._client.write(
                "PUT",
                f"{ORDERS}/{quoted(guid)}/Lines/{quoted(guid_of(row))}",
                template=f"{ONE}/Lines/{{line}}",
                body=changed(line, fields),
                send_by=send_by,
            )
            wrote = True
        return self._there(guid) if wrote else order


def _readable(raw: Raw) -> PurchaseOrder:
    order = to_order(raw)
    if order.unreadable:
        raise Permanent(
            "unleashed.unreadable", f"purchase order {order.number}: {order.unreadable}"
        )
    return order


def _is_raised(order: PurchaseOrder, raises: Sequence[LineRaise]) -> bool:
    held = {line.guid: line.quantity for line in order.lines}
    return all(row.guid in held and held[row.guid] >= row.to for row in raises)


def _changed_meanwhile(order: PurchaseOrder, why: str) -> Retryable:
    return Retryable(
        "unleashed.changed_meanwhile",
        f"purchase order {order.number} was changed in Unleashed since this was decided ({why}); "
        "nothing was booked",
        after=1,
    )


def _not_kept(order: PurchaseOrder) -> Permanent:
    return Permanent(
        "purchase_orders.not_kept",
        f"Unleashed took what was written to the lines of purchase order {order.number}, and shows "
        "something else; nothing was booked",
    )
