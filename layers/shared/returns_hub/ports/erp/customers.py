"""What flows need of the ERP's customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.customers import CustomersPage, ErpCustomer
    from returns_hub.domain.warehouse_orders import Recipient


class ErpCustomers(Protocol):
    """The customers of one merchant in its ERP, obsolete ones among them.

    What a customer is called, and where it lives, is read when it is asked for, remembered for this
    run alone and stored nowhere. Reads raise Retryable when they cannot be answered now, and
    Misconfigured.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def address_of(self, code: str) -> Recipient | None:
        """Where goods for this customer go: its shipping address, else its physical one, else its
        postal one. None when there is no such customer, or it has no address. The country is as the
        ERP has it, a name or a code, or empty."""

    def with_code(self, code: str) -> ErpCustomer | None:
        """The customer with exactly this code."""

    def with_name(self, name: str) -> ErpCustomer | None:
        """The customer with exactly this name, one that is not obsolete.

        Raises:
            Permanent: Several have it.
        """

    def learn(self, since: datetime | None, first: int = 1) -> Iterator[CustomersPage]:
        """Read customers that changed at or after `since`, every one without it, and keep the Guids
        of their codes, so that asking for one by its code takes one request. Page by page, from
        this page on; see `ErpProducts.pages_changed_since`."""
