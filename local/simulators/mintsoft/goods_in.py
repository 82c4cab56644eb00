"""What the warehouse does with ASNs in the simulated Mintsoft."""

from __future__ import annotations

from typing import Any

from local.simulators.mintsoft.asns import ASN_STATUSES, Asn, AsnAllocation, AsnItem, Asns

BOOKED_IN, PARTLY, AWAITING_PUT_AWAY = 4, 7, 12


class GoodsIn(Asns):
    """People at the dock."""

    def book_in(
        self, asn_id: int, goods: list[dict[str, Any]] | None = None, *, complete: bool = True
    ) -> Asn:
        """Units are booked in and lie in stock; without goods exactly what is still expected.

        Args:
            asn_id: Which ASN.
            goods: ``{"sku", "quantity", "batch", "serial", "expires"}`` each, more or less than
                announced, or of something else.
            complete: No more will come.
        """
        asn = self.asns[asn_id]
        if asn.booked_in_at is not None:
            raise ValueError(f"ASN {asn_id} is booked in")
        for row in goods if goods is not None else _still_expected(asn):
            item = self._item_for(asn, str(row["sku"]))
            part = AsnAllocation(
                int(row["quantity"]), row.get("batch"), row.get("serial"), row.get("expires")
            )
            item.allocations.append(part)
            self.add_stock(asn.warehouse_id, item.product_id, part.quantity, 0)
        asn.status_id = BOOKED_IN if complete else PARTLY
        asn.updated_at = self._now()
        asn.booked_in_at = self._now() if complete else None
        self.note("book-in-asn", "warehouse", id=asn.id, complete=complete)
        return asn

    def set_asn_status(self, asn_id: int, status_id: int) -> Asn:
        """An ASN goes on, or is held up."""
        if status_id not in ASN_STATUSES:
            raise ValueError(f"no ASN status {status_id}")
        asn = self.asns[asn_id]
        asn.status_id, asn.updated_at = status_id, self._now()
        return asn

    def make_asn(
        self,
        client_id: int,
        warehouse_id: int,
        reference: str,
        goods: list[dict[str, Any]],
        comments: str = "",
    ) -> Asn:
        """Somebody announces goods in the web app."""
        items = [
            AsnItem(
                self.row_id(),
                self.product_with(row["sku"], client_id),
                row["sku"],
                int(row["quantity"]),
            )
            for row in goods
        ]
        made = self.put_asn(client_id, warehouse_id, items)
        made.header |= {"POReference": reference, "Comments": comments, "GoodsInType": "Pallet"}
        self.note("make-asn", "warehouse", id=made.id, reference=reference)
        return made

    def _item_for(self, asn: Asn, sku: str) -> AsnItem:
        """The first item of the SKU that still expects units, or its last, or a new one."""
        items = [item for item in asn.items if item.sku == sku]
        for item in items:
            if sum(part.quantity for part in item.allocations) < item.expected:
                return item
        if items:
            return items[-1]
        product_id = self.product_with(sku, asn.client_id)
        if not product_id:
            raise ValueError(f"no product {sku}")
        asn.items.append(AsnItem(self.row_id(), product_id, sku, 0))
        return asn.items[-1]


def _still_expected(asn: Asn) -> list[dict[str, Any]]:
    left = [
        (item.sku, item.expected - sum(part.quantity for part in item.allocations))
        for item in asn.items
    ]
    return [{"sku": sku, "quantity": units} for sku, units in left if units > 0]
