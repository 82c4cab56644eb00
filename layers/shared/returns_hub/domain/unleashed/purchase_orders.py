"""Purchase orders of Unleashed, in our words.

Source: the keys that working clients read and write. Quantities and prices are decimals there. A
line's receipt quantity is what the next receipt books: the call itself has no body. Whether a line
shows what earlier receipts booked is told nowhere, so that the hub keeps its own count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from returns_hub.domain.unleashed.sales_orders import is_any_status, is_status

ZERO = Decimal(0)
RECEIPTED = ("receipted", "complete")
GOING_ON = ("placed", "costed", *RECEIPTED)
"""Statuses of an order that was placed and not taken back."""


@dataclass(frozen=True, slots=True)
class PurchaseBatch:
    """Units of one batch."""

    number: str
    quantity: Decimal
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of a purchase order.

    Args:
        guid: Unleashed's, in lower case.
        number: Its number on the order, from 1.
        sku: The product's code; empty where the line has none.
        quantity: As ordered; a fraction is possible.
        product_guid: Of the product.
        receipt: What the next receipt books; 0 where nothing is set.
        unit: The name of its unit of measure; empty where it has none.
        unit_price: Before tax and discount, in the order's currency.
        discount: A share, 0 to 1.
        total: Before tax and after the discount.
        tax: The tax on it.
        tax_rate: A share; None where the line tells none.
        pending: Batches that the next receipt books.
        pending_serials: Serial numbers that it books.
        batches: Batches that receipts booked.
        serials: Serial numbers that they booked.
    """

    guid: str
    number: int
    sku: str
    quantity: Decimal
    product_guid: str = ""
    receipt: Decimal = ZERO
    unit: str = ""
    unit_price: Decimal = ZERO
    discount: Decimal = ZERO
    total: Decimal = ZERO
    tax: Decimal = ZERO
    tax_rate: Decimal | None = None
    pending: tuple[PurchaseBatch, ...] = ()
    pending_serials: tuple[str, ...] = ()
    batches: tuple[PurchaseBatch, ...] = ()
    serials: tuple[str, ...] = ()

    @property
    def tracked(self) -> Decimal:
        """Units that receipts booked by batch or serial number."""
        return max(sum((b.quantity for b in self.batches), ZERO), Decimal(len(self.serials)))


@dataclass(frozen=True)
class PurchaseOrder:
    """A purchase order.

    Args:
        guid: Unleashed's, in lower case.
        number: As people see it.
        status: Unleashed's word, e.g. Placed; letters' case does not count.
        warehouse_code: Where the goods are to come.
        lines: In their order.
        stamp: Differs whenever the order does, whoever changed it.
        custom_status: The account's own status; empty for none.
        supplier: The supplier's name.
        expected: The day it should come; None when not set.
        modified_at: When it changed last.
        created_at: When it was made.
        was_received: Whether a receipt of goods was booked at some time.
        unreadable: Why it makes no sense to us; empty when it does.
    """

    guid: str
    number: str
    status: str
    warehouse_code: str
    lines: tuple[PurchaseLine, ...]
    stamp: str
    custom_status: str = ""
    supplier: str = ""
    expected: date | None = None
    modified_at: datetime | None = None
    created_at: datetime | None = None
    was_received: bool = False
    unreadable: str = ""

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted in Unleashed, which keeps it with that status."""
        return is_status(self.status, "deleted")

    @property
    def is_placed(self) -> bool:
        """Whether Unleashed takes a receipt for it."""
        return is_status(self.status, "placed")

    @property
    def is_receipted(self) -> bool:
        """Whether it takes no receipt any more, since it has had its own."""
        return is_any_status(self.status, RECEIPTED)

    @property
    def is_complete(self) -> bool:
        """Whether it is completed; Unleashed says Complete."""
        return is_status(self.status, "complete")

    @property
    def is_going_on(self) -> bool:
        """Whether it was placed, and not taken back since."""
        return is_any_status(self.status, GOING_ON)

    def line(self, guid: str) -> PurchaseLine | None:
        """The line with this Guid."""
        return next((line for line in self.lines if line.guid == guid), None)


@dataclass(frozen=True, slots=True)
class PurchasedProduct:
    """What a purchase order's product is like in Unleashed.

    Args:
        sku: Its code.
        unit: The name of its unit of measure; empty where it has none.
        keeps_stock: False for services, freight and the like.
    """

    sku: str
    unit: str = ""
    keeps_stock: bool = True


@dataclass(frozen=True, slots=True)
class LineRaise:
    """A line that is to order at least so many units."""

    guid: str
    to: Decimal


@dataclass(frozen=True, slots=True)
class LineReceipt:
    """What the next receipt is to book of a line.

    Args:
        guid: The line's.
        sku: Its product's code.
        units: To be booked; 0 for nothing.
        at_least: Units that the line has to order for Unleashed to take it, earlier ones included.
        batches: All of the units, where any has a batch.
        serials: The same for serial numbers.
    """

    guid: str
    sku: str
    units: Decimal
    at_least: Decimal = ZERO
    batches: tuple[PurchaseBatch, ...] = ()
    serials: tuple[str, ...] = ()

    def is_set_on(self, line: PurchaseLine, *, tracked: bool) -> bool:
        """Whether the line holds exactly this.

        Args:
            line: As it was read.
            tracked: Whether batches and serial numbers were read as well.
        """
        if line.receipt != self.units:
            return False
        if not tracked:
            return True
        same_batches = sorted(map(_plain, line.pending)) == sorted(map(_plain, self.batches))
        return same_batches and sorted(line.pending_serials) == sorted(self.serials)


def why_other(order: PurchaseOrder, wanted: Iterable[LineReceipt]) -> str | None:
    """Why the order is not any more what a receipt was decided on; None when it is."""
    rows = {row.guid: row for row in wanted}
    if not order.is_placed:
        return f"it is {order.status}"
    if {line.guid: line.sku for line in order.lines} != {g: row.sku for g, row in rows.items()}:
        return "its lines are others by now"
    for line in order.lines:
        if line.quantity < rows[line.guid].at_least:
            return f"line {line.number} orders {line.quantity.normalize():f} by now"
    return None


def is_set(order: PurchaseOrder, wanted: Iterable[LineReceipt], *, tracked: bool) -> bool:
    """Whether a receipt of the order would book exactly what is wanted.

    Every line counts: what is not to come has to stand at 0, since the call books all that is set.
    """
    rows = {row.guid: row for row in wanted}
    return not why_other(order, rows.values()) and all(
        rows[line.guid].is_set_on(line, tracked=tracked) for line in order.lines
    )


def _plain(batch: PurchaseBatch) -> tuple[str, Decimal, str]:
    return (batch.number, batch.quantity, str(batch.expires or ""))
