"""A merchant whose stock is in four systems, for tests of looks: simulators of Mintsoft and
Unleashed, Miinto in memory, and what stock intelligence was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from local.simulators.unleashed.sample import API_ID, API_KEY, STOCKED
from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.wair.rows import ReservedRow, Row, StockRow
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.drift.comparisons import STOCK
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.push_stock import push_stock
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from returns_hub.ports.feed import Feed, StockAdvice
from returns_hub.ports.feed_store import FeedStore
from returns_hub.ports.marketplace import FeedRow
from tests.support.erp_stock import StockBench
from tests.support.erp_worlds import ErpBench
from tests.support.findings import FakeFindings
from tests.support.market import MarketStore
from tests.support.market_partners import DK, FakeMarketplace

WAIR = {
    "base_url": "https://wair.example.test/api/v1",
    "tenant": "acme",
    "locations": [{"id": "WH-1", "warehouses": [3]}, {"id": "WH-2", "warehouses": [4]}],
    "data_sets": {"stock": {"mode": "live"}, "reserved": {"mode": "live"}},
}
MIINTO = {
    "shops": [{"id": DK, "warehouse": 3}],
    "orders": {"mode": "live"},
    "transfers": {"price_is": "unit"},
    "stock": {"mode": "live"},
}
CODES = tuple(code for code, *_ in STOCKED)
A_DAY = {"days": 1}
"""So long after anything was counted that none of it is on its way."""


class ToldRows:
    """What was told, of `ports.feed_store.FeedStore`."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], dict[str, str]] = {}

    def told(self, merchant: str, data_set: str, part: str = "") -> Mapping[str, str]:
        return self.rows.get((data_set, part), {})


class HeldRows:
    """What is really held, of `ports.feed.Feed`; `ends` is what stops its reading."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.ends: Verdict | None = None

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:
        return self._read(StockRow if data_set == "stock" else ReservedRow)

    def _read(self, kind: type[Row]) -> Iterator[Row]:
        yield from (row for row in self.rows if isinstance(row, kind))
        if self.ends is not None:
            raise self.ends


class ShopWithFeed(FakeMarketplace):
    """Miinto with a feed of the products that both sides have."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.rows = [feed_row(code) for code in CODES]


def feed_row(sku: str) -> FeedRow:
    """The SKU's variant in Miinto's feed."""
    return FeedRow(sku=sku, group=f"G-{sku}", brand="Acme", color="Red", size="M")


def drift_world_of(
    bench: ErpBench,
    told_rows: ToldRows | None = None,
    intelligence: Intelligence | None = None,
    market: MarketWorld | None = None,
    found: FakeFindings | None = None,
) -> DriftWorld:
    """What one look at a merchant with an ERP is given."""
    has_erp = bench.live().merchant.unleashed is not None
    return DriftWorld(
        feed=FeedWorld(
            sync=SyncWorld(bench.world(), bench.records),
            orders=bench.orders,
            order_changes=bench.order_changes,
            products=bench.products,
            sales=bench.sold_here,
            kept=cast(FeedStore, told_rows or ToldRows()),
            intelligence=intelligence,
        ),
        findings=found or FakeFindings(),
        at=bench.clock.now(),
        erp=bench.erp_world("stock") if has_erp else None,
        market=market,
    )


def differences_of(world: DriftWorld) -> list[Difference]:
    """What every comparison of stock that applies tells; one that fails raises."""
    return [
        difference
        for comparison in STOCK
        if comparison.applies(world)
        for difference in comparison.differences(world)
    ]


