"""Free-entry credit notes of Unleashed, in our words, and what of an order's lines they credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from returns_hub.domain.operations import MARKER
from returns_hub.domain.unleashed.sales_orders import SalesOrder, is_status

PRICE_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Units that are credited.

    Args:
        sku: The product's code.
        quantity: Units, at least 1.
        price: Of one unit before tax, in the order's currency.
        returns: The goods go back into Unleashed's stock.
    """

    sku: str
    quantity: int
    price: Decimal
    returns: bool = False


@dataclass(frozen=True)
class CreditDraft:
    """A credit note to be made; customer, warehouse, tax and exchange rate are its order's.

    Args:
        marker: A word in its comments, to find it by: Unleashed gives the Guid.
        order_guid: The sales order whose goods are credited.
        lines: What is credited.
        reason: Text of each line's reason.
        comments: For people; the marker is added.
        credited_on: Its date.
    """

    marker: str
    order_guid: str
    lines: tuple[CreditLine, ...]
    reason: str
    comments: str
    credited_on: date

    def units(self) -> dict[str, int]:
        """Units of each product."""
        return units_on((line.sku, line.quantity) for line in self.lines)


@dataclass(frozen=True)
class ErpCreditNote:
    """A credit note as Unleashed shows it.

    Args:
        guid: Unleashed's.
        number: As people see it.
        status: Unleashed's word.
        customer_code: Of the customer.
        units: By product; None where a quantity is no whole number.
        comments: What the hub looks for its markers in.
        order_number: Of the sales order that it names; empty where it names none.
        invoice_number: Of the invoice that it names; empty where it names none.
        reference: What people wrote there.
        modified_at: When it changed last; None where that cannot be read.
        currency: ISO 4217; empty where it does not tell.
        warehouse_code: Where the goods go back to; empty where it does not tell.
        restocked: Units by product that its completion brings back into stock.
    """

    guid: str
    number: str
    status: str
    customer_code: str
    units: Mapping[str, int] | None
    comments: str = field(default="", repr=False)
    order_number: str = ""
    invoice_number: str = ""
    reference: str = field(default="", repr=False)
    modified_at: datetime | None = None
    currency: str = ""
    warehouse_code: str = ""
    restocked: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def is_completed(self) -> bool:
        """Whether it counts in the books."""
        return is_status(self.status, "completed")

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted."""
        return is_status(self.status, "deleted")


@dataclass(frozen=True, slots=True)
class Returned:
    """Units of a line that was processed.

    Args:
        sku: The SKU.
        quantity: Units.
        restocked: The warehouse took the goods back into stock.
    """

    sku: str
    quantity: int
    restocked: bool


def has_marker(comments: str) -> bool:
    """Whether the hub made the note with these comments."""
    return MARKER.search(comments) is not None


def units_on(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Units of each product, summed."""
    total: Counter[str] = Counter()
    for sku, many in rows:
        total[sku] += many
    return dict(total)


def lines_to_credit(
    returned: Sequence[Returned],
    orders: Sequence[SalesOrder],
    *,
    to_stock: bool,
    before: Sequence[Returned] = (),
) -> dict[str, tuple[CreditLine, ...]]:
    """What is credited of which order, at the price at which it was sold there.

    Lines are taken in the orders' order, each as far as its units go; a line without a price tells
    nothing and is passed over. What came back before has taken its units first.

    Args:
        returned: What came back.
        orders: The sales orders of it.
        to_stock: Lines whose goods the warehouse took back say so.
        before: What came back earlier of the same orders, in that order.

    Returns:
        By the order's Guid.

    Raises:
        ValueError: More came back than was sold at a price that is known; which, in words.
    """
    room = [
        _Sold(order.guid, line.sku, line.unit_price, max(0, int(line.quantity)))
        for order in orders
        for line in order.lines
        if line.sku and not line.is_charge and line.unit_price is not None
    ]
    for one in before:
        _taken(one, room)
    found: dict[str, list[CreditLine]] = {}
    for one in returned:
        left = one.quantity
        for sold, take in _taken(one, room):
            line = CreditLine(one.sku, take, sold.price, returns=to_stock and one.restocked)
            found.setdefault(sold.guid, []).append(line)
            left -= take
        if left:
            raise ValueError(
                f"{left} of {one.quantity} {one.sku[:60]} are on no sales order of it with a "
                "price, or came back before"
            )
    return {guid: tuple(lines) for guid, lines in found.items()}


@dataclass
class _Sold:
    """Units of an order's line that did not come back yet."""

    guid: str
    sku: str
    price: Decimal
    left: int


def _taken(one: Returned, room: Sequence[_Sold]) -> list[tuple[_Sold, int]]:
    taken, left = [], one.quantity
    for sold in room:
        take = min(left, sold.left) if sold.sku == one.sku else 0
        if take:
            taken.append((sold, take))
            sold.left -= take
            left -= take
    return taken


def lines_worth(sku: str, quantity: int, net: Decimal, *, returns: bool) -> tuple[CreditLine, ...]:
    """Lines of so many units that are worth an amount before tax, to the last minor unit.

    A price has four decimal places; where they do not make the amount one unit takes the rest.
    """
    price = (net / quantity).quantize(PRICE_PLACES)
    if price * quantity == net or quantity == 1:
        return (CreditLine(sku, quantity, net if quantity == 1 else price, returns),)
    rest = net - price * (quantity - 1)
    return (
        CreditLine(sku, quantity - 1, price, returns),
        CreditLine(sku, 1, rest, returns),
    )
