"""What a comparison is given: a merchant's world, and every system that its file names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from returns_hub.flows.drift.stock_of_look import StockOfLook
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.flows.world import Stores, World
from returns_hub.ports.findings import FindingsStore


@dataclass(frozen=True)
class DriftWorld:
    """One merchant's world, for one look. Its partners refuse every write.

    Args:
        feed: The warehouse, and stock intelligence where there is any.
        findings: What was found before.
        at: When the look began.
        erp: Unleashed; None without.
        market: Miinto; None without.
    """

    feed: FeedWorld
    findings: FindingsStore
    at: datetime
    erp: ErpWorld | None = None
    market: MarketWorld | None = None

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.feed.merchant

    @property
    def world(self) -> World:
        """The merchant's world without all this."""
        return self.feed.world

    @property
    def stores(self) -> Stores:
        """The hub's own stores and its clock."""
        return self.feed.stores

    @cached_property
    def stock(self) -> StockOfLook:
        """The warehouse's stock, read once for every comparison of this look."""
        return StockOfLook(
            orders=self.feed.orders,
            products=self.feed.products,
            shelf=self.erp.shelf if self.erp is not None else None,
            merchant=self.merchant,
            telemetry=self.stores.telemetry,
            findings=self.findings,
        )
