"""Orders of the marketplace: what accepting a transfer made, followed until it is despatched.

An order has a timeline of its own. Customer and address are not kept: they are read from Miinto
when the store of record's order is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.miinto.money import Currency, MinorUnits
from returns_hub.domain.miinto.transfers import Position

DeliveryType = Literal["company", "home", "parcel_shop", "unknown"]


class Address(Frozen):
    """Where goods or bills go."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = Field(default="", description="as Miinto writes it; ISO 3166 with 2 letters")


class Customer(Frozen):
    """Who bought; personal data, never stored by the hub and never logged."""

    name: str = ""
    email: str = ""
    phone: str = ""
    billing: Address = Address()
    delivery: Address = Address()


class MarketOrder(Frozen):
    """An order as read from Miinto."""

    shop: str
    id: int
    parent_id: str = Field(default="", description="the number that the customer sees")
    created_at: UtcTime | None = None
    currency: Currency | None = None
    accepted: tuple[Position, ...] = ()
    pending: tuple[Position, ...] = ()
    declined: tuple[Position, ...] = ()
    delivery_type: DeliveryType = "unknown"
    delivery_word: str = Field(default="", description="Miinto's word for the delivery type")
    customer: Customer | None = Field(default=None, repr=False)
    label_url: str | None = Field(default=None, repr=False)
    tracking_seen: str | None = None


class ShippingProvider(Frozen):
    """A provider that Miinto allows for an order."""

    id: str
    name: str = ""


class OrderLine(Frozen):
    """A line of the order, with the product it was found to be."""

    position: int
    quantity: int
    price: MinorUnits
    sku: str | None = None
    product_id: str | None = None
    gtin: str | None = None
    name: str = ""


OrderStanding = Literal["accepted", "inserted", "not_inserted", "cancelled", "despatched"]
"""As the seed document names them; ``pending_approval`` is a transfer's."""


class Despatch(Frozen):
    """The store of record sent the order, or a part of it."""

    at: UtcTime | None = None
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    part: str = Field(
        default="", description="``2/3`` for the second of three; empty for the whole"
    )
    made_id: int | None = Field(
        default=None, description="the store of record's id of the part; a part has its own"
    )


RequestOutcome = Literal[
    "asked", "committed", "made", "declined", "refused", "unknown", "discarded", "shadow", "echo"
]
"""What came of an RMA request. ``asked`` waits for a person; ``committed`` is about to be sent;
``made`` is an RMA at Miinto, and ``declined`` was one; ``refused`` never became one; ``unknown``
was sent and nobody can tell; ``echo`` tells of units that are paid for already, by an
RMA or an earlier request, so that nothing was requested."""


class RequestState(Frozen):
    """Goods that came without an RMA, or a store's refund, and the RMA request about them.

    `source` names one version of an external return, or one refund. `units` are what came or was
    refunded by SKU; `positions` (the order's position -> units) what the request is for. `home` is
    the refund from the hub that a store told back; an ``echo`` of a store without it was booked
    there before the hub told of any.
    """

    source: str
    origin: Literal["receipt", "store"]
    external_return_id: int | None = None
    units: dict[str, int] = Field(default_factory=dict)
    positions: dict[int, int] = Field(default_factory=dict)
    outcome: RequestOutcome
    attempt: int = 0
    return_id: str = ""
    home: str = ""
    reason: str = ""


class OrderState(Frozen):
    """Where the hub stands with an order: the fold of its timeline."""

    merchant: MerchantId
    shop: str
    id: int
    version: int = 0
    parent_id: str = ""
    created_at: UtcTime | None = None
    first_seen_at: UtcTime | None = None
    currency: Currency | None = None
    lines: tuple[OrderLine, ...] = ()
    number: str = Field(default="", description="the store of record's number of it")
    warehouse: int | None = None
    made_id: int | None = Field(default=None, description="Mintsoft's id of it")
    shadow: bool = False
    label_linked: bool = False
    provider: str = ""
    despatches: tuple[Despatch, ...] = ()
    tracking_sent: tuple[str, ...] = ()
    cancelled: str = Field(default="", description="why; a bounded word")
    ended: str = Field(default="", description="why nothing more is to be done; a bounded word")
    parked: str = ""
    asked: tuple[str, ...] = Field(
        default=(), description="ids of parked work that no work waits for; each is asked once"
    )
    replays: int = Field(default=0, description="how often a person had parked work done again")
    attempt: int = Field(default=0, description="how often they vouched that it was not done")
    rmas: tuple[str, ...] = Field(default=(), description="return ids of its RMAs")
    refunds: tuple[str, ...] = ()
    requests: tuple[RequestState, ...] = ()
    forgotten: bool = Field(default=False, description="its person was forgotten")

    def request(self, source: str) -> RequestState | None:
        """What became of this receipt or refund."""
        return next((found for found in self.requests if found.source == source), None)

    @property
    def standing(self) -> OrderStanding:
        """One word for operators, as the seed document has them."""
        if self.cancelled:
            return "cancelled"
        if self.despatches:
            return "despatched"
        if self.made_id is not None:
            return "inserted"
        return "not_inserted" if self.parked or self.ended else "accepted"

    @property
    def in_work(self) -> bool:
        """Whether something is still to be done for it."""
        return bool(self.version) and not (self.ended or self.cancelled or self.shadow)

    @property
    def is_sent(self) -> bool:
        """Whether every part of it was despatched."""
        parts = {despatch.part for despatch in self.despatches}
        of = max((int(part.partition("/")[2]) for part in parts if part), default=1)
        return bool(parts) and ("" in parts or len(parts) >= of)

    @property
    def untold(self) -> tuple[Despatch, ...]:
        """Despatches with a tracking number that Miinto was not told of."""
        return tuple(
            d for d in self.despatches if d.tracking and d.tracking not in self.tracking_sent
        )

    @property
    def promised(self) -> dict[str, int]:
        """SKU -> units that the buyer was promised and the store of record does not know of."""
        if self.made_id is not None or not self.in_work:
            return {}
        return units_of((line.sku, line.quantity) for line in self.lines)


def units_of(lines: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Units of each SKU, those of an unknown SKU left out."""
    units: dict[str, int] = {}
    for sku, quantity in lines:
        if sku is not None:
            units[sku] = units.get(sku, 0) + quantity
    return units
