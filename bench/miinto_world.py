"""The marketplace of `bench.miinto`: a merchant at the simulators, with everything metered."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import requests

from bench.memory import forget_peak, memory
from local.simulators.miinto.catalogue import Variant
from local.simulators.miinto.sample import DK, sample
from local.simulators.wire import Core
from local.stack import ROOT, Stack, translated
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.adapters.miinto.rmas import MiintoRmas
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of
from returns_hub.flows.miinto.market_world import MarketWorld
from tests.flow.test_orders_at_miinto import AtBoth
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.in_process import InProcess
from tests.support.miinto import live

SECONDS = 300.0
"""The function's timeout in template.yaml."""
MEGABYTES = 512
"""Its memory there."""
NO_END = 1e9
PAGE = 200
"""Items of a page of the DynamoDB in memory; a page of the real one is 1 MB."""
SKUS = 200
STOCK = 10_000


@dataclass(frozen=True)
class Row:
    """What one measurement came to. Seconds are of the virtual clock, `cpu` of the processor."""

    what: str
    counts: Mapping[str, int]
    requests: Mapping[str, int]
    dynamodb: int
    seconds: float
    cpu: float
    before_mb: float
    peak_mb: float


class Clock(fakes.TestClock):
    """Virtual time, and an invocation that ends."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ends = self.monotonic() + seconds

    def remaining(self) -> float:
        return self._ends - self.monotonic()

    def begin(self, seconds: float) -> None:
        """Another invocation."""
        self._ends = self.monotonic() + seconds


@dataclass
class Meter:
    """Counts requests, and takes off what others than the hub need."""

    clock: Clock
    delay: float
    requests: Counter[str] = field(default_factory=Counter)
    others: float = 0.0

    def elsewhere(self, what: str, work: Callable[[], Any]) -> Any:
        """Do what is not the hub's own."""
        self.requests[what] += 1
        # Not the processor's clock: reading it takes longer than what is measured.
        began = time.perf_counter()
        try:
            return work()
        finally:
            self.others += time.perf_counter() - began


class Wire(InProcess):
    """To a simulator, and the partner's delay on the way."""

    def __init__(self, core: Core, name: str, meter: Meter) -> None:
        super().__init__(core)
        self._name, self._meter = name, meter

    def send(self, *arguments: Any, **more: Any) -> requests.Response:
        self._meter.clock.advance(seconds=self._meter.delay)
        self.requests.clear()
        send = super().send
        found: requests.Response = self._meter.elsewhere(
            self._name, lambda: send(*arguments, **more)
        )
        return found


class Database:
    """The DynamoDB in memory, with its requests counted."""

    def __init__(self, inner: InMemoryDynamoDb, meter: Meter) -> None:
        self._inner, self._meter = inner, meter

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        return lambda **more: self._meter.elsewhere("dynamodb", lambda: call(**more))


