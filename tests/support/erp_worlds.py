"""A merchant with Mintsoft and Unleashed for tests: real flows and adapters, simulators' cores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.simulators.mintsoft.simulator import Settings
from local.simulators.unleashed.sample import API_ID, API_KEY, STOCKED
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.sales import MintsoftSales
from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.connect import Around, client_of, natural_keys_of
from returns_hub.adapters.unleashed.erp import erp_of
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import FLOW_NAMES, UnleashedConnection
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.sync.plan import SyncPlan
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.unleashed.dry import plan_flow
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.run import run_flow
from returns_hub.flows.unleashed.sources import CALLS, SOURCES
from returns_hub.flows.world import World
from returns_hub.ports.deliveries import Deliveries
from returns_hub.ports.erp import Erp
from tests.support.bare import person_at
from tests.support.goods_worlds import GoodsBench
from tests.support.in_process import InProcess
from tests.support.shelf import FakeShelf
from tests.support.sync import FakeSyncStore
from tests.support.unleashed_caller import Account
from tests.support.unleashed_wire import CallCounts, Guids

PRODUCTS = {code: 801 + at for at, (code, *_) in enumerate(STOCKED)}
"""Mintsoft's ids of the products that both sides have from the start, with the same stock in MAIN
and warehouse 3."""


def unleashed_block(**changes: Any) -> dict[str, Any]:
    """The `unleashed:` block; every flow is off."""
    content: dict[str, Any] = {
        "base_url": "http://127.0.0.1:3",
        "requests_per_second": 100,
        "order_management": "off",
        "warehouses": {"MAIN": 3, "3PL": 4},
    }
    return content | changes


class ErpBench(GoodsBench):
    """`GoodsBench` with an ERP.

    Args:
        management: Unleashed's switch Order Management, and what the file says of it.
        settings: Mintsoft's quirks.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self, *, management: bool = False, settings: Settings | None = None, **block: Any
    ) -> None:
        super().__init__(settings)
        self.account = Account(management=management, clock=self.clock)
        self.unleashed = self.account.unleashed
        self.desk_there = self.account.desk
        self.to_unleashed = InProcess(self.unleashed)
        self.records = FakeSyncStore(self.clock)
        self.secrets.values["example", "unleashed"] = {"api_id": API_ID, "api_key": API_KEY}
        self.counts, self.guids = CallCounts(), Guids()
        self.shelf = FakeShelf()
        self.deliveries: Deliveries | None = None
        self.store_refunds: list[str] = []
        self.sold_here = self.warehouse_sales()
        mode = {"order_management": "on"} if management else {}
        self.file["unleashed"] = unleashed_block(**mode, **block)
        self.mintsoft.seed(
            {
                "products": {
                    str(PRODUCTS[code]): {
                        "sku": code,
                        "name": name,
                        "client_id": 12,
                        "ean": barcode or "",
                    }
                    for code, name, barcode, *_ in STOCKED
                },
                "stock": {"3": {str(PRODUCTS[code]): units for code, *_, units in STOCKED}},
            }
        )
        self._client: UnleashedClient | None = None

    def world(self) -> World:
        """As `Bench.world`, with the timelines of records."""
        return replace(super().world(), records=lambda: self.records)

    def warehouse_sales(self) -> MintsoftSales:
        """Orders of Mintsoft as they were sold."""
        connection = self.live().merchant.mintsoft
        http = self.http(connection.base_url, self.to_mintsoft, "mintsoft")
        client = MintsoftClient(http, self.credentials())
        return MintsoftSales(client, connection, clock=self.clock)

    # -- the world --------------------------------------------------------------------------

    def set(self, flow: FlowName, **settings: Any) -> None:
        """Change a flow's settings; it is live unless its mode is said."""
        block = self.file["unleashed"]
        block[flow] = {"mode": "live"} | block.get(flow, {}) | settings
        self.version += 1

    @property
    def connection(self) -> UnleashedConnection:
        """The `unleashed:` block as it is now."""
        found = self.live().merchant.unleashed
        assert found is not None
        return found

    def around(self) -> Around:
        """What the adapter of Unleashed needs of the hub."""

        def http(partner: str, base_url: str) -> PartnerHttp:
            return self.http(base_url, self.to_unleashed, partner)

        return Around(http, self.secrets, self.counts, self.guids, self.clock, self.telemetry)

    def unleashed_account(self) -> UnleashedAccount:
        """The merchant's account, with the client that a container would keep."""
        around = self.around()
        if self._client is None:
            self._client = client_of("example", self.connection, around)
        keys = natural_keys_of(self._client, around)
        return UnleashedAccount(self._client, self.connection, keys, self.clock)

    def erp(self) -> Erp:
        """The resources of Unleashed."""
        return erp_of(self.unleashed_account())

    def erp_world(self, flow: FlowName) -> ErpWorld:
        """What a run of the flow is given."""
        account = self.unleashed_account()
        if flow in CALLS:
            account = account.counted_as(CALLS[flow], at_most=self.connection.calls_per_run)
        return ErpWorld(
            sync=SyncWorld(self.world(), self.records),
            connection=self.connection,
            erp=erp_of(account),
            orders=self.orders,
            order_changes=self.order_changes,
            products=self.products,
            asns=self.asns,
            shelf=self.shelf,
            deliveries=self.deliveries,
            sales=self.sold_here,
            tell_store_refund=self.store_refunds.append,
        )

    # -- what happens in it -----------------------------------------------------------------

    def run(self, flow: FlowName, **later: float) -> dict[str, int]:
        """One tick of a flow, 20 minutes later unless it is said; its sources' endings, summed."""
        self.clock.advance(**(later or {"minutes": 20}))
        total: dict[str, int] = {}
        for endings in run_flow(flow, self.erp_world(flow)).values():
            for word, count in endings.items():
                total[word] = total.get(word, 0) + count
        return total

    def run_live_flows(self, **later: float) -> None:
        """One tick of every flow that is live, in the order of a run."""
        self.clock.advance(**(later or {"minutes": 20}))
        for flow in FLOW_NAMES:
            if flow in SOURCES and self.connection.is_live(flow):
                run_flow(flow, self.erp_world(flow))

    def plan(self, flow: FlowName) -> tuple[SyncPlan, ...]:
        """What the next run of each of the flow's sources would do."""
        return tuple(plan_flow(flow, self.erp_world(flow), limit=1000).values())

    def person(self) -> Desk:
        """A person at the list of parked work."""
        return person_at(self, records=lambda: self.records)

    def replay(self, *, send_again: bool = False) -> None:
        """A person has the only parked item done again."""
        (item,) = self.parking.list_parked("example")
        assert replay(item, self.person(), send_again=send_again) == "replayed"

    def discard(self, note: str = "seen to") -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked("example")
        assert discard(item, self.person(), note) == "discarded"

    # -- what came of it --------------------------------------------------------------------

    def state_of(self, source: str, key: str) -> SyncState:
        """Where a source's record stands."""
        return self.records.load("example", source, key)

    def parked(self) -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked("example")]

    def reasons(self) -> list[str]:
        """Reasons of the open parked work."""
        return [item.reason for item in self.parking.list_parked("example")]

    def written_there(self) -> list[str]:
        """Writes that Unleashed was asked for, as method and path."""
        return [
            f"{asked.method} {asked.path}"
            for asked in self.to_unleashed.requests
            if asked.method != "GET"
        ]
