"""A merchant whose five systems are held against each other, in the simulated world."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from local.simulators.changed_settings import changed
from local.simulators.receiver import ReceiverSimulator
from local.simulators.receiver import Settings as ReceiverSettings
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.wair.settings import Settings as WairSettings
from local.simulators.wair.simulator import WairSimulator
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.domain.drift.findings import Finding, Look
from returns_hub.domain.merchant import Merchant
from tests.simulation import drift_left
from tests.simulation.drift_plans import DAY, HOUR, MINUTE, DriftPlan
from tests.simulation.drift_shop import Shop
from tests.simulation.environment import Environment, Power
from tests.simulation.erp import ErpSimulation
from tests.simulation.erp_plans import STOCKED
from tests.simulation.lambdas import Function, Queue
from tests.simulation.market_plans import UNMAPPED
from tests.simulation.partners import Partner
from tests.simulation.scenario import AwsFaults, PartnerFaults, Process, Scenario
from tests.support.wair import in_dialect

LOOKS_EVERY = 10 * MINUTE
WAIR_LOGIN = {"username": "hub", "password": "an invented password"}
CHANNEL_SECRET = {"signing_key": "whsec_dGVzdC1rZXktb2YtdGhlLWNoYW5uZWw=", "token": "channel-token"}
TENANT = "acme"
PLACES: dict[str, tuple[int, ...]] = {"WH-1": (3,), "WH-2": (4,)}
"""WAIR's locations, and Mintsoft's warehouses that each is."""
FUNCTIONS = {
    "wair": "WairSyncFunction",
    "relay": "DespatchRelayFunction",
    "changes": "OrderChangesFunction",
    "drift": "DriftReportFunction",
}
RULES = {"wair": 300.0, "drift": 3600.0}
"""Functions that the template has run by a schedule, and its seconds."""
SKU_PATTERN = "(?P<item>[^-]+)"
LONG_PAGE = 200
BUSY_HOURS = 14
"""So long after a day's begin ticks come as the seed says, and then this much further apart."""
NIGHT = 1.5
STEP = 30 * MINUTE
"""Between two looks at whether a run is over."""
TURNS = 1.5
"""Longest periods of a rule within which each has had its turn, and what it handed out was done."""


@dataclass(frozen=True)
class LookSeen:
    """A look, and the findings that it left open or resolved."""

    seconds: float
    look: Look
    findings: tuple[Finding, ...]


