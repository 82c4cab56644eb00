"""What the feed reads of the warehouse: a location's stock, and which SKUs are products still."""

from __future__ import annotations

from returns_hub.domain.wair.catalogue import Product, Units
from returns_hub.domain.wair.location_stock import LocationStock
from returns_hub.domain.wair.settings import WairLocation
from returns_hub.errors import Misconfigured
from returns_hub.flows.wair.feed_cursor import FeedCursor
from returns_hub.flows.wair.feed_world import FeedWorld

PRODUCTS = "products"
"""Where the hub keeps the warehouse's products, beside what was told: id -> `Product.to_text`."""
MOST_LOOKED_FOR = 25
"""SKUs that left the warehouse's list and are looked for; each costs two or three calls."""


def location_stock(
    world: FeedWorld, location: WairLocation, names: dict[str, str]
) -> LocationStock:
    """A location's stock: every one of its warehouses, each read to its end.

    Args:
        world: The merchant's.
        location: Which.
        names: SKUs of other locations; see `LocationStock`.

    Raises:
        Retryable: A warehouse cannot be read now, or not to its end.
        Misconfigured: A warehouse shows no stock at all, which is never taken for 0.
        Permanent: The warehouse does not show stock.
    """
    connection = world.require_intelligence().connection
    means = world.world.live.merchant.mintsoft.orders.stock_level_means
    found = LocationStock(location.id, names)
    for warehouse in location.warehouses:
        levels = world.orders.stock_levels(warehouse)
        if not levels:
            raise Misconfigured(
                "mintsoft.no_stock",
                f"Mintsoft shows no stock at all in warehouse {warehouse}: nothing is told of "
                f"location {location.id}. Take the warehouse out of wair.locations if it has none",
            )
        found.add(levels, means, count_bundles=connection.count_bundles)
    found.close()
    return found


def kept_products(world: FeedWorld) -> list[Product]:
    """The warehouse's products as they were read last."""
    kept = world.kept.told(world.merchant, PRODUCTS)
    return [Product.of_text(product_id, text) for product_id, text in kept.items()]


def units_of(world: FeedWorld) -> Units:
    """Units of the warehouse's account."""
    goods = world.world.live.merchant.mintsoft.goods
    return Units(goods.weight_unit, goods.length_unit)


class StillProducts:
    """Which SKUs the warehouse has as products, though its stock does not list them.

    From the products that are kept, where they were read; else a few are looked for.
    """

    def __init__(self, world: FeedWorld, cursor: FeedCursor) -> None:
        self._world = world
        self._is_kept = cursor.products_at is not None
        self._kept: frozenset[str] | None = None
        self._asked: dict[str, bool] = {}

    def __call__(self, skus: list[str]) -> frozenset[str]:
        """Those of them that are products."""
        if self._is_kept:
            if self._kept is None:
                self._kept = frozenset(product.sku for product in kept_products(self._world))
            return self._kept.intersection(skus)
        room = max(0, MOST_LOOKED_FOR - len(self._asked))
        unknown = [sku for sku in skus if sku not in self._asked][:room]
        if unknown:
            found = self._world.products.find_products(unknown)
            self._asked |= {sku: sku in found for sku in unknown}
        return frozenset(sku for sku in skus if self._asked.get(sku))
