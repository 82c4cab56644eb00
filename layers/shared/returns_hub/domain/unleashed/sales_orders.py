"""Sales orders of Unleashed, in our words.

Source: the keys of the official samples, and a working client's types. Quantities and prices are
decimals there. A line of type Charge holds no goods. Every part of the delivery address may be
missing; the customer's own address counts then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from returns_hub.domain.base import plain_word
from returns_hub.domain.warehouse_orders import Recipient

OUR_SOURCE = "returns-hub:"
"""What the source id of a sales order begins with that the hub made itself."""

OF_MARKETPLACE = "miinto:"
"""What the source id begins with of one that the hub made of an order of the marketplace: the
warehouse does not have it, and it is imported as any other order."""


@dataclass(frozen=True, slots=True)
class SalesLine:
    """A line of a sales order or of a shipment.

    Args:
        number: Its number on the order, from 1.
        sku: The product's code; empty where the line has none.
        quantity: As ordered; a fraction is possible.
        unit_price: Before tax and after the line's discount, in the order's currency; None unknown.
        is_charge: It holds no goods.
        description: What it is called, for people.
        guid: Unleashed's.
    """

    number: int
    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    is_charge: bool = False
    description: str = ""
    guid: str = ""


@dataclass(frozen=True)
class SalesOrder:
    """A sales order; a shipment is one as well, with its own number.

    Args:
        guid: Unleashed's.
        number: As people see it.
        status: Unleashed's word, e.g. Placed; letters' case does not count.
        custom_status: The account's own status; empty for none.
        warehouse_code: Where it is sent from.
        currency: ISO 4217.
        lines: Charges too.
        recipient: Who gets the goods; its country is as Unleashed has it, a name or a code, or
            empty.
        source_id: What the program that made it calls it; empty for none.
        customer_code: Of the customer.
        customer_reference: The customer's own name for it.
        delivery_method: A plain name; empty for none.
        modified_at: When it changed last.
        created_at: When it was made; None where Unleashed does not say.
        delivery_instruction: For whoever delivers.
        unreadable: Why nobody can make sense of it, in a sentence; then only its Guid, number and
            times are what Unleashed says.
    """

    guid: str
    number: str
    status: str
    warehouse_code: str
    currency: str
    lines: tuple[SalesLine, ...]
    recipient: Recipient = field(repr=False)
    modified_at: datetime
    custom_status: str = ""
    source_id: str = ""
    customer_code: str = ""
    customer_reference: str = field(default="", repr=False)
    delivery_method: str = ""
    comments: str = field(default="", repr=False)
    created_at: datetime | None = None
    delivery_instruction: str = field(default="", repr=False)
    unreadable: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the hub made it, out of an order that the warehouse has already."""
        return self.source_id.startswith(OUR_SOURCE)

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted in Unleashed, which keeps it with that status."""
        return is_status(self.status, "deleted")

    @property
    def is_completed(self) -> bool:
        """Whether its goods have left Unleashed's stock."""
        return is_status(self.status, "completed")


def is_status(word: str, wanted: str) -> bool:
    """Whether a status is this one; Unleashed says Complete of one object and Completed of another.

    Letters' case and blanks do not count.
    """
    return _plain(word) == _plain(wanted)


def is_any_status(word: str, wanted: Iterable[str]) -> bool:
    """Whether a status is one of these."""
    return _plain(word) in {_plain(one) for one in wanted}


def _plain(word: str) -> str:
    plain = plain_word(word)
    return "completed" if plain == "complete" else plain
