"""Sinks of stock intelligence for tests: WAIR's simulator without a socket, and files in memory."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from local.simulators.wair.sample import PASSWORD, TENANT, USER, sample
from local.simulators.wair.settings import WORDS, Settings
from local.simulators.wair.simulator import WairSimulator
from local.simulators.wire import Reply, Request
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.wair.connect import Around, advice_of, sink_of
from returns_hub.adapters.wair.login import Logins
from returns_hub.domain.wair.rows import (
    ColorRow,
    ItemRow,
    LocationRow,
    ReservedRow,
    SizeRow,
    SkuRow,
    StockRow,
)
from returns_hub.domain.wair.settings import DATA_SETS, WairConnection
from returns_hub.ports.feed import Feed, StockAdvice
from tests.support import fakes
from tests.support.bare import line_to
from tests.support.in_process import InProcess

BASE = "http://127.0.0.1:7/api/v1"
RUN = "2026-03-02T09:00:00Z/1"
LOCATION = LocationRow("COR", "COR", "Corby", "Warehouse")
SIZE = SizeRow("M", "M", "Medium", 30)
COLOR = ColorRow("RED", "RED", "Red")
SKUS = (
    SkuRow("TEE-RED-M", "TEE-RED-M", "TEE-RED", "RED", "M", barcode="5700000000017"),
    SkuRow("TEE-RED-L", "TEE-RED-L", "TEE-RED", "RED", "L"),
)
ITEM = ItemRow("TEE", "TEE", "Tee", SKUS)
STOCK = (StockRow("COR", "TEE-RED-M", 40, available=38), StockRow("COR", "TEE-RED-L", 0))
RESERVED = ReservedRow("COR|TEE-RED-M", "COR", "TEE-RED-M", 2, fakes.START)
ROWS: dict[str, tuple[Any, ...]] = {
    "locations": (LOCATION,),
    "sizes": (SIZE,),
    "colors": (COLOR,),
    "items": (ITEM,),
    "stock": STOCK,
    "reserved": (RESERVED,),
}
"""Of every set."""
OURS = {
    "locations": {"locationId": "location", "code": "code", "description": "name", "type": "type"},
    "sizes": {
        "sizeId": "size",
        "code": "code",
        "description": "name",
        "sortOrder": "sort_order",
    },
    "colors": {"colorId": "color", "code": "code", "description": "name"},
    "items": {
        "itemId": "item",
        "code": "code",
        "description": "name",
        "skus": "skus",
        "skus.skuId": "skus.sku",
        "skus.styleId": "skus.style",
        "skus.colorId": "skus.color",
        "skus.sizeId": "skus.size",
        "skus.code": "skus.code",
    },
    "stock": {"locationId": "location", "skuId": "sku", "quantity": "on_hand"},
    "reserved": {
        "id": "id",
        "locationId": "location",
        "skuId": "sku",
        "startDateTime": "starts_at",
        "quantity": "quantity",
    },
}
"""WAIR's documented name -> our field, by set."""


def in_dialect(dialect: str, **each: Any) -> dict[str, Any]:
    """`data_sets` of a merchant's file that speak a dialect of the simulator's."""
    sets: dict[str, Any] = {}
    for name, words in WORDS[dialect].items():
        fields = {OURS[name][theirs]: there for theirs, there in words.names.items()}
        sets[name] = {
            "mode": "live",
            "path": words.path,
            "wrapper": words.wrapper,
            "fields": fields,
            "read_path": words.read_path or None,
            **each,
        }
    return sets


class MemoryFiles:
    """`ports.files.Files` in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.order: list[str] = []

    def write(self, name: str, content: Iterable[bytes], content_type: str) -> None:
        self.content[name] = b"".join(content)
        self.types[name] = content_type
        self.order.append(name)

    def read(self, name: str) -> bytes | None:
        return self.content.get(name)

    def names(self, folder: str) -> Iterator[str]:
        return iter(sorted(name for name in self.content if name.startswith(f"{folder}/")))


class WairBench:
    """A merchant's sink, WAIR's simulator behind it, and files.

    Args:
        settings: Of the simulator.
        block: Of the file's `wair:`.
    """

    def __init__(self, settings: Settings | None = None, **block: Any) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.secrets = fakes.Secrets()
        self.secrets.values["example", "wair"] = {"username": USER, "password": PASSWORD}
        self.wair = WairSimulator(self.clock, settings, dice=random.Random(1))
        self.wair.seed(sample())
        self.wire = InProcess(self.wair)
        self.files = MemoryFiles()
        self.logins = Logins()
        self.connection = WairConnection.model_validate(
            {
                "base_url": BASE,
                "tenant": TENANT,
                "locations": [{"id": "COR", "warehouses": [3]}, {"id": "LDN", "warehouses": [4]}],
                "data_sets": {name: {"mode": "live"} for name in DATA_SETS},
                **block,
            }
        )
        self.feed = self.sink()

    @property
    def around(self) -> Around:
        """Of a new invocation in the same container."""
        return Around(
            merchant="example",
            http=self.http,
            secrets=self.secrets,
            clock=self.clock,
            telemetry=self.telemetry,
            files=lambda: self.files,
            logins=self.logins,
        )

    def sink(self) -> Feed:
        return sink_of(self.connection, self.around)

    @property
    def advice(self) -> StockAdvice:
        return advice_of(self.connection, self.around)

    @property
    def send_by(self) -> Any:
        return self.clock.now() + timedelta(minutes=1)

    def http(self, partner: str, base_url: str) -> PartnerHttp:
        return line_to(base_url, self.wire, partner, clock=self.clock, telemetry=self.telemetry)

    @property
    def books(self) -> dict[str, Any]:
        """What WAIR really has."""
        return self.wair.tenant().books()

    def asked(self, path: str) -> list[Any]:
        """Requests to a path below the base URL."""
        return [one for one in self.wire.requests if one.path == f"/api/v1{path}"]

    def answers(self, reply: Reply) -> None:
        """Whatever is asked from now on gets this."""

        def handle(request: Request) -> Reply:
            return reply

        self.wair.handle = handle  # type: ignore[method-assign]

    def logged(self) -> str:
        """All that was logged and counted."""
        return repr((self.telemetry.lines, self.telemetry.counts))
