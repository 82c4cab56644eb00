"""What every schedule's tick over all merchants has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, TypeVar

from returns_hub.errors import Misconfigured, Verdict
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.ports import Clock, Telemetry

STARTED = "JobsStarted"
"""The metric, by the function's name: a job whose rule stopped is one that counts nothing."""
WHOLE = 1 << 64
GOLDEN = 11400714819323198485
"""Of `WHOLE`, the golden ratio's share (0.618…), to the nearest odd number."""
NO_TIME = "no time"
"""What became of a merchant whom a tick did not come to."""
LEFT_OVER = "merchants left over"
"""The log line that tells of them."""
HAND_OUT_SECONDS = 30.0
"""Kept back by ticks that hand out what is due: to send the messages, or to begin the only one."""


class RunOfHub(Protocol):
    """A run that can count."""

    @property
    def telemetry(self) -> Telemetry:
        """Counters."""


class HubOfTicks(Protocol):
    """A hub, as far as ticks need it."""

    @property
    def clock(self) -> Clock:
        """With the invocation's time."""

    @property
    def telemetry(self) -> Telemetry:
        """Counters and log."""


Flow = TypeVar("Flow", bound=str)
Instance = TypeVar("Instance", bound=RunOfHub)
Tick = Callable[[Instance], dict[str, Any]]


def scheduled(function: str) -> Callable[[Tick[Instance]], Tick[Instance]]:
    """Marks what a schedule's tick does: it is counted as started, whatever becomes of it.

    Args:
        function: The function's name in `functions`.
    """

    def mark(tick: Tick[Instance]) -> Tick[Instance]:
        @wraps(tick)
        def counted(run: Instance) -> dict[str, Any]:
            run.telemetry.count(STARTED, flow=function)
            return tick(run)

        return counted

    return mark


def by_turns(merchants: Sequence[str], now: datetime, every_seconds: int) -> tuple[str, ...]:
    """All of them in their order, each tick beginning at another place, so that nobody is always
    among the last.

    The places of ticks in a row are spread by the golden ratio: the largest gap that any T of them
    leave is under 2/T of all (the three-gap theorem; at most 1 + 2/sqrt(5) = 1.894). So where each
    tick has time for m of n merchants, everybody has a turn within 2n/m ticks, rounded up: twice
    the least that is possible. Begun with the next one each time it would be n - m + 1.

    Args:
        merchants: In an order that does not change.
        now: By the tick's number, this time in its intervals, the place is found.
        every_seconds: Between ticks.
    """
    number = int(now.timestamp() // every_seconds)
    first = (number * GOLDEN % WHOLE) * len(merchants) // WHOLE
    return (*merchants[first:], *merchants[:first])


@dataclass(frozen=True)
class Turns:
    """One tick over all merchants, in one invocation.

    Args:
        hub: With the invocation's time, and where it is told what could not be done.
        flow: Of metrics and log lines.
        every_seconds: Between ticks.
        least_seconds: With less time left no merchant's work is begun: it could be cut short.
    """

    hub: HubOfTicks
    _: KW_ONLY
    flow: str
    every_seconds: int
    least_seconds: float

    def each(self, merchants: Sequence[str], work: Callable[[str], object]) -> dict[str, Any]:
        """Do every merchant's work, as `by_turns` has them, while there is time.

        Returns:
            What became of each; `NO_TIME` for those who were left over. They are counted, and
            their turn is in one of the next ticks.
        """
        turn = by_turns(merchants, self.hub.clock.now(), self.every_seconds)
        done: dict[str, Any] = {}
        for merchant in turn:
            if self.hub.clock.remaining() < self.least_seconds:
                self._tell(turn[len(done) :])
                return done | dict.fromkeys(turn[len(done) :], NO_TIME)
            done[merchant] = work(merchant)
        return done

    def hand_out(
        self,
        merchants: Sequence[str],
        due_of: Callable[[str], Sequence[Flow]],
        *,
        at_once: Callable[[str, Flow], object],
        send: Callable[[str, Flow], object],
    ) -> dict[str, Any]:
        """Hand out every flow that is due, each by a message of its own; the only one is done at
        once. One merchant's trouble does not stop the others.

        Args:
            merchants: All of them; they have their turn as in `each`.
            due_of: A merchant's flows that are due.
            at_once: Does one; raises no verdict.
            send: Sends the message of one.

        Returns:
            What became of each, by merchant and flow.
        """
        due: dict[str, Sequence[Flow]] = {}

        def look(merchant: str) -> dict[str, int]:
            try:
                due[merchant] = due_of(merchant)
            except Verdict as verdict:
                return run_failed(self.hub.telemetry, self.flow, verdict)
            return {}

        done = self.each(merchants, look)
        jobs = tuple(in_turn(due))
        if len(jobs) == 1:
            ((merchant, flow),) = jobs
            done[merchant][flow] = at_once(merchant, flow)
            return done
        for merchant, flow in jobs:
            try:
                send(merchant, flow)
            except Verdict as verdict:
                done[merchant][flow] = run_failed(self.hub.telemetry, self.flow, verdict)
            else:
                done[merchant][flow] = "queued"
        return done

    def _tell(self, left: Sequence[str]) -> None:
        self.hub.telemetry.count("MerchantsLeftOver", len(left), flow=self.flow)
        self.hub.telemetry.log(LEFT_OVER, flow=self.flow, count=len(left), first=left[0])


def in_turn(due: Mapping[str, Sequence[Flow]]) -> Iterator[tuple[str, Flow]]:
    """Every merchant's first flow, then every merchant's second one, and so on: nobody's many
    flows stand before another's few."""
    longest = max(map(len, due.values()), default=0)
    for position in range(longest):
        for merchant, flows in due.items():
            if position < len(flows):
                yield merchant, flows[position]


def run_failed(telemetry: Telemetry, flow: str, verdict: Verdict) -> dict[str, int]:
    """Count and log what a tick could not do, as its outcome; a later tick is the retry."""
    telemetry.count("RunsFailed", flow=flow, code=verdict.code)
    if isinstance(verdict, Misconfigured):
        telemetry.count(OPERATOR_NEEDED)
    telemetry.log("run failed", code=verdict.code, reason=verdict.reason)
    return {"failed": 1}
