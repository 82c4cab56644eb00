"""Which purchase order an ASN is for, and which ASN a purchase order has."""

from __future__ import annotations

from returns_hub.domain.operations import marker_of
from returns_hub.domain.unleashed.names import ASN, ASSEMBLIES, PURCHASE_ORDERS, TRANSFERS
from returns_hub.domain.warehouse_asns import Asn
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld

OTHERS = (TRANSFERS, ASSEMBLIES)
"""Flows that make ASNs as well."""


class WhoseAsn:
    """Looks it up on the timelines of the flow that makes the ASNs, for one run."""

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._known: dict[int, str | None] = {}

    def order_of(self, asn: Asn) -> str | None:
        """The Guid of the purchase order that the hub made it for; None when it did not.

        By its id; where the answer to making it was lost, by its marker, on the purchase order with
        the number that it refers to.

        Raises:
            What reading Unleashed raises.
        """
        if asn.asn_id not in self._known:
            self._known[asn.asn_id] = self._found(asn)
        return self._known[asn.asn_id]

    def _found(self, asn: Asn) -> str | None:
        records, merchant = self._world.sync.records, self._world.merchant
        made = str(asn.asn_id)
        guid = records.made_by(merchant, PURCHASE_ORDERS, made)
        if guid is not None:
            return guid
        if not asn.marker or any(records.made_by(merchant, other, made) for other in OTHERS):
            return None
        order = self._world.erp.purchase_orders.with_number(asn.reference)
        if order is None:
            return None
        key = self._world.sync.load(PURCHASE_ORDERS, order.guid).operation_key(ASN)
        return order.guid if marker_of(key).casefold() == asn.marker.casefold() else None

    def asn_of(self, guid: str) -> Asn | None:
        """A purchase order's ASN; None when it has none, or not any more.

        Raises:
            Retryable: It may have one whose id is not known yet.
        """
        made = self._world.sync.load(PURCHASE_ORDERS, guid).partner_id(ASN)
        if not made:
            self.require_linked(guid)
            return None
        return self._world.asns.read_asn(int(made))

    def require_linked(self, guid: str) -> None:
        """Raise while the flow that made a purchase order's ASN does not know its id.

        Raises:
            Retryable: It is found there first, so that both flows speak of the same one.
        """
        if self._world.sync.load(PURCHASE_ORDERS, guid).is_open(ASN):
            raise Retryable(
                "receipts.asn_not_linked",
                "the answer to making the ASN was lost, and it has not been found yet",
                after=60,
            )
