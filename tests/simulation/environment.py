"""One Lambda execution environment: the hub in it, and everything that can befall its I/O."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import requests
from botocore.exceptions import ReadTimeoutError

from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.expressions import refused
from returns_hub.bootstrap import Hub
from returns_hub.invocation import InvocationClock
from returns_hub.settings import Settings
from tests.simulation.partners import PartnerWire
from tests.simulation.permissions import AccessDenied, told, watched
from tests.simulation.scenario import AwsFaults, Process
from tests.simulation.schedule import Crash, Scheduler
from tests.support.dynamodb import InMemoryDynamoDb

T = TypeVar("T")
SETTINGS = Settings(
    returns_table="ReturnsTable",
    ledger_table="LedgerTable",
    control_table="ControlTable",
    parked_table="ParkedTable",
    merchants_table="MerchantsTable",
    catalogue_table="CatalogueTable",
    market_table="MarketTable",
    sync_table="SyncTable",
    feed_table="FeedTable",
    findings_table="FindingsTable",
    files_bucket="FilesBucket",
    secret_prefix="hub",
    approved_returns_queue_url="approved-returns",
    poll_mintsoft_queue_url="poll-mintsoft",
    redo_webhook_url="https://hub.test/webhooks/redo",
    miinto_rma_queue_url="miinto-rma",
    refunds_queue_url="refunds",
    store_refunds_queue_url="store-refunds",
    unleashed_sync_queue_url="unleashed-sync",
    wair_sync_queue_url="wair-sync",
    despatches_queue_url="despatches",
    order_changes_queue_url="order-changes",
    drift_report_queue_url="drift-report",
)
ONE_BY_ONE = (
    "files_bucket",
    "approved_returns_queue_url",
    "poll_mintsoft_queue_url",
    "redo_webhook_url",
    "miinto_rma_queue_url",
    "refunds_queue_url",
    "store_refunds_queue_url",
    "unleashed_sync_queue_url",
    "wair_sync_queue_url",
    "despatches_queue_url",
    "order_changes_queue_url",
    "drift_report_queue_url",
)
"""Settings that a function has only when the template gives it them."""
HOP = 0.003
"""Seconds to an AWS service, and again back."""
READS = frozenset({"get_item", "batch_get_item", "query", "scan", "transact_get_items"})


@dataclass
class Power:
    """Cuts the power at one I/O of the whole run, before it takes effect or after."""

    at: int | None = None
    after: bool = False
    count: int = 0
    reads: set[int] = field(default_factory=set)
    """I/Os that changed nothing: a cut after one leaves what a cut before it leaves."""

    def next(self) -> tuple[bool, bool]:
        """Whether to crash before the next I/O, and after it."""
        self.count += 1
        mine = self.count == self.at
        return mine and not self.after, mine and self.after


@dataclass
class Weather:
    """What goes wrong now; all zero once the faults have stopped."""

    aws: AwsFaults
    process: Process
    dice: random.Random
    power: Power

    def stop(self) -> None:
        """From now on all is well."""
        self.aws, self.process = AwsFaults(), Process()

    def happens(self, rate: float) -> bool:
        """Whether something with this rate happens now."""
        return rate > 0 and self.dice.random() < rate


class Environment:
    """An execution environment: one process, with a clock of its own."""

    def __init__(
        self,
        name: str,
        *,
        scheduler: Scheduler,
        weather: Weather,
        dynamodb: InMemoryDynamoDb,
        secrets: SecretsManager,
        queues: Any,
        wire: PartnerWire,
        telemetry: Any,
        resource: str = "",
        faults: list[str] | None = None,
        bucket: dict[str, bytes] | None = None,
    ) -> None:
        """`resource` is the function in the template; without it, it is a person's machine.
        `bucket` is what the stack's own bucket holds, by key.

        What its policy does not allow is one of the `faults`, whoever catches the refusal.
        """
        self.name = name
        self.scheduler = scheduler
        self.weather = weather
        self.ends = float("inf")
        self.skew = weather.dice.uniform(-1, 1) * weather.process.clocks_differ
        prefix = SETTINGS.secret_prefix
        self._permissions = watched(resource, prefix, "simulation") if resource else None
        self._faults = [] if faults is None else faults
        clients: Any = SimpleNamespace(
            dynamodb=_DynamoDbClient(self, dynamodb),
            secrets=_SecretsClient(self, secrets),
            sqs=_SqsClient(self, queues),
            s3=_S3Client(self, {} if bucket is None else bucket),
        )

        def session() -> requests.Session:
            made = requests.Session()
            made.trust_env = False
            made.mount("https://", wire.adapter(self))
            return made

        self.hub = Hub(
            _settings_of(resource),
            Clients(clients.dynamodb, clients.secrets, clients.sqs, s3=lambda: clients.s3),
            telemetry,
            clock=_Clock(self),
            new_session=session,
        )

    def require(self, service: str, call: str, about: Any) -> None:
        """Hold a request to AWS against the function's policy.

        Raises:
            AccessDenied: It is not allowed.
        """
        policy = self._permissions
        if policy is None:
            return
        try:
            match service:
                case "dynamodb":
                    policy.require_table(call, about)
                case "secretsmanager":
                    policy.require_secret(call, about)
                case "s3":
                    policy.require_object(call, *about)
                case _:
                    policy.require_queue(call, about)
        except AccessDenied as denied:
            self._faults.append(f"{self.name}: AccessDenied: {denied}")
            raise

    def at_work(self) -> AbstractContextManager[None]:
        """The function runs in it now."""
        return self._permissions.at_work() if self._permissions else nullcontext()

    def wait(self, seconds: float) -> None:
        """Let virtual time go by; the process may be stopped meanwhile, or be killed."""
        process = self.weather.process
        if self.weather.happens(process.pause):
            seconds += self.weather.dice.uniform(0.5, 1.0) * process.pause_seconds
            if process.outlives_timeout:
                self.ends = float("inf")
        self.scheduler.sleep(seconds)
        if self.scheduler.seconds > self.ends:
            raise Crash("killed at its timeout")

    def io(self, work: Callable[[], T], hop: float = HOP) -> T:
        """One request to AWS: there, done, and back; the power may be cut on either way."""
        before, after = self.weather.power.next()
        if before or self.weather.happens(self.weather.process.crash / 2):
            raise Crash("before")
        self.wait(hop)
        try:
            return work()
        finally:
            if after or self.weather.happens(self.weather.process.crash / 2):
                raise Crash("after")
            self.wait(hop)


def _settings_of(resource: str) -> Settings:
    if not resource:
        return SETTINGS
    absent = {name: "" for name in ONE_BY_ONE if name.upper() not in told(resource)}
    return SETTINGS.model_copy(update=absent)


class _Clock(InvocationClock):
    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment

    def now(self) -> datetime:
        environment = self._environment
        return environment.scheduler.now() + timedelta(seconds=environment.skew)

    def monotonic(self) -> float:
        return self._environment.scheduler.seconds

    def sleep(self, seconds: float) -> None:
        self._environment.wait(seconds)


class _DynamoDbClient:
    """DynamoDB as botocore shows it: it repeats what was throttled or lost, three times in all."""

    def __init__(self, environment: Environment, store: InMemoryDynamoDb) -> None:
        self._environment = environment
        self._store = store
        self._require = partial(environment.require, "dynamodb")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._store, name)
        is_write = "write" in name or name in {"update_item", "put_item"}

        def request(**parameters: Any) -> Any:
            self._require(name, parameters)
            if name in READS:
                self._environment.weather.power.reads.add(self._environment.weather.power.count + 1)
            return self._environment.io(lambda: self._answer(name, call, parameters, is_write))

        return request

    def _answer(self, name: str, call: Callable[..., Any], parameters: Any, is_write: bool) -> Any:
        weather = self._environment.weather
        if weather.happens(weather.aws.throttled):
            raise refused(name, "ProvisionedThroughputExceededException")
        if is_write and weather.happens(weather.aws.applied_twice):
            # The first answer was lost on its way and botocore asked again.
            try:
                call(**parameters)
            finally:
                return call(**parameters)  # noqa: B012 - the second answer is what is seen
        answer = call(**parameters)
        if weather.happens(weather.aws.answer_lost):
            raise ReadTimeoutError(endpoint_url="https://dynamodb")
        return answer


class SecretsManager:
    """Secrets as they stand; `on_put` is told of each that is set."""

    def __init__(self, on_put: Callable[[str, str], None] = lambda *_: None) -> None:
        self.values: dict[str, tuple[str, int]] = {}
        self._on_put = on_put

    def put(self, name: str, text: str) -> int:
        """Set a secret; its version."""
        version = self.values.get(name, ("", 0))[1] + 1
        self.values[name] = (text, version)
        self._on_put(name, text)
        return version


class _SecretsClient:
    class exceptions:  # noqa: N801 - botocore's own name
        class ResourceNotFoundException(Exception):
            pass

        class ResourceExistsException(Exception):
            pass

    def __init__(self, environment: Environment, store: SecretsManager) -> None:
        self._environment = environment
        self._store = store
        self._require = partial(environment.require, "secretsmanager")

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        self._require("get_secret_value", SecretId)

        def read() -> dict[str, Any]:
            if SecretId not in self._store.values:
                raise self.exceptions.ResourceNotFoundException
            text, version = self._store.values[SecretId]
            return {"SecretString": text, "VersionId": str(version)}

        return self._environment.io(read)

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:
        self._require("put_secret_value", SecretId)

        def write() -> dict[str, Any]:
            if SecretId not in self._store.values:
                raise self.exceptions.ResourceNotFoundException
            return {"VersionId": str(self._store.put(SecretId, SecretString))}

        return self._environment.io(write)

    def create_secret(self, *, Name: str, SecretString: str, **_: Any) -> dict[str, Any]:
        self._require("create_secret", Name)

        def write() -> dict[str, Any]:
            if Name in self._store.values:
                raise self.exceptions.ResourceExistsException
            return {"VersionId": str(self._store.put(Name, SecretString))}

        return self._environment.io(write)


class _S3Client:
    """S3 as far as functions write reports and feeds."""

    def __init__(self, environment: Environment, bucket: dict[str, bytes]) -> None:
        self._environment = environment
        self._bucket = bucket
        self._require = partial(environment.require, "s3")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> dict[str, Any]:
        self._require("put_object", (Bucket, Key))
        return self._environment.io(lambda: self._put(Key, Body, ContentType))

    def _put(self, key: str, body: bytes, _: str) -> dict[str, Any]:
        self._bucket[key] = body
        return {}


class _SqsClient:
    def __init__(self, environment: Environment, queues: Any) -> None:
        self._environment = environment
        self._queues = queues
        self._require = partial(environment.require, "sqs")

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0, **_: Any
    ) -> Any:
        self._require("send_message", QueueUrl)
        return self._environment.io(lambda: self._queues[QueueUrl].send(MessageBody, DelaySeconds))

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:
        self._require("get_queue_attributes", QueueUrl)

        def look() -> Any:
            return {"Attributes": {AttributeNames[0]: str(len(self._queues[QueueUrl].messages))}}

        return self._environment.io(look)

    def change_message_visibility(
        self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> Any:
        self._require("change_message_visibility", QueueUrl)
        queue = self._queues[QueueUrl]
        return self._environment.io(lambda: queue.postpone(ReceiptHandle, VisibilityTimeout))
