"""What the ERP costs: python -m bench.unleashed

A catalogue of 50,000 products, 5,000 changed orders and the stock of two warehouses go through the
function's own code: the schedule's tick, the composition root, boto3 and the real adapters. The
simulators of Unleashed and Mintsoft and the DynamoDB are in a process of their own, so that memory
and processor time are the hub's alone. Each part is measured in processes of its own.

Time is virtual: partners take a tenth and a fifth of a second, DynamoDB 4 ms, and what the hub
computes takes as long as it would with the seventh of a processor that Lambda gives to 256 MB. An
invocation has 300 s, and there is one every five minutes at most.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.unleashed_world import BEFORE, MEGABYTES, PROCESSOR, Row, World, world_of

MONTHLY_CALLS = 250_000
"""`unleashed.monthly_calls` where the file does not say."""
MISSING = 100
"""Every so many products are not at Mintsoft."""
UNITS = 10
"""Of every product in every warehouse."""


def products(count: int, processor: float = PROCESSOR) -> list[Row]:
    """The first sync of a catalogue, whose container is killed in its middle; then ten changes."""
    source = "unleashed.products"
    with world_of("products", processor=processor) as world:
        _before(world, "stock_catalogue", count, MISSING)
        first = world.measure(
            f"{count:,} products, first", source, notes=lambda: _made(world, "Products")
        )
        quiet = world.measure("the same, unchanged", source)
        world.outside.do("change_products", 10)
        changed = world.measure("10 of them changed", source)
    with world_of("products", processor=processor) as world:
        _before(world, "stock_catalogue", count, MISSING)
        # In the middle of the requests of the first one.
        world.kill_at(sum(first.requests.values()) // 2)
        before = _pages(world.outside.do("take_asked"), "Products")
        resumed = world.measure(
            f"{count:,} products, killed half-way, the rest",
            source,
            notes=lambda: _again(world, before, "Products"),
        )
    return [first, quiet, changed, resumed]


def orders(count: int, processor: float = PROCESSOR) -> list[Row]:
    """So many new sales orders; then one in a hundred is edited."""
    source, edits = "unleashed.orders", max(count // 100, 1)
    with world_of("orders", processor=processor) as world:
        _before(world, "stock_catalogue", 200, 0, 10 * count)
        world.outside.do("place_orders", count, 200)
        first = world.measure(
            f"{count:,} orders, made", source, notes=lambda: _made(world, "SalesOrders")
        )
        quiet = world.measure("the same, unchanged", source)
        world.outside.do("edit_orders", edits)
        edited = world.measure(
            f"{edits} of them edited", source, notes=lambda: _made(world, "SalesOrders")
        )
    return [first, quiet, edited]


def stock(count: int, processor: float = PROCESSOR) -> list[Row]:
    """The stock of so many products in two warehouses; one in a hundred was counted anew in one."""
    source, differ = "unleashed.stock", max(count // 100, 1)
    settings = {"adjustment_means": "delta"}
    with world_of("stock", settings, processor=processor) as world:
        _before(world, "stock_catalogue", count, 0, UNITS)
        world.prove_stock()
        world.outside.do("miscount", differ, UNITS + 1)
        first = world.measure(
            f"{count:,} products in two warehouses, compared", source, notes=lambda: _stock(world)
        )
        adjusted = world.measure(
            f"{differ:,} differences, adjusted", source, notes=lambda: _stock(world)
        )
        quiet = world.measure("the same, unchanged", source, notes=lambda: _stock(world))
        world.clock.sleep(24 * 3600)
        again = world.measure(
            "a day later, every product again", source, notes=lambda: _stock(world)
        )
    return [first, adjusted, quiet, again]


def _stock(world: World) -> dict[str, int]:
    asked = world.outside.do("take_asked")
    return {
        "pages of StockOnHand": len(_pages(asked, "StockOnHand")),
        "adjustments": sum(one.startswith("POST /StockAdjustments") for one in asked),
        "left that differ": world.outside.do("stock_differs"),
    }


def _before(world: World, what: str, *arguments: Any) -> None:
    """What was there before the hub came."""
    world.outside.do(what, *arguments, now=BEFORE)


def _pages(asked: list[str], resource: str) -> list[int]:
    """Numbers of the pages of a list, in the order in which they were read."""
    words = [one.rpartition("/") for one in asked]
    return [int(page) for path, _, page in words if path == f"GET /{resource}" and page.isdigit()]


def _made(world: World, resource: str) -> dict[str, int]:
    asked = world.outside.do("take_asked")
    return {
        f"pages of {resource}": len(_pages(asked, resource)),
        "twice": world.outside.do("twice"),
        **{f"{name} at Mintsoft": count for name, count in world.outside.do("there").items()},
    }


def _again(world: World, before: list[int], resource: str) -> dict[str, int]:
    after = _pages(world.outside.do("take_asked"), resource)
    return {
        "last page before": max(before, default=0),
        "first page after": after[0],
        "twice": world.outside.do("twice"),
        **{f"{name} at Mintsoft": count for name, count in world.outside.do("there").items()},
    }


Part = Callable[..., list[Row]]
PARTS: dict[str, tuple[Part, int]] = {
    "products": (products, 50_000),
    "orders": (orders, 5_000),
    "stock": (stock, 50_000),
}
SMALL = 50
"""With --small a part has so many times less."""


def show(console: Console, rows: list[Row]) -> None:
    """The rows as a table, and what has to hold."""
    table = Table(title="The ERP", title_justify="left")
    names = ("what", "runs", "ended", "requests", "hours", "CPU s", "MB before", "MB peak", "also")
    for name in names:
        table.add_column(name, justify="left" if name in {"what", "ended", "also"} else "right")
    for row in rows:
        table.add_row(
            row.what,
            str(row.runs),
            _lines(row.counts),
            _lines(row.requests),
            f"{row.hours:.2f}",
            f"{row.cpu:.1f}",
            f"{row.before_mb:.0f}",
            f"{row.peak_mb:.0f}",
            _lines(row.notes),
        )
    console.print(table)
    most = max(row.peak_mb for row in rows)
    console.print(f"most memory: {most:.0f} MB, {most / MEGABYTES:.2f} of {MEGABYTES}")
    for row in rows:
        calls = row.requests.get("unleashed", 0)
        console.print(
            f"{row.what}: {calls} calls, {100 * calls / MONTHLY_CALLS:.2f} % of {MONTHLY_CALLS:,}"
        )
    if most > MEGABYTES:
        raise SystemExit("bench: the function would not fit into its memory")


def _lines(counts: Any) -> str:
    return "\n".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "nothing"


def measured(part: str, count: int) -> list[Row]:
    """One part, in a process of its own."""
    return [Row(**row) for row in apart("bench.unleashed", "--one", part, "--count", count)]


def erp(console: Console, parts: list[str], *, small: bool = False) -> None:
    """Measure and show."""
    rows: list[Row] = []
    for part in parts:
        count = PARTS[part][1]
        rows += measured(part, count // SMALL if small else count)
    show(console, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.unleashed", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="only these")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} times less of everything")
    parser.add_argument("--profile", choices=list(PARTS), help="where a part's time goes")
    parser.add_argument("--one", choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        rows = PARTS[given.one][0](given.count or PARTS[given.one][1])
        sys.stdout.write(json.dumps([asdict(row) for row in rows]) + "\n")
        return
    if given.profile:
        part, count = PARTS[given.profile]
        profile = cProfile.Profile()
        profile.runcall(part, given.count or count // SMALL, 0.0)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        return
    erp(Console(width=170, highlight=False), given.only or list(PARTS), small=given.small)


if __name__ == "__main__":
    main()
