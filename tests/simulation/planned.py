"""Busy days on which every run of every function is planned first, and then held to its plan.

A run is made at one instant here: nobody else acts between its plan and its end, so that what it
does beyond or beside the plan is the plan's fault.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import Outcome, PartnerHttp
from returns_hub.adapters.trial.http import HARMLESS_LOG_INS, content_of
from returns_hub.bootstrap import Hub
from returns_hub.desk import desk_of
from returns_hub.domain.base import short_hash
from returns_hub.domain.plans import WRITES, Plan, lasting
from returns_hub.flows.operator import replay
from returns_hub.plan_rows import NAMES
from returns_hub.plan_runs import DOORS, plan_job, plan_messages
from returns_hub.ports import ParkedItem
from returns_hub.runs import Run
from tests.simulation.drift import DriftSimulation
from tests.simulation.environment import SETTINGS, Environment
from tests.simulation.lambdas import Function
from tests.simulation.world import Simulation
from tests.support.in_process import request_of, response_of

PERSON = "person"
"""Who makes plans: with a hub of its own, that may do everything."""
QUICK = float("inf")
"""Requests a second: a pace that never waits."""
JOB_OF = {
    "catch-up": "catch_up_redo",
    "check-webhooks": "check_webhooks",
    "poll": "poll_mintsoft",
    "miinto": "miinto_rma",
    "unleashed": "unleashed_sync",
    "wair": "wair_sync",
    "drift": "drift_report",
    "watch": "watch_returns",
    "refresh": "refresh_credentials",
}
QUEUE_OF = {
    "create": "approved-returns",
    "poll": "poll-mintsoft",
    "miinto": "miinto-rma",
    "unleashed": "unleashed-sync",
    "wair": "wair-sync",
    "drift": "drift-report",
    "store-refunds": "store-refunds",
    "relay": "despatches",
    "changes": "order-changes",
}


Heard = list[tuple[str, str, str]]
"""Requests that write: the partner, method and path, and a hash of the body."""


class Instant(BaseAdapter):
    """Carries a request to its simulator at once, and has its reply."""

    def __init__(self, run: Planned, name: str) -> None:
        super().__init__()
        self._run = run
        self._name = name

    def close(self) -> None:
        return

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        partner = self._run.wire.partners[str(urlsplit(str(request.url)).netloc)]
        asked = request_of(request)
        reply = partner.core.handle(asked)
        if self._name == PERSON:
            self._run.tally.asked.add(f"{asked.method} {_without_ids(asked.path)}")
        elif asked.method != "GET":
            self._run.note(self._name, f"{asked.method} {asked.path} -> {reply.status}")
        return response_of(request, reply)


class Still(Environment):
    """An environment in which requests take no time; what sleeps moves the time for all."""

    def __init__(self, run: Planned, name: str, **more: Any) -> None:
        super().__init__(name, **more)
        old = self.hub

        def session() -> requests.Session:
            made = requests.Session()
            made.trust_env = False
            made.mount("https://", Instant(run, name))
            return made

        self.hub = Hub(
            old.settings,
            old.made_of.aws,
            old.telemetry,
            clock=old.clock,
            new_session=session,
            gate_of=lambda _, __: Pace(QUICK, self.hub.clock),
        )

    def wait(self, seconds: float) -> None:
        self.scheduler.seconds += seconds

    def io(self, work: Callable[[], Any], hop: float = 0.0) -> Any:
        return work()


class Listening(PartnerHttp):
    """Lets every request through, and keeps those that write."""

    def __init__(self, behind: PartnerHttp, partner: str, heard: Heard) -> None:
        self._behind = behind
        self._named = partner
        self._heard = heard

    def request(self, method: Any, path: str, *, template: str, **more: Any) -> Outcome:
        if not more.get("is_read") and template not in HARMLESS_LOG_INS:
            content = content_of(more.get("query"), more.get("json_body"), more.get("body"))
            told = short_hash(content.hex()) if content else ""
            self._heard.append((self._named, f"{method} {template}", told))
        return self._behind.request(method, path, template=template, **more)

    def stream(self, *given: Any, **more: Any) -> Any:
        return self._behind.stream(*given, **more)

    def require_open(self) -> None:
        self._behind.require_open()


@dataclass
class Seen:
    """What the tables, queues and requests say of one run."""

    ledger: Mapping[str, str]
    cursors: Mapping[str, Any]
    parked: frozenset[str]
    events: frozenset[tuple[str, str, str]]
    messages: Counter[tuple[str, str]]
    requests: Counter[tuple[str, str, str]]
    kept: Mapping[str, object]


@dataclass
class Tally:
    """What was compared."""

    plans: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    depends: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


class Planned(Simulation):
    """A simulation in which every run of every function is held to its plan."""

    merchant = "alpha"
    every_run = True
    """Whether every run is held to its plan."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self.tally = Tally()
        self.heard: Heard = []
        super().__init__(*given, **more)
        person = self._still(PERSON, "")
        person.hub.settings = SETTINGS
        self.person = person.hub
        for function in self._all() if self.every_run else ():
            self._hold_to_plans(function)

    def _all(self) -> list[Function]:
        found = [one for one in vars(self).values() if isinstance(one, Function)]
        return found + list(getattr(self, "more", {}).values())

    def _still(self, name: str, resource: str) -> Still:
        made = Still(
            self,
            name,
            resource=resource,
            faults=self.faults,
            scheduler=self.scheduler,
            weather=self.weather,
            dynamodb=self.dynamodb,
            secrets=self.secrets,
            queues=self.queues,
            wire=self.wire,
            telemetry=self.telemetry,
            bucket=self._bucket(),
        )
        made.hub.partners.around = lambda http, partner: Listening(http, partner, self.heard)
        return made

    def _hold_to_plans(self, function: Function) -> None:
        before, handle, name = function._new_environment, function._handler, function.name

        def environment(called: str) -> Environment:
            real = before(called)
            permissions = real._permissions
            made = self._still(called, "")
            made._permissions = permissions
            made.hub.settings = real.hub.settings
            return made

        def handler(run: Any, event: dict[str, Any]) -> Any:
            is_message = "Records" in event
            if name not in (QUEUE_OF if is_message else JOB_OF):
                return handle(run, event)
            made = partial(self._plan, name, event)
            first = made()
            books = self._books()
            plan = made()
            if self._books() != books:
                self.tally.wrong.append(f"the plan of {name} left something behind")
            # Partners' lists come in any order.
            if Counter(plan.rows) != Counter(first.rows) or plan.cursors != first.cursors:
                self.tally.wrong.append(f"two plans of {name}: {first.rows} and {plan.rows}")
            was = self._seen()
            self.heard.clear()
            sent = {queue: len(held.bodies) for queue, held in self._queues().items()}
            answer = handle(run, event)
            self._compare(name, plan, was, self._seen(sent))
            return answer

        function._new_environment = environment
        function._handler = handler

    def _plan(self, name: str, event: dict[str, Any]) -> Plan:
        if "Records" not in event:
            return plan_job(self.person, JOB_OF[name], self.merchant, follow="none")
        bodies = [(QUEUE_OF[name], record["body"]) for record in event["Records"]]
        return plan_messages(self.person, self.merchant, bodies, follow="none")

    def replay_all(self) -> None:
        """Have everything done again that is parked by now, each held to the plan of its replay."""
        for item in self.parking.list_parked(self.merchant):
            self._replay(item)

    def _replay(self, item: ParkedItem) -> None:
        def replayed(hub: Hub) -> None:
            replay(item, desk_of(hub, "operator"))

        before = self._books()
        plan = plan_messages(self.person, self.merchant, (), before=replayed)
        if self._books() != before:
            self.tally.wrong.append(f"the plan of replaying {item.parked_id} left something behind")
        was, sent = self._seen(), {name: len(q.bodies) for name, q in self._queues().items()}
        self.heard.clear()
        replayed(self.person)
        self._drain(sent)
        self._compare(f"replay {item.flow}", plan, was, self._seen())

    def _drain(self, sent: dict[str, int]) -> None:
        """Deal with what was sent, and what comes of it, at once."""
        run, is_more = Run(self.person), True
        while is_more:
            is_more = False
            for name, queue in self._queues().items():
                for body in queue.bodies[sent.get(name, 0) :]:
                    is_more = True
                    sent[name] = sent.get(name, 0) + 1
                    record = {"messageId": "1", "receiptHandle": "1/1", "body": body}
                    if name in DOORS:
                        DOORS[name](run, {"Records": [record]})

    # -- what is where ----------------------------------------------------------------------

    def _bucket(self) -> dict[str, bytes]:
        found: dict[str, bytes] = getattr(self, "bucket", {})
        return found

    def _queues(self) -> dict[str, Any]:
        return {name: queue for name, queue in self.queues.items() if hasattr(queue, "bodies")}

    def _books(self) -> list[str]:
        """Everything of ours, and everything at the partners, as a text."""
        tables = {
            (name, key): row
            for name, table in self.plain.tables.items()
            for key, row in table.items.items()
            if not key[0].startswith("calls#")
        }
        ours = (
            tables,
            self.secrets.values,
            self._bucket(),
            [q.bodies for q in self._queues().values()],
        )
        there: Any = getattr(self, "unleashed", None)
        stock = there.desk().company.stock.movements if there is not None else ()
        theirs = (
            self.mintsoft.returns,
            self.mintsoft.orders,
            self.mintsoft.stock,
            self.mintsoft.tenant.products,
            {merchant: redo.returns for merchant, redo in self.redo.items()},
            stock,
        )
        return [repr(one) for one in (*ours, *theirs)]

    def _seen(self, sent: Mapping[str, int] | None = None) -> Seen:
        tables = {name: table.items for name, table in self.plain.tables.items()}
        events = {
            (table, key[0], key[1])
            for table in ("ReturnsTable", "SyncTable", "MarketTable")
            for key in tables[table]
            if key[1].startswith("EVENT#")
        }
        return Seen(
            ledger={
                key[0]: f"{row['state']['S']} {row['fence']['N']}"
                for key, row in tables["LedgerTable"].items()
            },
            cursors={
                key[0].removeprefix("cursor#"): json.loads(row["value"]["S"])
                for key, row in tables["ControlTable"].items()
                if "value" in row
            },
            parked=frozenset(
                f"{key[1]} {row['times']['N']}" for key, row in tables["ParkedTable"].items()
            ),
            events=frozenset(events),
            messages=Counter(
                (name, _about(body))
                for name, queue in self._queues().items()
                for body in queue.bodies[(sent or {}).get(name, 0) :]
                if sent is not None
            ),
            requests=Counter(self.heard),
            kept=dict(self._bucket()) | dict(self.secrets.values),
        )

    def _compare(self, name: str, plan: Plan, was: Seen, now: Seen) -> None:
        job = plan.job if plan.job != "replay" else f"message {name}"
        rows = {lasting(row.key): row for row in plan.rows if row.does in {*WRITES, "found"}}
        planned = {lasting(row.key) for row in plan.writes if " " not in row.key}
        done = {
            lasting(key): state for key, state in now.ledger.items() if was.ledger.get(key) != state
        }
        tally = self.tally
        tally.plans[job] += 1
        tally.writes[job] += len(planned)
        depends = any(row.depends for row in plan.rows)
        if any(not done.get(key, "").startswith("CONFIRMED") for key in planned & done.keys()):
            tally.refused[job] += 1
            return

        def wrong(what: str, told: object, real: object) -> None:
            if told != real:
                at = f"{self.scheduler.seconds:.0f} {name} {what}"
                tally.wrong.append(f"{at}: planned {told}, done {real}; {plan.why_not}; {rows}")

        asked = Counter(
            (row.partner, row.request, row.content) for row in plan.writes if row.content
        )
        wrong("requests", {}, dict(asked - now.requests))
        wrong("not done", set(), planned - done.keys())
        sent = {lasting(key) for key in done if done[key].startswith("CONFIRMED")}
        if depends:
            tally.depends[job] += 1
            return
        tally.exact[job] += bool(planned)
        # One write may take several requests; a plan has the first.
        others = {partner for partner, _, _ in now.requests} - {row.partner for row in plan.writes}
        wrong("partners", set(), others)
        ours = {"secrets", "files"}
        operations = sorted(
            key for key, row in rows.items() if row.partner not in {*ours, "parked"}
        )
        wrong("operations", operations, sorted(sent))
        kept = {row.key for row in plan.rows if row.partner in ours}
        changed = {one for one in now.kept if was.kept.get(one) != now.kept[one]}
        wrong("kept", set(), (changed - kept) | (kept - now.kept.keys()))
        messages = Counter((row.key, row.about) for row in plan.rows if row.does == "send")
        wrong("messages", messages, now.messages)
        parked = sorted(row.key for row in plan.rows if row.does == "park")
        wrong("parked", parked, sorted(one.rsplit(" ", 1)[0] for one in now.parked - was.parked))
        if planned:
            # A cursor may tell what the partner answered.
            return
        moved = {one: value for one, value in now.cursors.items() if was.cursors.get(one) != value}
        wrong("cursors", {move.name: move.after for move in plan.cursors}, moved)


class PlannedDays(Planned, DriftSimulation):
    """Days of a merchant with all systems."""


def _without_ids(path: str) -> str:
    return "/".join("*" if any(c.isdigit() for c in word) else word for word in path.split("/"))


def _about(body: str) -> str:
    content = json.loads(body)
    return " ".join(str(content[name]) for name in NAMES if content.get(name))
