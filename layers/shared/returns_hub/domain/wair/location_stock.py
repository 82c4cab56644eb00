"""What the warehouse says of a location's stock, summed over its warehouses: pure.

What is there counts, and not what can be promised: allocated units, and those in quarantine, are
told beside it as not for replenishment (docs.wair.ai, `/docs/post-stock`,
`/docs/post-stocknotforreplenishment`). What the warehouse cannot tell is never told.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from returns_hub.domain.wair.rows import ReservedRow, StockRow
from returns_hub.domain.warehouse_stock import LevelMeans, StockLevel

WhyNoStock = Literal[
    "doubtful",
    "unproven",
    "not_shown",
    "contradiction",
    "implausible",
    "bundle",
    "case_twin",
    "unprintable_sku",
]
EXPECTED: frozenset[WhyNoStock] = frozenset({"bundle"})
"""Reasons that are as they should be; the others are not told for want of knowing."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When reserved stock begins: a past date is allowed, and one that stays makes no difference."""
UNKNOWN = -1
MOST_UNITS = 10**12
"""Of a SKU in a warehouse; a number beyond is a mistake, and would stop every other SKU."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of a SKU in one warehouse: all that are there, and those of them that are not free.

    `reserved` is None where the warehouse does not show what is allocated.
    """

    on_hand: int
    reserved: int | None


def counted(level: StockLevel, means: LevelMeans) -> Counted | WhyNoStock:
    """Units of a SKU, or why they cannot be told.

    Args:
        level: The warehouse's two numbers.
        means: What its `level` counts. While it is unknown, two equal numbers tell all the same.
    """
    if level.is_doubtful:
        return "doubtful"
    if any(abs(units or 0) > MOST_UNITS for units in (level.level, level.total, level.quarantined)):
        return "implausible"
    there, free = level.total, level.level
    if means == "unknown" and level.level != level.total:
        return "unproven"
    if means == "on_hand":
        there, free = level.level, level.total if level.total is not None else UNKNOWN
    if there is None:
        return "not_shown"
    on_hand, held = max(0, there), max(0, level.quarantined)
    if means == "on_hand" and level.total is None:
        return Counted(on_hand, None)
    if free > there:
        return "contradiction"
    allocated = there - free
    return Counted(on_hand, min(on_hand, max(0, allocated) + held))


class LocationStock:
    """A location's stock, compactly: of 50,000 SKUs about 5 MB.

    Args:
        location: The location's id.
        names: SKUs of other locations too, so that each is in memory once.
    """

    def __init__(self, location: str, names: dict[str, str]) -> None:
        self.location = location
        self.skus: list[str] = []
        self.left_out: dict[str, WhyNoStock] = {}
        self.on_hand = array("q")
        self.reserved = array("q")
        self._updated = array("d")
        self._names = names
        self._at: dict[str, int] = {}

    @property
    def is_known(self) -> bool:
        """Whether every SKU that should be told can be."""
        return not any(why not in EXPECTED for why in self.left_out.values())

    @property
    def is_reserved_known(self) -> bool:
        """Whether of every SKU it is known what is reserved."""
        return self.is_known and UNKNOWN not in self.reserved

    def add(
        self, levels: Mapping[str, StockLevel], means: LevelMeans, *, count_bundles: bool
    ) -> None:
        """Add one of its warehouses."""
        for name, level in levels.items():
            sku = self._names.setdefault(name, name)
            found: Counted | WhyNoStock = counted(level, means)
            if level.bundle and not count_bundles:
                found = "bundle"
            elif not sku.isprintable():
                found = "unprintable_sku"
            if not isinstance(found, Counted):
                self.left_out[sku] = found
                continue
            at = self._at.get(sku)
            if at is None:
                at = self._at[sku] = len(self.skus)
                self.skus.append(sku)
                for column in (self.on_hand, self.reserved):
                    column.append(0)
                self._updated.append(0.0)
            self.on_hand[at] += found.on_hand
            is_known = found.reserved is not None and self.reserved[at] != UNKNOWN
            self.reserved[at] = self.reserved[at] + (found.reserved or 0) if is_known else UNKNOWN
            if level.updated_at is not None:
                self._updated[at] = max(self._updated[at], level.updated_at.timestamp())

    def close(self) -> None:
        """Every warehouse was added: leave out whole what one of them cannot tell, and SKUs that
        are the same but for capitals, of which one would overwrite the other. From now on rows
        stand in the order of SKUs."""
        alike: dict[str, str] = {}
        for sku in (*self.skus, *self.left_out):
            first = alike.setdefault(sku.casefold(), sku)
            if first != sku:
                self.left_out[first] = self.left_out[sku] = "case_twin"
        known = (at for at, sku in enumerate(self.skus) if sku not in self.left_out)
        keep = sorted(known, key=self.skus.__getitem__)
        self.skus = [self.skus[at] for at in keep]
        self.on_hand = array("q", (self.on_hand[at] for at in keep))
        self.reserved = array("q", (self.reserved[at] for at in keep))
        self._updated = array("d", (self._updated[at] for at in keep))
        self._at = {}

    def stock_row(self, at: int) -> StockRow:
        """What is told of a SKU."""
        reserved, updated = self.reserved[at], self._updated[at]
        return StockRow(
            self.location,
            self.skus[at],
            self.on_hand[at],
            None if reserved == UNKNOWN else self.on_hand[at] - reserved,
            datetime.fromtimestamp(updated, UTC) if updated else None,
        )

    def free_text(self, at: int) -> str:
        """Units of a SKU that can be promised, as they are kept; empty where that is not known."""
        is_known = self.reserved[at] != UNKNOWN
        return str(self.on_hand[at] - self.reserved[at]) if is_known else ""

    def reserved_row(self, at: int) -> ReservedRow:
        """What is told of a SKU's units that are not for replenishment."""
        return reserved_row(self.location, self.skus[at], self.reserved[at])


def reserved_row(location: str, sku: str, units: int) -> ReservedRow:
    """A row of reserved stock; its id stays the same."""
    return ReservedRow(f"{location}|{sku}", location, sku, units, LONG_AGO)


def reasons(left_out: Mapping[str, WhyNoStock]) -> Iterator[tuple[WhyNoStock, list[str]]]:
    """SKUs by why they are not told, in the order of the reasons' names."""
    found: dict[WhyNoStock, list[str]] = {}
    for sku in sorted(left_out):
        found.setdefault(left_out[sku], []).append(sku)
    return iter(sorted(found.items()))
