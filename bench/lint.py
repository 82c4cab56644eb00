"""What the lint of SKUs costs: python -m bench.lint

50,000 products at Mintsoft and at Unleashed and 50,000 rows of a feed go through the composition
root and the real adapters, once with nothing wrong and once with every SKU spelt otherwise on each
side. What is outside is a process of its own (`bench.unleashed_world`); time is virtual.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from time import process_time
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.memory import forget_peak, memory
from bench.unleashed_world import MEGABYTES, MERCHANT, PROCESSOR, SETTINGS, Row, World, world_of
from returns_hub.drift_runs import DriftRuns
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.lints import LINTS
from returns_hub.ports.marketplace import FeedRow

COUNT = 50_000
SECONDS = 900.0
"""The timeout of the function that looks, in template.yaml."""
CASES = ("nothing wrong", "every SKU spelt otherwise")


def lint(count: int, case: str, processor: float = PROCESSOR) -> Row:
    """One look at so many products of each system."""
    with world_of("products", processor=processor) as world:
        world.outside.do("stock_catalogue", count, 0)
        world.outside.do("carry_samples")
        is_wrong = case == CASES[1]
        if is_wrong:
            world.outside.do("spell_otherwise")
        looked = _drift_world(world, count, shout=is_wrong)
        return _measured(world, looked, f"{count:,} products of three systems, {case}")


def _drift_world(world: World, count: int, *, shout: bool) -> DriftWorld:
    names = {"feed_table": "FeedTable", "findings_table": "FindingsTable"}
    world.hub.settings = SETTINGS.model_copy(update=names)
    ends = world.clock.monotonic() + SECONDS
    world.clock.begin(lambda: ends - world.clock.monotonic())

    def feed(*, nameless: bool = False) -> Iterator[FeedRow]:
        del nameless
        for number in range(count):
            sku = f"SKU-{number:06d}"
            written = f"{sku[:3]}\u2013{sku[4:]}" if shout else sku
            yield FeedRow(written, f"G{number}", "Acme", "Red", "M", f"57{number:011d}")

    market = SimpleNamespace(
        merchant=MERCHANT,
        settings=SimpleNamespace(feed=True),
        marketplace=SimpleNamespace(feed=feed),
        market=SimpleNamespace(orders_in_work=lambda *_: (), transfers_in_work=lambda *_: ()),
    )
    return replace(DriftRuns(world.hub).world(MERCHANT), market=cast(Any, market))


def _measured(world: World, looked: DriftWorld, what: str) -> Row:
    (skus,) = (one for one in LINTS if one.name == "lint.skus")
    world.outside.requests.clear()
    began = world.clock.now()
    forget_peak()
    before, cpu = memory("VmRSS"), process_time()
    counts = Counter(found.kind.removeprefix("lint.") for found in skus.differences(looked))
    spent, peak = process_time() - cpu, memory("VmHWM")
    hours = (world.clock.now() - began).total_seconds() / 3600
    return Row(what, 1, dict(counts), dict(world.outside.requests), hours, spent, before, peak)


def measured(case: str, count: int) -> Row:
    """One case, in a process of its own."""
    return Row(**apart("bench.lint", "--one", case, "--count", count))


def lints(console: Console, count: int = COUNT) -> None:
    """Measure and show; ends the program when it would not fit into the function's memory."""
    rows = [measured(case, count) for case in CASES]
    table = Table(title="The lint of SKUs", title_justify="left")
    for name in ("what", "found", "requests", "minutes", "CPU s", "MB before", "MB peak"):
        table.add_column(name)
    for row in rows:
        found = "\n".join(f"{n:,} {kind}" for kind, n in sorted(row.counts.items())) or "nothing"
        asked = "\n".join(f"{n:,} {whom}" for whom, n in sorted(row.requests.items()))
        table.add_row(
            row.what,
            found,
            asked,
            f"{row.hours * 60:.1f}",
            f"{row.cpu:.1f}",
            f"{row.before_mb:.0f}",
            f"{row.peak_mb:.0f}",
        )
    console.print(table)
    most = max(row.peak_mb for row in rows)
    console.print(f"most memory: {most:.0f} MB, {most / MEGABYTES:.2f} of {MEGABYTES}")
    if most > MEGABYTES:
        raise SystemExit("bench: the lint would not fit into its memory")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="What the lint of SKUs costs")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--one", choices=CASES)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(asdict(lint(asked.count, asked.one))))
    else:
        lints(Console(), asked.count)


if __name__ == "__main__":
    main()
