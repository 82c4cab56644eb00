"""What stock did after an adjustment, held against what it should have done; and the proof of what
`NewQuantity` means, on a test product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from returns_hub.domain.unleashed.stock_guards import MOST_NAMED, observed_means, observed_problem
from returns_hub.domain.unleashed.stock_rows import AdjustmentSeen, StockRow
from returns_hub.domain.unleashed.stock_rule import StockDifference
from returns_hub.domain.unleashed.stock_settings import AdjustmentMeans

SHOWS_WITHIN = timedelta(minutes=10)
"""So long an adjustment may take to show in the stock; what was measured nowhere."""
TELLS_WITHIN = timedelta(minutes=15)
"""Later than this, goods that moved meanwhile hide what an adjustment did."""
MOST_UNITS_TO_PROVE = 20


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line of an adjustment that was sent, and the product's row before it.

    Args:
        sku: Whose.
        guid: The product's.
        units: What it was to change stock by.
        on_hand: Before.
        allocated: Before.
        on_purchase: Before.
        new_quantity: What was sent.
    """

    sku: str
    guid: str
    units: int
    on_hand: Decimal
    allocated: Decimal
    on_purchase: Decimal
    new_quantity: Decimal

    @property
    def target(self) -> Decimal:
        """What there was to be afterwards."""
        return self.on_hand + self.units


@dataclass(frozen=True, slots=True)
class Moved:
    """Units of a product that were taken from a warehouse, and brought to it; neither below 0."""

    went: Decimal = Decimal(0)
    came: Decimal = Decimal(0)

    def plus(self, went: Decimal = Decimal(0), came: Decimal = Decimal(0)) -> Moved:
        """With one more: units below 0 moved the other way, and what cannot be read explains
        nothing."""
        out, back = (units if units.is_finite() else Decimal(0) for units in (went, came))
        return Moved(
            self.went + max(out, Decimal(0)) - min(back, Decimal(0)),
            self.came + max(back, Decimal(0)) - min(out, Decimal(0)),
        )


NOTHING_MOVED = Moved()


@dataclass(frozen=True, slots=True)
class Observed:
    """How an adjustment turned out: as it should, not to be seen yet, or wrong, and why."""

    is_right: bool
    comes_later: bool = False
    why: str = ""


RIGHT = Observed(is_right=True)


def record_problem(seen: AdjustmentSeen, lines: Iterable[SentLine], warehouse_code: str) -> str:
    """Why an adjustment is not what was sent; empty when it is."""
    if not seen.is_completed:
        return f"adjustment {seen.number} is {seen.status or 'in no status'}, and not completed"
    if seen.warehouse_code != warehouse_code:
        return f"adjustment {seen.number} is of warehouse {seen.warehouse_code or '(none)'}"
    kept, sent = dict(seen.quantities), {one.sku: one.new_quantity for one in lines}
    if kept != sent or len(seen.quantities) != len(kept):
        return f"adjustment {seen.number} has other lines than were sent"
    return ""


def observe(
    lines: Iterable[SentLine],
    after: Mapping[str, StockRow],
    means: AdjustmentMeans,
    age: timedelta,
    moved: Mapping[str, Moved] | None = None,
) -> Observed:
    """How an adjustment turned out.

    Goods that left an order, or came of a purchase order, between the two readings explain what
    they explain: then fewer units are allocated, or on purchase. What nothing explains is wrong.
    Seen so late that anything may have moved, only the other meaning of `NewQuantity` and an
    adjustment that did nothing are told to be wrong.

    Args:
        lines: What was sent.
        after: The products' rows now, by Guid; one that has none has no stock.
        means: What `NewQuantity` was taken for.
        age: Since it was sent.
        moved: By SKU, what transfers and assemblies moved meanwhile, where it was asked for.
    """
    missing, wrong = [], []
    for one in lines:
        row = after.get(one.guid) or StockRow(one.sku, one.guid)
        if _is_explained(one, row, (moved or {}).get(one.sku, NOTHING_MOVED)):
            continue
        if row.on_hand == one.on_hand:
            missing.append(one.sku)
        elif age <= TELLS_WITHIN or _other_meaning(one, row, means):
            wrong.append(_said(one, row, means))
    if wrong:
        return Observed(is_right=False, why=_listed(wrong))
    if not missing:
        return RIGHT
    why = f"the adjustment did not change the stock of {_listed([sku[:60] for sku in missing])}"
    return Observed(is_right=False, comes_later=age < SHOWS_WITHIN, why=why)


def _is_explained(one: SentLine, row: StockRow, moved: Moved) -> bool:
    change = row.on_hand - one.target
    went = max(Decimal(0), one.allocated - row.allocated) + moved.went
    came = max(Decimal(0), one.on_purchase - row.on_purchase) + moved.came
    return -went <= change <= came


def _other_meaning(one: SentLine, row: StockRow, means: AdjustmentMeans) -> bool:
    really = observed_means(one.on_hand, one.new_quantity, row.on_hand)
    return really not in {"unknown", means}


def _said(one: SentLine, row: StockRow, means: AdjustmentMeans) -> str:
    difference = StockDifference(one.sku, one.units, one.on_hand, Decimal(0))
    return observed_problem(difference, means, row.on_hand)


def _listed(said: list[str]) -> str:
    more = f"; and {len(said) - MOST_NAMED} more" if len(said) > MOST_NAMED else ""
    return "; ".join(said[:MOST_NAMED]) + more


# -- the proof ----------------------------------------------------------------------------------


def quantity_to_prove(on_hand: int) -> int:
    """The `NewQuantity` that tells the two meanings apart and does the least while it does.

    With n on hand and q sent, n + q are there afterwards, or q, or n where nothing was done: q is
    neither 0 nor n, and half of n keeps the larger of the two possible changes smallest. With two
    on hand it is one unit more or one unit less; with one, two are sent.

    Raises:
        ValueError: Nothing is on hand (both meanings would give the same), or so much that the test
            would move many units.
    """
    if on_hand < 1:
        raise ValueError(
            "nothing of it is on hand, and then both meanings give the same; choose a product with "
            "a few units, two are best"
        )
    if on_hand > MOST_UNITS_TO_PROVE:
        raise ValueError(
            f"{on_hand} are on hand, and up to half of them would be booked for a moment; choose a "
            f"product with at most {MOST_UNITS_TO_PROVE} units, two are best"
        )
    return 2 if on_hand == 1 else -(-on_hand // 2)


def quantity_back(means: Literal["delta", "absolute"], on_hand: int, sent: int) -> int:
    """The `NewQuantity` that books the test back."""
    return -sent if means == "delta" else on_hand
