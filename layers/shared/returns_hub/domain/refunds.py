"""The published contracts about refunds (docs/events.md): one that goes home, one from a store."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Strict, StringConstraints

from returns_hub.domain.base import Frozen, MerchantId, UtcTime, short_hash
from returns_hub.domain.miinto.money import Currency, MinorUnits

SCHEMA_NAME = "refund/1"
STORE_SCHEMA_NAME = "store-refund/1"
REFUND_ID = re.compile(r"(?P<return_id>miinto-[A-Za-z0-9-]+-[A-Za-z0-9_]+)-r[0-9a-f]{12}", re.ASCII)
"""What the ids of refunds that go home look like; the return they are of is in them."""

Sku = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Units = Annotated[int, Strict(), Field(ge=1, le=10_000)]
Amount = Annotated[MinorUnits, Strict()]
MOST_LINES = 500


def refund_id_of(return_id: str, positions: tuple[str, ...]) -> str:
    """The id of the refund of these positions of an RMA: the same for the same positions."""
    return f"{return_id}-r{short_hash('+'.join(sorted(positions)), 12)}"


class RefundLine(Frozen):
    """One position of the RMA whose refund the marketplace pays.

    `amount_minor` is in minor units of the refund's currency and counts for the whole line; None
    where no source tells it (docs/miinto.md: whether a price is of a unit or of the line).
    """

    sku: str | None
    quantity: int = Field(ge=1)
    amount_minor: MinorUnits | None
    position: str = Field(description="the RMA's id of the line")
    order_position: int | None = Field(default=None, description="the order's id of the line")
    reason: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]{1,40}$",
        description="the buyer's reason where it is a code; never free text",
    )


class Refund(Frozen):
    """A refund that the marketplace pays the buyer, to be booked in the store of record.

    It is told under the same `refund_id` however often it is told: whoever books it books an id
    once. There is no personal data in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["refund/1"] = Field(default="refund/1", alias="schema")
    merchant: MerchantId
    refund_id: str
    source: Literal["miinto"] = "miinto"
    return_id: str
    shop: str = Field(description="the shop's id at Miinto")
    market: str = Field(description="ISO 3166 country of the shop, or its short name")
    order_id: int | None = Field(description="Miinto's id of the order; unique for each shop only")
    parent_order_id: str | None = Field(description="the number that the buyer sees")
    order_number: str | None = Field(description="the store of record's number of the order")
    currency: Currency | None
    lines: tuple[RefundLine, ...] = Field(min_length=1, max_length=MOST_LINES)
    total_minor: MinorUnits | None = Field(description="of the lines; None where one is not told")
    reason: Literal["goods_accepted", "accepted_at_miinto"] = Field(
        description="accepted by the hub after the goods came, or by hand in Miinto's panel"
    )
    accepted_at: UtcTime

    @property
    def positions(self) -> dict[int, int]:
        """The order's position -> units, as far as it is known."""
        units: Counter[int] = Counter()
        for line in self.lines:
            if line.order_position is not None:
                units[line.order_position] += line.quantity
        return dict(units)

    def to_json(self) -> str:
        """The event, always in the same bytes."""
        return self.model_dump_json(by_alias=True)


class OrderByNumber(Frozen):
    """An order by the store of record's number."""

    number: Annotated[
        str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]


class OrderByMarket(Frozen):
    """An order by Miinto's own id, which is unique for each shop only."""

    market: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!._-]{1,64}$")] = Field(
        description="the shop's id or short name, or the ISO 3166 country of its market"
    )
    id: Annotated[int, Strict(), Field(ge=1, le=10**15)]


class StoreRefundLine(Frozen):
    """Units of a SKU that the store refunded."""

    sku: Sku
    quantity: Units
    amount_minor: Amount | None = Field(
        default=None, description="what was refunded for the whole line, in minor units"
    )


class StoreRefund(Frozen):
    """A store refunded units of an order of the marketplace: the marketplace has to pay them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["store-refund/1"] = Field(alias="schema")
    merchant: MerchantId
    refund_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:#-]{0,99}$")]
    occurred_at: UtcTime
    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    order: OrderByNumber | OrderByMarket
    lines: tuple[StoreRefundLine, ...] = Field(min_length=1, max_length=MOST_LINES)
    currency: Currency | None = None
    origin: (
        Annotated[
            str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
        ]
        | None
    ) = Field(
        default=None,
        description="the refund_id of a refund/1 that the store booked this refund for",
    )

    @property
    def units(self) -> dict[str, int]:
        """SKU -> units, summed over the lines."""
        total: dict[str, int] = {}
        for line in self.lines:
            total[line.sku.strip()] = total.get(line.sku.strip(), 0) + line.quantity
        return total

    @property
    def digest(self) -> str:
        """Tells whether two messages of one id ask for the same."""
        asked = self.model_dump_json(include={"order", "lines", "currency", "origin"})
        return short_hash(asked, 24)
