"""SKUs that stock intelligence has, where it is their master, and the warehouse has not.

An order for such a SKU is refused by the warehouse, so it is told before one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.skus import folded, is_blank, shown
from returns_hub.domain.wair.rows import ItemRow
from returns_hub.errors import Misconfigured
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.time_left import require_time

KIND = "lint.wair_sku_not_in_mintsoft"
CALLS_AT_ONCE = 50
"""Pages of Mintsoft's list of products between two looks at the time."""


def is_master_of_items(world: DriftWorld) -> bool:
    """Whether stock intelligence is the master of items, and they can be read back."""
    connection = world.world.live.merchant.wair
    if connection is None:
        return False
    items = connection.data_set("items")
    is_master = items.master == "wair" and items.mode is not Mode.OFF
    return is_master and items.read_path is not None


def lint_wair_items(world: DriftWorld) -> Iterator[Difference]:
    """SKUs that WAIR has and Mintsoft has not, each once.

    Raises:
        Retryable: One of the lists did not come to its end.
        Misconfigured: WAIR's items cannot be read back.
    """
    rows = world.feed.require_intelligence().feed.told_back("items")
    if rows is None:
        raise Misconfigured(
            "wair.not_read_back", "items of WAIR cannot be read: wair.data_sets.items.read_path"
        )
    there = _skus_of_mintsoft(world)
    alike = {folded(sku): sku for sku in there}
    told: set[str] = set()
    for row in rows:
        for one in row.skus if isinstance(row, ItemRow) else ():
            sku = one.sku
            if is_blank(sku) or sku in there or sku in told:
                continue
            told.add(sku)
            yield _difference(world, sku, alike.get(folded(sku), ""))


def _difference(world: DriftWorld, sku: str, alike: str) -> Difference:
    mintsoft = shown(alike) if alike else None
    said = {"wair": shown(sku), "mintsoft": mintsoft}
    missing = found(KIND, shown(sku), said, merchant=world.merchant)
    if mintsoft is None:
        return missing
    return replace(missing, cause=f"Mintsoft has {mintsoft}, which is spelt differently")


def _skus_of_mintsoft(world: DriftWorld) -> frozenset[str]:
    """Every SKU that the warehouse has, bundles and discontinued ones too.

    Raises:
        Retryable: The list did not come to its end.
    """
    found_there: set[str] = set()
    page: int | None = 1
    while page is not None:
        require_time(world, f"after {len(found_there)} SKUs of Mintsoft")
        read = world.feed.products.products_updated_since(None, CALLS_AT_ONCE, page)
        found_there.update(product.sku for product in read.products)
        page = read.next_page
    return frozenset(found_there)
