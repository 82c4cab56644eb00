"""The stores, in memory and in two DynamoDBs (the simulation's, moto), for the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws
from moto.core.models import botocore_stubber

from returns_hub.adapters.aws import CONFIG
from returns_hub.adapters.dynamodb.audit import DynamoDbAudit
from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.overviews import DynamoDbOverviews, DynamoDbSummaries
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
from tests.support import fakes
from tests.support.audit import FakeAudit
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.findings import FakeFindings
from tests.support.market import MarketStore
from tests.support.moto_tables import MotoTables, tables_of_the_template
from tests.support.overviews import FakeOverviews, FakeSummaries
from tests.support.sync import FakeSyncStore


class Stores:
    """One kind of store each, and how many requests they made."""

    def __init__(self, clock: fakes.TestClock, kind: str) -> None:
        self.clock = clock
        self.kind = kind
        self.requests: list[str] = []
        self.ledger: Any = fakes.Ledger(clock)
        self.returns: Any = fakes.Returns()
        self.cursors: Any = fakes.Cursors(clock)
        self.parking: Any = fakes.Parking()
        self.catalogue: Any = fakes.Catalogue()
        self.capabilities: Any = fakes.CapabilitiesStore()
        self.market: Any = MarketStore(clock)
        self.sync: Any = FakeSyncStore(clock)
        self.findings: Any = FakeFindings()
        self.audit: Any = FakeAudit(clock)
        self.overviews: Any = FakeOverviews()
        self.summaries: Any = FakeSummaries()
        self.merchants: Any = None
        self.client: Any = None


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The tables of template.yaml."""
    return tables_of_the_template(tmp_path_factory.mktemp("translated"))


@pytest.fixture(scope="session")
def moto_tables(tables: dict[str, Any]) -> MotoTables:
    """The same, ready to be put into moto."""
    return MotoTables(tables)


def _in_dynamodb(stores: Stores, tables: MotoTables) -> None:
    client: Any = boto3.client("dynamodb", region_name="eu-west-1", config=CONFIG)
    tables.put(client)
    client.meta.events.register(
        "before-call.dynamodb.*", lambda model, **_: stores.requests.append(model.name)
    )
    _over(stores, client)


def _over(stores: Stores, client: Any) -> None:
    """The real adapters over a client."""
    clock = stores.clock
    stores.client = client
    stores.ledger = DynamoDbLedger(client, "LedgerTable", clock)
    stores.returns = DynamoDbReturns(client, "ReturnsTable", clock)
    stores.cursors = DynamoDbCursors(client, "ControlTable", clock)
    stores.parking = DynamoDbParking(client, "ParkedTable", clock)
    stores.catalogue = DynamoDbCatalogue(client, "CatalogueTable", clock)
    stores.capabilities = DynamoDbCapabilities(client, "ControlTable", clock)
    stores.market = DynamoDbMarketStore(client, "MarketTable", clock)
    stores.sync = DynamoDbSyncStore(client, "SyncTable", clock)
    stores.findings = DynamoDbFindings(client, "FindingsTable", clock)
    stores.audit = DynamoDbAudit(client, "AuditTable", clock)
    stores.overviews = DynamoDbOverviews(client, "ControlTable", clock)
    stores.summaries = DynamoDbSummaries(client, "ControlTable", clock)
    stores.merchants = DynamoDbMerchants(client, "MerchantsTable", clock)


@pytest.fixture(params=["memory", "simulated", "dynamodb"])
def stores(
    request: pytest.FixtureRequest,
    tables: dict[str, Any],
    moto_tables: MotoTables,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stores]:
    """Fakes; the adapters over the simulation's DynamoDB; the adapters over moto."""
    made = Stores(fakes.TestClock(), str(request.param))
    if request.param == "memory":
        yield made
        return
    if request.param == "simulated":
        _over(made, InMemoryDynamoDb(tables, now=lambda: made.clock.now().timestamp(), page=3))
        yield made
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        _in_dynamodb(made, moto_tables)
        yield made


@pytest.fixture
def dynamodb(moto_tables: MotoTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """DynamoDB only."""
    made = Stores(fakes.TestClock(), "dynamodb")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        _in_dynamodb(made, moto_tables)
        yield made


@pytest.fixture
def simulated(tables: dict[str, Any]) -> Stores:
    """The simulation's DynamoDB only."""
    made = Stores(fakes.TestClock(), "simulated")
    _over(made, InMemoryDynamoDb(tables, now=lambda: made.clock.now().timestamp(), page=3))
    return made


def lose_first_answer(stores: Stores) -> None:
    """The next request is carried out, and its answer lost; the client repeats it."""
    lost: list[str] = []

    def lose(request: Any, event_name: str, **more: Any) -> None:
        if not lost:
            lost.append("answer")
            botocore_stubber(event_name, request, **more)
            raise EndpointConnectionError(endpoint_url="http://x")

    stores.client.meta.events.register_first("before-send.dynamodb.*", lose)
