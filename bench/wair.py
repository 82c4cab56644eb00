"""What the feed to stock intelligence costs: python -m bench.wair

50,000 SKUs in each of five warehouses: everything for the first time, what changed, and every row
again at night, products among it. The hub is the function's own: its composition root, its adapters
and their bodies. Mintsoft's simulator and DynamoDB are another process; WAIR takes every body and
counts it. So memory and processor time are the hub's alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import process_time
from typing import Any, cast

import requests
from requests.adapters import BaseAdapter
from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.memory import forget_peak, memory
from bench.unleashed_world import BEFORE, MEGABYTES, MERCHANT, PROCESSOR, World
from local.simulators.wire import json_reply
from returns_hub.flows.wair import feed_due
from returns_hub.ports import Measured
from returns_hub.runs import Run
from tests.support.in_process import response_of

SKUS, WAREHOUSES, CHANGED, UNITS = 50_000, 5, 500, 10
WAIR = "http://127.0.0.1:4/api/v1"
TAKES = 1.5
"""Seconds that WAIR takes for a part; nobody publishes it."""
MOST_RUNS = 40
SETS = ("locations", "sizes", "colors", "items", "stock", "reserved")


@dataclass(frozen=True)
class Fed:
    """What one part came to.

    Args:
        what: In words.
        runs: Invocations of the function.
        counts: How rows ended.
        calls: By who was asked, WAIR by its path.
        megabytes: Of bodies that WAIR was sent.
        minutes: From the first run's beginning to the last one's end, on the hub's clock.
        cpu: Seconds of this machine's processor.
        before_mb: What the process held before.
        peak_mb: The most that it held.
    """

    what: str
    runs: int
    counts: dict[str, int]
    calls: dict[str, int]
    megabytes: float
    minutes: float
    cpu: float
    before_mb: float
    peak_mb: float


class Sink(BaseAdapter):
    """WAIR: gives a token, and takes everything."""

    def __init__(self, world: FeedWorld) -> None:
        super().__init__()
        self._world = world

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Take a request."""
        path = str(request.path_url).removeprefix("/api/v1").partition("?")[0]
        self._world.asked[f"WAIR {path}"] += 1
        self._world.sent += len(request.body or b"")
        self._world.clock.sleep(TAKES)
        token = {"accessToken": "t", "expiresIn": 86_400, "tokenType": "Bearer", "scope": "api"}
        return response_of(request, json_reply(200, token if path == "/Token" else {}))

    def close(self) -> None:
        """Nothing is open."""


