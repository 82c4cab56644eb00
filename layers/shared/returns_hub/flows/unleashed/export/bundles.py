"""Which products of the warehouse are bundles, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from returns_hub.domain.warehouse_goods import BundleComponent, WarehouseProduct
from returns_hub.flows.unleashed.erp_world import ErpWorld


class KnownBundles:
    """Asked for once each, for one run."""

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._parts: dict[str, Sequence[BundleComponent]] = {}

    def among(self, skus: Iterable[str]) -> dict[str, Sequence[BundleComponent]]:
        """Components by SKU, of those that are bundles.

        Two or three calls for a product that is not on the shelf, one more for a bundle.

        Raises:
            Retryable: The warehouse cannot tell now.
        """
        wanted = list(dict.fromkeys(skus))
        fresh = [sku for sku in wanted if sku not in self._parts]
        shelf = self._world.shelf
        known: dict[str, WarehouseProduct] = {}
        if shelf is not None and fresh:
            known = shelf.known(self._world.merchant, fresh)
        for sku in fresh:
            product = known.get(sku) or self._world.products.find_product(sku)
            is_bundle = product is not None and product.is_bundle
            self._parts[sku] = (
                self._world.products.bundle_components(product.product_id)
                if product is not None and is_bundle
                else ()
            )
        return {sku: self._parts[sku] for sku in wanted if self._parts[sku]}
