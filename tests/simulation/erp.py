"""A merchant with Unleashed in the simulated world: both sides, everybody's days, and the hub."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.simulators.changed_settings import changed
from local.simulators.mintsoft.simulator import Settings as MintsoftSettings
from local.simulators.unleashed.sample import API_ID, API_KEY, sample
from local.simulators.unleashed.settings import Settings
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wire import Reply, Request
from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.unleashed.stock.proof import StockProof, proof_cursor
from tests.simulation import erp_days, erp_left
from tests.simulation.environment import Environment, Power
from tests.simulation.erp_books import Movement
from tests.simulation.erp_people import ErpPeople
from tests.simulation.erp_plans import CODES, ELSEWHERE, PARTS, SET, STOCKED, ErpPlan
from tests.simulation.erp_whose import document_of
from tests.simulation.lambdas import Function, Queue, every
from tests.simulation.partners import Partner
from tests.simulation.scenario import PartnerFaults, Scenario
from tests.simulation.schedule import ScheduledClock
from tests.simulation.world import TICK, Simulation

OPENING = 60
"""Units of every product on both sides at the start."""
FUNCTION = "UnleashedSyncFunction"
QUIET_SECONDS = 2.5 * 3600
"""So long nothing happens at the end of a run."""
MONTH_ENDS = 2.5 * 3600
"""Seconds to the month's end from the start with which a quota goes."""
WRITES = ("POST", "PUT", "DELETE", "PATCH")


@dataclass
class Log:
    """What moved on both sides, in the order of virtual time, and the hub's writes."""

    movements: list[Movement] = field(default_factory=list)
    writes: list[tuple[float, str]] = field(default_factory=list)


