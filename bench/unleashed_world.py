"""The hub of `bench.unleashed`: its own composition root; everything else is another process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import process_time
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import requests
from boto3.session import Session
from botocore import xform_name
from botocore.awsrequest import AWSResponse

from bench.elsewhere import Elsewhere
from bench.memory import forget_peak, memory
from local.simulators.wire import Reply, Request
from returns_hub.adapters.aws import Clients, clients
from returns_hub.adapters.http.transport import partner_session
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.stock.proof import StockProof, proof_cursor
from returns_hub.invocation import InvocationClock
from returns_hub.ports import Measured
from returns_hub.runs import Run
from returns_hub.settings import Settings
from tests.support.in_process import InProcess

MEGABYTES = 256
"""The function's memory in template.yaml."""
SECONDS = 300.0
"""Its timeout there."""
EVERY = timedelta(minutes=5)
"""Its schedule there."""
INTERVAL = 3600.0
"""Seconds before what is measured begins: longer than any flow's interval and overlap."""
PROCESSOR = MEGABYTES / 1769
"""Lambda gives a whole processor at 1,769 MB, and less in proportion."""
UNLEASHED, MINTSOFT = "http://127.0.0.1:3", "http://127.0.0.1:2"
DELAYS = {"unleashed": 0.2, "mintsoft": 0.1, "dynamodb": 0.004}
"""Seconds that an answer takes, on the hub's clock."""
KEY = "static-key"
API_ID = "0f6ad3a1-0000-4000-8000-00000000c0de"
API_KEY = "an-invented-key-of-unleashed=="
"""Those of local/simulators/unleashed/sample.py, which the hub's process does not load."""
BEFORE = datetime(2025, 11, 3, tzinfo=UTC)
"""When everything was made that was there before the hub came."""
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MERCHANT = "example"
MOST_RUNS = 500
SETTINGS = Settings(
    returns_table="ReturnsTable",
    ledger_table="LedgerTable",
    control_table="ControlTable",
    parked_table="ParkedTable",
    merchants_table="MerchantsTable",
    catalogue_table="CatalogueTable",
    sync_table="SyncTable",
    feed_table="FeedTable",
    secret_prefix="hub",  # noqa: S106 - a name
    unleashed_sync_queue_url="unleashed-sync",
)


class Killed(BaseException):
    """The container is gone. Not an Exception, so that nothing on its way takes it for one."""


@dataclass(frozen=True)
class Row:
    """What one measurement came to.

    Args:
        what: In words.
        runs: Invocations of the function.
        counts: How records ended.
        requests: By who was asked.
        hours: From the first run's beginning to the last one's end, on the hub's clock.
        cpu: Seconds of this machine's processor.
        before_mb: What the process held before.
        peak_mb: The most that it held.
        notes: Other figures.
    """

    what: str
    runs: int
    counts: Mapping[str, int]
    requests: Mapping[str, int]
    hours: float
    cpu: float
    before_mb: float
    peak_mb: float
    notes: Mapping[str, int] = field(default_factory=dict)


class Clock(InvocationClock):
    """Virtual time: it passes with partners' delays, and with the processor's share.

    Args:
        processor: The part of a processor that the function has; 0: what it computes takes no time.
    """

    def __init__(self, processor: float) -> None:
        super().__init__()
        self._moment, self._processor, self._seen = START, processor, process_time()

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        if self._processor:
            spent = process_time()
            self._moment += timedelta(seconds=(spent - self._seen) / self._processor)
            self._seen = spent
        return self._moment

    def monotonic(self) -> float:
        """See `ports.Clock.monotonic`."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock.sleep`."""
        self._moment = self.now() + timedelta(seconds=seconds)

    def wait_until(self, moment: datetime) -> None:
        """Let it be that moment, if it is not later."""
        self._moment = max(self.now(), moment)


