"""The warehouse's products are read page by page, over several runs if need be, and kept.

The order of the warehouse's list is not promised to hold between two calls, so that a reading may
miss a product. One that was there before is asked for by itself before it is taken for gone: an
item that is told without one of its SKUs would lose it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from returns_hub.domain.wair.catalogue import Product
from returns_hub.errors import Misconfigured
from returns_hub.flows.wair.feed_batch import TIME_FOR_A_PART
from returns_hub.flows.wair.feed_cursor import Place, Reading
from returns_hub.flows.wair.feed_read import PRODUCTS
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.flows.world import REQUEST_SECONDS

NEW = "new"
"""The part where a full reading is kept until it has come to its end."""
OVERLAP = timedelta(minutes=90)
"""How far the list is read back: the zone of the warehouse's times is not proven."""
CALLS_AT_ONCE = 20
"""Pages between two places: ten seconds at two requests a second."""
KEEP_AT_ONCE = 10_000
"""Products that are read before they are kept; so many are read again when a run is cut off."""
MOST_ASKED_FOR = 100
"""Products that a reading missed and that are asked for; the others are taken to be there still."""
TIME_FOR_PAGES = REQUEST_SECONDS + TIME_FOR_A_PART


class ProductReading:
    """Reading on from where the run before ended.

    Args:
        world: The merchant's.
        place: The feed's cursor.
    """

    def __init__(self, world: FeedWorld, place: Place) -> None:
        self._world = world
        self._place = place
        self._clock = world.stores.clock

    def is_done(self) -> bool:
        """Read as far as there is time; whether it came to its end.

        Raises:
            Retryable: The list cannot be read now; the next run goes on from where this one was.
            Misconfigured: There is no product at all.
        """
        reading = self._place.cursor.reading or self._begin()
        while not reading.done:
            if not self._has_time():
                return False
            reading = self._some_pages(reading)
        return True

    def _has_time(self) -> bool:
        return self._clock.remaining() >= TIME_FOR_PAGES

    def _begin(self) -> Reading:
        cursor, now = self._place.cursor, self._clock.now()
        is_whole = cursor.master == "full" or cursor.products_at is None
        since = None if is_whole or not cursor.products_at else cursor.products_at - OVERLAP
        reading = Reading(now, since)
        if since is None:
            self._world.kept.keep_told(self._world.merchant, PRODUCTS, {}, part=NEW, whole=True)
        self._place.advance(reading=reading)
        return reading

    def _some_pages(self, reading: Reading) -> Reading:
        """Read on, and keep what was read and where that ended."""
        found: dict[str, str] = {}
        page: int | None = reading.page
        while page is not None and len(found) < KEEP_AT_ONCE:
            if page != reading.page and not self._has_time():
                break
            read = self._world.products.products_updated_since(reading.since, CALLS_AT_ONCE, page)
            found |= {str(one.product_id): Product.of(one).to_text() for one in read.products}
            page = read.next_page
        part = NEW if reading.since is None else ""
        self._world.kept.keep_told(self._world.merchant, PRODUCTS, found, part=part)
        if page is not None:
            after = replace(reading, page=page)
            self._place.advance(reading=after)
            return after
        if reading.since is None:
            self._take_over()
        after = replace(reading, done=True)
        self._place.advance(reading=after, products_at=reading.began)
        return after

    def _take_over(self) -> None:
        """What a full reading found is what there is."""
        kept, merchant = self._world.kept, self._world.merchant
        new = dict(kept.told(merchant, PRODUCTS, NEW))
        if not new:
            raise Misconfigured(
                "mintsoft.no_products",
                "Mintsoft shows no product at all of this client: nothing is told of products",
            )
        before = kept.told(merchant, PRODUCTS)
        missing = [product_id for product_id in before if product_id not in new]
        asked_for = 0
        for product_id in missing:
            if asked_for >= MOST_ASKED_FOR or not self._has_time():
                new[product_id] = before[product_id]
                continue
            asked_for += 1
            product = self._world.products.read_product(int(product_id))
            if product is not None:
                new[product_id] = Product.of(product).to_text()
        self._world.stores.telemetry.log(
            "products read", products=len(new), missing=len(missing), asked_for=asked_for
        )
        kept.keep_told(merchant, PRODUCTS, new, whole=True)
        kept.keep_told(merchant, PRODUCTS, {}, part=NEW, whole=True)
