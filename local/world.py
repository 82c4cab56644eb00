"""The world on one machine: AWS, functions, event sources, partners and merchants, put together.

Used by `make run`, `make up`, component tests and the benchmark. Everything that it starts ends
with it, and with the process that holds it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from local.aws import LocalAws
from local.iam.held import held
from local.lambda_host.host import LambdaHost
from local.later import AHEAD, HubClock, WorldClock
from local.merchant_samples import MERCHANTS, apply_files, sample_secrets
from local.partners import PartnerSimulators
from local.sources.http import HttpSource
from local.sources.intervals import IntervalClock
from local.sources.rules import RuleClock
from local.sources.sqs import SqsSource
from local.stack import ROOT, Stack, translated
from returns_hub.adapters.aws import clients
from returns_hub.bootstrap import Hub
from returns_hub.invocation import InvocationClock
from returns_hub.ports import Measured, Telemetry
from returns_hub.settings import Settings

STATE = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
LAYER = ROOT / "layers" / "shared"
STACK_NAME = "returns-hub"
WORLD_FILE = "world.json"
WEBHOOK_PATH, LOOP_WEBHOOK_PATH = "/webhooks/redo", "/webhooks/loop"
UNLEASHED_WEBHOOK_PATH = "/webhooks/unleashed"


class Quiet:
    """`ports.Telemetry` that keeps nothing: the local host's own work is not the hub's."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""


