"""What a flow needs of an ERP that takes orders of the marketplace as sales orders.

tests/contract/test_sales_orders.py is what an adapter has to keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.warehouse_orders import OrderDraft


class SalesOrders(Protocol):
    """The sales orders of one merchant in its ERP, which has its warehouse send them."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def create_sales_order(self, draft: OrderDraft, send_by: datetime) -> str:
        """Make a sales order; the ERP's id of it.

        Looked up by its number: `find_sales_order`, with the draft's units. One that the ERP has
        already under this number is this call's success, if it holds exactly the goods.

        Raises:
            Retryable: It cannot be sent before `send_by`, or is known not done.
            Permanent: Refused: a product, a customer's data, or a number that holds other goods.
            UnknownOutcome: It may have been carried out.
        """

    def find_sales_order(self, number: str, *, units: Mapping[str, int] | None = None) -> LookUp:
        """Find the sales order with exactly this number.

        With `units` one that holds anything else is inconclusive: it is not ours. `NotFound` is
        conclusive: it says that no such order was ever made, deleted ones included.
        """
