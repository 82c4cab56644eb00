"""What each shop of Miinto was told last, held against what it should be told now.

Miinto shows no stock back to a partner (no document names such a call), so that what was told is
what counts. What a push would tell differently and is on its way: stock that changed since the last
push, and units that are promised to buyers and that the warehouse or the last push do not know of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.drift.stock_rule import (
    PlaceSeen,
    Unequal,
    is_moving,
    moves_until,
    subject_of,
)
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.promises import promised_of
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.stock_push import Variant, to_tell
from returns_hub.errors import Misconfigured
from returns_hub.flows import cursor_names
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.stock_telling import ASKED, Telling, told
from returns_hub.flows.drift.waiting import grace_of, settings_of
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.push_stock import FLOW
from returns_hub.flows.miinto.stock_cursor import StockCursor

KIND = "stock.miinto"
KINDS = frozenset({KIND, f"{KIND}_whole"})
EVERY = timedelta(minutes=5)
"""The schedule of the push."""
AMBIGUOUS = ""


def applies(world: DriftWorld) -> bool:
    """Whether the file has stock told to Miinto; a shadow tells nothing."""
    is_live = world.market is not None and world.market.settings.stock.mode is Mode.LIVE
    return settings_of(world).stock and is_live


def warehouses(world: DriftWorld) -> Iterator[int]:
    """Mintsoft's warehouses that shops sell from."""
    return (shop.warehouse for shop in _market(world).settings.shops)


def differences(world: DriftWorld) -> Iterator[Difference]:
    """What differs.

    Raises:
        Verdict: The feed or the warehouse was not read to its end.
    """
    mw = _market(world)
    # As the push does it: an order that is made in between counts twice, and never not at all.
    promised = mw.market.promised(mw.merchant)
    skus = _skus_by_variant(mw)
    for shop in mw.settings.shops:
        yield from _of_shop(world, shop, skus, promised)


def _skus_by_variant(mw: MarketWorld) -> dict[str, str]:
    """Variant's hash -> SKU; `AMBIGUOUS` where the feed has it for several."""
    found: dict[str, str] = {}
    for row in mw.marketplace.feed():
        variant = Variant(row.sku, row.group, row.brand, row.color, row.size)
        if found.setdefault(variant.hash, row.sku) != row.sku:
            found[variant.hash] = AMBIGUOUS
    if not found:
        raise Misconfigured("miinto.no_feed", "miinto.feed names no feed, or an empty one")
    return found


def _of_shop(
    world: DriftWorld,
    shop: MiintoShop,
    skus: Mapping[str, str],
    promised: Mapping[str, Mapping[str, int]],
) -> Iterator[Difference]:
    mw = _market(world)
    drift = world.world.live.merchant.drift
    means = world.world.live.merchant.mintsoft.orders.stock_level_means
    levels = world.stock.of(shop.warehouse)
    of_warehouse = promised_of(shop.warehouse, promised, mw.settings.shops).units
    told_last = mw.market.told_stock(mw.merchant, shop.id)
    edge = moves_until(world.at, grace_of(world), _pushed_at(world), EVERY)
    seen = PlaceSeen(drift.stock_tolerance)

    def known(sku: str) -> bool:
        return world.stock.is_known(KIND, subject_of(sku, place_of(shop)))

    for variant, sku in skus.items():
        level = levels.get(sku)
        if sku == AMBIGUOUS or level is None:
            continue
        if is_moving(level.updated_at, edge, world.at) and not known(sku):
            continue
        available = level.available(means)
        promises = of_warehouse.get(sku, 0)
        wanted = to_tell(available, promises, mw.settings.stock.stock_kept_back)
        was = told_last.get(variant)
        if was is not None and wanted < was <= wanted + promises:
            # The buyer has what makes the difference; the next push, or the order, takes it off.
            seen.note(wanted, was)
            continue
        allocated = 0 if level.total is None else abs(level.total - level.level)
        units = abs(wanted - (was or 0))
        seen.see(Unequal(sku, wanted, was, units, allocated, max(0, level.quarantined)))
    for sku, units in _without_stock(skus, told_last, levels):
        seen.see(Unequal(sku, None, units, units))
    yield from told(world, seen, _telling(world, shop))


def place_of(shop: MiintoShop) -> str:
    """How findings name the shop."""
    return f"shop {shop.slug}"


def _without_stock(
    skus: Mapping[str, str], told_last: Mapping[str, int], levels: Mapping[str, object]
) -> Iterator[tuple[str, int]]:
    """Variants that were told units, and that the feed or the warehouse does not know any more."""
    for variant, units in told_last.items():
        sku = skus.get(variant)
        if units > 0 and (sku is None or (sku != AMBIGUOUS and sku not in levels)):
            yield sku or f"variant {variant}", units


def _telling(world: DriftWorld, shop: MiintoShop) -> Telling:
    name = cursor_names.marketplace("stock", world.merchant)
    cursor = StockCursor.of(world.stores.cursors.read(name))
    asked = cursor.drops.get(shop.id) is not None
    note = ASKED if asked else ""
    parked = f"hub parked list {world.merchant} --flow {FLOW}"
    return Telling(
        kind=KIND,
        system="miinto",
        name="Miinto",
        place=place_of(shop),
        mend=parked,
        mend_place=parked if asked else f"hub check {world.merchant} --area miinto",
        note=note,
    )


def _pushed_at(world: DriftWorld) -> datetime | None:
    name = cursor_names.marketplace("stock", world.merchant)
    return world.stores.cursors.standing(name).moved_at


def _market(world: DriftWorld) -> MarketWorld:
    if world.market is None:
        raise Misconfigured("miinto.not_configured", "the merchant's file has no miinto: block")
    return world.market


COMPARISON = Comparison("stock.miinto", KINDS, applies, differences)
