"""Orders that a bundle without components would stall: those that wait at the warehouse, and those
that the hub is about to make there.

What is not seen here: a sales order of Unleashed of which no step was begun, because it waits for
something or a person is asked (its goods are on no timeline); and orders that somebody else brings
to the warehouse, before they are there. Both are seen once the warehouse has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.domain.order_changes import NOT_BEGUN
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import ORDER, ORDERS, SHIPMENTS
from returns_hub.domain.warehouse_orders import WarehouseOrder, units_of
from returns_hub.flows.bundles.cursor import Place
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.ports.marketplace import MarketStore

FIRST_LOOK_BACK = timedelta(days=30)
MOST_CALLS = 60
MOST_IN_WORK = 500
WORDS: Mapping[Place, str] = {
    "mintsoft": "Mintsoft's order",
    "miinto": "Miinto's order",
    "miinto-transfer": "Miinto's transfer",
    "unleashed": "Unleashed's record",
}


@dataclass(frozen=True)
class OrderSeen:
    """An order whose goods are known.

    Args:
        place: Where it is.
        key: Names it there, for good.
        name: For people: as the place shows it.
        units: Of each SKU.
    """

    place: Place
    key: str
    name: str
    units: Mapping[str, int]

    @property
    def in_words(self) -> str:
        """For a person."""
        return f"{WORDS[self.place]} {self.name[:60]}"


@dataclass(frozen=True)
class AtWarehouse:
    """Orders that wait at the warehouse, and whether the lists came to their end."""

    orders: tuple[OrderSeen, ...]
    complete: bool


class Orders:
    """One run's look at orders."""

    def __init__(self, world: FeedWorld) -> None:
        self._world = world
        market = world.world.marketplace()
        self._market: MarketStore | None = None if market is None else market.market

    def at_warehouse(self, since: datetime) -> AtWarehouse:
        """Orders at the warehouse that are not begun, and changed at or after `since`.

        Raises:
            Retryable: The warehouse cannot tell now.
        """
        found: dict[int, OrderSeen] = {}
        complete = True
        for stage in NOT_BEGUN:
            page = self._world.orders.orders_updated_since(since, MOST_CALLS, stage)
            complete = complete and page.complete
            for order in page.orders:
                whole = order if order.items is not None else self._read(order.order_id)
                if whole is not None:
                    found[whole.order_id] = _of_warehouse(whole)
        return AtWarehouse(tuple(found.values()), complete)

    def about_to_be_made(self) -> Iterator[OrderSeen]:
        """Orders that the hub is about to make, as far as their goods are on timelines."""
        merchant = self._world.merchant
        if self._market is not None:
            for order in self._market.orders_in_work(merchant, MOST_IN_WORK):
                if order.made_id is None:
                    yield _of_market(order)
            for transfer in self._market.transfers_in_work(merchant, MOST_IN_WORK):
                yield _of_transfer(transfer)
        if self._world.world.live.merchant.unleashed is not None:
            for flow in (ORDERS, SHIPMENTS):
                for state in self._world.sync.records.in_work(merchant, flow, MOST_IN_WORK):
                    seen = _of_record(state)
                    if seen is not None:
                        yield seen

    def as_it_stands(self, place: Place, key: str) -> OrderSeen | str:
        """An order that was seen before, while it waits; else what became of it, in a word.

        Raises:
            Retryable: It cannot be told now.
        """
        if place == "mintsoft":
            order = self._read(int(key))
            if order is None:
                return "gone"
            return _of_warehouse(order) if order.stage in NOT_BEGUN else order.stage.value
        if place == "unleashed":
            flow, _, record = key.partition("/")
            state = self._world.sync.load(flow, record)
            return _of_record(state) or "not open any more"
        if self._market is None:
            return "not of this merchant any more"
        shop, _, number = key.partition("/")
        if place == "miinto":
            made = self._market.order(self._world.merchant, shop, int(number))
            waits = made.in_work and made.made_id is None
            return _of_market(made) if waits else "made, or not wanted any more"
        transfer = self._market.transfer(self._world.merchant, shop, int(number))
        return _of_transfer(transfer) if transfer.in_work else "decided"

    def _read(self, order_id: int) -> WarehouseOrder | None:
        return self._world.orders.read_order(order_id)


def _of_warehouse(order: WarehouseOrder) -> OrderSeen:
    return OrderSeen("mintsoft", str(order.order_id), order.number, order.units())


def _of_market(order: OrderState) -> OrderSeen:
    units = units_of((line.sku or "", line.quantity) for line in order.lines if line.sku)
    return OrderSeen("miinto", f"{order.shop}/{order.id}", str(order.id), units)


def _of_transfer(transfer: TransferState) -> OrderSeen:
    """Its positions that nobody has decided, as far as the rule found out their SKUs."""
    rows = []
    for position in transfer.waiting:
        judged = transfer.judgement(position.id)
        if judged is not None and judged.sku and judged.verdict != "decline":
            rows.append((judged.sku, position.quantity))
    key = f"{transfer.shop}/{transfer.id}"
    return OrderSeen("miinto-transfer", key, str(transfer.id), units_of(rows))


def _of_record(state: SyncState) -> OrderSeen | None:
    """The order that a record's open step tells; None without one."""
    step = state.step(ORDER)
    if step is None or step.how or step.stuck in {"withdrawn", "abandoned"}:
        return None
    units = step.told.get("units")
    if not isinstance(units, Mapping):
        return None
    name = str(step.told.get("number") or state.key)
    return OrderSeen("unleashed", f"{state.flow}/{state.key}", name, units_of(units.items()))
