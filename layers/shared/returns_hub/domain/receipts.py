"""What the warehouse confirmed: external returns, their rows, and goods by SKU and condition."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from returns_hub.domain.base import Frozen, UtcTime


class Condition(StrEnum):
    """What the warehouse does with a unit; `UNKNOWN` is a word we have not been told of."""

    GOOD = "good"
    UNKNOWN = "unknown"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"


WORST_LAST = (Condition.GOOD, Condition.UNKNOWN, Condition.QUARANTINE, Condition.SCRAP)


class Goods(Frozen):
    """Units of a SKU in one condition. `as_sku` is the shop's SKU when a barcode told it."""

    sku: str
    units: int
    condition: Condition = Condition.GOOD
    as_sku: str = ""


class ReceivedRow(Frozen):
    """One row of an external return: units of a SKU. A serialised unit has a row of its own.

    `remark` and `photos` (https addresses) are the warehouse's, and go to the portal alone.
    """

    sku: str
    quantity: int
    condition: Condition = Condition.GOOD
    remark: str = ""
    photos: tuple[str, ...] = ()


class Receipt(Frozen):
    """An external return as the warehouse holds it.

    `version` is the warehouse's own word for the last change; (`external_return_id`, `version`)
    identifies what was read, whatever the time was. `markers` are the texts that may hold ours.
    A return that was made for an order of the warehouse's names it by `order_id` and
    `order_number`; one without an order has None and an empty text there.
    """

    external_return_id: int
    version: str
    confirmed: bool
    updated_at: UtcTime
    reference: str = ""
    rows: tuple[ReceivedRow, ...] = ()
    markers: tuple[str, ...] = ()
    order_id: int | None = None
    order_number: str = ""

    @property
    def key(self) -> str:
        """Identifies this version of this external return."""
        return f"{self.external_return_id}@{self.version}"

    def units(self) -> dict[str, int]:
        """Units received for each SKU, summed over the rows."""
        total: Counter[str] = Counter()
        for row in self.rows:
            if row.quantity > 0:
                total[row.sku.strip()] += row.quantity
        return dict(total)

    def goods(self) -> tuple[Goods, ...]:
        """Units received for each SKU and condition; of a SKU the good ones first."""
        total: Counter[tuple[str, Condition]] = Counter()
        for row in self.rows:
            if row.quantity > 0:
                total[row.sku.strip(), row.condition] += row.quantity
        order = {sku: place for place, sku in enumerate(self.units())}
        return tuple(
            Goods(sku=sku, condition=condition, units=units)
            for (sku, condition), units in sorted(
                total.items(), key=lambda row: (order[row[0][0]], WORST_LAST.index(row[0][1]))
            )
        )
