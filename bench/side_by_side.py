"""Four ways to do one job, under the same faults: python -m bench.side_by_side [--seeds N]

The job is in `bench.rivals`, with what each rival does and does not do; "this hub" is the real
`create_external_return`. Each seed of the simulation decides the returns, how often and how far
apart their messages are published, the outages and the rates of all other faults; each way lives
through every seed with the same. Which single request a fault hits is rolled as requests come, so
it differs between ways that make different requests.

A return in the dead-letter queue counts as lost, unless another message of it got through. A record
"made twice" is one beyond the first that carries its shipment's marker. Partner calls are
attempts, those into an outage included. This hub's mean is far above its median seed: it comes back
every half minute within an outage, and a create without an answer is looked up again for a day
where that look-up is not proven on the tenant, before a person is asked.

The seeds are made narrower to be the same job for all: Mintsoft's keys are static (now and then
replaced, and set anew by an operator), nobody closes a return or adds a line to it, and nothing
arrives at the warehouse. Only the one function runs. Nobody moves messages out of the dead-letter
queue or works on what was parked. Time is virtual: seconds from approval are the simulation's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import requests
from requests.adapters import BaseAdapter
from rich.console import Console
from rich.table import Table as Shown

from bench.rivals import (
    IDEMPOTENCY_TABLE,
    Door,
    Handler,
    Job,
    naive,
    powertools,
    powertools_in_virtual_time,
    powertools_per_write,
)
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.translate import to_return
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import comment_key, marker_of
from returns_hub.domain.shipments import plan_shipments
from tests.simulation.checker import MARKER
from tests.simulation.environment import HOP, Environment, Power
from tests.simulation.lambdas import Function, Queue
from tests.simulation.partners import PartnerWire
from tests.simulation.scenario import ReturnPlan, Scenario, scenario_all_told
from tests.simulation.world import TICK, Simulation
from tests.support.dynamodb import Table

HUB = "this hub"
WAYS: dict[str, Callable[[Job], Handler] | None] = {
    "naive loop": naive,
    "Powertools, by return": powertools,
    "Powertools, by write": powertools_per_write,
    HUB: None,
}
QUEUE = "approved-returns"
TIMEOUT, VISIBILITY, MOST_RECEIVES = 60.0, 360.0, 20
"""As template.yaml has them."""
CALLS = ("partner calls", "aws calls")


def same_job(wanted: Scenario) -> Scenario:
    """The seed, narrowed to what all ways do."""
    returns = tuple(
        replace(plan, received=(), closed_by_team_at=None, merged_at=None)
        for plan in wanted.returns
    )
    return replace(wanted, authentication="api_key", returns=returns, replays_at=())


# -- a container that counts ------------------------------------------------------------------


class Container(Environment):
    """Counts what it asks of AWS and of the partners; a rival's has a door of its own."""

    hub: Any

    def __init__(
        self,
        name: str,
        way: Callable[[Job], Handler] | None,
        *,
        counts: Counter[str],
        wire: PartnerWire,
        file_of: Callable[[str], Merchant],
        **world: Any,
    ) -> None:
        self._counts = counts
        counted = _CountingWire(wire, counts)
        super().__init__(name, wire=counted, **world)
        if way is not None:
            session = requests.Session()
            session.trust_env = False
            session.mount("https://", counted.adapter(self))
            self.hub = Door(self.hub, way(Job(self.hub, session, file_of)))

    def io(self, work: Callable[[], Any], hop: float = HOP) -> Any:
        """See `Environment.io`."""
        self._counts["aws calls"] += 1
        return super().io(work, hop)


class _CountingWire(PartnerWire):
    def __init__(self, wire: PartnerWire, counts: Counter[str]) -> None:
        super().__init__(wire.scheduler, wire.dice, wire.note)
        self._wire = wire
        self._counts = counts

    def adapter(self, environment: Environment) -> BaseAdapter:
        return _CountingAdapter(self._wire.adapter(environment), self._counts)


class _CountingAdapter(BaseAdapter):
    def __init__(self, inner: BaseAdapter, counts: Counter[str]) -> None:
        super().__init__()
        self._inner = inner
        self._counts = counts

    def send(self, *arguments: Any, **more: Any) -> requests.Response:
        self._counts["partner calls"] += 1
        return self._inner.send(*arguments, **more)

    def close(self) -> None:
        self._inner.close()


# -- one seed, one way ------------------------------------------------------------------------


