"""A whole hub, its partners and its people in virtual time, from one seed."""

from __future__ import annotations

import json
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from typing import Any, Self

from local.simulators.clock import moment_of
from local.simulators.faults import Fault
from local.simulators.mintsoft.simulator import ExternalReturn, MintsoftSimulator
from local.simulators.mintsoft.simulator import Settings as MintsoftSettings
from local.simulators.redo.bodies import whole_order, whole_totals
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.redo.simulator import Settings as RedoSettings
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.answering import seen
from returns_hub.domain.case import EXTRAS
from returns_hub.domain.facts import ReceiptTaken
from returns_hub.domain.matching import LineOutcome
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import create_external_return_key, marker_of
from returns_hub.domain.policy import Policy
from returns_hub.flows.operator import Desk, answer, replay
from returns_hub.invocation import InvocationClock
from returns_hub.ports import Capabilities, ParkedItem
from tests.simulation import market_left
from tests.simulation.desk import Desk as OperatorsDesk
from tests.simulation.environment import Environment, Power, SecretsManager, Weather
from tests.simulation.lambdas import Function, Queue, every
from tests.simulation.market import Market
from tests.simulation.market_miinto import block_of
from tests.simulation.market_store import RefundsQueue
from tests.simulation.partners import Partner, PartnerWire
from tests.simulation.permissions import resources
from tests.simulation.portal_books import PortalBooks
from tests.simulation.scenario import SKUS, ReturnPlan, Scenario
from tests.simulation.schedule import Scheduler
from tests.simulation.webhook import Telling
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import Telemetry
from tests.support.worlds import item, merchant_file, redo_return, shipment

TICK = 300.0
CHECK_TICK = 900.0
LATE_TICK = 1800.0
"""Once the faults have stopped, ticks further apart do: what is left is waiting."""
BOUND = 30 * 3600.0
"""Seconds after the last fault by which everything has ended; most is over within minutes, and a
lost answer that cannot be looked up goes to a person after a day."""
LONGEST_HOLD = 6 * 3600.0
"""Seconds of a hold that a run waits for; one of weeks is still held at its end."""
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
NOT_OVER = frozenset({"in_work", "announced", "shadow"})


