"""What flows need of the ERP's purchase orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.unleashed.purchase_orders import (
        LineRaise,
        LineReceipt,
        PurchasedProduct,
        PurchaseOrder,
    )


class ErpPurchaseOrders(Protocol):
    """The purchase orders of one merchant in its ERP. What writes raise: see `ports.erp`."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime) -> Iterator[PurchaseOrder]:
        """Purchase orders changed at or after `since`, of every status, deleted ones too."""

    def read(self, guid: str) -> PurchaseOrder | None:
        """One purchase order; None when the ERP does not know it."""

    def with_number(self, number: str) -> PurchaseOrder | None:
        """The purchase order with exactly this number."""

    def products_of(self, order: PurchaseOrder) -> Mapping[str, PurchasedProduct]:
        """What its lines' products are like, by the product's Guid; one call for twenty of them."""

    def raise_lines(self, guid: str, raises: Sequence[LineRaise], send_by: datetime) -> None:
        """Have lines order at least so many units, at their price and tax.

        Looked up by `raised`.

        Raises:
            Permanent: Also when a line's money is not its quantity times its price.
        """

    def raised(self, guid: str, raises: Sequence[LineRaise]) -> LookUp:
        """Whether the lines order so many.

        Conclusive: the order is read by its Guid, and the number wanted is named, not a
        difference, so that a repetition changes nothing.
        """

    def set_receipt(self, guid: str, lines: Sequence[LineReceipt], send_by: datetime) -> str:
        """Set what the next receipt books, on every line; the order's stamp then.

        Lines that hold it are left. What was set there before, by whomever, is replaced: the
        receipt would book it.

        Looked up by `receipt_set`.

        Raises:
            Retryable: `unleashed.changed_meanwhile`: the order is another by now.
        """

    def receipt_set(self, guid: str, lines: Sequence[LineReceipt]) -> LookUp:
        """Whether the next receipt would book exactly that; the order's stamp when it would.

        Conclusive: the order is read by its Guid, and numbers are named, not differences.
        """

    def receipt(self, guid: str, lines: Sequence[LineReceipt], send_by: datetime) -> None:
        """Book what is set on the lines, having made sure that it is exactly this.

        An order that holds these numbers and is receipted is this call's success: nothing is sent.

        Looked up by `receipted`.

        Raises:
            Retryable: `unleashed.changed_meanwhile`: the order is another by now; nothing was sent.
            Permanent: It was receipted in another way.
        """

    def receipted(self, guid: str, stamp: str) -> LookUp:
        """Whether the receipt was booked, `stamp` being the order's just before it was sent.

        An order that is receipted was: a second receipt is refused from then on. One that is
        placed and has not changed in any way since was not. One that is placed and has changed is
        inconclusive: whether a part receipt leaves an order placed is not known.
        """

    def complete(self, guid: str, send_by: datetime) -> None:
        """Complete a receipted order; one that is complete is left. Looked up by `completed`.

        Raises:
            Permanent: It is not receipted.
        """

    def completed(self, guid: str) -> LookUp:
        """Whether it is complete. Conclusive: its status tells, and it never goes back."""
