"""What a flow needs of a warehouse that sends orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.warehouse_orders import (
        CourierService,
        OrderDraft,
        OrderPage,
        OrderStage,
        PickedUnits,
        WarehouseOrder,
        WarehouseOrderMade,
    )
    from returns_hub.domain.warehouse_stock import StockLevel, StockProof


class OrdersWarehouse(Protocol):
    """The orders and the stock of one merchant in its warehouse.

    Every write raises Retryable when it cannot be sent before `send_by`; Permanent when it is
    refused; Misconfigured when the key's user may not do it; UnknownOutcome when it may have been
    carried out.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def create_order(self, draft: OrderDraft, send_by: datetime) -> WarehouseOrderMade:
        """Make an order.

        Looked up by its number: `find_order`, with the draft's units. An order that the warehouse
        says it has already is found and is this call's success, if it holds exactly the goods.

        Raises:
            Permanent: Also when the number, or the external reference, belongs to another order.
        """

    def find_order(
        self,
        number: str,
        *,
        units: Mapping[str, int] | None = None,
        since: datetime | None = None,
    ) -> LookUp:
        """Find this client's order with exactly this number; of a split one its first part.

        With `units` an order that holds anything else is inconclusive: it is not ours. With
        `since`, the moment of the first try, orders changed since then are searched as well, so
        that one that was merged meanwhile is found too. `NotFound` is conclusive: numbers are
        unique for the client, and the warehouse refuses a second order with the same one.
        """

    def orders_with_number(self, number: str) -> tuple[WarehouseOrder, ...]:
        """This client's orders with exactly this number: the parts of a split one in order, or
        the merged order that holds it; empty when there is none."""

    def read_order(self, order_id: int) -> WarehouseOrder | None:
        """One order with its items; None when the warehouse does not know it as this client's."""

    def orders_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stage: OrderStage | None = None,
        *,
        first_page: int = 1,
    ) -> OrderPage:
        """This client's orders changed at or after `since`, of one stage only when it is given;
        from a page of the list on, which `OrderPage.next_page` of the same list gave.

        The warehouse's clock and zone are not proven: read back an overlap, and take each `key`
        once.
        """

    def picked_units(self, order: WarehouseOrder) -> tuple[PickedUnits, ...]:
        """Units of the order that were scanned when they were picked, with the batches and serial
        numbers that were recorded; empty when nothing was. The order has to show its items."""

    def add_order_comment(self, order_id: int, text: str, send_by: datetime) -> None:
        """Add a comment for the warehouse. Looked up by a marker in `order_comments`."""

    def order_comments(self, order_id: int) -> tuple[str, ...]:
        """Texts of all comments on the order.

        Raises:
            Permanent: The warehouse does not know the order.
        """

    def cancel_order(self, order_id: int, send_by: datetime, *, held_too: bool = False) -> None:
        """Cancel an order that is still new; one that is cancelled already is not an error.

        With `held_too` also one that is held or waits for stock: the warehouse may refuse that.

        Looked up by `read_order(...).is_cancelled`.

        Raises:
            Permanent: The warehouse works on it already, or does not know it.
        """

    def courier_services(self) -> tuple[CourierService, ...]:
        """Courier services that orders can name."""

    def stock_levels(self, warehouse_id: int) -> Mapping[str, StockLevel]:
        """This client's stock in one warehouse by SKU.

        A SKU that is not in it is not known there; that is never a zero.
        """

    def prove_stock_levels(self, warehouse_id: int) -> StockProof:
        """Compare the levels of a few products with their inventories, by reads alone."""

    def unknown_statuses(self) -> tuple[str, ...]:
        """Order statuses of this warehouse that are not what we take them for, in sentences."""
