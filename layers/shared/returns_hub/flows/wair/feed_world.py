"""What a flow of stock intelligence is given: a merchant's world, its warehouse, and the sink."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.wair.settings import WairConnection
from returns_hub.errors import Misconfigured
from returns_hub.flows.sync.sync_world import AroundRecords
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.feed import Feed, StockAdvice
from returns_hub.ports.feed_store import FeedStore
from returns_hub.ports.goods import OrderChanges, ProductsWarehouse
from returns_hub.ports.relay import DespatchOutbox
from returns_hub.ports.warehouse_sales import WarehouseSales


@dataclass(frozen=True)
class Intelligence:
    """Stock intelligence as the merchant's file describes it."""

    connection: WairConnection
    feed: Feed
    advice: StockAdvice


@dataclass(frozen=True)
class FeedWorld(AroundRecords):
    """One merchant's world, for one run of one flow.

    Args:
        orders: The warehouse's orders and stock.
        order_changes: Changes to its orders.
        products: Its products.
        sales: Its orders as they were sold.
        kept: What was told and advised before.
        intelligence: Where rows go; None without a `wair:` block.
        outbox: The queue of despatches to be told upstream; None where the function has none.
    """

    orders: OrdersWarehouse
    order_changes: OrderChanges
    products: ProductsWarehouse
    sales: WarehouseSales
    kept: FeedStore
    intelligence: Intelligence | None = None
    outbox: DespatchOutbox | None = None

    def require_intelligence(self) -> Intelligence:
        """Where rows go.

        Raises:
            Misconfigured: The merchant's file has no `wair:` block.
        """
        if self.intelligence is None:
            raise Misconfigured(
                "wair.not_configured", f"the file of {self.merchant} has no wair: block"
            )
        return self.intelligence
