"""Which rows of a location's stock are to be told, against what was told last: pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from returns_hub.domain.wair.location_stock import (
    UNKNOWN,
    LocationStock,
    reserved_row,
)
from returns_hub.domain.wair.rows import ReservedRow, StockRow

LEAST_TO_ZERO = 10
"""Fewer SKUs than this go to 0 on any day."""


@dataclass(frozen=True)
class Wanted:
    """How a location is to be told.

    Args:
        full: Every row, changed or not.
        sure: What was told last is known; else a SKU may have been told what is not kept.
        replaces: What is not told is gone there.
        behind: The last SKU that a run before told of every row; those up to it have been told.
    """

    full: bool = False
    sure: bool = True
    replaces: bool = False
    behind: str = ""


@dataclass(frozen=True)
class Drop:
    """How many of the SKUs that had stock would have none."""

    to_zero: int = 0
    had_stock: int = 0

    def is_sudden(self, most_percent: int) -> bool:
        """Whether it is more than a location loses on a day."""
        return self.to_zero >= LEAST_TO_ZERO and (
            self.to_zero * 100 > most_percent * self.had_stock
        )


@dataclass(frozen=True)
class StockChanges:
    """What of a location's stock is to be told.

    Args:
        stock: The location's.
        rows: Which of its rows.
        zeros: SKUs that left the warehouse's list and are products still: their stock is 0.
        vanished: SKUs that left it, and of which nothing is told.
        unchanged: Rows that are as they were told.
        drop: See `Drop`.
    """

    stock: LocationStock
    rows: array[int]
    zeros: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    unchanged: int = 0
    drop: Drop = field(default_factory=Drop)

    def __len__(self) -> int:
        return len(self.rows) + len(self.zeros)

    def to_tell(self) -> Iterator[StockRow]:
        """Their rows."""
        for at in self.rows:
            yield self.stock.stock_row(at)
        for sku in self.zeros:
            yield StockRow(self.stock.location, sku, 0, 0)

    def as_told(self) -> Iterator[tuple[str, str]]:
        """SKU -> its units, in the same order."""
        for at in self.rows:
            yield self.stock.skus[at], str(self.stock.on_hand[at])
        for sku in self.zeros:
            yield sku, "0"

    def free_as_told(self) -> Iterator[tuple[str, str]]:
        """SKU -> its units that can be promised, in the same order."""
        for at in self.rows:
            yield self.stock.skus[at], self.stock.free_text(at)
        for sku in self.zeros:
            yield sku, "0"


@dataclass(frozen=True)
class ReservedChanges:
    """What of a location's reserved stock is to be told; see `StockChanges`.

    Args:
        stock: The location's.
        rows: Which of its rows; one of 0 units says that nothing is reserved any more.
        zeros: SKUs that left the list, of which units were reserved.
        unchanged: Rows that are as they were told.
        unknown: SKUs of which it is not known what is reserved.
    """

    stock: LocationStock
    rows: array[int]
    zeros: tuple[str, ...] = ()
    unchanged: int = 0
    unknown: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows) + len(self.zeros)

    def to_tell(self) -> Iterator[ReservedRow]:
        """Their rows."""
        for at in self.rows:
            yield self.stock.reserved_row(at)
        for sku in self.zeros:
            yield reserved_row(self.stock.location, sku, 0)

    def as_told(self) -> Iterator[tuple[str, str]]:
        """SKU -> its units, in the same order."""
        for at in self.rows:
            yield self.stock.skus[at], str(self.stock.reserved[at])
        for sku in self.zeros:
            yield sku, "0"


def stock_changes(
    stock: LocationStock,
    told: Mapping[str, str],
    wanted: Wanted,
    still_products: Callable[[list[str]], frozenset[str]],
    told_free: Mapping[str, str] | None = None,
) -> StockChanges:
    """What is to be told of a location.

    Args:
        stock: The location's, of warehouses that were each read to its end.
        told: SKU -> units that were told last.
        wanted: How.
        still_products: Which of some SKUs the warehouse has as products; asked in full runs only.
        told_free: SKU -> units that can be promised, as told last; None where they are not told.
    """
    rows = array("l")
    had = to_zero = 0
    for at, sku in enumerate(stock.skus):
        units, before = stock.on_hand[at], told.get(sku)
        if before is not None and before != "0":
            had += 1
            to_zero += units == 0
        is_same = before == str(units) and (
            told_free is None or told_free.get(sku) == stock.free_text(at)
        )
        if not is_same or (wanted.full and sku > wanted.behind):
            rows.append(at)
    there = {*stock.skus, *stock.left_out}
    gone = sorted(sku for sku in told if sku not in there) if wanted.full else []
    zeros = _zeros(gone, there, still_products)
    without = frozenset(zeros)
    vanished = tuple(sku for sku in gone if sku not in without)
    falls = [sku for sku in (gone if wanted.replaces else zeros) if told[sku] != "0"]
    return StockChanges(
        stock,
        rows,
        zeros,
        vanished,
        unchanged=len(stock.skus) - len(rows),
        drop=Drop(to_zero + len(falls), had + len(falls)),
    )


def reserved_changes(
    stock: LocationStock,
    told: Mapping[str, str],
    wanted: Wanted,
    still_products: Callable[[list[str]], frozenset[str]],
) -> ReservedChanges:
    """What is to be told of a location's reserved units; see `stock_changes`.

    A SKU of which nothing is reserved is told only where something was.
    """
    rows = array("l")
    unknown: list[str] = []
    unchanged = 0
    for at, sku in enumerate(stock.skus):
        units, before = stock.reserved[at], told.get(sku, "0")
        if units == UNKNOWN:
            unknown.append(sku)
        elif before != str(units) or _again(sku, units, wanted):
            rows.append(at)
        elif units > 0:
            unchanged += 1
    there = {*stock.skus, *stock.left_out}
    gone: list[str] = []
    if wanted.full:
        gone = sorted(sku for sku, units in told.items() if sku not in there and units != "0")
    zeros = _zeros(gone, there, still_products)
    return ReservedChanges(stock, rows, zeros, unchanged, tuple(unknown))


def _zeros(
    gone: list[str], there: Collection[str], still_products: Callable[[list[str]], frozenset[str]]
) -> tuple[str, ...]:
    """Those that left the list and are told as 0: products still, and not spelt otherwise now.

    The products may be those of yesterday, and where capitals make no difference the zero of the
    old spelling would overwrite what is told under the new one.
    """
    if not gone:
        return ()
    alike = {sku.casefold() for sku in there}
    left = [sku for sku in gone if sku.casefold() not in alike]
    products = still_products(left) if left else frozenset()
    return tuple(sku for sku in left if sku in products)


def _again(sku: str, units: int, wanted: Wanted) -> bool:
    """Whether reserved units are told though they are as they were told."""
    return sku > wanted.behind and (not wanted.sure or (wanted.full and units > 0))
