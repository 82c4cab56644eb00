"""Returns announced per second and per processor second, in several ways, interleaved.

Every way does the same job for as many returns of one line: the return is read in the portal, one
external return is made in the warehouse, and the portal's timeline is told. What the partners'
books say afterwards decides whether a figure counts.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.throughput.environment import Measured
from bench.throughput.place import Place, make_merchants, place
from bench.throughput.returns import AT_A_TIME, event_of, invented
from local.stack import ROOT
from local.world import LAYER

HUB, HUB_FULL = "this hub", "this hub, full messages"
OTHER = "the hub in "
"""Before the folder of another tree of the hub's, to compare releases in one run."""
RIVALS = {
    "naive loop": "naive",
    "naive loop, ten at once": "naive_at_once",
    "Powertools, idempotent": "powertools",
}
WAYS = (*RIVALS, HUB, HUB_FULL)
DELAYS = (0.0, 0.05, 0.2)
AWS_SECONDS = 0.004
"""About what DynamoDB takes for a small item in its region: single-digit milliseconds, as its
documents say."""
ENOUGH_SECONDS = 1.5
"""A way's share of a round is as many batches as fit, at least one."""


class WrongBooks(SystemExit):
    """The partners' books are not as they must be, so that no figure means anything."""


@dataclass(frozen=True)
class Round:
    """One way's share of a round."""

    returns: int
    seconds: float
    cpu: float


@dataclass
class Way:
    """One way at work, and what was measured of it."""

    name: str
    environment: Measured
    batches: int = 1
    rounds: list[Round] = field(default_factory=list)
    partner_calls: Counter[str] = field(default_factory=Counter)
    aws_calls: Counter[str] = field(default_factory=Counter)
    partner_bytes: int = 0
    aws_bytes: int = 0


@dataclass(frozen=True)
class Figures:
    """What one way came to, as medians of its rounds; per return where nothing else is said.

    `aws_calls` and `aws_bytes` are None where AWS is the emulator.
    """

    way: str
    partner_delay: float
    aws_delay: float | None
    per_second: float
    per_cpu_second: float
    cpu_ms: float
    partner_calls: float
    aws_calls: float | None
    partner_bytes: float
    aws_bytes: float | None
    peak_mb: float
    returns: int


def announce(
    partner_delay: float,
    aws_delay: float | None,
    *,
    ways: tuple[str, ...] = WAYS,
    rounds: int = 3,
    enough: float = ENOUGH_SECONDS,
    said: Callable[[str], None] = lambda _: None,
) -> list[Figures]:
    """Measure these ways, in turns.

    Args:
        partner_delay: Seconds that every answer of a partner takes.
        aws_delay: Seconds that every answer of AWS takes; None for the local stack's emulator.
        ways: Their names.
        rounds: How often each has its turn.
        enough: Seconds that a turn takes, about.
        said: Told of progress.

    Raises:
        WrongBooks: A way did not do its job.
    """
    with place(partner_delay, aws_delay) as there, _at_work(there, ways) as workers:
        for way in workers:
            said(f"{way.name}: warming up")
            _warm(way, there, enough)
        for number in range(rounds):
            for way in workers:
                said(f"{way.name}: round {number + 1} of {rounds}, {way.batches} batches")
                _turn(way, there)
        return [_figures(way, partner_delay, aws_delay) for way in workers]


@contextmanager
def _at_work(there: Place, ways: tuple[str, ...]) -> Iterator[list[Way]]:
    files = make_merchants(there)
    function = there.function_of("create_external_return")
    with ExitStack() as ends:
        workers = []
        for name in ways:
            spec, more, layer = function, dict[str, str](), LAYER
            if name.startswith(OTHER):
                tree = Path(name.removeprefix(OTHER)).resolve()
                spec = replace(function, code=tree / "functions" / function.code.name)
                layer = tree / "layers" / "shared"
            if name in RIVALS:
                more = {"BENCH_WAY": RIVALS[name], "BENCH_FILES": json.dumps(files)}
                spec = replace(function, code=ROOT, handler="bench.throughput.doors.handler")
            variables = {**there.variables, **more}
            made = Measured(spec, logs=there.logs, variables=variables, layer=layer)
            ends.callback(made.close)
            workers.append(Way(name, made))
        yield workers


def _warm(way: Way, there: Place, enough: float) -> None:
    """Start it, fill its caches, and see how many batches a turn takes.

    Two batches: what a first one asks for once (files, secrets, products) is no cost of a return.
    """
    _batch(way, there)
    seconds = _batch(way, there)
    way.batches = max(1, round(enough / seconds))
    _take_counts(way, there, keep=False)


def _turn(way: Way, there: Place) -> None:
    before = way.environment.used().cpu
    seconds = sum(_batch(way, there) for _ in range(way.batches))
    cpu = way.environment.used().cpu - before
    way.rounds.append(Round(way.batches * AT_A_TIME, seconds, cpu))
    _take_counts(way, there, keep=True)


def _batch(way: Way, there: Place) -> float:
    """One event of ten messages; its seconds, from the event to the answer."""
    some = invented(AT_A_TIME)
    there.partners.do("put", [(one.body, one.order) for one in some])
    event = event_of(some, is_full=way.name == HUB_FULL)
    began = time.perf_counter()
    answer = way.environment.invoke(event)
    seconds = time.perf_counter() - began
    if answer["batchItemFailures"]:
        raise WrongBooks(f"bench: {way.name} did not announce every return of a batch")
    require_right(way.name, there.partners.do("books", [one.id for one in some]))
    return seconds


def require_right(name: str, books: Mapping[str, tuple[int, int]]) -> None:
    """Raise unless each return has one external return and one comment.

    Raises:
        WrongBooks: One has not.
    """
    wrong = [found for found in books.values() if tuple(found) != (1, 1)]
    if wrong:
        raise WrongBooks(
            f"bench: {name} left (external returns, comments) {sorted(set(wrong))} for "
            f"{len(wrong)} returns where there has to be one of each"
        )


def _take_counts(way: Way, there: Place, *, keep: bool) -> None:
    calls, sizes = there.partners.do("take_calls"), there.partners.do("take_bytes")
    if keep:
        way.partner_calls.update(calls)
        way.partner_bytes += sum(sizes)
    if there.aws is not None:
        calls, sizes = there.aws.do("take_calls"), there.aws.do("take_bytes")
        if keep:
            way.aws_calls.update(calls)
            way.aws_bytes += sum(sizes)


def _figures(way: Way, partner_delay: float, aws_delay: float | None) -> Figures:
    returns = sum(one.returns for one in way.rounds)
    is_counted = aws_delay is not None
    cpu = statistics.median(one.cpu / one.returns for one in way.rounds)
    return Figures(
        way=way.name,
        partner_delay=partner_delay,
        aws_delay=aws_delay,
        per_second=statistics.median(one.returns / one.seconds for one in way.rounds),
        per_cpu_second=1 / cpu if cpu else 0.0,
        cpu_ms=cpu * 1000,
        partner_calls=way.partner_calls.total() / returns,
        aws_calls=way.aws_calls.total() / returns if is_counted else None,
        partner_bytes=way.partner_bytes / returns,
        aws_bytes=way.aws_bytes / returns if is_counted else None,
        peak_mb=way.environment.used().peak_mb,
        returns=returns,
    )
