"""Two long lists read and kept: the hub's products flow beside a dlt pipeline.

Both read the products of Unleashed and those of Mintsoft, in pages of the same size, from the same
simulators. What they do with them differs: the hub compares each pair, decides, and keeps a
timeline for each product in DynamoDB; dlt merges the rows into two tables of DuckDB, a file beside
it, and decides nothing. So the rows a second tell what a decision and its record cost.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.elsewhere import Elsewhere
from bench.throughput.catalogue import KEY, SHIFT, CatalogueSide
from bench.throughput.environment import MINE, Measured
from bench.throughput.outside import AwsSide
from bench.throughput.place import tables_of
from bench.unleashed_world import API_ID, API_KEY
from local.aws import FAKE_CREDENTIALS
from local.later import AHEAD, WorldClock
from local.stack import Stack, translated
from local.world import STATE, TEMPLATE, hub_of
from returns_hub.domain.merchant import Merchant
from tools.setup import python_of

HUB, DLT = "this hub", "dlt"
PAGE_SIZE, CLIENT, MERCHANT = 200, 12, "bench"
SCRIPT = Path(__file__).with_name("dlt_pipeline.py")
FEW = 10
"""Products that are edited before the last reading."""


class NotRead(SystemExit):
    """A way did not read what there is, so that no figure means anything."""


@dataclass(frozen=True)
class Read:
    """What one reading came to."""

    way: str
    what: str
    delay: float
    rows: int
    seconds: float
    cpu: float
    calls: int
    pages: int
    partner_bytes: int
    aws_calls: int
    peak_mb: float


def has_dlt() -> bool:
    """Whether its environment is there: python3.11 tools/setup.py rivals"""
    return python_of("rivals").exists()


@dataclass
class Lists:
    """The lists, AWS, and a folder; `clock` is how far the hub's time is ahead."""

    outside: Elsewhere
    aws: Elsewhere
    stack: Stack
    variables: Mapping[str, str]
    urls: tuple[str, str]
    folder: Path
    clock: WorldClock
    count: int
    delay: float

    def go_on(self) -> None:
        """An hour goes by."""
        self.clock.go_on(seconds=SHIFT.total_seconds())
        self.outside.do("go_on")

    def taken(self) -> tuple[int, int, int, int]:
        """Calls, pages of products, bytes, and calls to AWS since the last time."""
        pages = self.outside.do("pages")
        calls, sizes = self.outside.do("take_calls"), self.outside.do("take_bytes")
        return sum(calls.values()), pages, sum(sizes), sum(self.aws.do("take_calls").values())


