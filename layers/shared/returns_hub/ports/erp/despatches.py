"""What flows need of the ERP: word of what was sent, on shipments and orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.unleashed.despatches import (
        DespatchNote,
        ErpShipment,
        GoodsLine,
        SoldOrder,
        Tracked,
    )


@dataclass(frozen=True)
class NewShipment:
    """A shipment of an order, to be made.

    Args:
        guid: The one that it should have.
        marker: A word in its comments, to find it by where the Guid is not taken.
        order: The order.
        units: By the number of the order's line.
        comments: For people; the marker is added.
    """

    guid: str
    marker: str
    order: SoldOrder
    units: Mapping[int, int]
    comments: str = ""

    @property
    def lines(self) -> tuple[GoodsLine, ...]:
        """The order's lines that it has units of."""
        return tuple(line for line in self.order.lines if self.units.get(line.line))


class ErpDespatches(Protocol):
    """The ERP of one merchant: word of what was sent, on shipments and orders."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    # -- reading --------------------------------------------------------------------------------

    def sold_order(self, guid: str) -> SoldOrder | None:
        """A sales order and its goods; None when the ERP does not know it.

        Raises:
            Permanent: A line of goods has no number, or no quantity that can be read.
        """

    def order_guid(self, number: str) -> str | None:
        """The Guid of the sales order with exactly this number."""

    def open_orders(self) -> Iterable[SoldOrder]:
        """Every order that is neither completed nor deleted. Raises Permanent as `sold_order`."""

    def shipment(self, guid: str) -> ErpShipment | None:
        """A shipment; None when the ERP does not know it. Raises Permanent as `sold_order`."""

    def shipments_of(self, order_number: str) -> tuple[ErpShipment, ...]:
        """Every shipment of an order but deleted ones. Raises Permanent as `sold_order`."""

    def dispatched_since(self, since: datetime) -> Iterable[tuple[ErpShipment, datetime]]:
        """Dispatched shipments that changed at or after a moment, each with when it did; their
        lines are left out."""

    def newest_shipments(self) -> tuple[ErpShipment, ...]:
        """The shipments that changed last, a page of them, but deleted ones; for checks."""

    def shipping_companies(self) -> tuple[str, ...]:
        """Names of the shipping companies that shipments can name."""

    def tracked(self, products: Iterable[str]) -> Mapping[str, Tracked]:
        """Whether products' units are told apart by batch or serial number, by SKU.

        Args:
            products: Their Guids; one request for up to fifty.
        """

    # -- writing: see `ports.erp` for what is raised --------------------------------------------

    def make_shipment(self, new: NewShipment, send_by: datetime) -> str:
        """Make a parked shipment; its Guid. Looked up by `find_shipment`."""

    def find_shipment(self, new: NewShipment) -> LookUp:
        """Find the shipment that this one became, a deleted one too.

        By its Guid, and by its marker among the shipments of its order: whether the ERP takes a
        shipment's Guid is not certain. `NotFound` is conclusive: one of the two names it.
        """

    def fill_shipment(self, guid: str, note: DespatchNote, send_by: datetime) -> None:
        """Write tracking, company, parcels, and batches onto a shipment that is not dispatched; on
        a dispatched one `note_tracking`. Looked up by `is_filled`.

        Raises:
            Retryable: It does not hold the note's units; decide again.
            Permanent: It is gone.
        """

    def dispatch(self, guid: str, note: DespatchNote, send_by: datetime) -> None:
        """Dispatch a shipment, and write what was sent onto it; it books the goods.

        Of one that is dispatched already nothing is changed but its tracking number, if it has
        none. Looked up by `is_dispatched`.

        Raises:
            Retryable: It does not hold the note's units; decide again.
            Permanent: It is gone, or the ERP refuses it.
        """

    def note_tracking(
        self, guid: str, tracking: str, send_by: datetime, *, instead_of: str = ""
    ) -> None:
        """Write the tracking number onto a dispatched shipment that has none, or has that of
        ours that it is told instead of; another one is left. Looked up by `has_tracking`."""

    def place(self, guid: str, send_by: datetime) -> None:
        """Make a parked order a placed one, since a parked one takes no shipment; its custom status
        goes with that. One that is not parked is left. Looked up by `is_placed`."""

    def complete(self, order: SoldOrder, send_by: datetime) -> None:
        """Complete an order; without Order Management that books the goods.

        One that is completed already is not an error. Looked up by `is_completed`.
        """

    # -- looking up: each is read by its own Guid, so that `NotFound` is conclusive --------------

    def is_filled(self, guid: str, note: DespatchNote) -> LookUp:
        """Whether a shipment holds what the note says, or was dispatched meanwhile."""

    def is_dispatched(self, guid: str) -> LookUp:
        """Whether a shipment is dispatched."""

    def has_tracking(self, guid: str, tracking: str) -> LookUp:
        """Whether a shipment has this tracking number."""

    def is_placed(self, guid: str) -> LookUp:
        """Whether an order is parked no more."""

    def is_completed(self, guid: str) -> LookUp:
        """Whether an order is completed."""
