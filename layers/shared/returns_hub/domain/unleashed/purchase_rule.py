"""Which purchase orders of Unleashed the warehouse is told of, as what, and what edits come to.

Pure: the same order and file give the same answer. What cannot be told goes to a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.goods_settings import PurchaseImport
from returns_hub.domain.unleashed.purchase_orders import (
    PurchasedProduct,
    PurchaseLine,
    PurchaseOrder,
)
from returns_hub.domain.unleashed.sales_orders import is_any_status
from returns_hub.domain.warehouse_asns import MOST_UNITS, AsnLine

MOST_NAMED = 5
CENT = Decimal("0.01")
Standing = Literal["wanted", "going_on", "withdrawn", "deleted"]


def is_wanted(order: PurchaseOrder, settings: PurchaseImport) -> bool:
    """Whether orders of its status are imported; custom statuses override the others."""
    if order.is_deleted:
        return False
    if settings.custom_statuses:
        is_done = order.is_receipted
        return not is_done and is_any_status(order.custom_status, settings.custom_statuses)
    return is_any_status(order.status, settings.statuses)


def standing_of(order: PurchaseOrder, settings: PurchaseImport) -> Standing:
    """Whether the warehouse is to have it, has had it, or should not any more."""
    if order.is_deleted:
        return "deleted"
    if is_wanted(order, settings):
        return "wanted"
    return "going_on" if order.is_going_on else "withdrawn"


def version_of(order: PurchaseOrder, settings: PurchaseImport) -> str:
    """A hash of what the flow acts on; what the hub's receipts write is not in it, but for the
    status and for lines that are raised."""
    rows = [(line.guid, line.sku, f"{line.quantity:f}", line.unit) for line in order.lines]
    parts = (
        order.number,
        standing_of(order, settings),
        str(order.is_receipted),
        order.warehouse_code,
        str(order.expected),
        order.supplier,
        order.unreadable,
        repr(rows),
    )
    return short_hash("\n".join(parts), 32)


def order_problem(order: PurchaseOrder) -> str | None:
    """What of a new order the warehouse cannot be told, in a sentence; None when nothing."""
    if not order.number.strip():
        return "a purchase order has no number"
    problem = lines_problem(order)
    if problem:
        return problem
    in_part = order.was_received or any(line.tracked for line in order.lines)
    if in_part and not order.is_receipted:
        return (
            f"purchase order {order.number[:60]} was receipted in part by hand: what is still to "
            "come, Unleashed does not tell; announce it to the warehouse by hand"
        )
    return None


def lines_problem(order: PurchaseOrder) -> str | None:
    """What of its lines makes no sense to the warehouse, in a sentence; None when nothing."""
    if order.unreadable:
        return f"purchase order {order.number[:60]}: {order.unreadable}"
    bad = [f"line {line.number} {why}" for line in order.lines if (why := _line_problem(line))]
    return f"purchase order {order.number[:60]}: {named(bad)}" if bad else None


def units_problem(order: PurchaseOrder, products: Mapping[str, PurchasedProduct]) -> str | None:
    """Lines that count in another unit of measure than their product; None when there is none."""
    bad = [
        f"line {line.number} orders {line.sku[:60]} in {line.unit}, and stock of it is kept in "
        f"{product.unit or 'no unit'}"
        for line in order.lines
        if (product := products.get(line.product_guid))
        and line.unit
        and product.keeps_stock
        and line.unit.casefold() != product.unit.casefold()
    ]
    if not bad:
        return None
    return (
        f"purchase order {order.number[:60]}: {named(bad)}; how many units that makes, a person "
        "has to say: announce it to the warehouse by hand"
    )


def services_of(products: Mapping[str, PurchasedProduct]) -> frozenset[str]:
    """Codes of what is bought and never lies in stock."""
    return frozenset(product.sku for product in products.values() if not product.keeps_stock)


def asn_lines(order: PurchaseOrder, services: Collection[str]) -> tuple[AsnLine, ...]:
    """What is announced: every line of goods for itself, known again by its Guid."""
    return tuple(
        AsnLine(line.sku, int(line.quantity), line.guid)
        for line in order.lines
        if line.quantity and line.sku not in services
    )


def units_of(order: PurchaseOrder, services: Collection[str] = ()) -> dict[str, Decimal]:
    """Units ordered of each SKU of goods."""
    units: dict[str, Decimal] = {}
    for line in order.lines:
        if line.quantity and line.sku not in services:
            units[line.sku] = units.get(line.sku, Decimal(0)) + line.quantity
    return units


def edits(
    told: Mapping[str, int], now: Mapping[str, Decimal], raised: Mapping[str, Collection[int]]
) -> list[str]:
    """What differs between what the warehouse was told and what the order says, SKU by SKU.

    Args:
        told: Units that were announced.
        now: Units of the order.
        raised: By SKU: units that the hub itself has added to lines, as far as it is known; any of
            the numbers explains a difference.
    """
    said = []
    for sku in sorted({*told, *now}):
        before, after = Decimal(told.get(sku, 0)), now.get(sku, Decimal(0))
        explained = {before} | {before + units for units in raised.get(sku, ())}
        if after not in explained:
            said.append(f"{sku[:60]} {before} → {after.normalize():f}")
    return said


def raised_money(line: PurchaseLine, to: Decimal) -> tuple[Decimal, Decimal] | str:
    """A line's total and tax when it orders so many units; or why nobody can tell, in a sentence.

    They are counted from price, discount and rate, and only where that gives what the line says
    now: a total that somebody set by hand is not guessed at.
    """
    if not line.quantity:
        return f"line {line.number} orders nothing"
    total = _total(line, line.quantity)
    if abs(total - line.total) > CENT:
        return f"the total of line {line.number} is not its quantity times its price"
    rate = line.tax_rate
    if rate is None:
        rate = line.tax / line.total if line.total else Decimal(0)
    if abs(_cents(line.total * rate) - line.tax) > CENT:
        return f"the tax of line {line.number} is not its total times its rate"
    raised = _total(line, to)
    return raised, _cents(raised * rate)


def named(said: Iterable[str]) -> str:
    """The first few of some sentences, and how many more there are."""
    rows = list(said)
    more = f", and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    return "; ".join(rows[:MOST_NAMED]) + more


def listed(units: Mapping[str, int]) -> str:
    """Units by SKU in words, as far as few are named."""
    return named(f"{many} of {sku[:60]}" for sku, many in units.items())


def _line_problem(line: PurchaseLine) -> str | None:
    return next(_line_problems(line), None)


def _line_problems(line: PurchaseLine) -> Iterator[str]:
    if not line.quantity.is_finite() or not 0 <= line.quantity <= MOST_UNITS:
        yield f"has the quantity {line.quantity}"
    elif line.quantity != line.quantity.to_integral_value():
        yield (
            f"orders {line.quantity.normalize():f} of {line.sku[:60] or 'a product'}; the "
            "warehouse receives whole units only"
        )
    elif line.quantity and not line.sku.strip():
        yield "has no product code"
    elif line.quantity and not line.guid:
        yield "has no Guid"


def _total(line: PurchaseLine, units: Decimal) -> Decimal:
    return _cents(units * line.unit_price * (1 - line.discount))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
