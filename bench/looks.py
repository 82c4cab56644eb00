"""What a look at many returns and orders costs: python -m bench.looks

5,000 returns in the portal and 5,000 orders at the warehouse, all as they should be but for one in
a hundred of each. The composition root and the adapters are drift_report's own. DynamoDB, Redo and
Mintsoft are simulated in this process, so that their processor time and memory are counted too.
How long it takes is computed as in `bench.relay`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from time import process_time

import requests
from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.memory import forget_peak, memory
from bench.turns import seconds
from returns_hub.drift_runs import DriftRuns
from returns_hub.flows.drift.comparisons import ORDERS, RETURNS
from returns_hub.flows.drift.look import look_at
from tests.support.order_worlds import draft
from tests.support.relay import RelayBench
from tests.support.wair_hub import WairHub
from tests.support.worlds import TOKEN, item, redo_return

COUNTS = (500, 5_000)
DELAYS = (0.0, 0.05, 0.2)
DIFFERS = 100


@dataclass(frozen=True)
class Looked:
    """What one look came to.

    Args:
        count: Returns, and as many orders.
        found: Kind -> differences.
        failed: Comparisons that could not be made.
        calls: By who was asked.
        cpu: Seconds of this machine's processor.
        more_mb: What the look took beyond what was held before, simulators included.
    """

    count: int
    found: dict[str, int]
    failed: dict[str, str]
    calls: dict[str, int]
    cpu: float
    more_mb: float

    def seconds(self, delay: float) -> float:
        """How long it takes when partners take so long for an answer, one after the other."""
        return seconds(self.cpu, self.calls, delay)


class _Hub(WairHub):
    def _session(self) -> requests.Session:
        session = super()._session()
        session.mount("http://127.0.0.1:1", self.bench.to_redo)
        return session


def look(count: int) -> Looked:
    """One look, here."""
    bench = RelayBench()
    hub = _Hub("DriftReportFunction", bench)
    hub.set_secret("example", "redo", {"api_token": TOKEN})
    bench.secrets.values["example", "redo"] = {"api_token": TOKEN}
    by = bench.clock.now() + timedelta(days=30)
    told = {"createdAt": bench.clock.now().isoformat(), "updatedAt": bench.clock.now().isoformat()}
    for number in range(count):
        # One that was approved is expected at the warehouse, and the hub never heard of it.
        status = "open" if number % DIFFERS == 1 else "rejected"
        made = redo_return([item(1, "TEE")], id=f"ret_{number:06d}", status=status, **told)
        bench.put(made)
        order = bench.orders.create_order(draft(f"DK-{number}", ("TEE", 1)), by).order_id
        if number % DIFFERS != 1:
            bench.mintsoft.orders[order].status_id = 4
    bench.clock.advance(days=4)
    hub.apply(wair=None)
    hub.calls.clear()
    bench.to_mintsoft.requests.clear()
    bench.to_redo.requests.clear()
    with hub.invocation(900.0):
        world = DriftRuns(hub.hub).world("example")
        forget_peak()
        before, cpu = memory("VmRSS"), process_time()
        looked = look_at(world, keep=False, comparisons=(*RETURNS, *ORDERS))
        spent, peak = process_time() - cpu, memory("VmHWM")
    assert looked is not None
    counted = Counter(looked.look.suspected) + Counter(looked.look.counted)
    counted.update(looked.look.beyond)
    return Looked(
        count=count,
        found=dict(counted),
        failed=dict(looked.look.failed),
        calls={
            "dynamodb": len(hub.calls),
            "mintsoft": len(bench.to_mintsoft.requests),
            "redo": len(bench.to_redo.requests),
        },
        cpu=spent,
        more_mb=peak - before,
    )


def show(console: Console, rows: list[Looked]) -> None:
    """The table, and what has to hold."""
    table = Table(title="A look at returns and orders", title_justify="left")
    for name in ("returns, orders", "found", "calls", "CPU s"):
        table.add_column(name)
    for name in (*(f"s at {1000 * d:.0f} ms" for d in DELAYS), "more MB"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            f"{row.count:,}",
            "\n".join(f"{many:,} {kind}" for kind, many in sorted(row.found.items())),
            "\n".join(f"{many:,} {whom}" for whom, many in sorted(row.calls.items())),
            f"{row.cpu:.1f}",
            *(f"{row.seconds(delay):.0f}" for delay in DELAYS),
            f"{row.more_mb:.0f}",
        )
    console.print(table)
    if any(row.failed for row in rows):
        raise SystemExit(f"bench: {[row.failed for row in rows]}")


def measured(count: int) -> Looked:
    """One look, in a process of its own."""
    return Looked(**apart("bench.looks", "--one", count))


def looks(console: Console) -> None:
    """Measure and show."""
    show(console, [measured(count) for count in COUNTS])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.looks", description=__doc__)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(asdict(look(given.one))) + "\n")
        return
    looks(Console(width=150, highlight=False))


if __name__ == "__main__":
    main()
