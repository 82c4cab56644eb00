"""What a look at stock and SKUs costs: python -m bench.drift

50,000 SKUs in each of five warehouses, in Mintsoft, Unleashed, WAIR and two shops of Miinto; one
SKU in a hundred differs in each. Mintsoft and Unleashed are simulators in a process of their own,
behind the real adapters, so that memory and processor time are the hub's alone. Each look is in a
process of its own. How long it takes is computed: the processor's time, and for each call what the
partner takes, or its turn where its pace is slower.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from time import process_time

from rich.console import Console
from rich.table import Table

from bench import unleashed_world
from bench.apart import apart
from bench.drift_world import DIFFERS, drift_world, file_of, places
from bench.memory import forget_peak, memory
from bench.turns import seconds
from bench.unleashed_world import BEFORE, MEGABYTES, world_of
from returns_hub.flows.drift.comparisons import COMPARISONS, STOCK
from returns_hub.flows.drift.look import look_at

SKUS, WAREHOUSES = 50_000, 5
LISTS = tuple(made for made in COMPARISONS if made.name == "lint.skus")
"""The other large readings: what they leave behind is in memory beside it."""
UNITS = 10
DELAYS = (0.0, 0.05, 0.2)


@dataclass(frozen=True)
class Looked:
    """What one look came to.

    Args:
        skus: In each warehouse.
        warehouses: How many.
        found: Kind -> differences.
        failed: Comparisons that could not be made.
        calls: By who was asked.
        cpu: Seconds of this machine's processor.
        before_mb: What the process held before.
        peak_mb: The most that it held.
    """

    skus: int
    warehouses: int
    found: dict[str, int]
    failed: dict[str, str]
    calls: dict[str, int]
    cpu: float
    before_mb: float
    peak_mb: float

    def seconds(self, delay: float) -> float:
        """How long it takes when partners take so long for an answer."""
        return seconds(self.cpu, self.calls, delay)


def look(skus: int, warehouses: int) -> Looked:
    """One look, here."""
    unleashed_world.DELAYS.update(dict.fromkeys(unleashed_world.DELAYS, 0.0))
    with world_of(
        "stock",
        {"mode": "shadow"},
        processor=0.0,
        file=file_of(warehouses),
        warehouses=places(warehouses),
    ) as world:
        world.outside.do("stock_catalogue", skus, 0, UNITS, now=BEFORE)
        more = {code: id_ for code, id_ in places(warehouses).items() if id_ > 4}
        world.outside.do("more_places", more, now=BEFORE)
        world.outside.do("miscount_there", skus // DIFFERS, UNITS + 1, now=BEFORE)
        around = drift_world(world, skus, UNITS, warehouses)
        world.outside.requests.clear()
        forget_peak()
        before, cpu = memory("VmRSS"), process_time()
        looked = look_at(around, keep=False, comparisons=(*STOCK, *LISTS))
        spent, peak = process_time() - cpu, memory("VmHWM")
    assert looked is not None
    counted = Counter(looked.look.suspected) + Counter(looked.look.counted)
    counted.update(looked.look.beyond)
    return Looked(
        skus=skus,
        warehouses=warehouses,
        found=dict(counted),
        failed=dict(looked.look.failed),
        calls=dict(world.outside.requests),
        cpu=spent,
        before_mb=before,
        peak_mb=peak,
    )


def show(console: Console, rows: list[Looked]) -> None:
    """The looks as a table, and what has to hold."""
    table = Table(title="A look at stock and SKUs", title_justify="left")
    for name in ("SKUs", "found", "calls", "CPU s", *(f"s at {1000 * d:.0f} ms" for d in DELAYS)):
        table.add_column(name)
    for name in ("MB before", "MB peak"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            f"{row.skus:,} x {row.warehouses}",
            "\n".join(f"{many:,} {kind}" for kind, many in sorted(row.found.items())),
            "\n".join(f"{many:,} {partner}" for partner, many in sorted(row.calls.items())),
            f"{row.cpu:.1f}",
            *(f"{row.seconds(delay):.0f}" for delay in DELAYS),
            f"{row.before_mb:.0f}",
            f"{row.peak_mb:.0f}",
        )
    console.print(table)
    most = max(row.peak_mb for row in rows)
    console.print(f"most memory: {most:.0f} MB, {most / MEGABYTES:.2f} of {MEGABYTES}")
    if most > MEGABYTES or any(row.failed for row in rows):
        raise SystemExit(f"bench: {[row.failed for row in rows]}, {most:.0f} MB")


def measured(skus: int, warehouses: int) -> Looked:
    """One look, in a process of its own."""
    return Looked(**apart("bench.drift", "--one", "--skus", skus, "--warehouses", warehouses))


def drift(console: Console, skus: int = SKUS, warehouses: int = WAREHOUSES) -> None:
    """Measure and show."""
    show(console, [measured(skus, warehouses)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.drift", description=__doc__)
    parser.add_argument("--skus", type=int, default=SKUS, help="in each warehouse")
    parser.add_argument("--warehouses", type=int, default=WAREHOUSES, help="two at least")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        found = look(given.skus, given.warehouses)
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        return
    drift(Console(width=150, highlight=False), given.skus, given.warehouses)


if __name__ == "__main__":
    main()
