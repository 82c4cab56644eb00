"""Stock on hand and adjustments of Unleashed, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from returns_hub.domain.unleashed.stock_rule import AdjustmentLine, ErpStock

NO_UNITS = Decimal(0)


@dataclass(frozen=True, slots=True)
class StockRow:
    """A product's row in one warehouse.

    Args:
        sku: The product's code.
        guid: The product's, in lower case.
        on_hand: Units there, allocated ones too.
        allocated: Of these, units that orders have.
        on_purchase: Units that open purchase orders will bring.
        average_cost: Of one unit; None when the row has none.
    """

    sku: str
    guid: str
    on_hand: Decimal = NO_UNITS
    allocated: Decimal = NO_UNITS
    on_purchase: Decimal = NO_UNITS
    average_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StockPage:
    """One page of a warehouse's rows, in the order of codes.

    Args:
        number: Which, from 1.
        pages: How many there are; None when the list does not say.
        rows: Its rows.
    """

    number: int
    pages: int | None
    rows: tuple[StockRow, ...]


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What of a product decides whether its stock is adjusted, and at what cost."""

    sku: str
    guid: str
    keeps_stock: bool = True
    is_tracked: bool = False
    is_obsolete: bool = False
    other_cost: Decimal | None = None


def to_compare(row: StockRow, facts: ProductFacts) -> ErpStock:
    """A product's stock as it is compared."""
    return ErpStock(
        sku=row.sku,
        on_hand=row.on_hand,
        allocated=row.allocated,
        average_cost=row.average_cost,
        other_cost=facts.other_cost,
        keeps_stock=facts.keeps_stock,
        is_tracked=facts.is_tracked,
        is_obsolete=facts.is_obsolete,
    )


@dataclass(frozen=True)
class AdjustmentDraft:
    """An adjustment to be made, completed at once.

    Args:
        guid: Ours.
        warehouse_code: Where.
        reason: An adjustment reason of the account's.
        day: Its date, UTC. It acts when it is made, whatever the day.
        lines: What changes.
        comment: On every line.
    """

    guid: str
    warehouse_code: str
    reason: str
    day: date
    lines: tuple[AdjustmentLine, ...]
    comment: str = ""


@dataclass(frozen=True)
class AdjustmentSeen:
    """An adjustment as Unleashed has it.

    Args:
        guid: Its Guid.
        number: Unleashed's number.
        status: In lower case.
        warehouse_code: Where.
        quantities: `NewQuantity` by product code.
    """

    guid: str
    number: str
    status: str
    warehouse_code: str
    quantities: tuple[tuple[str, Decimal], ...]

    @property
    def is_completed(self) -> bool:
        """Whether it acted."""
        return self.status == "completed"