class ErpSimulation(Simulation):
    """One run of a merchant with Unleashed; returns may live beside it."""

    def __init__(
        self,
        scenario: Scenario,
        plan: ErpPlan,
        unleashed: PartnerFaults | None = None,
        power: Power | None = None,
    ) -> None:
        self.plan = plan
        self.merchant = plan.merchant
        self.imports = "shipment" if plan.imports == "shipments" else "sale"
        self.block = block_of(plan)
        self.unleashed_faults = unleashed or PartnerFaults()
        self.log = Log()
        self.doc = ""
        self.quiet_since: float | None = None
        self._is_called = False
        super().__init__(scenario, power)

    # -- the world --------------------------------------------------------------------------

    def _partners(self) -> None:
        super()._partners()
        off, plan = timedelta(seconds=self.unleashed_faults.clock_off), self.plan
        more = {"adjustment": plan.adjustment, **plan.simulator}
        if plan.quota:
            more["quota"] = plan.quota
            # Other programs of the merchant have used up the month's rest; in the next they do not.
            self.scheduler.after(MONTH_ENDS, self._calls_are_plenty)
        self.unleashed = UnleashedSimulator(
            now=lambda: self.scheduler.now() + off,
            settings=changed(Settings(), more),
            dice=random.Random(f"unleashed {self.scenario.seed}"),
        )
        self.unleashed.seed(_company(plan))
        self.there = self.unleashed.desk()
        self._watch_unleashed()
        self._watch_mintsoft()
        self.wire.partners["unleashed.test"] = Partner(
            self.unleashed, self.unleashed_faults, self.unleashed.faults.add
        )
        self.mintsoft.settings = MintsoftSettings(
            returns_list=self.scenario.returns_list,
            items_in_lists=self.scenario.items_in_lists,
            index_delay_seconds=self.scenario.index_delay,
        )
        ids = self.product_ids()
        more_units = {(code, sku): -units for code, sku, units in plan.opening}
        for code, place in CODES.items():
            for sku in STOCKED:
                units = OPENING + more_units.get((code, sku), 0)
                self.mintsoft.set_stock(place, ids[sku], units)
        days = erp_days.Days(self)
        self.days = days

    def _calls_are_plenty(self) -> None:
        self.unleashed.settings = changed(self.unleashed.settings, {"quota": 250_000})

    def product_ids(self) -> dict[str, int]:
        """Mintsoft's ids of the merchant's products."""
        products = self.mintsoft.tenant.products
        return {p["sku"]: key for key, p in products.items() if p["client_id"] == 12}

    def _watch_unleashed(self) -> None:
        """Every movement there goes into the log."""
        company = self.there.company
        move, codes, places = company.stock.move, company.all("Products"), company.all("Warehouses")
        for row in company.stock.movements:
            self._moved(
                "unleashed",
                places[row.warehouse]["WarehouseCode"],
                codes[row.product]["ProductCode"],
                int(row.quantity),
                row.what,
            )

        def watched(
            product: str, warehouse: str, quantity: Any, what: str, guid: str, **more: Any
        ) -> None:
            move(product, warehouse, quantity, what, guid, **more)
            doc = document_of(self, what, guid)
            place, sku = places[warehouse]["WarehouseCode"], codes[product]["ProductCode"]
            self._moved("unleashed", place, sku, int(quantity), what, doc, by_hub=self._is_called)

        company.stock.move = watched  # type: ignore[method-assign]
        handle = self.unleashed.handle

        def handled(request: Request) -> Reply:
            self._is_called = True
            try:
                return handle(request)
            finally:
                self._is_called = False

        self.unleashed.handle = handled  # type: ignore[method-assign]

    def _watch_mintsoft(self) -> None:
        """Every movement there goes into the log, with the document that `self.doc` names."""
        mintsoft, codes = self.mintsoft, {place: code for code, place in CODES.items()}
        add_stock, set_stock = mintsoft.add_stock, mintsoft.set_stock

        def tell(place: int, product: int, before: int, what: str) -> None:
            found = mintsoft.tenant.products[product]
            if found["client_id"] == 12 and place in codes:
                units = self.counted(place, product) - before
                self._moved("warehouse", codes[place], found["sku"], units, what, self.doc)

        def added(place: int, product: int, units: int, quarantined: int) -> None:
            before = self.counted(place, product)
            add_stock(place, product, units, quarantined)
            tell(place, product, before, "moved")

        def counted(*given: Any, **named: Any) -> Any:
            place, product = _place_and_product(*given, **named)
            before = self.counted(place, product)
            held = set_stock(*given, **named)
            tell(place, product, before, "counted")
            return held

        mintsoft.add_stock = added  # type: ignore[method-assign, assignment]
        mintsoft.set_stock = counted  # type: ignore[method-assign]

    def counted(self, place: int, product: int) -> int:
        """Units that the warehouse has, without those in quarantine."""
        held = self.mintsoft.stock.get((place, product))
        return held.units - held.quarantined if held else 0

    def note(self, who: str, what: str) -> None:
        """A line of the story; the hub's writes are kept apart as well."""
        super().note(who, what)
        if who.startswith("unleashed-") and what.startswith(WRITES):
            self.log.writes.append((self.scheduler.seconds, what))

    def _moved(
        self,
        side: str,
        place: str,
        sku: str,
        units: int,
        what: str,
        doc: str = "",
        *,
        by_hub: bool = False,
    ) -> None:
        if units:
            at = self.scheduler.seconds
            self.log.movements.append(Movement(at, side, place, sku, units, what, doc, by_hub))
            self.note(side, f"{units:+d} {sku} in {place}: {what} {doc}")

    # -- the hub ----------------------------------------------------------------------------

    def _functions(self) -> None:
        super()._functions()

        def environment(name: str) -> Environment:
            return Environment(
                name,
                resource=FUNCTION,
                faults=self.faults,
                scheduler=self.scheduler,
                weather=self.weather,
                dynamodb=self.dynamodb,
                secrets=self.secrets,
                queues=self.queues,
                wire=self.wire,
                telemetry=self.telemetry,
            )

        self.syncing = Function(
            "unleashed",
            timeout=300,
            handler=lambda run, event: (
                run.unleashed_of_flows(event) if "Records" in event else run.unleashed_tick()
            ),
            scheduler=self.scheduler,
            weather=self.weather,
            new_environment=environment,
            faults=self.faults,
        )
        self.queues["unleashed-sync"] = Queue(
            "unleashed-sync", self.syncing, self.scheduler, self.weather, 1800, 12
        )
        every(
            self.scheduler,
            self.weather,
            self._period,
            lambda: self.syncing.invoke({}, lambda _: None),
        )

    def _merchants(self) -> None:
        super()._merchants()
        client: Any = self.plain
        clock: Any = ScheduledClock(self.scheduler)
        self.records = DynamoDbSyncStore(client, "SyncTable", clock)
        secret = json.dumps({"api_id": API_ID, "api_key": API_KEY})
        self.secrets.put(f"hub/{self.merchant}/unleashed", secret)
        self.days.begin()
        self.people = ErpPeople(self)
        self._prove_stock()

    def _prove_stock(self) -> None:
        """A person has proven what an adjustment does in this account, before everything."""
        proof = StockProof(
            standing="proven",
            account=KeyPair(API_ID, API_KEY).account,
            sku="TEE",
            guid=self.there.product("TEE"),
            code="MAIN",
            before=OPENING,
            sent=1,
            cost="4.0",
            means=self.plan.proven or self.plan.adjustment,
            at=self.scheduler.now(),
        )
        lease = self.cursors.acquire(proof_cursor(self.merchant), "person", 60)
        assert lease is not None
        self.cursors.advance(lease, {"proof": proof.model_dump(mode="json")})
        self.cursors.release(lease)

    def merchant_content(self, merchant: str) -> dict[str, Any]:
        """The merchant's file, with an ERP."""
        content = super().merchant_content(merchant)
        if merchant == self.merchant:
            content["mintsoft"]["orders"] = {"stock_level_means": "available"}
            content["live_from"] = (self.scenario.start - timedelta(hours=1)).isoformat()
            content["unleashed"] = self.block
        return content

    def _all_is_well(self) -> None:
        super()._all_is_well()
        self.unleashed.faults.clear()
        self.unleashed.settings = changed(self.unleashed.settings, {"drift": "no"})

    # -- running ----------------------------------------------------------------------------

    def undone(self) -> list[str]:
        """What is still to be done, in a line each."""
        return [*super().undone(), *erp_left.undone(self)]

    def _is_over(self) -> bool:
        """Whether nothing has happened for a while, and nothing was to be done."""
        seconds = self.scheduler.seconds
        if seconds < self.scenario.faults_end + 2 * TICK or seconds < self._checked_at + TICK:
            return False
        self._checked_at = seconds
        happens = seconds < max(self.days.last_act, self.people.last_act)
        if happens or self.syncing.running or self.at_desk.running or self.undone():
            self.quiet_since = None
            return False
        if self.quiet_since is None:
            self.quiet_since = seconds
        return seconds > self.quiet_since + QUIET_SECONDS

    def states(self) -> list[SyncState]:
        """Every record's, as they are stored."""
        found = []
        for key, item in self.plain.tables["SyncTable"].items.items():
            if key[1] == "STATE" and f"{self.merchant}#sync#" in key[0]:
                found.append(SyncState.model_validate_json(item["state"]["S"]))
        return found


