"""What flows need of the ERP: sales orders that the hub makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.unleashed.sales_draft import SalesDraft


class ErpOrderMaking(Protocol):
    """The ERP of one merchant: sales orders that the hub makes."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def tax_rate(self, code: str) -> Decimal:
        """The rate of the tax with exactly this code, a share.

        Raises:
            Misconfigured: The ERP has none such, or it is obsolete.
        """

    def exchange_rate(self, currency: str) -> Decimal:
        """What an order in this currency says of its worth in the account's own; 1 for that.

        Raises:
            Misconfigured: Neither the merchant's file nor the ERP tells it.
        """

    def make_order(self, draft: SalesDraft, send_by: datetime) -> str:
        """Make a sales order; its Guid. Looked up by `find_order`.

        One that is there under the draft's Guid is this call's success, if it holds exactly the
        goods; nothing is sent then, since what a second POST of a Guid does is not told.

        Raises:
            Permanent: Refused, or the Guid has other goods.
            See also `ports.erp`.
        """

    def find_order(self, guid: str, units: Mapping[str, int]) -> LookUp:
        """Find the sales order with our Guid, a deleted one as well.

        `NotFound` is conclusive: nobody else takes this Guid, and an order is read by it. One that
        holds other units is inconclusive: somebody changed it before its making was known.
        """