@cache
def tables() -> dict[str, Any]:
    """The tables of template.yaml."""
    return {
        name: resource["Properties"]
        for name, resource in resources().items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def return_id(plan: ReturnPlan) -> str:
    """The return's id in the portal."""
    return f"66aa01f0c0ffee00{plan.number:08d}"


@dataclass
class Watch:
    """Every version of the ledger's and the cursors' rows, checked as they are written."""

    broken: list[str] = field(default_factory=list)

    def row(self, table: str, was: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
        """One write."""
        if was is None or now is None:
            return
        if int(now.get("fence", {"N": "0"})["N"]) < int(was.get("fence", {"N": "0"})["N"]):
            self.broken.append(f"{table}: the fence of {was['pk']['S']} went back")
        if table != "LedgerTable":
            return
        before, after = was["state"]["S"], now["state"]["S"]
        if before == "CONFIRMED" and (
            after != before or was["partner_id"] != now["partner_id"] or was != now
        ):
            self.broken.append(f"ledger: {was['pk']['S']} changed after it was CONFIRMED")


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
        self.dynamodb = _Watched(
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
        self._people()
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
        clock: Any = _Now(self.scheduler)
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

    # -- the people -----------------------------------------------------------------------------

    def _people(self) -> None:
        for plan in self.scenario.returns:
            self.scheduler.after(plan.approved_at, partial(self._approve, plan))
            if plan.closed_by_team_at is not None:
                self.scheduler.after(plan.closed_by_team_at, partial(self._close, plan))
            if plan.reopened_at is not None:
                self.scheduler.after(plan.reopened_at, partial(self._reopen, plan))
            if plan.delivered_at is not None:
                self.scheduler.after(plan.delivered_at, partial(self._deliver, plan))
            if plan.merged_at is not None:
                self.scheduler.after(plan.merged_at, partial(self._merge, plan))
        for at in self.scenario.key_troubles:
            self.scheduler.after(at, self._trouble_with_the_key)
        for at in self.scenario.replays_at:
            self.scheduler.after(at, self._replay_what_is_parked)
        self._watched: set[int] = set()
        self.announced: dict[int, Counter[str]] = {}
        self.most_received: dict[int, Counter[str]] = {}
        self.most_good: dict[int, Counter[str]] = {}
        self.sent_again: Counter[tuple[str, str]] = Counter()
        self.scheduler.after(self.looks_every, self._look_at_new_records)
        self.scheduler.after(self.scenario.faults_end, self._all_is_well)

    def _approve(self, plan: ReturnPlan) -> None:
        body = self._body(plan)
        redo = self.redo[plan.merchant]
        waits = dict(self.scenario.webhook.waits if self.scenario.webhook else ())
        if plan.number in waits:
            body["status"] = "needs_review"
            self.scheduler.after(waits[plan.number], partial(self._approve_at_last, plan))
        redo.put(body, [whole_order({"id": body["order"]["id"]})])
        self._publish(plan, body if plan.with_body else None)

    def _approve_at_last(self, plan: ReturnPlan) -> None:
        redo = self.redo[plan.merchant]
        if redo.returns[return_id(plan)]["status"] == "needs_review":
            self.note("team", f"approves {return_id(plan)}")
            redo.change_status(return_id(plan), "open")

    def publish_again(self, plan: ReturnPlan) -> None:
        """Tell of a return as it is now, as a person may with the `hub` command."""
        self._publish(plan, None)

    def id_of(self, plan: ReturnPlan) -> str:
        """The return's id in the portal."""
        return return_id(plan)

    def seconds_of(self, text: str) -> float:
        """A moment of the portal in seconds of virtual time; its clock may be off."""
        return (moment_of(text) - self.scenario.start).total_seconds()

    def _secret_was_set(self, name: str, text: str) -> None:
        if self.telling is not None:
            self.telling.token_set(name, text)

    def _publish(self, plan: ReturnPlan, body: dict[str, Any] | None) -> None:
        content: dict[str, Any] = {
            "schema": "approved-return/1",
            "merchant": plan.merchant,
            "return_id": return_id(plan),
            "occurred_at": self.scheduler.now().isoformat(),
            "source": "test",
        }
        if body is not None:
            content["return"] = body
        text = json.dumps(content)
        queue = self.queues["approved-returns"]
        for delay in plan.message_delays:
            queue.send(text, delay)

    def _body(self, plan: ReturnPlan) -> dict[str, Any]:
        lines = list(plan.lines)
        items = [
            item(
                number,
                line.sku,
                line.quantity,
                shipmentGroupIds=[line.group],
                greenReturn=line.green,
                refund={"amount": {"amount": "12.50", "currency": "GBP"}},
            )
            for number, line in enumerate(lines, start=1)
        ]
        groups = sorted({line.group for line in lines})
        shipments = [
            shipment(group, [f"item{n}" for n, line in enumerate(lines, 1) if line.group == group])
            for group in groups
        ]
        now = (self.scheduler.now() + timedelta(seconds=self.scenario.redo.clock_off)).isoformat()
        return redo_return(
            items,
            id=return_id(plan),
            shipments=shipments,
            createdAt=now,
            updatedAt=now,
            totals=whole_totals(refund="12.50"),
        )

    def _close(self, plan: ReturnPlan) -> None:
        redo = self.redo[plan.merchant]
        if return_id(plan) in redo.returns:
            self.note("team", f"closes {return_id(plan)} ({plan.closed_as})")
            redo.change_status(return_id(plan), plan.closed_as)
            self._tell_what_the_team_did(plan)

    def _reopen(self, plan: ReturnPlan) -> None:
        redo = self.redo[plan.merchant]
        if return_id(plan) in redo.returns:
            self.note("team", f"reopens {return_id(plan)}")
            redo.change_status(return_id(plan), "open")
            self._tell_what_the_team_did(plan)

    def _deliver(self, plan: ReturnPlan) -> None:
        """The carrier delivers every parcel of a return that is under way."""
        found = self.redo[plan.merchant].returns.get(return_id(plan))
        if found is None or found["status"] != "open":
            return
        self.note("carrier", f"delivers {return_id(plan)}")
        for parcel in found["shipments"]:
            parcel["status"] = "delivered"
        self.redo[plan.merchant].set_status(return_id(plan), "delivered")
        self._tell_what_the_team_did(plan)

    def _tell_what_the_team_did(self, plan: ReturnPlan) -> None:
        if plan.team_is_heard:
            found = self.redo[plan.merchant].returns[return_id(plan)]
            self._publish(plan, found if plan.with_body else None)

    def _merge(self, plan: ReturnPlan) -> None:
        """The customer adds a line; the portal tells of the return again."""
        redo = self.redo[plan.merchant]
        found = redo.returns.get(return_id(plan))
        if found is None or found["status"] != "open":
            return
        number = len(found["items"]) + 1
        # Into a parcel of its own, or into one that may have been announced by now.
        group = "m" if plan.number % 2 else plan.lines[0].group
        found["items"].append(item(number, "TEE", shipmentGroupIds=[group]))
        if group == "m":
            found["shipments"].append(shipment("m", [f"item{number}"]))
        redo.set_status(return_id(plan), "open")
        self.note("customer", f"adds a line to {return_id(plan)}")
        self._publish(plan, found if plan.with_body else None)

    def _trouble_with_the_key(self) -> None:
        """The key ends, or somebody else's login replaces it; a static one an operator mends."""
        if self.scenario.authentication == "login":
            self.note("mintsoft", "all minted keys end")
            self.mintsoft.expire_keys()
            return
        merchant = self.dice.choice(self.scenario.merchants)
        new = f"wexquillsecret-{self.dice.randint(2, 10**9)}"
        user = {"name": merchant, "password": "wexquillsecret-word", "static_key": new}
        self.mintsoft.seed({"users": [user]})
        self.note("mintsoft", f"the static key of {merchant} was replaced")

        def mend() -> None:
            valid = self.mintsoft.tenant.users[merchant].static_key
            self.secrets.put(f"hub/{merchant}/mintsoft", json.dumps({"api_key": valid}))
            self.note("operator", "sets the new key")

        self.scheduler.after(self.dice.uniform(30, 1200), mend)

    def _replay_what_is_parked(self) -> None:
        """An operator has everything done again, some of it twice."""
        desk = Desk(
            who="operator",
            returns=self.returns,
            parking=self.parking,
            clock=_Now(self.scheduler),
            send_return=lambda text: self.queues["approved-returns"].send(text),
            send_receipt=lambda text: self.queues["poll-mintsoft"].send(text),
        )
        for merchant in self.scenario.merchants:
            for parked in self.parking.list_parked(merchant):
                if self.market is not None and self.market.people.is_ours(parked):
                    continue
                if parked.code == "decision.ask":
                    self._answer(merchant, parked, desk)
                    continue
                self.note("operator", f"replays {parked.parked_id} ({parked.code})")
                for _ in range(self.dice.randint(1, 2)):
                    replay(parked, desk)

    def _answer(self, merchant: str, parked: ParkedItem, desk: Desk) -> None:
        """An operator decides: what came is processed or refused, what did not come is refused."""
        state = self.returns.load(merchant, parked.subject)
        taken = [
            event.fact
            for event in self.returns.timeline(merchant, parked.subject)
            if isinstance(event.fact, ReceiptTaken)
        ]
        if parked.parked_id not in state.parked_ids or not taken:
            return
        answers = {EXTRAS: "go_on"}
        for finding in taken[-1].findings:
            if finding.line_id is not None and finding.outcome is not LineOutcome.ALREADY_DONE:
                choices = ("process", "process_no_restock", "reject")
                answers[finding.line_id] = (
                    self.dice.choice(choices) if finding.received else "reject"
                )
        self.note("operator", f"answers {parked.parked_id}: {answers}")
        case, policy = taken[-1].case, Policy.model_validate(self.scenario.policy)
        units = seen(case, policy, answers) if case is not None else {}
        if self.scenario.operator is not None:
            self.desk.answer(parked, answers, units)
            return
        for _ in range(2):
            answer(parked, desk, answers, seen=units)

    def _look_at_new_records(self) -> None:
        """The warehouse: goods of each record arrive as planned for its return."""
        for record in list(self.mintsoft.returns.values()):
            if record.id not in self._watched:
                self._watched.add(record.id)
                plan = self.plan_of(record)
                for delay, goods in plan.received if plan else ():
                    self.scheduler.after(delay, partial(self._receive, record, goods))
        self.scheduler.after(self.looks_every, self._look_at_new_records)

    def _receive(self, record: ExternalReturn, goods: Any) -> None:
        rows = [{"sku": sku, "quantity": quantity} for sku, quantity in goods or ()]
        announced = self.announced.setdefault(record.id, _units(record))
        if goods is None and record.confirmed:
            rows = [{"sku": sku, "quantity": units} for sku, units in announced.items()]
        if self.scenario.reasons:
            rows = rows or [{"sku": sku, "quantity": units} for sku, units in announced.items()]
            given = self.scenario.reasons
            for place, row in enumerate(rows):
                row["reason_id"] = given[(record.id + place) % len(given)]
        self.note("warehouse", f"confirms {record.id} with {rows or 'what was announced'}")
        self.mintsoft.receive(record.id, rows or None)
        most = self.most_received.setdefault(record.id, Counter())
        most |= _units(record)
        good = self.most_good.setdefault(record.id, Counter())
        good |= _units(record, reason_id=1)

    def announced_units(self, record: ExternalReturn) -> Counter[str]:
        """Units of each SKU that the record was made with."""
        return self.announced.get(record.id) or _units(record)

    def plan_of(self, record: ExternalReturn) -> ReturnPlan | None:
        """The return that a record was made for, by its marker."""
        comments = record.rows[0].comments if record.rows else ""
        for plan in self.scenario.returns:
            if return_id(plan) in comments:
                return plan
        return None

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
        left = []
        for plan in self.scenario.returns:
            state = self.returns.load(plan.merchant, return_id(plan))
            where = f"return {plan.number}"
            if not self.knows(state):
                if self._must_be_known(plan):
                    left.append(f"{where} is unknown")
                continue
            waits = (
                self._never_arrives(plan, state)
                or self._waits_by_policy(plan, state)
                or self._is_done_by_hand(plan)
            )
            if state.outcome in NOT_OVER and not waits:
                left.append(f"{where} is {state.outcome}")
            left += [f"{where}: batch {b.number} open" for b in state.batches if not b.outcome]
            left += [f"{where}: {r.receipt} open" for r in state.receipts if not r.settled]
            left += self._overdue(state, where)
            left += self._unseen(plan, state)
        left += [f"{name} is not done: {why}" for name, why in self.desk.pending.items()]
        if self.telling is not None:
            left += self.telling.undone()
        if self.market is not None:
            left += market_left.undone(self.market)
        return left

    @staticmethod
    def knows(state: Any) -> bool:
        """Whether the hub was told of the return; what a person did to it is not that."""
        return state.portal_updated_at is not None or state.is_parked

    def _must_be_known(self, plan: ReturnPlan) -> bool:
        """Whether somebody has told the hub of the return, or should have found it."""
        if return_id(plan) not in self.redo[plan.merchant].returns:
            return False
        if self.desk.has_found(plan.merchant, return_id(plan)):
            return True
        if self.telling is not None:
            return self.telling.must_be_known(plan.merchant, return_id(plan))
        return bool(plan.message_delays) or self._is_open_there(plan)

    def _overdue(self, state: Any, where: str) -> list[str]:
        """What should have been looked at by now; clocks go on ringing after all else is over."""
        late = self.scheduler.now() - timedelta(seconds=2 * LATE_TICK)
        if not self.scenario.watched:
            return []
        return [f"{where}: {due.kind} is overdue" for due in state.due if due.at < late]

    def _is_open_there(self, plan: ReturnPlan) -> bool:
        """Whether the portal still waits for it; one that was closed untold is none of ours."""
        return bool(self.redo[plan.merchant].returns[return_id(plan)]["status"] == "open")

    def _is_done_by_hand(self, plan: ReturnPlan) -> bool:
        """Whether the team completed every line; the return may be open again all the same."""
        found = self.redo[plan.merchant].returns[return_id(plan)]
        return all(line["status"] != "open" for line in found["items"])

    def _never_arrives(self, plan: ReturnPlan, state: Any) -> bool:
        """Whether the warehouse confirms nothing of what was announced."""
        return bool(state.is_announced) and not any(
            self.mintsoft.returns[s.external_return_id].confirmed or plan.received
            for s in state.shipments
            if s.external_return_id in self.mintsoft.returns
        )

    def _waits_by_policy(self, plan: ReturnPlan, state: Any) -> bool:
        """Whether the decision table has it wait: for a hold's end, or for another shipment."""
        if not self.scenario.policy or not state.is_announced:
            return False
        ends = self.scheduler.now() + timedelta(seconds=LONGEST_HOLD)
        held = [r.settled == "held" and (r.until is None or r.until > ends) for r in state.receipts]
        waiting = [receipt.settled == "waiting" for receipt in state.receipts]
        return any(held) or any(waiting)

    def _unseen(self, plan: ReturnPlan, state: Any) -> list[str]:
        """Confirmations that no receipt on the timeline tells of."""
        left = []
        for shipped in state.shipments:
            record = self.mintsoft.returns.get(shipped.external_return_id or 0)
            if record is None:
                continue
            if plan.received and not record.confirmed:
                left.append(f"return {plan.number}: {record.id} is not confirmed yet")
            known = state.receipt(record.id)
            if record.confirmed and known is None:
                left.append(f"return {plan.number}: the receipt of {record.id} was not seen")
        return left

    def marker(self, plan: ReturnPlan, shipment_key: str) -> str:
        """The marker of a shipment's external return."""
        key = create_external_return_key(plan.merchant, return_id(plan), shipment_key)
        return marker_of(key)


def _units(record: ExternalReturn, reason_id: int | None = None) -> Counter[str]:
    units: Counter[str] = Counter()
    for row in record.rows:
        if reason_id in {None, row.reason_id}:
            units[row.sku] += row.quantity
    return units


def _nothing(_: Any) -> None:
    return


class _Now(InvocationClock):
    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def now(self) -> Any:
        return self._scheduler.now()


class _Watched(InMemoryDynamoDb):
    """Shows every write of the ledger and the cursors to the watch."""

    def __init__(self, *arguments: Any, watch: Watch, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._watch = watch

    def update_item(self, **parameters: Any) -> Any:
        name = parameters["TableName"]
        table = self.tables[name]
        key = table.key_of(parameters["Key"])
        was = table.items.get(key)
        answer = super().update_item(**parameters)
        if name in {"LedgerTable", "ControlTable"}:
            self._watch.row(name, was, table.items.get(key))
        return answer


class DriftingMintsoft(MintsoftSimulator):
    """Its lists come in another order every time, and repeat a row now and then."""

    _calls = 0

    def _list(self, query: Any, user: Any) -> Any:
        type(self)._calls += 1
        reply = super()._list(query, user)
        try:
            rows = json.loads(reply.body)
        except ValueError:
            return reply
        if isinstance(rows, list) and rows:
            turn = self._calls % len(rows)
            rows = rows[turn:] + rows[:turn] + rows[:1]
            return type(reply)(reply.status, reply.headers, json.dumps(rows).encode())
        return reply

    add_fault: Callable[[Fault], None]
