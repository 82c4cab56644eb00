"""Measure the return flow on the local stack's AWS and simulators: python -m bench

Everything is measured in one run, in this process (no Lambda host), so that ratios compare like
with like. Milliseconds are this machine's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.drift import drift
from bench.lint import lints
from bench.looks import looks
from bench.miinto import PARTS, marketplace
from bench.relay import despatches
from bench.side_by_side import show, side_by_side
from bench.unleashed import PARTS as ERP_PARTS
from bench.unleashed import erp
from bench.wair import wair
from local.aws import LocalAws
from local.merchant_samples import MERCHANTS, apply_files, sample_secrets
from local.partners import PartnerSimulators, partner_simulators
from local.run.publish import Sample, message_of, put_in_portal, samples
from local.stack import Stack, translated
from local.world import STATE, TEMPLATE, hub_of
from returns_hub.bootstrap import Hub

PLAIN = "One line, one shipment, full message"


@dataclass
class Context:
    """A Lambda context with plenty of time."""

    aws_request_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass
class Bench:
    """A hub over a local AWS, and counters of what it asks of whom."""

    hub: Hub
    partners: PartnerSimulators
    requests: Counter[str] = field(default_factory=Counter)

    def partner_calls(self) -> Counter[str]:
        return self.partners.redo.calls.counts + self.partners.mintsoft.calls.counts


@contextmanager
def bench_world(delay: float) -> Iterator[Bench]:
    with (
        tempfile.TemporaryDirectory() as state,
        partner_simulators(delay) as partners,
        LocalAws(Path(state)) as aws,
    ):
        stack = Stack(translated(TEMPLATE, STATE), {"Stage": "local"}, stack_name="bench")
        aws.deploy(stack)
        functions = stack.functions().values()
        variables = {k: v for spec in functions for k, v in spec.environment.items()}
        made = Bench(hub_of({**variables, **aws.environment}), partners)
        sample_secrets(made.hub, partners)
        apply_files(made.hub, partners, MERCHANTS)
        made.hub.dynamodb.meta.events.register(
            "before-call.dynamodb.*", lambda model, **_: made.requests.update([model.name])
        )
        yield made


def plain_returns(count: int) -> list[Sample]:
    files = len(samples(None, datetime.now(UTC)))
    every = samples(files * count, datetime.now(UTC))
    return [sample for sample in every if sample.about == PLAIN][:count]


def event_of(some: list[Sample]) -> dict[str, Any]:
    records = [
        {
            "messageId": uuid.uuid4().hex,
            "receiptHandle": "none",
            "body": message_of(sample),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        for sample in some
    ]
    return {"Records": records}


def announce(bench: Bench, some: list[Sample]) -> None:
    with bench.hub.invocation(Context()) as run:
        answer = run.approved_returns(event_of(some))
    if answer["batchItemFailures"]:
        raise SystemExit("bench: a return was not announced; the figures would mean nothing")


def one_by_one_and_side_by_side(console: Console) -> None:
    table = Table(title="Announcing 50 returns, full messages", title_justify="left")
    for name in ("partner", "one by one", "batches of 10", "ratio", "p50 of one"):
        table.add_column(name, justify="right")
    for delay in (0.0, 0.05, 0.2):
        alone, batches = _announce_both_ways(delay)
        table.add_row(
            f"{delay * 1000:.0f} ms",
            f"{50 / sum(alone):.0f}/s",
            f"{50 / sum(batches):.0f}/s",
            f"{sum(alone) / sum(batches):.1f} x",
            f"{statistics.median(alone) * 1000:.0f} ms",
        )
    console.print(table)


def _announce_both_ways(delay: float) -> tuple[list[float], list[float]]:
    """Seconds of 50 returns one by one, and of 50 in batches of 10."""
    with bench_world(delay) as bench:
        returns = plain_returns(101)
        put_in_portal(returns, bench.partners)
        announce(bench, returns[:1])
        alone = [_timed(bench, [one]) for one in returns[1:51]]
        batches = [_timed(bench, returns[at : at + 10]) for at in range(51, 101, 10)]
    return alone, batches


def _timed(bench: Bench, some: list[Sample]) -> float:
    started = time.perf_counter()
    announce(bench, some)
    return time.perf_counter() - started


def cost_of_one(console: Console) -> None:
    with bench_world(0) as bench:
        returns = plain_returns(3)
        put_in_portal(returns, bench.partners)
        table = Table(title="What one return asks for", title_justify="left")
        for name in ("step", "DynamoDB requests", "partner calls"):
            table.add_column(name)
        for name, some in (("announce, cold", returns[:1]), ("announce, warm", returns[1:2])):
            bench.requests.clear()
            before = bench.partner_calls()
            announce(bench, some)
            table.add_row(name, _told(bench.requests), _told(bench.partner_calls() - before))
        for name in ("settle its receipt", "a tick with nothing new"):
            if name == "settle its receipt":
                for record in list(bench.partners.mintsoft.returns.values())[:1]:
                    bench.partners.mintsoft.receive(record.id)
            bench.requests.clear()
            before = bench.partner_calls()
            with bench.hub.invocation(Context()) as run:
                run.receipts_of_merchants(
                    {
                        "Records": [
                            {
                                "messageId": "1",
                                "receiptHandle": "none",
                                "body": json.dumps({"merchant": "example"}),
                                "attributes": {},
                            }
                        ]
                    }
                )
            table.add_row(name, _told(bench.requests), _told(bench.partner_calls() - before))
    console.print(table)


def _told(counts: Counter[str]) -> str:
    rows = "\n".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{sum(counts.values())} in all\n{rows}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="fault schedules of the comparison")
    parser.add_argument("--quick", action="store_true", help="what one return asks for, alone")
    # `make bench` gives its arguments to bench.throughput as well, which has others of its own.
    given, _ = parser.parse_known_args()
    console = Console(width=120, highlight=False)
    cost_of_one(console)
    if given.quick:
        return
    one_by_one_and_side_by_side(console)
    marketplace(Console(width=150, highlight=False), list(PARTS))
    erp(Console(width=170, highlight=False), list(ERP_PARTS))
    wide = Console(width=150, highlight=False)
    for measure in (drift, lints, looks, wair, despatches):
        measure(wide)
    show(console, given.seeds, side_by_side(given.seeds))


if __name__ == "__main__":
    main()
