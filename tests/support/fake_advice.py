"""`ports.feed.StockAdvice` in memory, and a merchant's world with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from returns_hub.flows.world import Stores, World
from returns_hub.ports.feed import Part
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fake_goods import FakeOrderChanges, FakeProductsWarehouse
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.market import MarketStore
from tests.support.power import Mains, Power
from tests.support.sync import FakeSyncStore
from tests.support.worlds import merchant_file

FEED_TABLE = {
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
}
"""As template.yaml has it."""


class FakeAdvice:
    """What is advised; strict: a list is read by one reader at a time, from its beginning.

    `confirmed` has proposals by the moment at which they were confirmed. `cut_after` is how many
    rows the next lists give before they are cut off, `away` what they raise at once.
    """

    def __init__(self) -> None:
        self.advised: list[StockTarget] = []
        self.confirmed: list[tuple[datetime, TransferProposal]] = []
        self.cut_after: int | None = None
        self.away: dict[str, Verdict] = {}
        self.asked: list[tuple[str, datetime | None]] = []

    def targets(self) -> Iterator[StockTarget]:
        self.asked.append(("targets", None))
        yield from self._list("targets", list(self.advised))

    def transfers(self, since: datetime | None) -> Iterator[TransferProposal]:
        assert since is None or since.tzinfo is not None, "a time without a zone"
        self.asked.append(("transfers", since))
        found = [one for at, one in self.confirmed if since is None or at >= since]
        yield from self._list("transfers", found)

    def _list(self, what: str, rows: list[Any]) -> Iterator[Any]:
        if what in self.away:
            raise self.away[what]
        for number, row in enumerate(rows):
            if number == self.cut_after:
                raise Retryable("wair.cut_off", "the list did not come to its end")
            yield row


class NoFeed:
    """`ports.feed.Feed` that takes nothing; `there` is what is read back, None where it cannot
    be."""

    def __init__(self) -> None:
        self.there: list[Row] | None = None

    def require_open(self) -> None:
        return

    def begin(self, run: str, send_by: datetime) -> str:
        raise AssertionError("nothing is told here")

    def tell(self, run: str, part: Part, send_by: datetime) -> str:
        raise AssertionError("nothing is told here")

    def end(self, run: str, send_by: datetime) -> None:
        raise AssertionError("nothing is told here")

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:
        assert data_set == "items"
        return None if self.there is None else iter(self.there)

    def check_access(self) -> str:
        return "fine"


class AdviceBench:
    """A merchant with stock intelligence: fakes, and what is kept in the simulation's DynamoDB."""

    def __init__(self, *, wair: dict[str, Any] | None = None, **file: Any) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        block = {
            "base_url": "http://127.0.0.1:5/api/v1",
            "tenant": "acme",
            "locations": [{"id": "WH-1", "warehouses": [3]}],
        }
        self.file = merchant_file(**{"wair": block | (wair or {})} | file)
        self.version = 1
        self.ledger = fakes.Ledger(self.clock)
        self.cursors = fakes.Cursors(self.clock)
        self.parking = fakes.Parking()
        self.records = FakeSyncStore(self.clock)
        self.orders = FakeOrdersWarehouse(self.clock)
        self.products = FakeProductsWarehouse(self.clock)
        self.market = MarketStore(self.clock)
        self.advice = FakeAdvice()
        self.feed = NoFeed()
        client: Any = InMemoryDynamoDb(
            {"FeedTable": FEED_TABLE}, now=lambda: self.clock.now().timestamp(), page=3
        )
        self.dynamodb = client
        self.kept = DynamoDbFeedStore(client, "FeedTable", self.clock)
        self.power = Power(10**9)
        self.runs = 0

    def stores(self) -> Stores:
        self.runs += 1
        cursors: Any = Mains(self.cursors, self.power, "acquire", "advance")
        parking: Any = Mains(self.parking, self.power)
        return Stores(
            ledger=self.ledger,
            returns=fakes.Returns(),
            cursors=cursors,
            parking=parking,
            catalogue=fakes.Catalogue(),
            capabilities=fakes.CapabilitiesStore(),
            clock=self.clock,
            telemetry=self.telemetry,
            owner=f"run-{self.runs}",
        )

    def base(self) -> World:
        """The merchant's world; no partner of returns is in it."""
        live = LiveMerchant(
            version=self.version,
            applied_at=self.clock.now(),
            applied_by="test",
            merchant=Merchant.model_validate(self.file),
        )
        nobody: Any = None
        return World(
            live=live,
            stores=self.stores(),
            warehouse=nobody,
            portal=nobody,
            market_of=lambda _: cast("Any", SimpleNamespace(market=self.market)),
            records=lambda: self.records,
        )

    def world(self) -> FeedWorld:
        base = self.base()
        connection = base.live.merchant.wair
        return FeedWorld(
            sync=SyncWorld(base, self.records),
            orders=self.orders,
            order_changes=FakeOrderChanges(self.orders, self.clock),
            products=self.products,
            sales=None,  # type: ignore[arg-type]  # nothing here asks for sales
            kept=self.kept,
            intelligence=None
            if connection is None
            else Intelligence(connection, feed=self.feed, advice=self.advice),
        )

    def behind(self, power: Power) -> None:
        """Everything that is kept is behind the power from now on; a Power that lasts mends it."""
        client: Any = Mains(self.dynamodb, power)
        self.kept = DynamoDbFeedStore(client, "FeedTable", self.clock)
        self.power = power

    def set_wair(self, **changes: Any) -> None:
        """Change the `wair:` block."""
        self.file["wair"] = self.file["wair"] | changes
        self.version += 1


def target(sku: str, location: str = "WH-1", units: int = 5) -> StockTarget:
    """So many units of a SKU are advised."""
    return StockTarget(location, sku, Decimal(units))


def proposal(reference: str, **changes: Any) -> TransferProposal:
    """Two tees should go to a store."""
    two = TransferProposal(reference, "WH-1", "ST-7", "TEE", Decimal(2))
    return replace(two, **changes)
