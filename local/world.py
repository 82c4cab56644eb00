"""The world on one machine: AWS, functions, event sources, partners and merchants, put together.

Used by `make run`, `make up`, component tests and the benchmark. Everything that it starts ends
with it, and with the process that holds it.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3

from cli.merchant_files import read_merchant_file
from local.aws import LocalAws
from local.lambda_host.host import LambdaHost
from local.later import AHEAD, HubClock, WorldClock
from local.simulators.clock import Now, system_now
from local.simulators.deliverer import Deliverer
from local.simulators.miinto import MiintoSimulator
from local.simulators.miinto_catalogue import feed_text, variant_of
from local.simulators.mintsoft import MintsoftSimulator
from local.simulators.receiver import ReceiverSimulator
from local.simulators.redo import RedoSimulator
from local.simulators.unleashed import UnleashedSimulator
from local.simulators.wair import WairSimulator
from local.simulators.wire import Server
from local.sources.http import HttpSource
from local.sources.intervals import IntervalClock
from local.sources.rules import RuleClock
from local.sources.sqs import SqsSource
from local.stack import ROOT, LocalStackError, Stack, translated
from returns_hub.adapters.aws import clients
from returns_hub.bootstrap import Hub, InvocationClock
from returns_hub.ports import Telemetry
from returns_hub.settings import Settings

STATE = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
LAYER = ROOT / "layers" / "shared"
MERCHANTS = ROOT / "local" / "merchants"
SAMPLES = ROOT / "samples"
STACK_NAME = "returns-hub"
COMPANIES = {"example": "Example Fashion", "outlet": "Example Outlet"}
"""Merchant -> its company at Unleashed, in samples/world.json."""
WAIR_USER = "hub-example"
WORLD_FILE = "world.json"
FEED = "example.tsv"
WEBHOOK_PATH, LOOP_WEBHOOK_PATH = "/webhooks/redo", "/webhooks/loop"
UNLEASHED_WEBHOOK_PATH = "/webhooks/unleashed"


class Quiet:
    """`ports.Telemetry` that keeps nothing: the local host's own work is not the hub's."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""


@dataclass(frozen=True)
class PartnerSimulators:
    """The simulators behind their servers, and the credentials that they take.

    `miinto_url` is empty where Miinto is not served, and so are the others below it.
    """

    redo: RedoSimulator
    mintsoft: MintsoftSimulator
    redo_url: str
    mintsoft_url: str
    credentials: Mapping[str, str]
    miinto: MiintoSimulator = field(default_factory=MiintoSimulator)
    miinto_url: str = ""
    unleashed: UnleashedSimulator = field(default_factory=UnleashedSimulator)
    unleashed_url: str = ""
    wair: WairSimulator = field(default_factory=WairSimulator)
    wair_url: str = ""
    channel: ReceiverSimulator = field(default_factory=ReceiverSimulator)
    channel_url: str = ""
    servers: tuple[Server, ...] = ()

    def answer_after(self, delay: float) -> None:
        """From now on every answer takes so many seconds more."""
        for server in self.servers:
            server.answer_after(delay)

    @property
    def addresses(self) -> dict[str, str]:
        """Partner -> where it is served."""
        urls = {"redo": self.redo_url, "mintsoft": self.mintsoft_url, "miinto": self.miinto_url}
        urls |= {"unleashed": self.unleashed_url, "wair": self.wair_url}
        urls["channel"] = self.channel_url
        return {name: url for name, url in urls.items() if url}


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
def partner_simulators(delay: float = 0.0, now: Now = system_now) -> Iterator[PartnerSimulators]:
    """Every partner and a sales channel, seeded from the samples, with fresh credentials.

    Args:
        delay: Seconds that every answer takes, as a real partner's would.
        now: Their clock.
    """
    credentials = {
        "mintsoft_key": secrets.token_hex(16),
        "mintsoft_password": secrets.token_hex(8),
        "redo_token": secrets.token_hex(16),
        "webhook_token": secrets.token_hex(24),
        "miinto_secret": secrets.token_hex(16),
        "unleashed_key": secrets.token_urlsafe(32),
        "outlet_unleashed_key": secrets.token_urlsafe(32),
        "wair_password": secrets.token_hex(12),
        "channel_signing_key": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "channel_token": secrets.token_urlsafe(24),
    }
    text = (SAMPLES / "world.json").read_text(encoding="utf-8")
    for name, value in credentials.items():
        text = text.replace(f"{{{name}}}", value)
    seed = json.loads(text)
    redo, mintsoft, miinto = RedoSimulator(now), MintsoftSimulator(now), MiintoSimulator(now)
    redo.seed(seed["redo"])
    mintsoft.seed(seed["mintsoft"])
    miinto.seed(with_feed(seed["miinto"]))
    unleashed = UnleashedSimulator(now)
    unleashed.settings = replace(unleashed.settings, webhook_loopback=True)
    unleashed.seed(seed["unleashed"])
    wair = WairSimulator(now)
    wair.seed(seed["wair"])
    redo.webhooks.take_loopback()
    channel = ReceiverSimulator(now)
    channel.seed(channel_secret(credentials))
    with (
        Server(redo, delay=delay) as redo_server,
        Server(mintsoft, delay=delay) as mintsoft_server,
        Server(miinto, delay=delay) as miinto_server,
        Deliverer([(redo.webhooks.deliveries, redo_server.lock)]),
        Server(unleashed, delay=delay) as unleashed_server,
        Deliverer([(desk.webhooks, unleashed_server.lock) for desk in unleashed.desks.values()]),
        Server(wair, delay=delay) as wair_server,
        Server(channel, delay=delay) as channel_server,
    ):
        yield PartnerSimulators(
            redo=redo,
            mintsoft=mintsoft,
            redo_url=redo_server.url,
            mintsoft_url=mintsoft_server.url,
            credentials=credentials,
            miinto=miinto,
            miinto_url=miinto_server.url,
            unleashed=unleashed,
            unleashed_url=unleashed_server.url,
            wair=wair,
            wair_url=wair_server.url,
            channel=channel,
            channel_url=channel_server.url,
            servers=(
                redo_server,
                mintsoft_server,
                miinto_server,
                unleashed_server,
                wair_server,
                channel_server,
            ),
        )