class DriftSimulation(ErpSimulation):
    """One run: days of a merchant with Redo, Mintsoft, Miinto, Unleashed, WAIR and a channel."""

    looks_every = LOOKS_EVERY

    def __init__(
        self,
        scenario: Scenario,
        plan: DriftPlan,
        faults: dict[str, PartnerFaults] | None = None,
        power: Power | None = None,
    ) -> None:
        """`faults` are of ``unleashed``, ``wair`` and ``channel``."""
        self.drift = plan
        self.wanted_faults = faults or {}
        self.bucket: dict[str, bytes] = {}
        self.looks: list[LookSeen] = []
        self.rhythm = random.Random(f"rhythm {scenario.seed}")
        self.over_at = plan.days * DAY
        self.page = 3 if scenario.aws != AwsFaults() else LONG_PAGE
        super().__init__(scenario, plan.erp, self.wanted_faults.get("unleashed"), power)

    # -- the world --------------------------------------------------------------------------

    def _partners(self) -> None:
        super()._partners()
        self._more_products()
        dice = random.Random(f"wair {self.scenario.seed}")
        now = self.scheduler.now
        self.wair = WairSimulator(now, changed(WairSettings(), self.drift.wair), dice=dice)
        users = {WAIR_LOGIN["username"]: WAIR_LOGIN["password"]}
        self.wair.seed({"tenants": [{"code": TENANT, "users": users}]})
        self.channel = ReceiverSimulator(now, ReceiverSettings(**self.drift.relay))
        self.channel.seed(CHANNEL_SECRET)
        for name, core in (("wair", self.wair), ("channel", self.channel)):
            manners = replace(self.wanted_faults.get(name, PartnerFaults()), clock_off=0.0)
            self.wire.partners[f"{name}.test"] = Partner(core, manners, core.faults.add)
        self.manners = {name: partner.faults for name, partner in self.wire.partners.items()}

    def _more_products(self) -> None:
        """What Miinto's feed has is a product everywhere, as nothing is wrong yet."""
        self.mintsoft.seed(
            {"products": {"1299": {"sku": UNMAPPED, "name": "Hat", "client_id": 12}}}
        )
        Hands(self.there).add_product(
            {"ProductCode": UNMAPPED, "ProductDescription": "Hat", "DefaultPurchasePrice": 3}
        )
        for product in self.mintsoft.tenant.products.values():
            if product["sku"] in STOCKED:
                product["cost_price"] = 4.0

    def _functions(self) -> None:
        super()._functions()
        self.more: dict[str, Function] = {}
        for name, resource in FUNCTIONS.items():
            self.more[name] = self._function(name, resource)
        for queue, name, visibility, most in (
            ("wair-sync", "wair", 5400, 5),
            ("despatches", "relay", 360, 20),
            ("order-changes", "changes", 720, 20),
            ("drift-report", "drift", 5400, 5),
        ):
            function = self.more[name]
            self.queues[queue] = Queue(
                queue, function, self.scheduler, self.weather, visibility, most
            )
        for name in RULES:
            self.every(name, self.more[name])

    def _function(self, name: str, resource: str) -> Function:
        def environment(called: str) -> Environment:
            return Environment(
                called,
                resource=resource,
                faults=self.faults,
                scheduler=self.scheduler,
                weather=self.weather,
                dynamodb=self.dynamodb,
                secrets=self.secrets,
                queues=self.queues,
                wire=self.wire,
                telemetry=self.telemetry,
                bucket=self.bucket,
            )

        handlers: dict[str, Any] = {
            "wair": lambda run, event: (
                run.feed_of_flows(event) if "Records" in event else run.feed_tick()
            ),
            "relay": lambda run, event: run.despatches(event),
            "changes": lambda run, event: run.order_changes(event),
            "drift": lambda run, event: (
                run.drift_of_merchants(event) if "Records" in event else run.drift_tick()
            ),
        }
        return Function(
            name,
            timeout=60.0 if name in {"relay", "changes"} else 900.0,
            handler=handlers[name],
            scheduler=self.scheduler,
            weather=self.weather,
            new_environment=environment,
            faults=self.faults,
        )

    def every(self, name: str, function: Function) -> None:
        """A rule of the template's."""
        period: Callable[[], float] = self._period
        if name == "drift":
            period = self._an_hour

        def tick() -> None:
            function.invoke({}, partial(self._ended, name))
            if self.weather.happens(self.weather.aws.ticks_twice):
                after = self.weather.dice.uniform(0, 60)
                again = partial(function.invoke, {}, partial(self._ended, name))
                self.scheduler.after(after, again)
            self.scheduler.after(period(), tick)

        self.scheduler.after(self.rhythm.uniform(0, HOUR), tick)

    def _an_hour(self) -> float:
        return RULES["drift"]

    def _period(self) -> float:
        """Seconds to the next tick of any other rule: further apart where nothing happens."""
        hour = self.scheduler.seconds % DAY / HOUR
        slower = 1.0 if hour < BUSY_HOURS else NIGHT
        return slower * self.rhythm.uniform(*self.drift.period)

    def _ended(self, name: str, _: Any) -> None:
        """An invocation ended; a look that was kept is looked at."""
        if name != "drift":
            return
        look = self.findings.last_look(self.merchant)
        if look is None or (self.looks and self.looks[-1].look.at == look.at):
            return
        open_ones = tuple(self.findings.open_findings(self.merchant))
        ended = tuple(self.findings.resolved_since(self.merchant, look.at - timedelta(seconds=1)))
        self.looks.append(LookSeen(self.scheduler.seconds, look, (*open_ones, *ended)))
        for one in open_ones:
            said = dict(one.difference.says)
            self.note("look", f"{one.standing.value} {one.id} {one.difference.subject}: {said}")

    # -- the merchant -----------------------------------------------------------------------

    def _merchants(self) -> None:
        client: Any = None
        super()._merchants()
        client = self.plain
        clock: Any = _Clock(self.scheduler.now)
        self.findings = DynamoDbFindings(client, "FindingsTable", clock)
        self.secrets.put(f"hub/{self.merchant}/wair", json.dumps(WAIR_LOGIN))
        self.secrets.put(f"hub/{self.merchant}/channel", json.dumps(CHANNEL_SECRET))
        self.shop = Shop(self)
        self.shop.begin()

    def merchant_content(self, merchant: str) -> dict[str, Any]:
        """The merchant's file, with everything in it."""
        content = super().merchant_content(merchant)
        content |= {
            "wair": self._wair_block(),
            "despatch_relay": {
                "mode": "live",
                "targets": [
                    {
                        "name": "channel",
                        "url": "https://channel.test/despatches",
                        "secret": "channel",
                        "requests_per_second": 100,
                    }
                ],
            },
            "order_changes": {"mode": "live"},
        }
        for block, changes in self.drift.blocks.items():
            content[block] = _merged(content.get(block, {}), changes)
        return content

    def _wair_block(self) -> dict[str, Any]:
        return {
            "base_url": "https://wair.test/api/v1",
            "tenant": TENANT,
            "requests_per_second": 100,
            "locations": [
                {"id": place, "warehouses": list(warehouses)}
                for place, warehouses in self.places.items()
            ],
            "most_to_zero_percent": 100,
            "skus": {"pattern": SKU_PATTERN},
            "data_sets": in_dialect(self.wair.settings.dialect),
        }

    @property
    def places(self) -> dict[str, tuple[int, ...]]:
        """WAIR's locations, and the warehouses that each is."""
        return {"ALL": (3, 4)} if self.drift.joined else PLACES

    def apply(self, **blocks: Any) -> None:
        """Somebody applies another file."""
        self._version = getattr(self, "_version", 1)
        content = self.merchant_content(self.merchant)
        for block, changes in blocks.items():
            content[block] = _merged(content.get(block, {}), changes)
        clock: Any = _Clock(self.scheduler.now)
        client: Any = self.plain
        stored = DynamoDbMerchants(client, "MerchantsTable", clock)
        stored.apply(Merchant.model_validate(content), "somebody", after=self._version)
        self._version += 1

    def _all_is_well(self) -> None:
        super()._all_is_well()
        self.wair.faults.clear()
        self.channel.faults.clear()

    # -- running ----------------------------------------------------------------------------

    @property
    def is_calm(self) -> bool:
        """Whether nothing goes wrong in this run."""
        wanted = self.scenario
        partners = (wanted.redo, wanted.mintsoft, wanted.miinto, *self.wanted_faults.values())
        is_well = all(faults == PartnerFaults() for faults in partners)
        return is_well and wanted.aws == AwsFaults() and wanted.process == Process()

    def undone(self) -> list[str]:
        """What is still to be done, in a line each."""
        return [*super().undone(), *drift_left.undone(self)]

    def _is_over(self) -> bool:
        """Whether the days are over, and all has been quiet for a while."""
        seconds = self.scheduler.seconds
        if seconds < self.over_at or seconds < self._checked_at + STEP:
            return False
        self._checked_at = seconds
        last = max(self.days.last_act, self.people.last_act, self.shop.last_act)
        # What left the warehouse last shows nowhere in the hub until a rule has its turn again.
        last += TURNS * self.drift.period[1]
        running = (*self.more.values(), self.syncing, self.at_desk, self.create, self.poll)
        if seconds < last or any(one.running for one in running) or self.undone():
            self.quiet_since = None
            return False
        if self.quiet_since is None:
            self.quiet_since = seconds
        return seconds > self.quiet_since + self.drift.quiet


@dataclass(frozen=True)
class _Clock:
    """The stores' clock of whoever looks from outside."""

    moment: Any

    def now(self) -> datetime:
        return self.moment()  # type: ignore[no-any-return]


def _merged(block: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A block of the file, with changes; blocks inside of it are merged too."""
    made = dict(block)
    for key, value in changes.items():
        inner: Any = made.get(key)
        is_both = isinstance(value, dict) and isinstance(inner, dict)
        made[key] = _merged(inner, value) if is_both else value
    return made
