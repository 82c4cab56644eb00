"""What a tick of the marketplace costs: python -m bench.miinto

5,000 pending transfers, 1,000 new orders, 50,000 variants of stock and 1,000 RMAs go through the
real flows and adapters, to the simulators of Miinto and Mintsoft in the same process. Each row is
measured in a process of its own. A partner's delay is virtual: it passes on the hub's clock, as do
the 300 s that the function has. DynamoDB is in memory and takes no time.

Processor time is the share of the flows and adapters: what the simulators and the DynamoDB in
memory need is taken off. Peak memory is the whole process's, simulators and the DynamoDB in memory
included, with what it held before the tick began beside it: an upper bound.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.miinto_world import MEGABYTES, NO_END, SECONDS, SKUS, Row, World, variant
from local.simulators.miinto.sample import DK
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.miinto.identify import skus_found
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.push_stock import push_stock
from returns_hub.flows.miinto.sync_orders import sync_orders
from returns_hub.flows.way import Way

# -- what is measured -----------------------------------------------------------------------------


def items(number: int) -> list[dict[str, Any]]:
    """One line of a basket."""
    return [{"sku": variant(number % SKUS).sku, "quantity": 1}]


def transfers(count: int, delay: float) -> list[Row]:
    """A tick in which so many transfers are pending; the rule accepts them all."""
    world = World(delay, SECONDS if delay else NO_END, SKUS)
    for number in range(count):
        world.sim.offer([DK], items(number))
    return [world.measure(f"{count:,} transfers pending, {_ms(delay)}", decide_transfers)]


def orders(count: int, delay: float) -> list[Row]:
    """Ticks until so many accepted orders are in the warehouse."""
    world = World(delay, NO_END, SKUS)
    for number in range(count):
        world.sim.order(DK, items(number))

    def work(market: MarketWorld) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        while True:
            done = sync_orders(market, partial(skus_found, market))
            found.update(done)
            if found["made"] >= count or not done:
                return found

    return [world.measure(f"{count:,} orders into the warehouse, {_ms(delay)}", work)]


def stock(count: int, delay: float) -> list[Row]:
    """Stock of all variants, and again when nothing changed."""
    world = World(delay, NO_END, count)
    rows = []
    for what in ("told", "unchanged"):
        rows.append(world.measure(f"{count:,} variants {what}, {_ms(delay)}", push_stock))
        world.clock.advance(hours=1)
    return rows


def rmas(count: int, delay: float) -> list[Row]:
    """So many new RMAs, and again when nothing changed."""
    world = World(delay, NO_END, SKUS)
    for number in range(count):
        order, _ = world.sim.order(DK, items(number))
        world.sim.create_rma(DK, order)
    sent: list[str] = []
    rows = []
    for what in ("new", "unchanged"):
        name = f"{count:,} RMAs {what}, {_ms(delay)}"
        rows.append(world.measure(name, lambda m: fetch_rmas(m, Way(sent.append, lambda: 0))))
        world.clock.advance(minutes=5)
    return rows


def _ms(delay: float) -> str:
    return f"{delay * 1000:.0f} ms"


PARTS: dict[str, tuple[Callable[[int, float], list[Row]], int, tuple[float, ...]]] = {
    "transfers": (transfers, 5000, (0.0, 0.05, 0.2)),
    "orders": (orders, 1000, (0.0, 0.05, 0.2)),
    "stock": (stock, 50_000, (0.0, 0.2)),
    "rmas": (rmas, 1000, (0.0, 0.2)),
}


RATIOS = (
    (
        "stock, told against unchanged",
        "50,000 variants told, 0 ms",
        "50,000 variants unchanged, 0 ms",
    ),
    ("RMAs, new against unchanged", "1,000 RMAs new, 0 ms", "1,000 RMAs unchanged, 0 ms"),
)


def measured(part: str, count: int, delay: float) -> list[Row]:
    """One measurement, in a process of its own."""
    rows = apart("bench.miinto", "--one", part, "--count", count, "--delay", delay)
    return [Row(**row) for row in rows]


def show(console: Console, rows: list[Row]) -> None:
    """The rows as a table."""
    table = Table(title="The marketplace, one tick", title_justify="left")
    names = ("what", "ended", "requests", "DynamoDB", "virtual s", "CPU s", "MB before", "MB peak")
    for name in names:
        table.add_column(name, justify="left" if name in {"what", "ended"} else "right")
    for row in rows:
        ended = ", ".join(f"{count} {word}" for word, count in sorted(row.counts.items()))
        asked = "\n".join(f"{count} {name}" for name, count in sorted(row.requests.items()))
        table.add_row(
            row.what,
            ended or "nothing to do",
            asked or "0",
            str(row.dynamodb),
            f"{row.seconds:.0f}",
            f"{row.cpu:.1f}",
            f"{row.before_mb:.0f}",
            f"{row.peak_mb:.0f}",
        )
    console.print(table)
    most = max(row.peak_mb for row in rows)
    console.print(
        f"most memory: {most:.0f} MB, {most / MEGABYTES:.2f} of the function's {MEGABYTES}"
    )
    known = {row.what: row for row in rows}
    for title, more, less in RATIOS:
        if more in known and less in known:
            one, other = known[more], known[less]
            told = [
                f"requests {ratio(sum(one.requests.values()), sum(other.requests.values()))}",
                f"CPU {ratio(one.cpu, other.cpu)}",
                f"DynamoDB {ratio(one.dynamodb, other.dynamodb)}",
            ]
            console.print(f"{title}: {', '.join(told)}")


def ratio(more: float, less: float) -> str:
    """How many times as much."""
    return f"{more / less:.1f} x" if less else "no end"


def marketplace(console: Console, parts: list[str]) -> None:
    """Measure and show."""
    rows: list[Row] = []
    for part in parts:
        _, count, delays = PARTS[part]
        for delay in delays:
            rows += measured(part, count, delay)
    show(console, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.miinto", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="only these")
    parser.add_argument("--one", choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--delay", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        rows = PARTS[given.one][0](given.count or PARTS[given.one][1], given.delay)
        sys.stdout.write(json.dumps([asdict(row) for row in rows]) + "\n")
        return
    marketplace(Console(width=150, highlight=False), given.only or list(PARTS))


if __name__ == "__main__":
    main()
