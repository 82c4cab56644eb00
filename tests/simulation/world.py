"""A whole hub, its partners and its people in virtual time, from one seed."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

from local.simulators.clock import moment_of
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.mintsoft.simulator import Settings as MintsoftSettings
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.redo.simulator import Settings as RedoSettings
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import create_external_return_key, marker_of
from returns_hub.ports import Capabilities
from tests.simulation import returns_left
from tests.simulation.desk import Desk as OperatorsDesk
from tests.simulation.environment import Environment, Power, SecretsManager, Weather
from tests.simulation.lambdas import Function, Queue, every
from tests.simulation.market import Market
from tests.simulation.market_miinto import block_of
from tests.simulation.market_store import RefundsQueue
from tests.simulation.partners import Partner, PartnerWire
from tests.simulation.portal_books import PortalBooks
from tests.simulation.returns_operator import Operator
from tests.simulation.returns_team import Team
from tests.simulation.returns_warehouse import DriftingMintsoft, Warehouse
from tests.simulation.scenario import SKUS, ReturnPlan, Scenario
from tests.simulation.schedule import ScheduledClock, Scheduler
from tests.simulation.watched import Watch, Watched, tables
from tests.simulation.webhook import Telling
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import Telemetry
from tests.support.worlds import merchant_file

TICK = 300.0
CHECK_TICK = 900.0
LATE_TICK = 1800.0
"""Once the faults have stopped, ticks further apart do: what is left is waiting."""
BOUND = 30 * 3600.0
"""Seconds after the last fault by which everything has ended; most is over within minutes, and a
lost answer that cannot be looked up goes to a person after a day."""
CLIENTS = {"alpha": 12, "beta": 13}
RESOURCES = {
    "create": "CreateExternalReturnFunction",
    "poll": "PollMintsoftFunction",
    "refresh": "RefreshCredentialsFunction",
    "catch-up": "CatchUpRedoFunction",
    "watch": "WatchReturnsFunction",
    "door": "RedoWebhookFunction",
    "check-webhooks": "CheckWebhooksFunction",
    "miinto": "MiintoRmaFunction",
    "store-refunds": "StoreRefundsFunction",
}
"""The functions in the template, whose policies hold here too."""


class Simulation:
    """One run."""

    looks_every = 30.0
    """Seconds between two looks that people at the warehouse and at Miinto take around them."""

    page = 3
    """Rows of a page of DynamoDB's: few, so that what goes on behind the first is met."""

    def __init__(self, scenario: Scenario, power: Power | None = None) -> None:
        self.scenario = scenario
        self.scheduler = Scheduler(scenario.start)
        self.dice = random.Random(scenario.seed + 1)
        random.seed(scenario.seed)  # the hub's own jitter
        self.weather = Weather(scenario.aws, scenario.process, self.dice, power or Power())
        self.telemetry = Telemetry()
        self.journal: deque[tuple[float, str, str]] = deque(maxlen=4000)
        self.faults: list[str] = []
        self.watch = Watch()
        self.dynamodb = Watched(
            tables(),
            now=lambda: self.scheduler.seconds,
            lag=lambda: self.dice.uniform(0, self.weather.aws.stale_seconds),
            page=self.page,
            watch=self.watch,
        )
        self.telling: Telling | None = None
        self.secrets = SecretsManager(self._secret_was_set)
        self.queues: dict[str, Any] = {}
        self.market: Market | None = None
        self.wire = PartnerWire(self.scheduler, self.dice, self.note)
        self._partners()
        self._functions()
        self._merchants()
        self.team = Team(self)
        self._operator = Operator(self)
        self.warehouse = Warehouse(self)
        self.scheduler.after(scenario.faults_end, self._all_is_well)
        self.desk = OperatorsDesk(self)
        if scenario.webhook is not None:
            self.telling = Telling(self, scenario.webhook)
        self.ended = False

    def note(self, who: str, what: str) -> None:
        """A line of the story."""
        self.journal.append((self.scheduler.seconds, who, what))

    # -- the world ------------------------------------------------------------------------------

    def _partners(self) -> None:
        wanted = self.scenario
        off = timedelta(seconds=wanted.mintsoft.clock_off)
        mintsoft_class = DriftingMintsoft if wanted.lists_drift else MintsoftSimulator
        self.mintsoft = mintsoft_class(
            now=lambda: self.scheduler.now() + off,
            settings=MintsoftSettings(
                returns_list=wanted.returns_list,
                by_date=wanted.by_date,
                items_in_lists=wanted.items_in_lists,
                index_delay_seconds=wanted.index_delay,
            ),
        )
        self.mintsoft.seed(
            {
                "users": [
                    {
                        "name": merchant,
                        "password": "wexquillsecret-word",
                        "static_key": f"wexquillsecret-{merchant}",
                    }
                    for merchant in CLIENTS
                ],
                "clients": {"12": "Alpha", "13": "Beta"},
                "warehouses": {"3": {"name": "Corby"}, "4": {"name": "London"}},
                "reasons": {
                    "1": {"name": "Unwanted"},
                    "2": {"name": "Faulty", "stock_action": "Quarantine"},
                    "3": {"name": "Discard", "stock_action": "Scrap"},
                },
                "products": {
                    str(100 * client + number): {"sku": sku, "name": sku, "client_id": client}
                    for client in CLIENTS.values()
                    for number, sku in enumerate(SKUS)
                },
            }
        )
        plan = self.mintsoft.faults
        self.wire.partners["mintsoft.test"] = Partner(
            self.mintsoft, wanted.mintsoft, plan.add, refusals=True
        )
        self.redo: dict[str, RedoSimulator] = {}
        self.books: dict[str, PortalBooks] = {}
        redo_off = timedelta(seconds=wanted.redo.clock_off)
        for merchant in wanted.merchants:
            made = RedoSimulator(
                now=lambda: self.scheduler.now() + redo_off,
                settings=RedoSettings(processing_seconds=wanted.processing_seconds),
            )
            made.seed(
                {
                    "store_id": "store",
                    "tokens": {"wexquillsecret-t1": ["returns_read", "returns_write"]},
                }
            )
            self.redo[merchant] = made
            self.books[merchant] = PortalBooks(made, lambda: self.scheduler.seconds)
            self.wire.partners[f"{merchant}.test"] = Partner(made, wanted.redo, made.faults.add)
        self.ignored: set[int] = set()
        if wanted.market is not None:
            self.market = Market(self, wanted.market)
            core = self.market.miinto
            self.wire.partners["miinto.test"] = Partner(core, wanted.miinto, core.faults.add)

    def _functions(self) -> None:
        def environment(name: str) -> Environment:
            return Environment(
                name,
                resource=RESOURCES.get(name.rpartition("-")[0], ""),
                faults=self.faults,
                scheduler=self.scheduler,
                weather=self.weather,
                dynamodb=self.dynamodb,
                secrets=self.secrets,
                queues=self.queues,
                wire=self.wire,
                telemetry=self.telemetry,
            )

        def function(name: str, timeout: float, handler: Callable[..., Any]) -> Function:
            return Function(
                name,
                timeout=timeout,
                handler=handler,
                scheduler=self.scheduler,
                weather=self.weather,
                new_environment=environment,
                faults=self.faults,
            )

        def queue(name: str, to: Function, visibility: float, most: int) -> Queue:
            made = Queue(name, to, self.scheduler, self.weather, visibility, most)
            self.queues[name] = made
            return made

        self.create = function("create", 60, lambda run, event: run.approved_returns(event))
        self.poll = function(
            "poll",
            120,
            lambda run, event: (
                run.receipts_of_merchants(event) if "Records" in event else run.receipts_tick()
            ),
        )
        self.refresh = function("refresh", 60, lambda run, _: run.refresh_credentials())
        self.catch_up = function("catch-up", 120, lambda run, _: run.catch_up())
        self.watching = function("watch", 120, lambda run, _: run.watch_returns())
        self.door = function("door", 5, lambda run, event: run.redo_webhook(event))
        self.checking = function("check-webhooks", 120, lambda run, _: run.check_webhooks())
        self.miinto = function(
            "miinto",
            300,
            lambda run, event: (
                run.miinto_of_merchants(event) if "Records" in event else run.miinto_tick()
            ),
        )
        self.refunded = function("store-refunds", 120, lambda run, event: run.store_refunds(event))
        self.at_desk = function("desk", 3600, lambda run, event: event["do"](run))
        queue("approved-returns", self.create, 360, 20)
        queue("poll-mintsoft", self.poll, 720, 5)
        every(self.scheduler, self.weather, self._period, lambda: self.poll.invoke({}, _nothing))
        if self.scenario.catch_up:
            every(
                self.scheduler,
                self.weather,
                self._period,
                lambda: self.catch_up.invoke({}, _nothing),
            )
        if self.market is not None:
            queue("miinto-rma", self.miinto, 1800, 5)
            queue("store-refunds", self.refunded, 720, 20)
            self.queues["refunds"] = RefundsQueue(self.market.store)
            every(
                self.scheduler,
                self.weather,
                self._period,
                lambda: self.miinto.invoke({}, _nothing),
            )
        if self.scenario.watched or self.market is not None:
            every(
                self.scheduler,
                self.weather,
                self._period,
                lambda: self.watching.invoke({}, _nothing),
            )
        if self.scenario.webhook is not None:
            every(
                self.scheduler,
                self.weather,
                lambda: CHECK_TICK,
                lambda: self.checking.invoke({}, _nothing),
            )
        if self.scenario.authentication == "login":
            every(
                self.scheduler,
                self.weather,
                self._period,
                lambda: self.refresh.invoke({}, _nothing),
            )

    def _period(self) -> float:
        return TICK if self.scheduler.seconds < self.scenario.faults_end + 3600 else LATE_TICK

    def _merchants(self) -> None:
        plain = InMemoryDynamoDb({})
        plain.tables = self.dynamodb.tables
        client: Any = plain
        clock: Any = ScheduledClock(self.scheduler)
        self.returns = DynamoDbReturns(client, "ReturnsTable", clock)
        self.parking = DynamoDbParking(client, "ParkedTable", clock)
        self.cursors = DynamoDbCursors(client, "ControlTable", clock)
        self.plain = plain
        merchants = DynamoDbMerchants(client, "MerchantsTable", clock)
        capabilities = DynamoDbCapabilities(client, "ControlTable", clock)
        for merchant in self.scenario.merchants:
            content = Merchant.model_validate(self.merchant_content(merchant))
            merchants.apply(content, "seed", after=0)
            self.secrets.put(f"hub/{merchant}/redo", json.dumps({"api_token": "wexquillsecret-t1"}))
            given = {"api_key": f"wexquillsecret-{merchant}"}
            if self.scenario.authentication == "login":
                given = {"username": merchant, "password": "wexquillsecret-word"}
            self.secrets.put(f"hub/{merchant}/mintsoft", json.dumps(given))
            if self.scenario.proven:
                proven = Capabilities(marker_look_up=True, probed_at=self.scheduler.now())
                capabilities.put(merchant, proven)
            if self.market is not None and self.market.merchant == merchant:
                self.market.open(content, capabilities, clock)

    def merchant_content(self, merchant: str) -> dict[str, Any]:
        """The merchant's file."""
        content = merchant_file(merchant=merchant)
        content["redo"] |= {"base_url": f"https://{merchant}.test/v2.2"}
        content["mintsoft"] |= {
            "base_url": "https://mintsoft.test",
            "client_id": CLIENTS[merchant],
            "authentication": self.scenario.authentication,
        }
        content["redo"]["adjustment_counts"] = "line"
        content["redo"]["webhook"] = {"enabled": self.scenario.webhook is not None}
        content["flows"]["catch_up"] = {"enabled": self.scenario.catch_up}
        content["flows"]["process_receipts"]["policy"] = self.scenario.policy
        if self.scenario.watched:
            content["flows"]["clocks"] = {
                "enabled": True,
                "warn_hours": 1,
                "hold_hours": 2,
                "escalate_hours": 3,
            }
        if self.market is not None and self.market.merchant == merchant:
            content["miinto"] = block_of(self.market.plan.file, self.market.miinto.settings)
            content["flows"]["process_receipts"]["strategy"] = self.market.strategy
        return content

    def seconds_of(self, text: str) -> float:
        """A moment of the portal in seconds of virtual time; its clock may be off."""
        return (moment_of(text) - self.scenario.start).total_seconds()

    def _secret_was_set(self, name: str, text: str) -> None:
        if self.telling is not None:
            self.telling.token_set(name, text)

    def _all_is_well(self) -> None:
        self.note("simulation", "the faults stop")
        self.weather.stop()
        self.wire.stop_faults()
        self.mintsoft.faults.clear()
        for redo in self.redo.values():
            redo.faults.clear()
        if self.telling is not None:
            self.telling.stop_faults()
        if self.market is not None:
            self.market.stop_faults()

    # -- running --------------------------------------------------------------------------------

    def run(self) -> Self:
        """Live through it."""
        self._checked_at = 0.0
        self.scheduler.run(self.scenario.faults_end + BOUND, self._is_over)
        return self

    def _is_over(self) -> bool:
        """Whether all has been quiet for a while; looked at now and then."""
        seconds = self.scheduler.seconds
        if seconds < self.scenario.faults_end + 2 * TICK or seconds < self._checked_at + TICK:
            return False
        self._checked_at = seconds
        functions = (
            *(self.create, self.poll, self.watching, self.door, self.checking, self.at_desk),
            *(self.miinto, self.refunded),
        )
        running = any(function.running for function in functions)
        waiting = [name for name in ("approved-returns", "store-refunds") if name in self.queues]
        if any(self.queues[name].messages for name in waiting) or running:
            self._quiet = 0
            return False
        if self.undone():
            self._quiet = 0
            return False
        self._quiet = getattr(self, "_quiet", 0) + 1
        return self._quiet >= 3

    def undone(self) -> list[str]:
        """What is still to be done, in a line each."""
        return returns_left.undone(self)

    def marker(self, plan: ReturnPlan, shipment_key: str) -> str:
        """The marker of a shipment's external return."""
        key = create_external_return_key(plan.merchant, plan.return_id, shipment_key)
        return marker_of(key)


def _nothing(_: Any) -> None:
    return