class Counts:
    """`ports.Telemetry`: how rows ended, and what failed."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""
        if metric == "FeedRows":
            name = dimensions["flow"].removeprefix("wair.")
            self.found[f"{name} {dimensions['outcome'].replace('_', ' ')}"] += int(value)

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""
        if message in {"run failed", "fault"}:
            self.found[f"{message}: {fields}"[:200]] += 1


class FeedWorld(World):
    """A merchant whose stock and products are told to WAIR."""

    def __init__(self, warehouses: int, processor: float) -> None:
        self.asked: Counter[str] = Counter()
        self.sent = 0
        self.places = list(range(3, 3 + warehouses))
        block = {
            "base_url": WAIR,
            "tenant": "bench",
            "locations": [{"id": f"WH-{id_}", "warehouses": [id_]} for id_ in self.places],
            "data_sets": {name: {"mode": "live", "full_load": True} for name in SETS},
        }
        super().__init__("stock", {"mode": "off"}, processor=processor, file={"wair": block})
        self.telemetry = cast(Any, Counts())
        self.hub.telemetry = self.telemetry

    def _session(self) -> requests.Session:
        session = super()._session()
        session.mount("http://127.0.0.1:4", Sink(self))
        return session

    def work(self, run: Run) -> None:
        """See `World.work`."""
        run.feed_tick()

    def is_due(self) -> bool:
        """Whether something is to be told; not counted."""
        asked = self.outside.requests.copy()
        due = feed_due.is_due(self.hub.feeds.world(MERCHANT), self.clock.now())
        self.outside.requests = asked
        return due

    def fed(self, what: str) -> Fed:
        """Ticks until nothing is to be told, and what they took."""
        self.outside.requests.clear()
        self.asked.clear()
        counts = cast(Counts, self.telemetry)
        counts.found.clear()
        self.sent, runs, began = 0, 0, self.clock.now()
        forget_peak()
        before, cpu = memory("VmRSS"), process_time()
        while self.is_due():
            self.tick()
            runs += 1
            if runs > MOST_RUNS:
                raise RuntimeError(f"{what}: no end after {runs} runs; {counts.found}")
        spent, peak = process_time() - cpu, memory("VmHWM")
        return Fed(
            what=what,
            runs=runs,
            counts=dict(counts.found),
            calls={**self.outside.requests, **self.asked},
            megabytes=self.sent / 1_000_000,
            minutes=(self.ended - began).total_seconds() / 60,
            cpu=spent,
            before_mb=before,
            peak_mb=peak,
        )


def feed(skus: int, warehouses: int, processor: float) -> list[Fed]:
    """Everything for the first time, what changed, and every row at night; here."""
    world = FeedWorld(warehouses, processor)
    try:
        world.outside.do("feed_catalogue", skus, world.places, UNITS, now=BEFORE)
        rows = [world.fed("everything for the first time")]
        changed = min(CHANGED, skus // 10)
        world.outside.do("count_anew", changed, world.places, UNITS + 50)
        world.clock.sleep(900)
        rows.append(world.fed(f"{changed:,} SKUs changed in each warehouse"))
        world.clock.sleep(86_400)
        rows.append(world.fed("every row, at night"))
        return rows
    finally:
        world.outside.end()


def show(console: Console, rows: list[Fed]) -> None:
    """The parts as a table, and what has to hold."""
    table = Table(title="The feed to stock intelligence", title_justify="left")
    for name in ("what", "runs", "rows", "calls", "MB sent", "minutes", "CPU s"):
        table.add_column(name)
    for name in ("MB before", "MB peak"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.what,
            str(row.runs),
            "\n".join(f"{many:,} {what}" for what, many in sorted(row.counts.items())),
            "\n".join(f"{many:,} {who}" for who, many in sorted(row.calls.items())),
            f"{row.megabytes:.1f}",
            f"{row.minutes:.1f}",
            f"{row.cpu:.1f}",
            f"{row.before_mb:.0f}",
            f"{row.peak_mb:.0f}",
        )
    console.print(table)
    most = max(row.peak_mb for row in rows)
    console.print(f"most memory: {most:.0f} MB, {most / MEGABYTES:.2f} of {MEGABYTES}")
    failed = [what for row in rows for what in row.counts if what.startswith(("run", "fault"))]
    if most > MEGABYTES or failed:
        raise SystemExit(f"bench: {most:.0f} MB, {failed}")


def measured(skus: int, warehouses: int) -> list[Fed]:
    """The parts, in a process of their own."""
    rows = apart("bench.wair", "--one", "--skus", skus, "--warehouses", warehouses)
    return [Fed(**row) for row in rows]


def wair(console: Console, skus: int = SKUS, warehouses: int = WAREHOUSES) -> None:
    """Measure and show."""
    show(console, measured(skus, warehouses))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.wair", description=__doc__)
    parser.add_argument("--skus", type=int, default=SKUS, help="in each warehouse")
    parser.add_argument("--warehouses", type=int, default=WAREHOUSES)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        found = feed(given.skus, given.warehouses, PROCESSOR)
        sys.stdout.write(json.dumps([asdict(row) for row in found]) + "\n")
        return
    wair(Console(width=150, highlight=False), given.skus, given.warehouses)


if __name__ == "__main__":
    main()