def block_of(plan: ErpPlan) -> dict[str, Any]:
    """The `unleashed:` block: every flow that this release has is live."""
    live = set(SOURCES) & {
        *("products", "customers", "despatches", "purchase_orders", "receipts"),
        *("assemblies", "transfers", "stock", plan.imports),
    }
    block: dict[str, Any] = {
        "base_url": "https://unleashed.test",
        "requests_per_second": 100,
        "order_management": "on" if plan.management else "off",
        "warehouses": dict(CODES),
        "warehouses_elsewhere": [ELSEWHERE],
    }
    for name, given in plan.block.items():
        is_flow = isinstance(given, dict)
        block[name] = {**block.get(name, {}), **given} if is_flow else given
    for flow in sorted(live):
        block[flow] = {**block.get(flow, {}), "mode": "live"}
    return block


def _company(plan: ErpPlan) -> dict[str, Any]:
    content = sample(management=plan.management, more_stock=False)
    (company,) = content["companies"]
    company["warehouses"].append(
        {"WarehouseCode": ELSEWHERE, "WarehouseName": "Attic", "Country": "United Kingdom"}
    )
    company["products"] = [
        {
            "ProductCode": sku,
            "ProductDescription": sku.title(),
            "DefaultPurchasePrice": 4.0,
            "DefaultSellPrice": 9.0,
            "UnitOfMeasure": {"Name": "EA"},
        }
        for sku in (*STOCKED, SET)
    ]
    company["bills"] = [{"product": SET, "parts": PARTS}]
    company["stock"] = {code: dict.fromkeys(STOCKED, OPENING) for code in (*CODES, ELSEWHERE)}
    return content


def _place_and_product(warehouse_id: int, product_id: int, *_: Any, **__: Any) -> tuple[int, int]:
    return int(warehouse_id), int(product_id)
