"""The partners on one machine: simulators behind their servers, and the credentials they take."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from local.simulators.clock import Now, system_now
from local.simulators.deliverer import Deliverer
from local.simulators.miinto.catalogue import feed_text, variant_of
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.receiver import ReceiverSimulator
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wair.simulator import WairSimulator
from local.simulators.wire import Server
from local.stack import ROOT

SAMPLES = ROOT / "samples"
FEED = "example.tsv"
INVENTED = "wexquillsecret"
"""Begins every credential here, so that one is found again wherever it must not be."""


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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody is answered meanwhile: for hands that reach into the simulators beside HTTP.

        Whoever holds them asks none of them over HTTP, and holds them once only.
        """
        with ExitStack() as locks:
            for server in self.servers:
                locks.enter_context(server.lock)
            yield

    @property
    def addresses(self) -> dict[str, str]:
        """Partner -> where it is served."""
        urls = {"redo": self.redo_url, "mintsoft": self.mintsoft_url, "miinto": self.miinto_url}
        urls |= {"unleashed": self.unleashed_url, "wair": self.wair_url}
        urls["channel"] = self.channel_url
        return {name: url for name, url in urls.items() if url}


@contextmanager
def partner_simulators(delay: float = 0.0, now: Now = system_now) -> Iterator[PartnerSimulators]:
    """Every partner and a sales channel, seeded from the samples, with fresh credentials.

    Args:
        delay: Seconds that every answer takes, as a real partner's would.
        now: Their clock.
    """
    credentials = {
        name: f"{INVENTED}{secrets.token_urlsafe(24)}"
        for name in (
            *("mintsoft_key", "mintsoft_password", "redo_token", "webhook_token"),
            *("miinto_secret", "unleashed_key", "outlet_unleashed_key", "wair_password"),
            "channel_token",
        )
    }
    signing = base64.b64encode(INVENTED.encode() + secrets.token_bytes(18)).decode()
    credentials["channel_signing_key"] = f"whsec_{signing}"
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


def channel_secret(credentials: Mapping[str, str]) -> dict[str, str]:
    """What the sample channel and the hub share."""
    names = ("signing_key", "token")
    return {name: credentials[f"channel_{name}"] for name in names}
