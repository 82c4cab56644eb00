"""What of Unleashed's stock is to be adjusted, so that it says what the warehouse counted.

Pure, for one warehouse at a time. Three rules keep it from swinging:

1. Like is compared with like: all units with all units, or what is not allocated on both sides.
2. What is on its way is not counted twice: units that left the warehouse and whose despatch
   Unleashed has not been told, and goods that are booked in and not receipted there, will change
   Unleashed's number by themselves.
3. After the planned adjustments Unleashed says what it should, so that the next plan is empty.

Facts: an adjustment cannot make stock negative; its value counts for the whole line, and posts to
the accounts; a product without any movement has no row at all, which means 0 of a product that
exists, and nothing of one that does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from returns_hub.domain.unleashed.stock_settings import AdjustmentMeans, StockCount
from returns_hub.domain.warehouse_stock import LevelMeans, StockLevel

VALUE_PLACES = Decimal("0.0001")
ZERO = Decimal(0)
WhyLeft = Literal[
    "not_in_unleashed",
    "not_in_warehouse",
    "no_stock_kept",
    "bundle",
    "obsolete",
    "tracked",
    "fraction",
    "level_unproven",
    "no_cost",
]
TOLD: frozenset[WhyLeft] = frozenset(
    {"not_in_unleashed", "obsolete", "tracked", "fraction", "level_unproven", "no_cost"}
)
"""Reasons that a person should hear of; the others are as they should be."""


@dataclass(frozen=True, slots=True)
class ErpStock:
    """A product's stock in one warehouse of Unleashed.

    Args:
        sku: The product's code.
        on_hand: Units there, allocated ones too; 0 where Unleashed has no row for the product.
        allocated: Of these, units that orders have.
        average_cost: Of one unit, in the account's own currency; None where there is no row.
        other_cost: The product's purchase price or last cost, for a product without an average.
        keeps_stock: False for services, freight and the like, of which there is never less.
        is_tracked: It has batch or serial numbers.
        is_obsolete: It is no more; whether Unleashed adjusts its stock is told nowhere.
    """

    sku: str
    on_hand: Decimal = ZERO
    allocated: Decimal = ZERO
    average_cost: Decimal | None = None
    other_cost: Decimal | None = None
    keeps_stock: bool = True
    is_tracked: bool = False
    is_obsolete: bool = False

    def cost_of(self, units: int) -> Decimal | None:
        """What one unit is worth that is added, or taken away; None when nothing tells.

        Units that go take away what they are worth in the books, and no more; units that come to a
        product without an average come at its purchase price.
        """
        if units < 0:
            return self.average_cost or ZERO
        return next((c for c in (self.average_cost, self.other_cost) if c and c > 0), None)


@dataclass(frozen=True, slots=True)
class InFlight:
    """Units of a SKU that one side has booked and the other has not.

    Args:
        despatched: Sent by the warehouse; Unleashed still has them.
        received: Booked in by the warehouse; Unleashed does not have them yet. Below 0: Unleashed
            has them already.
        completed: Taken off by Unleashed; the warehouse has not sent them yet.
        ordered: Allocated in Unleashed to orders that the warehouse does not have yet.
    """

    despatched: int = 0
    received: int = 0
    completed: int = 0
    ordered: int = 0

    def __add__(self, other: InFlight) -> InFlight:
        return InFlight(
            despatched=self.despatched + other.despatched,
            received=self.received + other.received,
            completed=self.completed + other.completed,
            ordered=self.ordered + other.ordered,
        )


NOTHING = InFlight()


@dataclass(frozen=True, slots=True)
class StockDifference:
    """What Unleashed's stock of a product has to change by.

    Args:
        sku: Whose.
        units: To add; below 0 to take away. Never 0.
        on_hand: What Unleashed has now.
        unit_cost: Of one unit.
        capped: The whole difference would make stock negative; the rest comes later.
    """

    sku: str
    units: int
    on_hand: Decimal
    unit_cost: Decimal
    capped: bool = False

    @property
    def target(self) -> Decimal:
        """What Unleashed will have."""
        return self.on_hand + self.units

    @property
    def value(self) -> Decimal:
        """What the change is worth; below 0 when units are taken away."""
        return (self.units * self.unit_cost).quantize(VALUE_PLACES)


@dataclass(frozen=True, slots=True)
class StockTotals:
    """A warehouse's stock in Unleashed as a whole, for the hard stop.

    Args:
        units: All units of the products that are compared.
        with_stock: How many of these have any.
    """

    units: Decimal = ZERO
    with_stock: int = 0


@dataclass(frozen=True)
class StockComparison:
    """One warehouse's stock held against Unleashed's.

    Args:
        differences: What is to be changed, in the order of SKUs.
        left_out: SKUs that are not compared, and why.
        totals: Of what was compared; to be kept when that was everything.
    """

    differences: tuple[StockDifference, ...] = ()
    left_out: Mapping[str, WhyLeft] = field(default_factory=dict)
    totals: StockTotals = StockTotals()


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """A line of an adjustment, in Unleashed's two numbers.

    Args:
        sku: Whose.
        new_quantity: Units to add, or the new total, as the account takes it.
        new_value: The worth of that, for the whole line.
        units: What it changes stock by, whatever `new_quantity` means.
    """

    sku: str
    new_quantity: Decimal
    new_value: Decimal
    units: int


def counted(
    level: StockLevel, count: StockCount, means: LevelMeans, *, quarantine: bool = False
) -> int | None:
    """Units of a SKU that the warehouse has, as they are to be compared.

    Args:
        level: The warehouse's two numbers.
        count: `level` takes all units, `on_hand` (the connector's word) those not allocated.
        means: What the warehouse's `level` counts.
        quarantine: Units in quarantine count as well.

    Returns:
        None while it is not known which of two different numbers is which, or when the one that
        counts is not shown, or is shown twice.
    """
    if level.is_doubtful:
        return None
    other = level.total
    if means == "unknown":
        if level.level != other:
            return None
        units: int | None = other
    else:
        is_level = (means == "on_hand") == (count == "level")
        units = level.level if is_level else other
    if units is None:
        return None
    return max(0, units - (0 if quarantine else max(0, level.quarantined)))


def compare(
    counts: Mapping[str, int | None],
    erp: Iterable[ErpStock],
    *,
    count: StockCount,
    in_flight: Mapping[str, InFlight] | None = None,
    bundles: Iterable[str] = (),
) -> StockComparison:
    """Hold a warehouse's count against Unleashed's stock.

    Both sides hold every product, or both the same few that changed.

    Args:
        counts: Units by SKU, as `counted` gives them. A SKU that is not in it is not known to the
            warehouse, which is never a 0.
        erp: Every product of Unleashed's, with 0 for those without a row.
        count: What is compared.
        in_flight: By SKU.
        bundles: SKUs that are bundles in the warehouse and are left alone.
    """
    flying, alone = in_flight or {}, frozenset(bundles)
    rows = {row.sku: row for row in erp}
    left: dict[str, WhyLeft] = {
        sku: "bundle" if sku in alone else "not_in_unleashed" for sku in counts if sku not in rows
    }
    found: list[StockDifference] = []
    stocked: list[Decimal] = []
    for sku, row in sorted(rows.items()):
        why = _why_left(row, counts, alone, count)
        if why:
            left[sku] = why
            continue
        if row.on_hand > 0:
            stocked.append(row.on_hand)
        whole = _difference(row, counts[sku] or 0, flying.get(sku, NOTHING), count)
        units = max(whole, -max(0, int(row.on_hand)))
        cost = row.cost_of(units)
        if units and cost is None:
            left[sku] = "no_cost"
        elif units:
            found.append(
                StockDifference(sku, units, row.on_hand, cost or ZERO, capped=units != whole)
            )
    return StockComparison(tuple(found), left, StockTotals(sum(stocked, ZERO), len(stocked)))


def _why_left(
    row: ErpStock, counts: Mapping[str, int | None], bundles: frozenset[str], count: StockCount
) -> WhyLeft | None:
    says: tuple[tuple[bool, WhyLeft], ...] = (
        (not row.keeps_stock, "no_stock_kept"),
        (row.sku in bundles, "bundle"),
        (row.sku not in counts, "not_in_warehouse"),
        (row.sku in counts and counts[row.sku] is None, "level_unproven"),
        (row.is_obsolete, "obsolete"),
        (row.is_tracked, "tracked"),
        (not _is_whole(row.on_hand), "fraction"),
        (count == "on_hand" and not _is_whole(row.allocated), "fraction"),
    )
    return next((why for is_so, why in says if is_so), None)


def _is_whole(number: Decimal) -> bool:
    return number.is_finite() and number == number.to_integral_value()


def _difference(row: ErpStock, units: int, flying: InFlight, count: StockCount) -> int:
    """What Unleashed's number has to change by, once all that is on its way has come.

    A despatch changes what is there and what is allocated alike, so that it does not touch what is
    not allocated; an order that one side has and the other has not touches only that.
    """
    if count == "level":
        will_be = int(row.on_hand) - flying.despatched + flying.received
        return units - flying.completed - will_be
    free = int(row.on_hand) - int(row.allocated) + flying.received
    return units - flying.ordered - free


def lines_of(
    differences: Iterable[StockDifference], means: AdjustmentMeans
) -> tuple[AdjustmentLine, ...]:
    """The differences as lines of an adjustment.

    Raises:
        ValueError: It is not proven what the account takes; nothing may be sent.
    """
    if means == "unknown":
        raise ValueError("what NewQuantity of an adjustment means is not proven")
    return tuple(
        AdjustmentLine(
            sku=one.sku,
            new_quantity=Decimal(one.units) if means == "delta" else one.target,
            new_value=one.value
            if means == "delta"
            else (one.target * one.unit_cost).quantize(VALUE_PLACES),
            units=one.units,
        )
        for one in differences
    )


def levels_to_set(
    counts: Mapping[str, int | None],
    erp: Iterable[ErpStock],
    in_flight: Mapping[str, InFlight] | None = None,
    bundles: Iterable[str] = (),
) -> dict[str, int]:
    """Units that the warehouse is to have where Unleashed is the master; changed ones only.

    Totals, not differences: set twice they are the same. What is on its way counts as it does the
    other way round.
    """
    flying, alone = in_flight or {}, frozenset(bundles)
    wanted: dict[str, int] = {}
    for row in erp:
        if _why_left(row, counts, alone, "level"):
            continue
        way = flying.get(row.sku, NOTHING)
        units = int(row.on_hand) - way.despatched + way.received + way.completed
        if max(0, units) != counts[row.sku]:
            wanted[row.sku] = max(0, units)
    return wanted
