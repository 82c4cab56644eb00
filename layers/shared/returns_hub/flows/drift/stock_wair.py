"""What stock intelligence was told last, or really holds, against the warehouse's stock now.

Where the file says from where a set can be read back (`read_path`), what is held there counts, and
beside it what was told; else what was told. A location is the sum of its warehouses, as the feed
sums them; what the feed cannot tell is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.drift.stock_levels import UnitsBySku
from returns_hub.domain.drift.stock_rule import (
    PlaceSeen,
    Unequal,
    is_moving,
    moves_until,
    subject_of,
)
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.location_stock import UNKNOWN, LocationStock
from returns_hub.domain.wair.rows import ReservedRow, StockRow
from returns_hub.domain.wair.settings import DataSetName, WairConnection, WairLocation
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.stock_telling import ASKED, Telling, told
from returns_hub.flows.drift.waiting import grace_of, settings_of
from returns_hub.flows.wair.feed_cursor import FeedCursor, cursor_name

STOCK, RESERVED = "stock.wair", "stock.wair_reserved"
STOCK_KINDS = frozenset({STOCK, f"{STOCK}_whole"})
RESERVED_KINDS = frozenset({RESERVED, f"{RESERVED}_whole"})
Held = Mapping[str, UnitsBySku]
"""Location -> units by SKU."""


def stock_applies(world: DriftWorld) -> bool:
    """Whether there is anything to hold the warehouse's stock against."""
    return _is_compared(world, "stock")


def reserved_applies(world: DriftWorld) -> bool:
    """As `stock_applies`, for reserved stock."""
    return _is_compared(world, "reserved")


def warehouses(world: DriftWorld) -> Iterator[int]:
    """Mintsoft's warehouses that are of a location."""
    for location in _connection(world).locations:
        yield from location.warehouses


def stock_differences(world: DriftWorld) -> Iterator[Difference]:
    """What differs of the stock that is there.

    Raises:
        Verdict: A warehouse, or what is held, was not read to its end.
    """
    return _of(world, "stock")


def reserved_differences(world: DriftWorld) -> Iterator[Difference]:
    """What differs of the stock that is not for replenishment. Raises as `stock_differences`."""
    return _of(world, "reserved")


def _of(world: DriftWorld, data_set: DataSetName) -> Iterator[Difference]:
    held = _held(world, data_set)
    for location in _connection(world).locations:
        yield from _of_location(world, data_set, location, held)


def _of_location(
    world: DriftWorld, data_set: DataSetName, location: WairLocation, held: Held | None
) -> Iterator[Difference]:
    drift = world.world.live.merchant.drift
    stock = _summed(world, location)
    last = world.feed.kept.told(world.merchant, data_set, location.id)
    there = None if held is None else held.get(location.id, UnitsBySku(world.stock.skus))
    says = _Says(last, there)
    edge = moves_until(world.at, grace_of(world), _fed_at(world), _every(world))
    seen = PlaceSeen(drift.stock_tolerance)
    kind = STOCK if data_set == "stock" else RESERVED
    known: set[str] = set()
    for at, sku in enumerate(stock.skus):
        known.add(sku)
        ours = stock.on_hand[at] if data_set == "stock" else stock.reserved[at]
        moved = stock.stock_row(at).updated_at
        if data_set == "reserved" and ours == UNKNOWN:
            continue
        if is_moving(moved, edge, world.at) and not world.stock.is_known(
            kind, subject_of(sku, location.id)
        ):
            continue
        theirs, was = says.of(sku)
        seen.see(Unequal(sku, ours, theirs, abs(ours - (theirs or 0)), told=was))
    for sku in says:
        if sku not in known and sku not in stock.left_out:
            theirs, was = says.of(sku)
            seen.see(Unequal(sku, None, theirs, abs(theirs or 0), told=was))
    yield from told(world, seen, _telling(world, data_set, location))


class _Says:
    """What is held of a location, or what was told where nobody can read that."""

    def __init__(self, told_last: Mapping[str, str], there: UnitsBySku | None) -> None:
        self._told = told_last
        self._there = there

    def of(self, sku: str) -> tuple[int | None, int | None]:
        """What counts, and what was told where that is something else."""
        text = self._told.get(sku)
        was = int(text) if text is not None else None
        return (was, None) if self._there is None else (self._there.get(sku), was)

    def __iter__(self) -> Iterator[str]:
        return iter(self._told if self._there is None else self._there)


def _summed(world: DriftWorld, location: WairLocation) -> LocationStock:
    merchant = world.world.live.merchant
    stock = LocationStock(location.id, {})
    for warehouse_id in location.warehouses:
        stock.add(
            world.stock.of(warehouse_id),
            merchant.mintsoft.orders.stock_level_means,
            count_bundles=_connection(world).count_bundles,
        )
    stock.close()
    return stock


def _held(world: DriftWorld, data_set: DataSetName) -> Held | None:
    """What is held there, of every location; None where it cannot be read."""
    intelligence = world.feed.require_intelligence()
    if intelligence.connection.data_set(data_set).read_path is None:
        return None
    rows = intelligence.feed.told_back(data_set)
    if rows is None:
        return None
    found: dict[str, UnitsBySku] = {}
    for row in rows:
        if isinstance(row, StockRow | ReservedRow):
            units = found.setdefault(row.location, UnitsBySku(world.stock.skus))
            units.put(row.sku, row.on_hand if isinstance(row, StockRow) else row.quantity)
    return found


def _telling(world: DriftWorld, data_set: DataSetName, location: WairLocation) -> Telling:
    is_stock = data_set == "stock"
    is_ours = _connection(world).data_set(data_set).master == "mintsoft"
    is_asked = is_stock and location.id in _cursor(world).drops
    mend = f"hub parked list {world.merchant}" if is_asked else f"hub wair plan {world.merchant}"
    note = ASKED if is_asked else ""
    return Telling(
        kind=STOCK if is_stock else RESERVED,
        system="wair",
        name="WAIR" if is_stock else "WAIR (not for replenishment)",
        place=location.id,
        mend=mend,
        mend_place=mend if is_ours else f"hub check {world.merchant} --area wair",
        note=note if is_ours else "WAIR is the master of this set; nothing is told to it",
    )


def _is_compared(world: DriftWorld, data_set: DataSetName) -> bool:
    if world.feed.intelligence is None or not settings_of(world).stock:
        return False
    connection = world.feed.intelligence.connection
    settings = connection.data_set(data_set)
    is_told = connection.is_told(data_set) and settings.mode is Mode.LIVE
    return is_told or settings.read_path is not None


def _connection(world: DriftWorld) -> WairConnection:
    return world.feed.require_intelligence().connection


def _cursor(world: DriftWorld) -> FeedCursor:
    return FeedCursor.of(world.stores.cursors.read(cursor_name(world.merchant)))


def _every(world: DriftWorld) -> timedelta:
    return timedelta(minutes=_connection(world).every_minutes)


def _fed_at(world: DriftWorld) -> datetime | None:
    return _cursor(world).stock_at


COMPARISON = Comparison(STOCK, STOCK_KINDS, stock_applies, stock_differences)
COMPARISON_OF_RESERVED = Comparison(
    RESERVED, RESERVED_KINDS, reserved_applies, reserved_differences
)
