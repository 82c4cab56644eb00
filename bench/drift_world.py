"""The merchant of `bench.drift`: four systems with the same stock, but for one SKU in a hundred.

Mintsoft and Unleashed are simulators in another process, behind the real adapters. What Miinto and
stock intelligence were told is made up row by row when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from bench.unleashed_world import MERCHANT, World
from returns_hub.domain.miinto.stock_push import Variant
from returns_hub.domain.wair.rows import Row, StockRow
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from returns_hub.ports.feed import Feed
from returns_hub.ports.feed_store import FeedStore
from returns_hub.ports.findings import FindingsStore
from returns_hub.ports.marketplace import FeedRow

SHOPS = {"1-m!i!s-045-1": 3, "1-m!i!s-046-2": 4}
SECONDS = 900.0
"""The timeout of the function in template.yaml."""
DIFFERS = 100
"""One SKU of so many differs."""


def code_of(number: int) -> str:
    """See `bench.unleashed_outside.code_of`, which the hub's process does not load."""
    return f"SKU-{number:06d}"


def places(count: int) -> dict[str, int]:
    """Warehouses: Unleashed's code -> Mintsoft's id."""
    return {"MAIN": 3, "3PL": 4} | {f"WH{id_}": id_ for id_ in range(5, count + 3)}


def file_of(warehouses: int) -> dict[str, Any]:
    """The blocks of Miinto, of stock intelligence and of Mintsoft's numbers."""
    sets = {"stock": {"mode": "live", "read_path": "/Stock"}, "reserved": {"mode": "live"}}
    return {
        "wair": {
            "base_url": "http://127.0.0.1:4",
            "tenant": "bench",
            "locations": [
                {"id": code, "warehouses": [id_]} for code, id_ in places(warehouses).items()
            ],
            "data_sets": sets,
        },
        "miinto": {
            "shops": [{"id": shop, "warehouse": id_} for shop, id_ in SHOPS.items()],
            "transfers": {"price_is": "unit"},
            "stock": {"mode": "live"},
            "feed": {"url": "http://127.0.0.1:8/feed"},
            "test_mode": False,
        },
        "drift": {"stock_tolerance": {"units": 0}},
    }


class Told:
    """What was told, of `FeedStore`, and what is held, of `Feed`: of `units`, and one more of every
    hundredth SKU."""

    def __init__(self, count: int, units: int, locations: list[str]) -> None:
        self._count, self._units, self._locations = count, units, locations

    def told(self, _: str, data_set: str, *__: str) -> Mapping[str, str]:
        if data_set == "reserved":
            return {}
        return {code_of(number): str(self._units) for number in range(self._count)}

    def told_back(self, data_set: str) -> Iterator[Row] | None:
        return self._rows() if data_set == "stock" else None

    def _rows(self) -> Iterator[Row]:
        for location in self._locations:
            for number in range(self._count):
                more = number % DIFFERS == 1
                yield StockRow(location, code_of(number), self._units + more)


class Shops:
    """What was told, of `MarketStore`, and the feed, of `Marketplace`."""

    def __init__(self, count: int, units: int) -> None:
        self._count, self._units = count, units

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        del nameless
        for number in range(self._count):
            sku = code_of(number)
            yield FeedRow(sku=sku, group=f"G-{sku}", brand="Acme", color="Red", size="M")

    def promised(self, _: str) -> Mapping[str, Mapping[str, int]]:
        return {}

    def orders_in_work(self, *_: Any) -> tuple[()]:
        return ()

    def transfers_in_work(self, *_: Any) -> tuple[()]:
        return ()

    def told_stock(self, *_: str) -> Mapping[str, int]:
        return {
            Variant(row.sku, row.group, row.brand, row.color, row.size).hash: self._units
            + (number % DIFFERS == 2)
            for number, row in enumerate(self.feed())
        }


def drift_world(world: World, count: int, units: int, warehouses: int) -> DriftWorld:
    """What one look is given."""
    hub = world.hub.reading_only()
    ends = hub.clock.now() + timedelta(seconds=SECONDS)

    def remaining() -> float:
        return (ends - hub.clock.now()).total_seconds()

    hub.clock.begin(remaining)
    erp = hub.erp.looking(hub.world(MERCHANT))
    wair = erp.world.live.merchant.wair
    assert wair is not None
    told, shops = Told(count, units, list(places(warehouses))), Shops(count, units)
    return DriftWorld(
        feed=FeedWorld(
            sync=erp.sync,
            orders=erp.orders,
            order_changes=erp.order_changes,
            products=erp.products,
            sales=cast(Any, None),
            kept=cast(FeedStore, told),
            intelligence=Intelligence(wair, feed=cast(Feed, told), advice=cast(Any, None)),
        ),
        findings=cast(FindingsStore, Nothing()),
        at=hub.clock.now(),
        erp=erp,
        market=MarketWorld(
            erp.world, cast(Any, shops), None, cast(Any, shops), erp.orders, sales=None
        ),
    )


class Nothing(SimpleNamespace):
    """A first look's findings."""

    def last_look(self, _: str) -> None:
        return None

    def looks(self, *_: Any) -> tuple[()]:
        return ()

    def open_findings(self, *_: str) -> tuple[()]:
        return ()

    def resolved_since(self, *_: Any) -> tuple[()]:
        return ()