class DriftStockBench(StockBench):
    """`StockBench` with the same stock everywhere, a day after it was counted last.

    Args:
        block: Changes to the `unleashed:` block.
        wair: Changes to the `wair:` block.
        proven: Whether it was proven what an adjustment does.
        stock: Settings of Unleashed's stock sync.
    """

    def __init__(
        self,
        *,
        block: Mapping[str, Any] | None = None,
        wair: Mapping[str, Any] | None = None,
        proven: bool = False,
        **stock: Any,
    ) -> None:
        super().__init__(block=block, proven=proven, **{"mode": "shadow", **stock})
        self.mintsoft.stock.clear()
        for code in CODES:
            if self.there(code):
                self.count(code, self.there(code))
        self.count("TEE-RED-M", self.there("TEE-RED-M", "3PL"), warehouse=4)
        self.hands.count_stock("MAIN", {"MUG-RED": 0})
        self.file["wair"] = {**WAIR, **(wair or {})}
        self.file["miinto"] = dict(MIINTO)
        self.told_rows, self.held_rows = ToldRows(), HeldRows()
        self.market, self.marketplace = MarketStore(self.clock), ShopWithFeed(self.clock)
        self.findings = FakeFindings()
        self.clock.left = 900.0
        self.push()
        self.feed()
        self.wait(**A_DAY)

    # -- the world --------------------------------------------------------------------------

    def drift_world(self) -> DriftWorld:
        """What one look is given."""
        live = self.live().merchant
        intelligence = None
        if live.wair is not None:
            feed = cast(Feed, self.held_rows)
            intelligence = Intelligence(live.wair, feed, cast(StockAdvice, None))
        market = self.market_world() if live.miinto is not None else None
        return drift_world_of(self, self.told_rows, intelligence, market, self.findings)

    def market_world(self) -> MarketWorld:
        """The merchant's marketplace."""
        return MarketWorld(
            self.world(), cast(Any, self.marketplace), None, cast(Any, self.market), self.orders
        )

    # -- what happens in it -----------------------------------------------------------------

    def push(self) -> None:
        """Stock is told to Miinto."""
        push_stock(self.market_world())

    def feed(self, *locations: str) -> None:
        """Stock is told to stock intelligence, as it is in Mintsoft."""
        for location in self.live().merchant.wair.locations:  # type: ignore[union-attr]
            stock: dict[str, int] = {}
            reserved: dict[str, int] = {}
            for warehouse_id in location.warehouses:
                for sku, level in self.orders.stock_levels(warehouse_id).items():
                    there = level.total or 0
                    stock[sku] = stock.get(sku, 0) + there
                    held = there - level.level + level.quarantined
                    reserved[sku] = reserved.get(sku, 0) + held
            if not locations or location.id in locations:
                self.told_rows.rows["stock", location.id] = _texts(stock)
                self.told_rows.rows["reserved", location.id] = _texts(
                    {sku: units for sku, units in reserved.items() if units}
                )

    def all_told(self) -> None:
        """Everything is told to everybody but Unleashed, and a day goes by."""
        self.push()
        self.feed()
        self.wait(**A_DAY)

    def change(self, key: str, **settings: Any) -> None:
        """Change one block of the merchant's file."""
        self.file[key] = {**self.file.get(key, {}), **settings}
        self.version += 1

    def many(self, count: int, units: int = 5) -> list[str]:
        """So many products more, with the same stock in `MAIN` and wherever it is told."""
        codes = [f"P{number:03d}" for number in range(count)]
        products = [
            {"ProductCode": code, "ProductDescription": code, "DefaultPurchasePrice": 2}
            for code in codes
        ]
        company = {"api_id": API_ID, "api_key": API_KEY, "products": products}
        stock = {"MAIN": dict.fromkeys(codes, units)}
        self.unleashed.seed({"companies": [company | {"stock": stock}]})
        ids = {20_000 + at: code for at, code in enumerate(codes)}
        rows = {str(at): {"sku": code, "name": code, "client_id": 12} for at, code in ids.items()}
        self.mintsoft.seed({"products": rows, "stock": {"3": dict.fromkeys(map(str, ids), units)}})
        self.marketplace.rows += [feed_row(code) for code in codes]
        self.all_told()
        return codes

    # -- what a look sees -------------------------------------------------------------------

    def differences(self) -> list[Difference]:
        """What a look sees."""
        return differences_of(self.drift_world())

    def found(self) -> set[tuple[str, str]]:
        """Kinds and subjects."""
        return {(one.kind, one.subject) for one in self.differences()}

    def failed(self) -> dict[str, str]:
        """Comparisons that cannot be made now, and the verdict's code."""
        world = self.drift_world()
        codes: dict[str, str] = {}
        for comparison in STOCK:
            try:
                if comparison.applies(world):
                    _exhausted(comparison.differences(world))
            except Retryable as verdict:
                codes[comparison.name] = verdict.code
        return codes

    def held_as_told(self) -> None:
        """Stock intelligence holds what it was told."""
        self.held_rows.rows = [
            StockRow(location, sku, int(units))
            for (data_set, location), rows in self.told_rows.rows.items()
            if data_set == "stock"
            for sku, units in rows.items()
        ]


def _texts(units: Mapping[str, int]) -> dict[str, str]:
    return {sku: str(many) for sku, many in units.items()}


def _exhausted(differences: Iterable[Difference]) -> None:
    for _ in differences:
        pass
