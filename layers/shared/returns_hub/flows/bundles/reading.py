"""The warehouse's own bundles are read: all of them now and then, and what changed in between.

The list of all products may take more runs than one: each goes on with the page at which the last
one ended. What changed is read with every look at orders, so that a bundle of this morning is
known when its first order comes. Whether a change of a bundle's components alone changes the
product's time no source tells: each reading of all products reads every bundle's components anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from returns_hub.domain.bundles import KnownBundle, parts_of
from returns_hub.domain.warehouse_goods import BundleComponent, WarehouseProduct
from returns_hub.errors import Retryable
from returns_hub.flows.bundles.cursor import OVERLAP, BundleCursor
from returns_hub.flows.wair.feed_world import FeedWorld

CALLS_FOR_CHANGES = 20
CALLS_AT_ONCE = 10
"""Pages of the list between two places; more than one, so that a page that is given again and
again is seen."""
LEAST_SECONDS = 45.0
MOST_PASSED = 3
"""Bundles in a row that cannot be read before it is the warehouse that is in trouble."""
MOST_UNREAD = 200
"""Bundles that are kept to be asked for again: the cursor holds them."""


class Advance(Protocol):
    """Keeps the cursor with these changes, under the lease; raises Conflict."""

    def __call__(self, **changes: object) -> BundleCursor:
        """The cursor as it is then."""


class BundleReading:
    """One run's reading."""

    def __init__(self, world: FeedWorld, cursor: BundleCursor, advance: Advance) -> None:
        self._world = world
        self._cursor = cursor
        self._advance = advance
        self._in_a_row = 0
        self.known = dict(world.kept.bundles(world.merchant))

    def run(self, *, whole: bool) -> None:
        """Read what changed, and some or all of the list of all products when it is its time.

        Raises:
            Retryable: The warehouse cannot tell now; what was read is kept.
        """
        if self._cursor.changes_from:
            whole = not self._read_changes() or whole
        if whole and not self._cursor.walk_began:
            now = self._now().isoformat()
            number = self._cursor.walk + 1
            self._keep_cursor(walk=number, walk_began=now, walk_page=1)
        if self._cursor.walk_began:
            self._walk()

    def refresh(self, skus: Iterable[str]) -> None:
        """Read these bundles' components anew, as far as the time lets."""
        for sku in skus:
            known = self.known.get(sku)
            if known is None or not self._has_time():
                continue
            product = self._world.products.read_product(known.product_id)
            self._take([product] if product else [], gone=[] if product else [sku])

    def read_what_was_passed(self) -> None:
        """Ask again for bundles that could not be read, the one that waits longest first.

        Raises:
            Retryable: The first of them cannot be read still; it waits behind the others.
        """
        for product_id in self._cursor.unread:
            if not self._has_time():
                return
            others = tuple(one for one in self._cursor.unread if one != product_id)
            try:
                self._read_anew(product_id)
            except Retryable:
                self._keep_cursor(unread=(*others, product_id))
                raise
            self._keep_cursor(unread=others)

    # -- reading ----------------------------------------------------------------------------

    def _read_changes(self) -> bool:
        """Whether the list of what changed came to its end."""
        began = self._now()
        since = datetime.fromisoformat(self._cursor.changes_from) - OVERLAP
        page = self._world.products.products_updated_since(since, CALLS_FOR_CHANGES)
        fresh = [product for product in page.products if not self._is_as_known(product)]
        # The rest of a list that is too long is found by reading all products, unless that is
        # under way: it may have passed some of them.
        is_found = page.complete or not self._cursor.walk_began
        if self._take(fresh) and is_found:
            self._keep_cursor(changes_from=began.isoformat())
        return page.complete

    def _walk(self) -> None:
        """Go on with the list of all products."""
        page: int | None = self._cursor.walk_page
        while page is not None:
            if not self._has_time():
                return
            read = self._world.products.products_updated_since(None, CALLS_AT_ONCE, page)
            if not self._take(read.products, skip=self._was_seen):
                return
            page = read.next_page
            if page is not None:
                self._keep_cursor(walk_page=page)
        missed = [known for known in self.known.values() if known.walk != self._cursor.walk]
        for known in missed:
            # A list whose order does not hold may have left it out: it is asked for by itself.
            if not self._has_time():
                return
            product = self._world.products.read_product(known.product_id)
            is_it = product is not None and product.sku == known.sku
            self._take([product] if product else [], gone=[] if is_it else [known.sku])
        began = self._cursor.walk_began
        changes_from = self._cursor.changes_from or began
        self._keep_cursor(read_at=began, walk_began="", walk_page=1, changes_from=changes_from)

    def _take(
        self,
        products: Iterable[WarehouseProduct],
        *,
        gone: Iterable[str] = (),
        skip: Callable[[WarehouseProduct], bool] = lambda _: False,
    ) -> bool:
        """Keep what these products are now; False when the time ended before."""
        bundles: dict[str, KnownBundle] = {}
        leaving = set(gone)
        is_all = True
        for product in products:
            if not product.is_bundle:
                leaving |= {product.sku} & self.known.keys()
                continue
            if not product.sku.strip() or skip(product):
                continue
            if not self._has_time():
                is_all = False
                break
            rows = self._components(product.product_id)
            if rows is not None:
                bundles[product.sku] = self._bundle(product, rows)
        self._keep_bundles(bundles, leaving)
        return is_all

    def _bundle(self, product: WarehouseProduct, rows: Iterable[BundleComponent]) -> KnownBundle:
        return KnownBundle(
            sku=product.sku,
            product_id=product.product_id,
            version=product.version,
            parts=parts_of((row.sku, row.quantity) for row in rows),
            walk=self._cursor.walk,
        )

    def _keep_bundles(self, bundles: Mapping[str, KnownBundle], leaving: Set[str]) -> None:
        changed = {sku: one for sku, one in bundles.items() if self.known.get(sku) != one}
        if any(self._is_made_otherwise(one) for one in changed.values()):
            # Orders that were looked at before may be stalled by it too.
            self._keep_cursor(orders_from="")
        self._world.kept.keep_bundles(self._world.merchant, changed.values(), leaving)
        self.known |= bundles
        for sku in leaving - bundles.keys():
            self.known.pop(sku, None)

    def _components(self, product_id: int) -> Sequence[BundleComponent] | None:
        """What a bundle is made of; None where that cannot be told now, and is asked for later.

        Raises:
            Retryable: Of several in a row it cannot be told, or of very many: the warehouse is in
                trouble.
        """
        if product_id in self._cursor.unread:
            return None
        try:
            rows = self._world.products.bundle_components(product_id)
        except Retryable:
            self._in_a_row += 1
            if self._in_a_row > MOST_PASSED or len(self._cursor.unread) >= MOST_UNREAD:
                raise
            self._keep_cursor(unread=(*self._cursor.unread, product_id))
            return None
        self._in_a_row = 0
        return rows

    def _read_anew(self, product_id: int) -> None:
        product = self._world.products.read_product(product_id)
        if product is not None and product.is_bundle and product.sku.strip():
            rows = self._world.products.bundle_components(product_id)
            self._keep_bundles({product.sku: self._bundle(product, rows)}, set())
            return
        known = {sku for sku, one in self.known.items() if one.product_id == product_id}
        self._keep_bundles({}, known)

    # -- what it rests on -------------------------------------------------------------------

    def _is_as_known(self, product: WarehouseProduct) -> bool:
        known = self.known.get(product.sku)
        if known is None or not product.is_bundle:
            return known is None and not product.is_bundle
        return bool(known.parts and product.version) and known.version == product.version

    def _is_made_otherwise(self, bundle: KnownBundle) -> bool:
        before = self.known.get(bundle.sku)
        return before is None or before.parts != bundle.parts

    def _was_seen(self, product: WarehouseProduct) -> bool:
        known = self.known.get(product.sku)
        return known is not None and known.walk == self._cursor.walk

    def _has_time(self) -> bool:
        return self._world.stores.clock.remaining() > LEAST_SECONDS

    def _now(self) -> datetime:
        return self._world.stores.clock.now()

    def _keep_cursor(self, **changes: object) -> None:
        self._cursor = self._advance(**changes)


def without(cursor: BundleCursor, question: str) -> BundleCursor:
    """The cursor without a question."""
    return replace(
        cursor,
        asked={key: row for key, row in cursor.asked.items() if key != question},
        differs={sku: key for sku, key in cursor.differs.items() if key != question},
    )