@dataclass(frozen=True)
class LocalWorld:
    """A running world."""

    aws: LocalAws
    stack: Stack
    host: LambdaHost
    sources: tuple[SqsSource, ...]
    clock: RuleClock
    http: HttpSource
    hub: Hub
    environment: Mapping[str, str]
    partners: PartnerSimulators | None

    @property
    def loop_webhook_url(self) -> str:
        """The door for deliveries in Loop's shape, without a merchant's id."""
        return f"{self.http.url}{LOOP_WEBHOOK_PATH}"

    def queue_url(self, name: str) -> str:
        """The URL of a queue by its logical id."""
        return str(self.stack.resolve({"Ref": name}))

    def take_only(self, *queues: str) -> None:
        """From now on only these queues are taken from; what is in work is let finish."""
        others = [source for source in self.sources if source.queue not in queues]
        with ThreadPoolExecutor(max(1, len(others))) as pool:
            list(pool.map(SqsSource.stop, others))

    def waiting(self, queue: str) -> int:
        """Messages of a queue that are visible, delayed or in work."""
        return sum(self.waiting_how(queue))

    def waiting_how(self, queue: str) -> tuple[int, int, int]:
        """Messages of a queue: how many are visible, in work, and delayed."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        answer = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(queue), AttributeNames=names
        )
        visible, in_work, delayed = (int(answer["Attributes"].get(name, 0)) for name in names)
        return visible, in_work, delayed


@contextmanager
def local_world(
    *,
    partners: PartnerSimulators | None,
    speed: float,
    state: Path = STATE,
    lives_by: WorldClock | None = None,
) -> Iterator[LocalWorld]:
    """A world, from template.yaml.

    Args:
        partners: The simulators; None when merchant files name partners of their own.
        speed: How many times as fast as the wall clock the schedules run.
        state: Folder for logs and what the emulator keeps; emptied where it must be.
        lives_by: The clock of the hub and its functions; the machine's without.

    Raises:
        LocalStackError: It cannot be started; the message says why.
    """
    with ExitStack() as ends:
        stack = Stack(translated(TEMPLATE, state), {"Stage": "local"}, stack_name=STACK_NAME)
        aws = ends.enter_context(LocalAws(state))
        aws.deploy(stack)
        functions = stack.functions()
        clocked = {"LOCAL_CLOCK": str(lives_by.path)} if lives_by is not None else {}
        host = LambdaHost(
            functions,
            layer=LAYER,
            extra_environment={**aws.environment, **clocked, **held(stack, functions, state)},
            logs=_fresh_logs(state),
            first=AHEAD if lives_by is not None else None,
        )
        ends.callback(host.close)
        variables = {k: v for spec in functions.values() for k, v in spec.environment.items()}
        http = HttpSource(stack.http_routes(), host=host)
        door = f"{http.url}{WEBHOOK_PATH}"
        for spec in functions.values():
            if "REDO_WEBHOOK_URL" in spec.environment:
                spec.environment["REDO_WEBHOOK_URL"] = door
        environment = {
            **variables,
            **dead_letter_environment(stack),
            **aws.environment,
            "REDO_WEBHOOK_URL": door,
            "UNLEASHED_WEBHOOK_URL": f"{http.url}{UNLEASHED_WEBHOOK_PATH}",
        }
        sqs = aws.client("sqs")
        sources = tuple(
            SqsSource(
                source,
                sqs=sqs,
                queue_url=str(stack.resolve({"Ref": source.queue})),
                queue_arn=str(stack.resolve({"Fn::GetAtt": [source.queue, "Arn"]})),
                host=host,
            )
            for source in stack.queue_sources()
        )
        clock = RuleClock(stack.schedules(), host=host, speed=speed)
        hub = hub_of(environment, clock=HubClock(lives_by) if lives_by is not None else None)
        world = LocalWorld(aws, stack, host, sources, clock, http, hub, environment, partners)
        for function in functions:
            host.warm(function)
        for source in sources:
            source.start()
            ends.callback(source.stop)
        http.start()
        ends.callback(http.stop)
        ends.callback(clock.stop)
        _announce(world, state)
        ends.callback((state / WORLD_FILE).unlink, missing_ok=True)
        yield world


@contextmanager
def ticking(world: LocalWorld) -> Iterator[None]:
    """Let the clocks of a world run: its schedules, and with simulated partners the intervals of
    the flows that a tick runs."""
    hub = hub_of(world.environment)
    intervals = IntervalClock(hub, speed=world.clock.speed if world.partners else 1.0)
    world.clock.start()
    intervals.start()
    try:
        yield
    finally:
        intervals.stop()
        world.clock.stop()


DEAD_LETTER_QUEUES = (
    "ApprovedReturns",
    "PollMintsoft",
    "MiintoRma",
    "StoreRefunds",
    "UnleashedSync",
    "WairSync",
    "Despatches",
    "OrderChanges",
    "DriftReport",
)


def dead_letter_environment(stack: Stack) -> dict[str, str]:
    """What no function is told, and the `hub` command needs."""

    def variable(name: str) -> str:
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        return f"{words}_DEAD_LETTER_QUEUE_URL"

    return {
        variable(name): stack.resolve({"Ref": f"{name}DeadLetterQueue"})
        for name in DEAD_LETTER_QUEUES
    }


def _fresh_logs(state: Path) -> Path:
    logs = state / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for old in logs.glob("*.log"):
        old.unlink()
    return logs


def hub_of(
    environment: Mapping[str, str],
    telemetry: Telemetry | None = None,
    clock: InvocationClock | None = None,
) -> Hub:
    """The hub's own composition root, for applying files and looking things up from here."""
    session = boto3.session.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    settings = Settings.from_environment(environment)
    endpoint = environment["AWS_ENDPOINT_URL"]
    return Hub(settings, clients(session, endpoint=endpoint), telemetry or Quiet(), clock=clock)


def _announce(world: LocalWorld, state: Path) -> None:
    """Leave word of where this world is, for the `hub` command."""
    addresses = {
        "aws": world.aws.url,
        "webhooks": world.environment["REDO_WEBHOOK_URL"],
        "loop_webhooks": world.loop_webhook_url,
        "unleashed_webhooks": world.environment["UNLEASHED_WEBHOOK_URL"],
    }
    if world.partners:
        addresses |= world.partners.addresses
    content = {"pid": os.getpid(), "env": dict(world.environment), "addresses": addresses}
    path = state / WORLD_FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def apply_merchants(world: LocalWorld, folder: Path = MERCHANTS) -> list[str]:
    """Apply every merchant file of a folder to a world; see `apply_files`."""
    return apply_files(world.hub, world.partners, folder)


def set_sample_secrets(world: LocalWorld) -> None:
    """The simulators' credentials, put where the hub looks for them."""
    if world.partners is not None:
        sample_secrets(world.hub, world.partners)
