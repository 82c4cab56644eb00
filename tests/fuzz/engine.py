"""A small coverage-guided engine: picks an input, changes it, runs it, keeps what is new.

Every case is judged. Only some are traced, because tracing is slow: one in `TRACE_ONE_IN`, and each
whose answer was never given before. The same seed gives the same cases.
"""

from __future__ import annotations

import random
import re
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import cli
import returns_hub
from returns_hub.errors import Verdict
from tests.fuzz.mutations import Mutator
from tests.fuzz.targets import Refused, Target, Wrong, checked_reason, without_canaries

TRACE_ONE_IN = 12
MOST_KEPT = 400
LONGEST_INPUT = 200_000
MOST_SECONDS = 0.5
"""Of processor time for one case; the slowest good ones take a few hundredths."""
RUNS_OF_SLOW = 3
LARGE = 50_000
"""Bytes; a case so much larger may take as much longer."""
SLOW = frozenset({"takes too long", "does not end in time"})
ALARM_SECONDS = 5.0
WAITS = 12
MINIMISE_SECONDS = 4.0
ROOTS = tuple(str(Path(str(package.__file__)).parent) for package in (returns_hub, cli))

Edge = tuple[CodeType, int, int]


class Stuck(BaseException):
    """A case took too long. Not an Exception, so that nothing on its way takes it for one."""


@dataclass(frozen=True)
class Fault:
    """A property that broke. `name` is the same for the same fault, whatever the input."""

    target: str
    name: str
    detail: str
    data: bytes


@dataclass(frozen=True)
class Answer:
    """What a case came to: a value or a verdict, and its words without what varies."""

    kind: str
    shape: str