def with_feed(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Miinto's part of samples/world.json as its simulator takes it.

    The merchant's feed (``/feed/example.tsv``) has the catalogue; what is unlisted Miinto sells,
    and neither the feed nor the product map has it.
    """
    listed = [variant_of(row) for row in sample["catalogue"]]
    return {
        **sample,
        "catalogue": [*sample["catalogue"], *sample["unlisted"]],
        "feeds": {FEED: feed_text(listed, sample["feed_currencies"])},
    }


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
            extra_environment={**aws.environment, **clocked},
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


def apply_files(hub: Hub, partners: PartnerSimulators | None, folder: Path) -> list[str]:
    """Apply every merchant file of a folder; their ids.

    Raises:
        LocalStackError: A file is not a merchant's.
    """
    addresses = partners.addresses if partners else {}
    applied = []
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for partner, address in addresses.items():
            text = text.replace(f"{{{partner}}}", address)
        with tempfile.TemporaryDirectory() as made:
            (copy := Path(made) / path.name).write_text(text, encoding="utf-8")
            reading = read_merchant_file(copy)
        if reading.merchant is None:
            problem = reading.errors[0]
            raise LocalStackError(f"{path}:{problem.line}: {problem.where} {problem.text}")
        hub.merchants.apply(reading.merchant, "local stack", after=0)
        applied.append(reading.merchant.merchant)
    if not applied:
        raise LocalStackError(f"{folder} holds no merchant file (*.yaml)")
    return applied


def set_sample_secrets(world: LocalWorld) -> None:
    """The simulators' credentials, put where the hub looks for them."""
    if world.partners is not None:
        sample_secrets(world.hub, world.partners)


def sample_secrets(hub: Hub, partners: PartnerSimulators) -> None:
    """The simulators' credentials for the example merchants."""
    given = partners.credentials
    for merchant in ("example", "outlet"):
        hub.secrets.write(merchant, "redo", {"api_token": given["redo_token"]})
        hub.secrets.write(merchant, "redo-webhook", {"token": given["webhook_token"]})
    hub.secrets.write("example", "mintsoft", {"api_key": given["mintsoft_key"]})
    login = {"username": "hub-outlet", "password": given["mintsoft_password"]}
    hub.secrets.write("outlet", "mintsoft", login)
    hub.secrets.write("example", "miinto", miinto_login(partners))
    hub.secrets.write("example", "unleashed", unleashed_key(partners))
    hub.secrets.write("outlet", "unleashed", unleashed_key(partners, "outlet"))
    login = {"username": WAIR_USER, "password": given["wair_password"]}
    hub.secrets.write("example", "wair", login)
    hub.secrets.write("example", "channel", channel_secret(given))


def channel_secret(credentials: Mapping[str, str]) -> dict[str, str]:
    """What the sample channel and the hub share."""
    names = ("signing_key", "token")
    return {name: credentials[f"channel_{name}"] for name in names}


def miinto_login(partners: PartnerSimulators) -> dict[str, str]:
    """The sample login at Miinto, as the hub keeps it."""
    (identifier,) = partners.miinto.auth.accounts
    return {"identifier": identifier, "secret": partners.credentials["miinto_secret"]}


def unleashed_key(partners: PartnerSimulators, merchant: str = "example") -> dict[str, str]:
    """The key pair of a merchant's company at Unleashed, as the hub keeps it."""
    desks = partners.unleashed.desks.values()
    (found,) = [one.company for one in desks if one.company.name == COMPANIES[merchant]]
    return {"api_id": found.api_id, "api_key": found.api_key}


def sample_files() -> list[dict[str, Any]]:
    """Every sample return, in the order of their names."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((SAMPLES / "returns").glob("*.json"))
    ]
