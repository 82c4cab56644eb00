"""What telling despatches upstream costs: python -m bench.relay

Orders that left in one moment are found by the ticks of wair_sync, put onto the queue, and told to
one receiver by batches of ten. The composition root and the adapters are the functions' own.
DynamoDB, Mintsoft and the receiver are simulated in this process, so that their processor time is
counted too: the hub's own is less. How long it takes is computed: the processor's time, and for
each call what whoever is asked takes, or its turn where its pace is slower.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from time import process_time

from rich.console import Console
from rich.table import Table

from bench.apart import apart
from bench.memory import forget_peak, memory
from bench.turns import seconds
from tests.support.order_worlds import draft
from tests.support.relay import RelayBench
from tests.support.relay_hub import RelayHub

COUNTS = (500, 5_000)
DELAYS = (0.0, 0.05, 0.2)
AT_ONCE = 10
MOST_TICKS = 100
MEGABYTES = 256
"""Both functions' in template.yaml."""
BEFORE_MB = 85
"""What a function's process holds before it does anything, boto3 among it: see `bench.wair`."""


@dataclass(frozen=True)
class Told:
    """What one half of the way came to.

    Args:
        what: In words.
        despatches: How many.
        runs: Invocations.
        calls: By who was asked.
        cpu: Seconds of this machine's processor.
        more_mb: The most that the process held beyond what it held before. What simulators keep of
            it is among it, so that the function takes less.
    """

    what: str
    despatches: int
    runs: int
    calls: dict[str, int]
    cpu: float
    more_mb: float

    def seconds(self, delay: float) -> float:
        """How long it takes when partners take so long for an answer, one after the other."""
        return seconds(self.cpu, self.calls, delay)


def relay(count: int) -> list[Told]:
    """So many despatches, here.

    Raises:
        RuntimeError: One was not told, or told twice.
    """
    bench = RelayBench()
    source = RelayHub("WairSyncFunction", bench)
    source.apply()
    by = bench.clock.now() + timedelta(days=1)
    for number in range(count):
        content = draft(f"DK-{number}", ("TEE", 2), ("MUG", 1))
        order = bench.mintsoft.orders[bench.orders.create_order(content, by).order_id]
        order.status_id, order.tracking_number = 4, f"TR-{number}"
        order.despatched_at = order.updated_at = bench.clock.now()
    queue, found = _found(bench, source, count)
    return [found, _told(bench, source, queue)]


def _found(bench: RelayBench, source: RelayHub, count: int) -> tuple[list[str], Told]:
    bench.to_mintsoft.requests.clear()
    source.calls.clear()
    queue: list[str] = []
    runs = 0
    forget_peak()
    before, cpu = memory("VmRSS"), process_time()
    while len(queue) < count:
        source.feed_tick()
        queue += [json.dumps(message) for message in source.take()]
        runs += 1
        if runs > MOST_TICKS:
            raise RuntimeError(f"{len(queue)} of {count} on the queue after {runs} ticks")
    spent = process_time() - cpu
    calls = {"mintsoft": len(bench.to_mintsoft.requests), "dynamodb": len(source.calls)}
    calls["sqs"] = len(queue)
    return queue, Told("found, onto the queue", count, runs, calls, spent, memory("VmHWM") - before)


def _told(bench: RelayBench, source: RelayHub, queue: list[str]) -> Told:
    hub = RelayHub("DespatchRelayFunction", bench, behind=source)
    count, runs = len(queue), 0
    forget_peak()
    before, cpu = memory("VmRSS"), process_time()
    while queue:
        some, queue = queue[:AT_ONCE], queue[AT_ONCE:]
        queue += [some[int(number)] for number in hub.despatches(*some)]
        runs += 1
        if runs > count:
            raise RuntimeError(f"{len(queue)} of {count} come back for ever")
    spent = process_time() - cpu
    if len(bench.taken()) != count or bench.channel.books.came_again:
        raise RuntimeError(f"{len(bench.taken())} of {count} told")
    calls = {"receiver": len(bench.posts()), "dynamodb": len(hub.calls)}
    return Told("told, in batches of ten", count, runs, calls, spent, memory("VmHWM") - before)


def show(console: Console, rows: list[Told]) -> None:
    """The table, and what has to hold."""
    table = Table(title="Despatches upstream", title_justify="left")
    for name in ("despatches", "what", "runs", "calls", "calls each", "CPU ms each"):
        table.add_column(name)
    for name in (*(f"s at {1000 * d:.0f} ms" for d in DELAYS), "more MB"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            f"{row.despatches:,}",
            row.what,
            f"{row.runs:,}",
            "\n".join(f"{many:,} {whom}" for whom, many in sorted(row.calls.items())),
            f"{sum(row.calls.values()) / row.despatches:.1f}",
            f"{1000 * row.cpu / row.despatches:.1f}",
            *(f"{row.seconds(delay):.0f}" for delay in DELAYS),
            f"{row.more_mb:.0f}",
        )
    console.print(table)
    most = BEFORE_MB + max(row.more_mb for row in rows)
    console.print(f"at most {most:.0f} MB, {most / MEGABYTES:.2f} of {MEGABYTES}")
    if most > MEGABYTES:
        raise SystemExit("bench: the relay would not fit into its memory")


def measured(count: int) -> list[Told]:
    """So many despatches, in a process of their own."""
    return [Told(**row) for row in apart("bench.relay", "--one", count)]


def despatches(console: Console) -> None:
    """Measure and show."""
    show(console, [row for count in COUNTS for row in measured(count)])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.relay", description=__doc__)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        rows = [asdict(row) for row in relay(given.one)]
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    despatches(Console(width=150, highlight=False))


if __name__ == "__main__":
    main()
