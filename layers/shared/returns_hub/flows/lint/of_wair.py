"""SKUs that stock intelligence has, where it is their master, and the warehouse has not.

An order for such a SKU is refused by the warehouse, so it is told before one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.rows import ItemRow
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.drift.drift_world import DriftWorld

SKU_MISSING: Final = "lint.sku_missing_mintsoft"
CALLS_AT_ONCE = 50
LEAST_SECONDS = 20.0
LONGEST = 60


def applies(world: DriftWorld) -> bool:
    """Whether stock intelligence is the master of items, and they can be read back."""
    connection = world.world.live.merchant.wair
    if connection is None:
        return False
    items = connection.data_set("items")
    is_master = items.master == "wair" and items.mode is not Mode.OFF
    return is_master and items.read_path is not None


def missing_at_mintsoft(world: DriftWorld) -> Iterator[Difference]:
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
    alike = {sku.strip().casefold(): sku for sku in there}
    told: set[str] = set()
    for row in rows:
        for one in row.skus if isinstance(row, ItemRow) else ():
            sku = one.sku
            if not sku.strip() or sku in there or sku in told:
                continue
            told.add(sku)
            yield _difference(world, sku, alike.get(sku.strip().casefold(), ""))


def _difference(world: DriftWorld, sku: str, alike: str) -> Difference:
    mends = world.world.live.merchant.unleashed is not None
    cause = "it was made in WAIR, and an order for it would be refused by Mintsoft"
    if alike:
        cause = f"Mintsoft has {_short(alike)}, which is spelt differently"
    return Difference(
        kind=SKU_MISSING,
        subject=_short(sku, 200),
        says={"wair": _short(sku), "mintsoft": _short(alike) if alike else None},
        cause=cause,
        mend=f"hub unleashed plan {world.merchant} products" if mends else "",
    )


def _skus_of_mintsoft(world: DriftWorld) -> frozenset[str]:
    """Every SKU that the warehouse has, bundles and discontinued ones too.

    Raises:
        Retryable: The list did not come to its end.
    """
    found: set[str] = set()
    page: int | None = 1
    while page is not None:
        if world.stores.clock.remaining() < LEAST_SECONDS:
            raise Retryable(
                "mintsoft.products_not_read", "Mintsoft's products were not read to their end"
            )
        read = world.feed.products.products_updated_since(None, CALLS_AT_ONCE, page)
        found.update(product.sku for product in read.products)
        page = read.next_page
    return frozenset(found)


def _short(text: str, most: int = LONGEST) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:most]
