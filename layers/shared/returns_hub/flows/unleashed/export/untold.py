"""Units that the warehouse sent for orders which Unleashed has not completed: the exports' part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.export_rule import goods_of
from returns_hub.domain.unleashed.names import ORDER, ORDER_EXPORT
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.domain.warehouse_sales import SoldItem
from returns_hub.errors import Permanent, Retryable, Skip
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.export.bundles import KnownBundles
from returns_hub.flows.unleashed.export.source import OrderExportSource, change_of
from returns_hub.flows.unleashed.export.steps import COMPLETE, DISPATCH, Exported
from returns_hub.flows.unleashed.untold_parts import ByWarehouse, Untold, asked_about, read_since

MOST_RECORDS = 200
"""Records that are looked at; with more of them the stock sync waits."""


def untold_exports(world: ErpWorld) -> Untold:
    """By Mintsoft's warehouse id, by SKU: units that left for orders that are, or are to be,
    exported, and that are not completed in Unleashed. Empty while the flow is not live.

    What a plan would do about an order tells whether it is exported; one that a person is asked
    about counts, since its goods are gone.

    Raises:
        Retryable: It cannot be told now.
    """
    if not world.connection.is_live("order_export"):
        return {}
    return _Untold(world).found()


class _Untold:
    """One count."""

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._source = OrderExportSource(world)
        self._bundles = KnownBundles(world)
        self._total: ByWarehouse = {}

    def found(self) -> dict[int, dict[str, InFlight]]:
        fresh = self._fresh()
        keys = dict.fromkeys((*self._begun(), *fresh))
        if len(keys) > MOST_RECORDS:
            raise Retryable(
                "unleashed.much_untold",
                f"of {len(keys)} orders that Mintsoft has Unleashed is not told yet",
                after=900,
            )
        for key in keys:
            order = fresh.get(key)
            if order is None:
                shown = self._source.read(key)
                order = shown.content if shown is not None else None
            if order is not None:
                self._count(order, self._world.sync.load(ORDER_EXPORT, key))
        return {
            place: {sku: InFlight(despatched=many) for sku, many in units.items() if many}
            for place, units in self._total.items()
        }

    def _begun(self) -> list[str]:
        """Those in work, and those that a person is asked about."""
        records, merchant = self._world.sync.records, self._world.merchant
        keys = [state.key for state in records.in_work(merchant, ORDER_EXPORT, MOST_RECORDS + 1)]
        return [*keys, *asked_about(self._world, ORDER_EXPORT)]

    def _fresh(self) -> dict[str, WarehouseOrder]:
        """Those that changed since the flow looked, and are not dealt with as they are now."""
        found: dict[str, WarehouseOrder] = {}
        for change in self._source.pull(read_since(self._world, self._source)):
            state = self._world.sync.load(ORDER_EXPORT, change.key)
            if state.parked or state.settled != change.version:
                found[change.key] = change.content
        return found

    def _count(self, order: WarehouseOrder, state: SyncState) -> None:
        made = state.step(ORDER)
        parts: tuple[WarehouseOrder, ...] = (order,)
        if made is None or not made.how:
            if not order.is_shipped or self._is_left(order, state):
                return
        else:
            told = Exported.of(made)
            if state.done(DISPATCH) or state.done(COMPLETE) or self._is_completed(told.guid):
                return
            # What was split off since is no record of its own.
            parts = self._parts(order, told)
        for part in parts:
            if part.is_shipped:
                self._add(part)

    def _parts(self, order: WarehouseOrder, told: Exported) -> tuple[WarehouseOrder, ...]:
        try:
            return self._source.parts_of(order, told)
        except Permanent:
            return (order,)

    def _add(self, order: WarehouseOrder) -> None:
        if order.warehouse_id is None:
            raise Retryable(
                "unleashed.no_warehouse",
                "Mintsoft does not say from which warehouse an order is sent",
                after=900,
            )
        units = self._as_exported(order.units())
        self._total.setdefault(order.warehouse_id, Counter()).update(units)

    def _is_left(self, order: WarehouseOrder, state: SyncState) -> bool:
        """Whether it is none that is exported; a person's question is no such answer."""
        if state.parked:
            return False
        try:
            self._source.plan(change_of(order), state)
        except Skip:
            return True
        except Permanent:
            return False
        return False

    def _is_completed(self, guid: str) -> bool:
        order = self._world.erp.despatches.sold_order(guid)
        return order is not None and order.is_completed

    def _as_exported(self, units: Mapping[str, int]) -> Counter[str]:
        """Units of what the sales order has: of a bundle its components, unless bundles are."""
        items = [SoldItem(sku, many) for sku, many in units.items()]
        bundles = self._bundles.among(units)
        mode = self._world.connection.order_export.bundles
        total: Counter[str] = Counter()
        for item in goods_of(items, bundles, mode):
            total[item.sku] += item.quantity
        return total
