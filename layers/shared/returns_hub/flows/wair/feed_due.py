"""When the feed has something to do, and what; no partner is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.wair.feed_schedule import is_full_due
from returns_hub.domain.wair.settings import DataSetName, WairConnection
from returns_hub.flows.wair.feed_cursor import FeedCursor, cursor_name, full_asked_at
from returns_hub.flows.wair.feed_world import FeedWorld

STOCK: tuple[DataSetName, ...] = ("stock", "reserved")
OF_PRODUCTS: tuple[DataSetName, ...] = ("sizes", "colors", "items")
DECIDES = {
    "sink",
    "base_url",
    "tenant",
    "folder",
    "locations",
    "count_bundles",
    "skus",
    "data_sets",
}
"""With another one of these what was told before is not what is there: every row is told."""


def is_on(merchant: Merchant) -> bool:
    """Whether the merchant's file has any set switched on."""
    return merchant.wair is not None and bool(merchant.wair.modes)


def is_due(world: FeedWorld, now: datetime) -> bool:
    """Whether the feed has something to do now; 2 reads."""
    standing = world.stores.cursors.standing(cursor_name(world.merchant))
    if standing.held_until is not None:
        return False
    cursor = FeedCursor.of(standing.value)
    is_in_work = bool(cursor.open or cursor.todo or cursor.master)
    return is_in_work or bool(work_of(world, cursor, now))


def work_of(
    world: FeedWorld, cursor: FeedCursor, now: datetime, *, anyway: bool = False
) -> dict[str, Any]:
    """What of the cursor changes, now that something is due; nothing when nothing is.

    Args:
        world: The merchant's.
        cursor: Where the feed stands.
        now: The moment.
        anyway: Though no interval is over.
    """
    connection = world.require_intelligence().connection
    basis = basis_of(connection)
    asked = full_asked_at(world.stores, world.merchant)
    is_asked = asked is not None and (cursor.full_at is None or cursor.full_at < asked)
    if basis != cursor.basis or is_asked or _is_full_due(world, connection, cursor, now):
        return {"basis": basis, "full_at": now, **everything(connection, now)}
    changes: dict[str, Any] = {}
    every = timedelta(minutes=connection.every_minutes)
    if any(map(connection.is_told, STOCK)) and (anyway or _is_over(cursor.stock_at, every, now)):
        ids = [location.id for location in connection.locations]
        changes |= {"stock_at": now, "todo": tuple(dict.fromkeys((*cursor.todo, *ids)))}
    every = timedelta(hours=connection.master_data_every_hours)
    if _tells_master(connection) and (anyway or _is_over(cursor.master_at, every, now)):
        is_read = cursor.reading is not None and cursor.reading.done
        changes |= {
            "master_at": now,
            "master": cursor.master or "changes",
            "places": connection.is_told("locations"),
            "reading": None if is_read else cursor.reading,
        }
    return changes


def basis_of(connection: WairConnection) -> str:
    """What of the file the rows depend on, as one word."""
    return short_hash(connection.model_dump_json(include=DECIDES))


def everything(connection: WairConnection, now: datetime) -> dict[str, Any]:
    """What of the cursor changes so that every row is told."""
    changes: dict[str, Any] = {"todo": (), "full_todo": (), "master": "", "places": False}
    # From the first row on: what an earlier run had told of them may be of another place.
    changes |= {"behind": {}}
    if any(map(connection.is_told, STOCK)):
        ids = tuple(location.id for location in connection.locations)
        changes |= {"stock_at": now, "todo": ids, "full_todo": ids}
    if _tells_master(connection):
        places = connection.is_told("locations")
        changes |= {"master_at": now, "master": "full", "places": places, "reading": None}
    return changes


def _tells_master(connection: WairConnection) -> bool:
    return any(connection.is_told(name) for name in ("locations", *OF_PRODUCTS))


def _is_full_due(
    world: FeedWorld, connection: WairConnection, cursor: FeedCursor, now: datetime
) -> bool:
    return is_full_due(
        cursor.full_at,
        now,
        every_hours=connection.full_every_hours,
        full_at=connection.full_at,
        zone=world.world.live.merchant.mintsoft.time_zone,
    )


def _is_over(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every