class OneWay(Simulation):
    """The simulation with one function: the one that announces."""

    def __init__(
        self,
        wanted: Scenario,
        way: Callable[[Job], Handler] | None,
        power: Power | None = None,
    ) -> None:
        self._way = way
        self.counts: Counter[str] = Counter()
        self._quiet_ticks = 0
        super().__init__(same_job(wanted), power)

    def _functions(self) -> None:
        self.dynamodb.tables[IDEMPOTENCY_TABLE] = Table("id", None, {})

        def container(name: str) -> Environment:
            return Container(
                name,
                self._way,
                counts=self.counts,
                file_of=self._file_of,
                scheduler=self.scheduler,
                weather=self.weather,
                dynamodb=self.dynamodb,
                secrets=self.secrets,
                queues=self.queues,
                wire=self.wire,
                telemetry=self.telemetry,
            )

        def work(run: Any, event: dict[str, Any]) -> Any:
            return run.approved_returns(event) if self._way is None else run(event)

        self.create = Function(
            "create",
            timeout=TIMEOUT,
            handler=work,
            scheduler=self.scheduler,
            weather=self.weather,
            new_environment=container,
            faults=self.faults,
        )
        self.queues[QUEUE] = Queue(
            QUEUE, self.create, self.scheduler, self.weather, VISIBILITY, MOST_RECEIVES
        )

    def _file_of(self, merchant: str) -> Merchant:
        return self._files.live(merchant).merchant

    @cached_property
    def _files(self) -> DynamoDbMerchants:
        client: Any = self.plain
        clock: Any = self.clock
        return DynamoDbMerchants(client, "MerchantsTable", clock)

    @property
    def clock(self) -> Any:
        """Virtual time, as `ports.Clock` for a store."""
        return _Clock(self)

    def _is_over(self) -> bool:
        """Whether all messages have been quiet for a while; what is lost stays lost."""
        seconds = self.scheduler.seconds
        if seconds < self._checked_at + TICK:
            return False
        self._checked_at = seconds
        last = max(plan.approved_at for plan in self.scenario.returns)
        busy = self.queues[QUEUE].messages or self.create.running or seconds <= last
        self._quiet_ticks = 0 if busy else self._quiet_ticks + 1
        return self._quiet_ticks >= 3

    def markers_of(self, plan: ReturnPlan) -> dict[str, str]:
        """Of each shipment that is to be announced: its record's marker and its comment's."""
        body = models.Return.model_validate(self.redo[plan.merchant].returns[plan.return_id])
        planned = plan_shipments(to_return(body, None), self._file_of(plan.merchant).mintsoft)
        return {
            self.marker(plan, shipment.key): marker_of(
                comment_key(plan.merchant, plan.return_id, f"announced/{shipment.key}")
            )
            for shipment in planned.shipments
        }


class _Clock:
    def __init__(self, run: OneWay) -> None:
        self._run = run

    def now(self) -> datetime:
        return self._run.scheduler.now()


# -- the books --------------------------------------------------------------------------------


@dataclass
class Books:
    """What one way came to, by the partners' own books, over some seeds."""

    counts: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    """Seconds from approval to the record of the last shipment, of each return announced."""
    of_seeds: dict[str, list[float]] = field(default_factory=dict)
    """Calls per return, of each seed."""
    seconds: float = 0.0

    def add(self, other: Books) -> None:
        """Take in another seed's."""
        self.counts.update(other.counts)
        self.delays += other.delays
        self.seconds += other.seconds
        for name, values in other.of_seeds.items():
            self.of_seeds.setdefault(name, []).extend(values)


def books_of(run: OneWay) -> Books:
    """Live through a run; its books."""
    began = time.perf_counter()
    with powertools_in_virtual_time():
        run.run()
    books = Books(Counter(run.counts))
    queue = run.queues[QUEUE]
    books.counts["dead messages"] = len(queue.dead)
    books.counts["unfinished messages"] = len(queue.messages)
    books.counts["faults"] = len(run.faults)
    made: dict[str, list[float]] = {}
    off = timedelta(seconds=run.scenario.mintsoft.clock_off)
    for record in run.mintsoft.returns.values():
        at = (record.created_at - off - run.scenario.start).total_seconds()
        for marker in {m for row in record.rows for m in MARKER.findall(row.comments)}:
            made.setdefault(marker, []).append(at)
    for plan in run.scenario.returns:
        _one_return(run, plan, made, books)
    if returns := books.counts["returns"]:
        books.of_seeds = {name: [books.counts[name] / returns] for name in CALLS}
    books.seconds = time.perf_counter() - began
    return books


