"""Product ids of the warehouse for our SKUs: looked up once, remembered for days."""

from __future__ import annotations

from collections.abc import Iterable

from returns_hub.flows.world import World


def product_ids(skus: Iterable[str], world: World) -> dict[str, int]:
    """The warehouse's product id for each SKU that it knows. No product is ever created.

    One request to the catalogue for all SKUs, and reads of the warehouse only for new ones.
    """
    wanted = tuple(dict.fromkeys(skus))
    known = world.stores.catalogue.known(world.merchant, wanted)
    found: dict[str, int] = {}
    for sku in wanted:
        if sku not in known:
            product_id = world.warehouse.find_product(sku)
            if product_id is not None:
                found[sku] = product_id
    if found:
        world.stores.catalogue.remember(world.merchant, found)
    return {**known, **found}
