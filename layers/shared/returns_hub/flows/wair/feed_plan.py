"""What the next run of the feed would tell; nothing is written anywhere, and nothing is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from returns_hub.flows.wair.feed_cursor import FeedCursor, Place, cursor_name, part_key
from returns_hub.flows.wair.feed_due import OF_PRODUCTS, everything, work_of
from returns_hub.flows.wair.feed_master import MasterChanges, MasterTelling
from returns_hub.flows.wair.feed_stock import Looked, StockTelling, left_out
from returns_hub.flows.wair.feed_telling import Telling
from returns_hub.flows.wair.feed_world import FeedWorld

MOST_NAMED = 20


@dataclass(frozen=True)
class PlannedSet:
    """What of a set, or of a location's part of it, would be told.

    Args:
        data_set: Which.
        location: Of stock the location's id; else empty.
        mode: The set's switch.
        tell: How many rows would be told.
        unchanged: How many are as they were told.
        first: The first of them: a SKU with its units, or an id.
        left_out: Why rows are not told -> the first SKUs, and how many there are.
        asks: A person would be asked before: so many of so many SKUs would go to 0 at once.
        unknown_before: What was told last had no known end, so that every row would be told.
    """

    data_set: str
    location: str
    mode: str
    tell: int
    unchanged: int
    first: tuple[str, ...] = ()
    left_out: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    asks: str = ""
    unknown_before: bool = False


@dataclass(frozen=True)
class FeedPlan:
    """What would be told.

    Args:
        sets: By set and location.
        full: Whether every row would be.
        products_at: Of when the products are, as the hub read them; None when it never did, and
            then nothing can be said of sizes, colours and items.
        failed: How many locations could not be read.
    """

    sets: tuple[PlannedSet, ...]
    full: bool
    products_at: datetime | None
    failed: int = 0


def plan_feed(world: FeedWorld, *, full: bool = False) -> FeedPlan:
    """What the next run would tell, as if every interval were over.

    The warehouse's stock is read; its products are those that the hub read last.

    Args:
        world: The merchant's; its partners may refuse every write.
        full: Every row, as at night.

    Raises:
        Misconfigured: The merchant's file has no `wair:` block.
    """
    connection = world.require_intelligence().connection
    now = world.stores.clock.now()
    place = Place(
        world.stores, FeedCursor.of(world.stores.cursors.read(cursor_name(world.merchant))), None
    )
    work = everything(connection, now) if full else work_of(world, place.cursor, now, anyway=True)
    place.advance(**work)
    telling = Telling(world, place)
    master, sets = MasterTelling(telling), []
    if connection.is_told("locations"):
        sets.append(_of_master(telling, master.places()))
    if place.cursor.products_at is not None and any(map(connection.is_told, OF_PRODUCTS)):
        catalogue = master.catalogue()
        left: dict[str, tuple[int, tuple[str, ...]]] = {
            why: (len(some), some[:MOST_NAMED]) for why, some in catalogue.left_out.items()
        }
        sets += [
            _of_master(telling, changes, left if changes.name == "items" else {})
            for changes in master.changes(catalogue)
        ]
    for looked in StockTelling(telling).plan():
        sets += _of_stock(telling, looked)
    return FeedPlan(
        tuple(sets),
        bool(place.cursor.full_todo or place.cursor.master == "full"),
        place.cursor.products_at,
        telling.endings.get("failed", 0),
    )


def _of_master(
    telling: Telling,
    changes: MasterChanges,
    left: Mapping[str, tuple[int, tuple[str, ...]]] | None = None,
) -> PlannedSet:
    return PlannedSet(
        changes.name,
        "",
        telling.connection.data_set(changes.name).mode.value,
        len(changes),
        changes.unchanged,
        tuple(islice(changes.changed, MOST_NAMED)),
        left or {},
        unknown_before=changes.name in telling.place.cursor.begun,
    )


def _of_stock(telling: Telling, looked: Looked) -> list[PlannedSet]:
    left: dict[str, dict[str, tuple[int, tuple[str, ...]]]] = {}
    for name, why, skus in left_out(looked):
        left.setdefault(name, {})[why] = (len(skus), tuple(skus[:MOST_NAMED]))
    location, drop = looked.stock.location, looked.drop
    asks = f"{drop.to_zero} of {drop.had_stock}" if telling.guard.is_sudden(drop) else ""
    return [
        PlannedSet(
            name,
            location,
            telling.connection.data_set(name).mode.value,
            len(changes),
            changes.unchanged,
            tuple(f"{sku} {units}" for sku, units in islice(changes.as_told(), MOST_NAMED)),
            left.get(name, {}),
            asks,
            part_key(name, location) in telling.place.cursor.begun,
        )
        for name, changes in looked.changes.items()
    ]
