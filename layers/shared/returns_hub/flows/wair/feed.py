"""Stock and products of the warehouse are told to stock intelligence.

First locations and stock, as soon as they changed; then, more rarely, items with their sizes and
colours. Rows are absolute and have stable ids, so that telling one again changes nothing: a row
whose telling had no known end is not kept as told, and the next run tells what is true by then.

Nothing is told on a guess: not when a warehouse was not read to its end or is empty, not what its
two numbers leave open, and not when a large share of a location would go to 0 at once.
"""

from __future__ import annotations

from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.lease import leased
from returns_hub.flows.wair.feed_cursor import FeedCursor, Place, cursor_name
from returns_hub.flows.wair.feed_due import work_of
from returns_hub.flows.wair.feed_left import LeftLocations
from returns_hub.flows.wair.feed_master import MasterTelling
from returns_hub.flows.wair.feed_stock import StockTelling
from returns_hub.flows.wair.feed_telling import Telling
from returns_hub.flows.wair.feed_world import FeedWorld


def run_feed(world: FeedWorld, now: bool = False) -> dict[str, int]:
    """Tell one merchant's stock and products.

    Args:
        world: The merchant's, made for this run.
        now: Though no interval is over.

    Returns:
        How many rows of each set ended in which way, as ``stock.told``. Empty when another run
        holds the lease.

    Raises:
        Misconfigured: The merchant's file has no `wair:` block.
    """
    connection = world.require_intelligence().connection
    if not connection.modes:
        return {"off": 1}
    stores = world.stores
    name = cursor_name(world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        telling = Telling(world, Place(stores, FeedCursor.of(lease.value), lease))
        try:
            _run(telling, anyway=now)
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=name)
            return telling.endings
        else:
            telling.count()
            return telling.endings


def _run(telling: Telling, *, anyway: bool) -> None:
    world, place = telling.world, telling.place
    until = place.cursor.unsure_until
    if until is not None and world.stores.clock.now() < until:
        telling.endings["settling"] = 1
        place.run.is_idle = True
        return
    try:
        world.require_intelligence().feed.require_open()
        telling.batch.close_left_open()
    except Verdict as verdict:
        telling.failed(verdict)
        return
    work = work_of(world, place.cursor, world.stores.clock.now(), anyway=anyway)
    place.advance(**work)
    master = MasterTelling(telling)
    try:
        master.tell_places()
        stock = StockTelling(telling)
        stock.run()
        LeftLocations(telling, stock).run()
        # A reading of products may take minutes, and none of them with a batch open.
        telling.close()
        master.tell_products()
    except Verdict as verdict:
        telling.failed(verdict)
    telling.close()
    is_whole = not telling.endings.get("failed")
    fresh = dict(place.cursor.fresh)
    if is_whole and not place.cursor.todo and place.cursor.stock_at:
        fresh["stock"] = place.cursor.stock_at
    if is_whole and not place.cursor.master and place.cursor.master_at:
        fresh["products"] = place.cursor.master_at
    place.advance(fresh=fresh)
