"""Unleashed's products, page by page over several runs, beside what the warehouse has of them.

When every product is read, the warehouse's list is read first, by the hundred, and kept on the
shelf: what is in step then costs no request of its own. Its order is not promised to hold, so that
a product may be missing from it; the step that would make it looks for it first, and finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.warehouse_goods import WarehouseProduct
from returns_hub.flows.sync.shape import Coming, Reached
from returns_hub.flows.unleashed.erp_world import ErpWorld

EVERYTHING = timedelta(days=36_525)
"""As a look back: every product, whenever it changed."""
NOTHING_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
"""No record is older; a list since then is asked for without a time."""
CALLS_AT_ONCE = 20
"""Pages of the warehouse's list between two places: ten seconds at two requests a second."""
SHELF_LASTS = timedelta(days=6)
"""A day less than an entry of `ports.shelf.ProductShelf`."""


@dataclass(frozen=True)
class Shelved:
    """What the warehouse's list showed of a product; None: it was not in it."""

    product: WarehouseProduct | None


@dataclass(frozen=True)
class Place:
    """Where the reading stands: at a page of the warehouse's list, or of Unleashed's.

    Args:
        of: Whose list.
        page: The page to begin at, from 1.
        size: Rows of a page: with another size the number means another page.
        shelved_at: When the warehouse's list began to be read; None: it was not.
    """

    of: str
    page: int
    size: int
    shelved_at: datetime | None = None

    def __str__(self) -> str:
        at = self.shelved_at.isoformat() if self.shelved_at else ""
        return f"{self.of}/{self.page}/{self.size}/{at}"

    @staticmethod
    def of_text(text: str, size: int) -> Place | None:
        """The place; None for one that means nothing any more."""
        try:
            of, page, of_size, at = text.split("/", 3)
            place = Place(of, int(page), int(of_size), datetime.fromisoformat(at) if at else None)
        except ValueError:
            return None
        return place if place.size == size and of in {"warehouse", "erp"} else None


class ProductList:
    """The reading of one run."""

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._size = world.connection.catalogue_page_size
        self._page: dict[str, Shelved] = {}

    def shelved(self, code: str) -> Shelved | None:
        """What the warehouse's list showed of a product of the page in hand; None where no list
        was read, or the product is not on that page."""
        return self._page.get(code)

    def read(self, since: datetime, place: str) -> Iterator[ErpProduct | Reached | Coming]:
        """Products that changed since, from a place on; see `flows.sync.shape.LongList`."""
        at = Place.of_text(place, self._size)
        everything = since < NOTHING_BEFORE
        if at is None:
            of = "warehouse" if everything and self._world.shelf is not None else "erp"
            now = self._world.stores.clock.now()
            at = Place(of, 1, self._size, now if of == "warehouse" else None)
        if at.of == "warehouse":
            for reached in self._fill_shelf(at):
                yield Reached(str(reached))
                at = reached
        pages = self._world.erp.products.pages_changed_since(None if everything else since, at.page)
        for page in pages:
            self._page = self._beside(page.products, at.shelved_at)
            yield Coming(tuple(product.guid for product in page.products))
            yield from page.products
            # The page itself is read again by who goes on: rows may have moved onto it.
            yield Reached(str(Place("erp", page.number, self._size, at.shelved_at)))
        self._page = {}

    def _fill_shelf(self, at: Place) -> Iterator[Place]:
        shelf, page = self._world.shelf, at.page
        if shelf is None:
            yield Place("erp", 1, self._size)
            return
        while True:
            read = self._world.products.products_updated_since(None, CALLS_AT_ONCE, page)
            shelf.remember(self._world.merchant, read.products)
            if read.next_page is None:
                yield Place("erp", 1, self._size, at.shelved_at)
                return
            page = read.next_page
            yield Place("warehouse", page, self._size, at.shelved_at)

    def _beside(
        self, products: tuple[ErpProduct, ...], shelved_at: datetime | None
    ) -> dict[str, Shelved]:
        shelf = self._world.shelf
        is_old = shelved_at is None or self._world.stores.clock.now() - shelved_at > SHELF_LASTS
        if shelf is None or is_old:
            return {}
        codes = [product.code for product in products]
        known = shelf.known(self._world.merchant, codes)
        return {code: Shelved(known.get(code)) for code in codes}
