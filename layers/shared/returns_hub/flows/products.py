"""Products of the warehouse for our SKUs: looked up once, remembered for days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from returns_hub.domain.matching import SHORTEST_BARCODE
from returns_hub.domain.policy import Matching
from returns_hub.domain.shipments import PlannedLine
from returns_hub.flows.world import World


@dataclass(frozen=True)
class Product:
    """A product of the warehouse, with the SKU that it has there."""

    id: int
    sku: str


def products_of(lines: Iterable[PlannedLine], world: World) -> dict[str, Product]:
    """The warehouse's product for each SKU of the lines that it knows. None is ever created.

    A SKU is the warehouse's own, one that the merchant's aliases lead to it, or that of the one
    product with the line's whole barcode. One request to the catalogue for all SKUs, and reads of
    the warehouse only for new ones; what a barcode told is asked again.
    """
    wanted = {line.sku: (line.barcode or "").strip() for line in lines}
    matching = world.live.merchant.flows.process_receipts.policy.matching
    names = {sku: _names(sku, matching) for sku in wanted}
    known = world.stores.catalogue.known(
        world.merchant, [name for several in names.values() for name in several]
    )
    fresh: dict[str, int] = {}
    found: dict[str, Product] = {}
    for sku, barcode in wanted.items():
        product = _by_name(names[sku], known, fresh, world)
        if product is None and matching.barcodes and len(barcode) >= SHORTEST_BARCODE:
            product = _by_barcode(barcode, world)
        if product is not None:
            found[sku] = product
    if fresh:
        world.stores.catalogue.remember(world.merchant, fresh)
    return found


def look_up(sku: str, barcode: str, world: World) -> Product | None:
    """The product as the warehouse tells it now; nothing is remembered or taken from memory."""
    matching = world.live.merchant.flows.process_receipts.policy.matching
    product = _by_name(_names(sku, matching), {}, {}, world)
    if product is None and matching.barcodes and len(barcode.strip()) >= SHORTEST_BARCODE:
        return _by_barcode(barcode.strip(), world)
    return product


def _names(sku: str, matching: Matching) -> tuple[str, ...]:
    """What a SKU of the shop may be called in the warehouse."""
    return (sku, *(warehouse for warehouse, shop in matching.aliases.items() if shop == sku))


def _by_name(
    names: tuple[str, ...], known: dict[str, int], fresh: dict[str, int], world: World
) -> Product | None:
    for name in names:
        product_id = known.get(name)
        if product_id is None:
            product_id = world.warehouse.find_product(name)
            if product_id is not None:
                fresh[name] = product_id
        if product_id is not None:
            return Product(product_id, name)
    return None


def _by_barcode(barcode: str, world: World) -> Product | None:
    sku = world.warehouse.sku_of_barcode(barcode)
    product_id = world.warehouse.find_product(sku) if sku else None
    return Product(product_id, sku) if sku and product_id is not None else None