def _one_return(run: OneWay, plan: ReturnPlan, made: dict[str, list[float]], books: Books) -> None:
    markers = run.markers_of(plan)
    if not markers:  # every line is kept by the customer
        return
    counts = books.counts
    told = Counter(
        marker
        for comment in run.redo[plan.merchant].comments.get(plan.return_id, [])
        for marker in MARKER.findall(comment["message"])
    )
    parked = any(item.subject == plan.return_id for item in run.parking.list_parked(plan.merchant))
    records = [len(made.get(marker, ())) for marker in markers]
    twice = sum(max(0, count - 1) for count in records)
    published = "once" if len(plan.message_delays) == 1 else "more often"
    counts["returns"] += 1
    counts["shipments"] += len(markers)
    counts["parked"] += parked
    counts["records twice"] += twice
    counts[f"records twice, published {published}"] += twice
    counts["returns with a record twice"] += twice > 0
    counts["comments twice"] += sum(max(0, told[marker] - 1) for marker in markers.values())
    if all(records):
        counts["announced"] += 1
        books.delays.append(max(made[marker][0] for marker in markers) - plan.approved_at)
        untold = any(not told[marker] for marker in markers.values())
        counts["announced, untold, not parked"] += untold and not parked
    elif not parked:
        counts["lost"] += 1


# -- many seeds, all ways ---------------------------------------------------------------------


def _seed(seed: int) -> dict[str, Books]:
    return {name: books_of(OneWay(scenario_all_told(seed), way)) for name, way in WAYS.items()}


def side_by_side(seeds: int, first: int = 0, jobs: int = os.cpu_count() or 1) -> dict[str, Books]:
    """Every way through the same seeds."""
    found = {name: Books() for name in WAYS}
    for told in _every(range(first, first + seeds), jobs):
        for name, books in told.items():
            found[name].add(books)
    return found


def _every(seeds: range, jobs: int) -> Iterator[dict[str, Books]]:
    if jobs == 1:
        yield from map(_seed, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_seed, seeds, chunksize=5)


def rows(found: dict[str, Books]) -> list[tuple[str, ...]]:
    """The table's rows: what is counted, and the count of each way."""
    every = list(found.values())

    def count(name: str) -> tuple[str, ...]:
        return tuple(str(books.counts[name]) for books in every)

    def each(name: str) -> tuple[str, ...]:
        return tuple(f"{books.counts[name] / books.counts['returns']:.1f}" for books in every)

    def of_median_seed(name: str) -> tuple[str, ...]:
        return tuple(f"{_percentile(books.of_seeds[name], 50):.1f}" for books in every)

    def delay(percent: int) -> tuple[str, ...]:
        return tuple(f"{_percentile(books.delays, percent):.0f}" for books in every)

    return [
        ("returns to announce", *count("returns")),
        ("their shipments", *count("shipments")),
        ("returns announced", *count("announced")),
        ("external returns made twice", *count("records twice")),
        ("… of returns published once", *count("records twice, published once")),
        ("… of returns published more often", *count("records twice, published more often")),
        ("returns with any made twice", *count("returns with a record twice")),
        ("comments made twice", *count("comments twice")),
        ("returns lost: not made, not parked", *count("lost")),
        ("announced, no comment, not parked", *count("announced, untold, not parked")),
        ("returns parked for a person", *count("parked")),
        ("messages in the dead-letter queue", *count("dead messages")),
        ("messages still under way at the end", *count("unfinished messages")),
        ("partner calls per return, median seed", *of_median_seed("partner calls")),
        ("partner calls per return, mean", *each("partner calls")),
        ("AWS calls per return, median seed", *of_median_seed("aws calls")),
        ("AWS calls per return, mean", *each("aws calls")),
        ("seconds from approval to record, median", *delay(50)),
        ("seconds from approval to record, p95", *delay(95)),
        ("seconds this took (real)", *(f"{books.seconds:.1f}" for books in every)),
    ]


def _percentile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return sum(values)
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def markdown(found: dict[str, Books]) -> str:
    """The table in Markdown."""
    lines = [("", *found), ("---", *("---:" for _ in found)), *rows(found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(console: Console, seeds: int, found: dict[str, Books]) -> None:
    """The table on the terminal."""
    table = Shown(title=f"One job, {seeds} seeds with faults", title_justify="left")
    table.add_column("")
    for name in found:
        table.add_column(name, justify="right")
    for row in rows(found):
        table.add_row(*row)
    console.print(table)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.side_by_side", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many (default 300)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    given = parser.parse_args()
    if given.seeds < 1 or given.jobs < 1:
        parser.error("at least one seed and one job")
    found = side_by_side(given.seeds, given.first, given.jobs)
    if given.markdown:
        print(markdown(found))
    else:
        show(Console(width=120, highlight=False), given.seeds, found)


if __name__ == "__main__":
    main()
