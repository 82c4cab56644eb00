"""The marketplace in memory, its orders in Unleashed and Mintsoft at their simulators."""

from __future__ import annotations

from typing import Any

from returns_hub.flows.miinto.follow_despatches import follow_despatches
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.sync_orders import sync_orders
from tests.support.market import MarketStore
from tests.support.market_partners import DK, FakeMarketplace, Products, market_order
from tests.support.store_worlds import MARKETPLACE, StoreBench


class MarketStoreBench(StoreBench):
    """`StoreBench` whose orders come from the marketplace."""

    def __init__(self, **miinto: Any) -> None:
        super().__init__(marketplace=MARKETPLACE, orders={"channel": "Miinto"})
        self.market: Any = MarketStore(self.clock)
        self.marketplace: Any = FakeMarketplace(self.clock)
        self.identify = Products()
        self.set("orders", default_country="DK")
        self.set("despatches")
        self.file["miinto"] = {
            "shops": [{"id": DK, "warehouse": 3}],
            "orders": {"mode": "live", "into": "unleashed"},
            "transfers": {"price_is": "unit"},
            "tracking": {"mode": "live", "providers": {"DHL Parcel Connect": "postnord"}},
            **miinto,
        }
        self.version += 1
        stocked = {"quantity": 100, "cost": 10}
        self.account.desk.seed({"stock": {"MAIN": {"TEE": stocked, "MUG": stocked}}})

    def market_world(self) -> MarketWorld:
        """What the marketplace's flows are given."""
        return MarketWorld(
            self.world(),
            self.marketplace,
            None,
            self.market,
            self.orders,
            sales=self.sales_orders(),
        )

    def sync(self) -> dict[str, int]:
        """One tick of the marketplace's orders."""
        self.clock.advance(minutes=5)
        return sync_orders(self.market_world(), self.identify)

    def follow(self) -> dict[str, int]:
        """One tick of the marketplace's despatches."""
        self.clock.advance(minutes=5)
        return follow_despatches(self.market_world())

    def ordered(self, number: int = 1, **changes: Any) -> None:
        """An order at the marketplace."""
        self.marketplace.put(market_order(number, **changes))

    def state_at_market(self, number: int = 1) -> Any:
        """Where the hub stands with it."""
        return self.market.order("example", DK, number)

    def sold(self) -> list[dict[str, Any]]:
        """Unleashed's sales orders."""
        rows: list[dict[str, Any]] = self.desk_there.records("SalesOrders")
        return rows