class Coverage:
    """Which line followed which, in the hub's own modules."""

    def __init__(self, roots: tuple[str, ...] = ROOTS) -> None:
        self._roots = roots
        self._is_ours: dict[CodeType, bool] = {}
        self.edges: set[Edge] = set()

    def _tracer(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        ours = self._is_ours.get(code)
        if ours is None:
            ours = self._is_ours[code] = code.co_filename.startswith(self._roots)
        if not ours:
            return None
        edges, before = self.edges, 0

        def within(inner: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            line = inner.f_lineno
            edges.add((code, before, line))
            before = line
            return within

        return within

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Count what runs inside, in this thread and in those that it starts."""
        earlier = sys.gettrace()
        threading.settrace(self._tracer)
        sys.settrace(self._tracer)
        try:
            yield
        finally:
            sys.settrace(earlier)
            threading.settrace(earlier)


def _ring(_: int, __: object) -> None:
    raise Stuck


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `Stuck` in the main thread after so many seconds of processor time, or when it waits
    for `WAITS` times as long: another process may have the processor."""
    clocks = (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, WAITS * seconds),
    )
    earlier = [signal.signal(name, _ring) for name, _, _ in clocks]
    for _, timer, most in clocks:
        signal.setitimer(timer, most)
    try:
        yield
    finally:
        for (name, timer, _), before in zip(clocks, earlier, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(name, before)


def judge(target: Target, data: bytes) -> Answer | Fault:
    """Run one case and hold its answer against the properties.

    What took too long is run again, and judged by its quickest run: the first may have loaded
    modules, and another process may have had the processor's caches.
    """
    found = _judged(target, data)
    for _ in range(RUNS_OF_SLOW - 1):
        if not (isinstance(found, Fault) and found.name == "takes too long"):
            break
        found = _judged(target, data)
    return found


def _judged(target: Target, data: bytes) -> Answer | Fault:
    started = time.process_time()
    try:
        answer = _answer(target, data)
    except Wrong as wrong:
        return Fault(target.name, wrong.name, str(wrong)[:400], data)
    except Stuck:
        return Fault(target.name, "does not end in time", f"{ALARM_SECONDS} s", data)
    except Exception as error:  # noqa: BLE001 - whatever it is, it should not have come out
        return Fault(target.name, _place_of(error), ascii(error)[:300], data)
    took = time.process_time() - started
    if took > MOST_SECONDS * max(1.0, len(data) / LARGE) and sys.gettrace() is None:
        return Fault(target.name, "takes too long", f"{took:.1f} s", data)
    return answer


def _answer(target: Target, data: bytes) -> Answer:
    try:
        value = target.run(data)
    except Verdict as verdict:
        checked_reason(verdict.reason, verdict.code)
        if target.canaries:
            without_canaries(str(verdict), verdict.code)
        if not re.fullmatch(r"[a-z_]+\.[a-z_]+", verdict.code):
            raise Wrong("a code is not a dotted word", ascii(verdict.code)[:100]) from None
        return Answer(type(verdict).__name__, f"{verdict.code} {_shape(verdict.reason)}")
    except Refused as refused:
        return Answer("Refused", _shape(refused.code))
    if not isinstance(value, target.gives):
        raise Wrong("the value is of another type", repr(value)[:100])
    return Answer("value", type(value).__name__)


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", text)[:60]


def _place_of(error: Exception) -> str:
    """The exception, and the innermost function of the hub's that it came through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(ROOTS)]
    where = f"{Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else "nowhere of ours"
    return f"{type(error).__name__} in {where}"


@dataclass
class Report:
    """What came of one target so far."""

    cases: int = 0
    seconds: float = 0.0
    edges: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Fault] = field(default_factory=dict)


class Fuzzer:
    """One target's search.

    Args:
        target: What is run.
        seed: Same seed, same cases.
        before: Told each input before it runs, so that one that never ends is known.
    """

    def __init__(
        self,
        target: Target,
        seed: int,
        *,
        before: Callable[[bytes], None] | None = None,
    ) -> None:
        self.target = target
        self.report = Report()
        self._rng = random.Random(f"{target.name}/{seed}")
        self._mutator = Mutator(self._rng)
        self._change = getattr(self._mutator, target.dialect)
        self._before = before or (lambda _: None)
        self._coverage = Coverage()
        self._shapes: set[Answer] = set()
        self._kept: list[bytes] = []
        self._waiting = list(target.seeds)

    def run(self, cases: int) -> Report:
        """Run so many more cases."""
        started = time.perf_counter()
        for _ in range(cases):
            self._case()
        self.report.seconds += time.perf_counter() - started
        self.report.edges = len(self._coverage.edges)
        return self.report

    def _case(self) -> None:
        is_seed = bool(self._waiting)
        data = self._waiting.pop(0) if is_seed else self._next()
        self._before(data)
        self.report.cases += 1
        traced = is_seed or self._rng.random() < 1 / TRACE_ONE_IN
        answer, is_new = self._run(data, traced=traced)
        if isinstance(answer, Fault):
            self._found(answer)
            if is_seed:
                self._keep(data)
            return
        self.report.kinds[answer.kind] += 1
        if answer not in self._shapes:
            self._shapes.add(answer)
            is_new = True
            if not traced:
                self._run(data, traced=True)
        if is_seed or is_new:
            self._keep(data)

    def _run(self, data: bytes, *, traced: bool) -> tuple[Answer | Fault, bool]:
        with alarm(ALARM_SECONDS):
            if not traced:
                return judge(self.target, data), False
            before = len(self._coverage.edges)
            with self._coverage.tracing():
                answer = judge(self.target, data)
            return answer, len(self._coverage.edges) > before

    def _next(self) -> bytes:
        rng = self._rng
        # What was kept last is nearest to what is not known yet.
        recent = self._kept[-12:] if rng.random() < 0.35 else self._kept
        made = self._change(rng.choice(recent), rng.choice(self._kept))
        return bytes(made[:LONGEST_INPUT])

    def _keep(self, data: bytes) -> None:
        if len(data) < 64 * 1024:
            self._kept.append(data)
        if len(self._kept) > MOST_KEPT:
            # The seeds stay; of the others any.
            del self._kept[self._rng.randrange(len(self.target.seeds), len(self._kept) - 12)]

    def _found(self, fault: Fault) -> None:
        self.report.kinds["FAULT"] += 1
        if fault.name in SLOW:
            # One finding of this kind is enough; each takes seconds.
            self._mutator.ruinous = False
        if fault.name not in self.report.faults:
            small = minimised(self.target, fault, before=self._before)
            self.report.faults[fault.name] = small


def minimised(
    target: Target, fault: Fault, *, before: Callable[[bytes], None] = lambda _: None
) -> Fault:
    """The same fault with as little input as can be found in `MINIMISE_SECONDS`."""
    ends = time.monotonic() + MINIMISE_SECONDS
    best = fault
    size = max(len(best.data) // 2, 1)
    while size and time.monotonic() < ends:
        at = 0
        shrunk = False
        while at < len(best.data) and time.monotonic() < ends:
            shorter = best.data[:at] + best.data[at + size :]
            before(shorter)
            with alarm(ALARM_SECONDS):
                again = judge(target, shorter)
            if isinstance(again, Fault) and again.name == fault.name:
                best, shrunk = again, True
            else:
                at += size
        if not shrunk or size > 1:
            size //= 2
    return best
