"""Sales shipments of Unleashed, in our words: parts of a sales order that are sent together.

Source: the keys that several clients read of a shipment. It has no prices, no currency and no
source: those are its order's, line by line (``SalesOrderLineNumber``). Its address is its order's
where it has none of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import MARKER
from returns_hub.domain.unleashed.order_draft import has_address
from returns_hub.domain.unleashed.sales_orders import (
    SalesLine,
    SalesOrder,
    is_any_status,
    is_status,
)
from returns_hub.domain.warehouse_orders import Recipient

STATUSES = ("parked", "placed", "picking", "packed", "dispatched")
"""Of a shipment that was not deleted, in the order in which it comes to them (a carrier's page)."""
NOWHERE = Recipient(country="")


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """A line of a shipment.

    Args:
        number: Its number on the shipment, from 1.
        order_line: The number of its order's line; None where it does not say.
        sku: The product's code; empty where the line has none.
        quantity: Units; a fraction is possible.
        description: What it is called, for people.
        batches: Number and units of each batch that is assigned; empty unless they were asked for.
        serials: Serial numbers that are assigned; the same.
    """

    number: int
    order_line: int | None
    sku: str
    quantity: Decimal
    description: str = ""
    batches: tuple[tuple[str, Decimal], ...] = ()
    serials: tuple[str, ...] = ()

    @property
    def told_apart(self) -> str:
        """Which batches and serial numbers it is of, for the warehouse; empty for none."""
        said = [f"batch {number}: {units.normalize():f}" for number, units in self.batches]
        said += [f"serial {', '.join(self.serials)}"] if self.serials else []
        return "; ".join(said)


@dataclass(frozen=True)
class Shipment:
    """A shipment as Unleashed shows it.

    Args:
        guid: Unleashed's, in lower case.
        number: As people see it.
        status: Unleashed's word, e.g. Placed; letters' case does not count.
        order_guid: Its sales order's; empty where it does not say.
        order_number: The same.
        warehouse_code: Where it is sent from.
        lines: What is in it.
        recipient: Who gets the goods, as the shipment itself says; empty where it does not.
        modified_at: When it changed last; None where it does not say.
        created_at: When it was made; the same.
        customer_reference: The customer's own name for the order.
        tracking_number: Empty while there is none.
        shipping_company: The carrier's name; empty for none.
        delivery_instruction: For whoever delivers.
        problem: What of it cannot be read, in a sentence; empty when it is whole.
    """

    guid: str
    number: str
    status: str
    order_guid: str
    order_number: str
    warehouse_code: str
    lines: tuple[ShipmentLine, ...]
    recipient: Recipient = field(repr=False, default=NOWHERE)
    modified_at: datetime | None = None
    created_at: datetime | None = None
    customer_reference: str = field(default="", repr=False)
    tracking_number: str = ""
    shipping_company: str = ""
    comments: str = field(default="", repr=False)
    delivery_instruction: str = field(default="", repr=False)
    problem: str = ""

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted in Unleashed; that status's word is inferred."""
        return is_status(self.status, "deleted")

    @property
    def is_ours(self) -> bool:
        """Whether the hub made it, for what the warehouse sent of an order."""
        return MARKER.search(self.comments) is not None

    @property
    def is_dispatched(self) -> bool:
        """Whether its goods have left Unleashed's stock."""
        return is_status(self.status, "dispatched")

    def units(self) -> dict[str, Decimal]:
        """Units of each SKU; none when it was deleted."""
        total: dict[str, Decimal] = {}
        for line in self.lines if not self.is_deleted else ():
            total[line.sku] = total.get(line.sku, Decimal(0)) + line.quantity
        return total


def ordered_units(order: SalesOrder) -> dict[str, Decimal]:
    """Units of each SKU that an order orders; charges hold none."""
    total: dict[str, Decimal] = {}
    for line in order.lines:
        if not line.is_charge and line.sku:
            total[line.sku] = total.get(line.sku, Decimal(0)) + line.quantity
    return total


def as_order(shipment: Shipment, order: SalesOrder) -> SalesOrder:
    """The shipment as an order of its own, with prices, currency and address of its order."""
    own = shipment.recipient
    return replace(
        order,
        guid=shipment.guid,
        number=shipment.number,
        status=shipment.status,
        custom_status="",
        warehouse_code=shipment.warehouse_code,
        lines=tuple(_priced(line, order) for line in shipment.lines),
        recipient=own if has_address(own) else order.recipient,
        modified_at=shipment.modified_at or order.modified_at,
        created_at=shipment.created_at,
        customer_reference=shipment.customer_reference or order.customer_reference,
        comments=shipment.comments,
        delivery_instruction=shipment.delivery_instruction or order.delivery_instruction,
    )


def _priced(line: ShipmentLine, order: SalesOrder) -> SalesLine:
    """A line with the price of its order's line: the one it names, if that is of its product; else
    the product's, where all lines of it have one price."""
    prices = {
        one.unit_price
        for one in order.lines
        if one.sku == line.sku and line.order_line in {None, one.number}
    }
    return SalesLine(
        number=line.number,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=prices.pop() if len(prices) == 1 else None,
        description=line.description,
    )


def is_withdrawn(status: str, wanted: Sequence[str]) -> bool:
    """Whether a shipment went back to before it is imported; later statuses, e.g. Packed, are not
    that. A word that is not known is taken for it, so that a person looks."""
    if is_any_status(status, wanted):
        return False
    ranks = {word: rank for rank, word in enumerate(STATUSES)}
    first = min((ranks[word] for word in wanted if word in ranks), default=0)
    return ranks.get(status.strip().casefold(), -1) < first


def version_of(shipment: Shipment) -> str:
    """Equal for readings between which nothing changed that the warehouse's order depends on.

    Tracking, carrier and batches are not in it: the hub writes those itself.
    """
    return short_hash(
        json.dumps(
            [
                shipment.status.casefold(),
                shipment.number,
                shipment.order_number,
                shipment.warehouse_code,
                [
                    [line.order_line, line.sku, f"{line.quantity.normalize():f}"]
                    for line in shipment.lines
                ],
                address_of(shipment.recipient),
                shipment.problem,
            ]
        ),
        32,
    )


def address_of(recipient: Recipient) -> str:
    """A short word that differs when the address does; nobody can read the address in it."""
    return short_hash(json.dumps(astuple(recipient)), 20)


def more_of(wanted: Mapping[str, int], sent: Mapping[str, int]) -> dict[str, int]:
    """Units by SKU that are wanted beyond those sent."""
    return {sku: n - sent.get(sku, 0) for sku, n in wanted.items() if n > sent.get(sku, 0)}