class Outside(Elsewhere):
    """The other process. `requests` counts what the hub asked; `kill_at` ends it at one of them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_outside, KEY)
        self._clock = clock
        self.requests: Counter[str] = Counter()
        self.kill_at: int | None = None

    def ask(self, partner: str, *arguments: Any) -> Any:
        """A request of the hub's."""
        if self.kill_at is not None and self.requests.total() >= self.kill_at:
            raise Killed
        self.requests[partner] += 1
        self._clock.sleep(DELAYS[partner])
        return self.do(f"ask_{partner}", *arguments)

    def do(self, what: str, *arguments: Any, now: datetime | None = None) -> Any:
        """Something there, at the hub's time or another; see `unleashed_outside.Outside`."""
        return super().do("at", now or self._clock.now(), what, *arguments)


def _outside(ends: ExitStack, key: str) -> Any:
    from bench import unleashed_outside  # noqa: PLC0415 - the hub's process must not load it

    del ends
    return unleashed_outside.Outside(key)


class World:
    """A merchant with one flow, the hub that serves it, and everything else.

    Args:
        flow: What is live.
        settings: Of the flow.
        processor: See `Clock`.
        file: Other blocks of the merchant's file.
        block: Other keys of the `unleashed:` block.
    """

    def __init__(
        self,
        flow: FlowName,
        settings: Mapping[str, Any] | None = None,
        *,
        processor: float = PROCESSOR,
        file: Mapping[str, Any] | None = None,
        **block: Any,
    ) -> None:
        self.flow = flow
        self.clock = Clock(processor)
        self.outside = Outside(self.clock)
        self.telemetry = _Telemetry()
        self._file = _file(flow, {"mode": "live", **(settings or {})}, block) | dict(file or {})
        self.hub = self._new_hub()
        self.ended = START
        self.hub.merchants.apply(Merchant.model_validate(self._file), "bench", after=0)

    def _new_hub(self) -> Hub:
        found = clients(Session("none", "none", region_name="eu-west-1"))
        found.dynamodb.meta.events.register("before-send.dynamodb", cast(Any, self._dynamodb))
        aws = Clients(found.dynamodb, cast(Any, _Secrets()), found.sqs)
        return Hub(SETTINGS, aws, self.telemetry, clock=self.clock, new_session=self._session)

    def _session(self) -> requests.Session:
        session = partner_session()
        session.mount(UNLEASHED, _Wire(self.outside, "unleashed"))
        session.mount(MINTSOFT, _Wire(self.outside, "mintsoft"))
        return session

    def _dynamodb(self, request: Any, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        status, content = self.outside.ask("dynamodb", xform_name(name), json.loads(request.body))
        body = BytesIO(json.dumps(content).encode())
        raw = SimpleNamespace(stream=lambda: iter([body.getvalue()]))
        return AWSResponse(request.url, status, cast(Any, {}), cast(Any, raw))

    # -- what happens -----------------------------------------------------------------------

    def tick(self) -> None:
        """One invocation by the schedule, as soon as it is due and the last one has ended."""
        begins = self.clock.now()
        ends = begins + timedelta(seconds=SECONDS)
        context = SimpleNamespace(
            aws_request_id="bench",
            get_remaining_time_in_millis=lambda: 1000 * (ends - self.clock.now()).total_seconds(),
        )
        with self.hub.invocation(context) as run:
            self.work(run)
        self.ended = self.clock.now()
        self.clock.wait_until(begins + EVERY)

    def work(self, run: Run) -> None:
        """What the function does."""
        run.unleashed_tick()

    def kill_at(self, requests_from_now: int) -> None:
        """The container is gone at that request; then there is a new one."""
        self.outside.kill_at = self.outside.requests.total() + requests_from_now
        try:
            while True:
                self.tick()
        except Killed:
            self.outside.kill_at = None
            self.hub = self._new_hub()
            # Its lease ends with the invocation's time.
            self.clock.wait_until(self.clock.now() + EVERY + EVERY)

    def prove_stock(self) -> None:
        """A person has proven what an adjustment means; see `flows.unleashed.prove_stock`."""
        stores = self.hub.stores()
        proof = StockProof(
            standing="proven",
            account=self.hub.erp.world(MERCHANT, "stock").erp.stock.account(),
            sku="SKU-000000",
            guid="",
            code="MAIN",
            before=1,
            sent=1,
            cost="1",
            after="2",
            means="delta",
            at=self.clock.now(),
        )
        lease = stores.cursors.acquire(proof_cursor(MERCHANT), "bench", 10.0)
        assert lease is not None
        stores.cursors.advance(lease, {"proof": proof.model_dump(mode="json")})
        stores.cursors.release(lease)

    def is_whole(self, source: str) -> bool:
        """Whether the flow's list was read to its end, and nothing comes back; not counted."""
        asked = self.outside.requests.copy()
        value = self.hub.cursors.read(cursor_name(source, MERCHANT))
        self.outside.requests = asked
        return bool(value) and bool(value.get("whole")) and not value.get("later")

    def measure(
        self, what: str, source: str, *, notes: Callable[[], Mapping[str, int]] = dict
    ) -> Row:
        """Ticks until the source is read to its end, and what they took."""
        self.clock.sleep(INTERVAL)
        self.outside.requests.clear()
        self.telemetry.counts.clear()
        runs, began = 0, self.clock.now()
        forget_peak()
        before, cpu = memory("VmRSS"), process_time()
        while not runs or not self.is_whole(source):
            self.tick()
            runs += 1
            if runs > MOST_RUNS:
                raise RuntimeError(f"{what}: no end after {runs} runs; {self.telemetry.counts}")
        hours = (self.ended - began).total_seconds() / 3600
        counts, asked = dict(self.telemetry.counts), dict(self.outside.requests)
        spent, peak = process_time() - cpu, memory("VmHWM")
        return Row(what, runs, counts, asked, hours, spent, before, peak, dict(notes()))


class _Wire(InProcess):
    """To a simulator in the other process."""

    def __init__(self, outside: Outside, partner: str) -> None:
        super().__init__(_Partner(outside, partner))

    def send(self, *arguments: Any, **more: Any) -> requests.Response:
        self.requests.clear()
        return super().send(*arguments, **more)


class _Partner:
    """A simulator's core."""

    def __init__(self, outside: Outside, partner: str) -> None:
        self._outside, self._partner = outside, partner

    def handle(self, request: Request) -> Reply:
        answer: Reply = self._outside.ask(self._partner, request)
        return answer


class _Secrets:
    """Secrets Manager; its answers are kept for five minutes, and are not counted."""

    class exceptions:  # noqa: N801 - botocore's own name
        class ResourceNotFoundException(Exception):  # noqa: N818 - the same
            pass

    VALUES: ClassVar[Mapping[str, dict[str, str]]] = {
        "unleashed": {"api_id": API_ID, "api_key": API_KEY},
        "mintsoft": {"api_key": KEY},
        "wair": {"username": "bench", "password": "invented"},
    }

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803 - the same
        found = self.VALUES[SecretId.rpartition("/")[2]]
        return {"SecretString": json.dumps(found), "VersionId": "1"}


class _Telemetry:
    """How records ended, and what failed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        if metric in {"Synced", "RunsFailed"}:
            self.counts[dimensions.get("outcome", "failed")] += int(value)

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """Nothing: a bench measures for itself."""

    def log(self, message: str, **fields: object) -> None:
        if message in {"run failed", "fault"}:
            self.counts[f"{message}: {fields}"[:200]] += 1


def _file(flow: str, settings: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    connection = {
        "base_url": UNLEASHED,
        "order_management": "off",
        "warehouses": {"MAIN": 3, "3PL": 4},
    }
    return {
        "merchant": MERCHANT,
        "name": "Example Fashion",
        "live_from": START.isoformat(),
        "redo": {"base_url": "http://127.0.0.1:1/v2.2", "store_id": "store"},
        "mintsoft": {
            "base_url": MINTSOFT,
            "client_id": 12,
            "warehouses": {"by_location": {"loc_corby": 3}, "merchant_address": 3},
            "reasons": {"default": 1},
        },
        "flows": {"create_external_returns": {"mode": "off"}, "process_receipts": {"mode": "off"}},
        "unleashed": {**connection, **block, flow: dict(settings)},
    }


@contextmanager
def world_of(
    flow: FlowName, settings: Mapping[str, Any] | None = None, **more: Any
) -> Iterator[World]:
    """A `World` that is ended."""
    made = World(flow, settings, **more)
    try:
        yield made
    finally:
        made.outside.end()