@contextmanager
def lists(count: int, delay: float, aws_delay: float) -> Iterator[Lists]:
    """So many products on both sides, and a merchant who has them kept in step."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        stack = Stack(translated(TEMPLATE, STATE), {"Stage": "local"}, stack_name="bench")
        outside = Elsewhere(CatalogueSide, count, delay)
        aws = Elsewhere(AwsSide, tables_of(stack), aws_delay)
        try:
            variables = {"AWS_ENDPOINT_URL": aws.do("url"), **FAKE_CREDENTIALS}
            every = {
                name: value
                for spec in stack.functions().values()
                for name, value in spec.environment.items()
            }
            hub = hub_of({**every, **variables})
            urls = outside.do("told")
            hub.merchants.apply(Merchant.model_validate(_file(*urls)), "bench", after=0)
            hub.secrets.write(MERCHANT, "mintsoft", {"api_key": KEY})
            hub.secrets.write(MERCHANT, "unleashed", {"api_id": API_ID, "api_key": API_KEY})
            clock = WorldClock(folder / "clock")
            made = Lists(outside, aws, stack, variables, urls, folder, clock, count, delay)
            made.taken()
            yield made
        finally:
            outside.end()
            aws.end()


def _file(unleashed: str, mintsoft: str) -> dict[str, Any]:
    return {
        "merchant": MERCHANT,
        "name": "Example Fashion",
        "live_from": "2026-01-01T00:00:00Z",
        "redo": {"base_url": "http://127.0.0.1:1/v2.2", "store_id": "store"},
        "mintsoft": {
            "base_url": mintsoft,
            "client_id": CLIENT,
            "authentication": "api_key",
            "requests_per_second": 100,
            "warehouses": {"by_location": {"loc_corby": 3}, "merchant_address": 3},
            "reasons": {"default": 1},
        },
        "flows": {"create_external_returns": {"mode": "off"}, "process_receipts": {"mode": "off"}},
        "unleashed": {
            "base_url": unleashed,
            "requests_per_second": 100,
            "order_management": "off",
            "catalogue_page_size": PAGE_SIZE,
            "warehouses": {"MAIN": 3, "3PL": 4},
            "products": {"mode": "live", "create": False},
        },
    }


# -- the two ways -----------------------------------------------------------------------------


class Hub:
    """The function unleashed_sync, each run in an environment of its own.

    Its first run lives by the machine's clock; the others by one that is ahead.
    """

    name = HUB

    def __init__(self, there: Lists) -> None:
        self._there = there
        functions = there.stack.functions().values()
        self._spec = next(spec for spec in functions if spec.code.name == "unleashed_sync")
        (there.folder / "logs").mkdir(exist_ok=True)

    def begin(self) -> Measured:
        """A new environment."""
        there = self._there
        variables = {**there.variables, "LOCAL_CLOCK": str(there.clock.path)}
        first = AHEAD if there.clock.ahead else None
        return Measured(self._spec, logs=there.folder / "logs", variables=variables, first=first)

    def run(self) -> dict[str, float]:
        """Runs until the lists are read; seconds, processor seconds, and the most memory."""
        environment = self.begin()
        try:
            environment.invoke({"Records": []})
            before, began = environment.used().cpu, time.perf_counter()
            environment.invoke(asked())
            seconds = time.perf_counter() - began
            used = environment.used()
            return {"seconds": seconds, "cpu": used.cpu - before, "peak_mb": used.peak_mb}
        finally:
            environment.close()

    def killed_after(self, pages: int) -> None:
        """A run whose environment is killed once so many pages were asked for."""
        environment = self.begin()
        thread = threading.Thread(target=_ignored, args=(environment.invoke, asked()))
        thread.start()
        _wait_for(pages, self._there, thread.is_alive)
        environment.kill()
        thread.join()
        environment.close()


def asked() -> dict[str, Any]:
    """A message that asks for the flow."""
    body = json.dumps({"merchant": MERCHANT, "flow": "products"})
    record = {"messageId": "1", "receiptHandle": "none", "body": body, "attributes": {}}
    return {"Records": [record]}


class Dlt:
    """The pipeline, each run in a process of its own, with its folder kept."""

    name = DLT

    def __init__(self, there: Lists) -> None:
        self._there = there

    def begin(self, *, both: bool = True) -> subprocess.Popen[str]:
        """A process that has begun to read."""
        there = self._there
        told = {
            "unleashed": f"{there.urls[0]}/",
            "mintsoft": f"{there.urls[1]}/",
            "api_id": API_ID,
            "api_key": API_KEY,
            "mintsoft_key": KEY,
            "client_id": CLIENT,
            "page_size": PAGE_SIZE,
            "folder": str(there.folder),
            "cores": [MINE],
            "both": both,
        }
        variables = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(there.folder),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        }
        errors = (there.folder / "dlt.log").open("ab")
        process = subprocess.Popen(
            [str(python_of("rivals")), str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=variables,
            cwd=there.folder,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        process.stdout.readline()
        return process

    def run(self, *, both: bool = True) -> dict[str, float]:
        """One run; seconds, processor seconds, the most memory, and rows with and without
        repetition."""
        process = self.begin(both=both)
        assert process.stdout is not None
        text = process.stdout.read()
        if process.wait():
            log = (self._there.folder / "dlt.log").read_text(errors="replace")
            raise NotRead(f"bench: dlt failed\n{log[-2000:]}")
        found = json.loads(text.splitlines()[-1])
        rows, distinct = found["rows"]
        if rows != distinct or rows < self._there.count:
            raise NotRead(f"bench: dlt has {rows} rows, {distinct} of them distinct")
        return {name: found[name] for name in ("seconds", "cpu", "peak_mb")}

    def killed_after(self, pages: int) -> None:
        """A run that is killed once so many pages were asked for."""
        process = self.begin()
        _wait_for(pages, self._there, lambda: process.poll() is None)
        process.send_signal(signal.SIGKILL)
        process.wait()


def _ignored(work: Callable[[Any], Any], argument: Any) -> None:
    try:
        work(argument)
    except Exception:  # noqa: BLE001 - it is killed
        return


def _wait_for(pages: int, there: Lists, is_alive: Callable[[], bool]) -> None:
    while there.outside.do("pages") < pages:
        if not is_alive():
            raise NotRead("bench: a run ended before it was to be killed")
        time.sleep(0.005)


# -- what is measured -------------------------------------------------------------------------


def poll(count: int, delay: float, aws_delay: float, said: Callable[[str], None]) -> list[Read]:
    """The first reading, the lists unchanged, and a few edits; then one that is killed half-way.

    Raises:
        NotRead: A way did not read what there is.
    """
    found: list[Read] = []
    for make in (Hub, Dlt):
        with lists(count, delay, aws_delay) as there:
            way = make(there)
            said(f"{way.name}: reading {count} products of both sides")
            found.append(_read(way, there, "all, first"))
            there.go_on()
            found.append(_read(way, there, "unchanged", both=False))
            there.outside.do("change", FEW)
            there.go_on()
            found.append(_read(way, there, f"{FEW} edited", both=False))
        with lists(count, delay, aws_delay) as there:
            way = make(there)
            said(f"{way.name}: killed between pages")
            way.killed_after(max(2, count // PAGE_SIZE // 2 + 1))
            there.taken()
            there.go_on()
            found.append(_read(way, there, "after a kill half-way"))
    return found


def _read(way: Hub | Dlt, there: Lists, what: str, *, both: bool = True) -> Read:
    figures = way.run(both=both) if isinstance(way, Dlt) else way.run()
    calls, pages, sizes, aws_calls = there.taken()
    if there.outside.do("twice"):
        raise NotRead(f"bench: after {way.name} a product is at Mintsoft twice")
    if not pages:
        raise NotRead(f"bench: {way.name} read nothing ({what})")
    return Read(
        way=way.name,
        what=what,
        delay=there.delay,
        rows=2 * there.count if both else 0,
        seconds=figures["seconds"],
        cpu=figures["cpu"],
        calls=calls,
        pages=pages,
        partner_bytes=sizes,
        aws_calls=aws_calls,
        peak_mb=figures["peak_mb"],
    )