class World(AtBoth):
    """A merchant with one shop at Miinto and a catalogue of its own, on the real adapters."""

    def __init__(self, delay: float, seconds: float, variants: int, **miinto: Any) -> None:
        settings: dict[str, Any] = {
            "transfers": live(otherwise="decline") | {"price_is": "unit"},
            "orders": {"mode": "live"},
            "stock": {"mode": "live"},
            "rma": {"announce": {"mode": "live"}, "decide": {"mode": "live"}},
        }
        super().__init__(**(settings | miinto))
        clock = Clock(seconds)
        self.meter = Meter(clock, delay)
        self.clock = self.bench.clock = clock
        self._seed(variants)
        client: Any = Database(
            InMemoryDynamoDb(tables(), now=lambda: clock.now().timestamp(), page=PAGE), self.meter
        )
        self.bench.ledger = DynamoDbLedger(client, "LedgerTable", clock)  # type: ignore[assignment]
        self.bench.cursors = DynamoDbCursors(client, "ControlTable", clock)  # type: ignore[assignment]
        self.market = DynamoDbMarketStore(client, "MarketTable", clock)  # type: ignore[assignment]
        capabilities = DynamoDbCapabilities(client, "ControlTable", clock)
        self.bench.capabilities = capabilities  # type: ignore[assignment]
        self.wire = Wire(self.sim, "Miinto", self.meter)
        self.bench.to_mintsoft = Wire(self.bench.mintsoft, "Mintsoft", self.meter)
        connection = self.bench.live().merchant.miinto
        assert connection is not None
        proof = RmaProof(contract=contract_of(connection), proven=True, at=clock.now())
        capabilities.keep_rma_proof("example", proof)

    @staticmethod
    def _shops() -> dict[str, Any]:
        return {"shops": [{"id": DK, "warehouse": 3}]}

    def _seed(self, variants: int) -> None:
        catalogue = [variant(number) for number in range(variants)]
        self.sim = type(self.sim)(self.clock)
        self.sim.seed(sample("pass-word") | {"catalogue": [asdict(one) for one in catalogue]})
        numbers = {str(10_000 + n): one.sku for n, one in enumerate(catalogue)}
        self.bench.mintsoft = type(self.bench.mintsoft)(now=self.clock)
        self.bench.mintsoft.seed(
            {
                "users": [{"name": "hub", "password": "pw", "static_key": self._key()}],
                "clients": {"12": "Example Fashion"},
                "warehouses": {"3": {"name": "Corby"}},
                "reasons": {"1": {"name": "Unwanted - Good Stock"}},
                "products": {
                    number: {"sku": sku, "name": sku, "client_id": 12}
                    for number, sku in numbers.items()
                },
                "stock": {"3": dict.fromkeys(numbers, STOCK)},
            }
        )

    def _key(self) -> str:
        return self.bench.secrets.values["example", "mintsoft"]["api_key"]

    def market_world(self) -> MarketWorld:
        """The merchant's world, with its RMAs."""
        found = super().world()
        connection = found.settings
        around = Around(
            http=lambda partner, url: self.bench.http(url, self.wire, partner),
            secrets=self.bench.secrets,
            cursors=self.bench.cursors,
            clock=self.clock,
            owner=f"run-{self.bench.runs}",
            telemetry=self.telemetry,
        )
        client = client_of("example", connection, around)
        mintsoft = self.bench.live().merchant.mintsoft
        http = self.bench.http(mintsoft.base_url, self.bench.to_mintsoft, "mintsoft")
        return replace(
            found,
            marketplace=marketplace_of(client, "example", connection, around),
            rmas=MiintoRmas(client, connection.rma.contract),
            orders=MintsoftOrders(
                MintsoftClient(http, self.bench.credentials()), mintsoft, clock=self.clock
            ),
        )

    def measure(self, what: str, work: Callable[[MarketWorld], Mapping[str, int]]) -> Row:
        """Do it, and say what it took."""
        market = self.market_world()
        self.meter.requests.clear()
        self.meter.others = 0.0
        self.telemetry.lines.clear()
        forget_peak()
        before, at = memory("VmRSS"), self.clock.monotonic()
        began, wall = time.process_time(), time.perf_counter()
        counts = work(market)
        own = 1 - self.meter.others / (time.perf_counter() - wall)
        cpu = (time.process_time() - began) * own
        asked = dict(self.meter.requests)
        dynamodb = asked.pop("dynamodb", 0)
        seconds = self.clock.monotonic() - at
        return Row(what, dict(counts), asked, dynamodb, seconds, cpu, before, memory("VmHWM"))


def variant(number: int) -> Variant:
    """An invented variant."""
    return Variant(
        sku=f"SKU-{number:06d}",
        gtin=f"57{number:011d}",
        miinto_id=f"{number:08d}-0000",
        group=f"G-{number // 5}",
        style=f"S-{number // 5}",
        brand="Acme",
        title="A shirt",
        color="White",
        size=f"{number % 5}",
        prices={"DKK": 49900},
        stock=STOCK,
    )


@cache
def tables() -> dict[str, Any]:
    """The tables of template.yaml."""
    with tempfile.TemporaryDirectory() as place:
        translation = translated(ROOT / "template.yaml", Path(place))
        stack = Stack(translation, {"Stage": "local"}, stack_name="bench")
        return {
            name: resource["Properties"]
            for name, resource in stack.resources.items()
            if resource["Type"] == "AWS::DynamoDB::Table"
        }
