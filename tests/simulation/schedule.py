"""Virtual time: actors that run until they wait, and one queue that decides who goes on."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

import greenlet

from returns_hub.invocation import InvocationClock


class Crash(BaseException):
    """The process is gone: no handler of ours may catch it."""


class Scheduler:
    """Runs actors one at a time, in the order of virtual time.

    An actor is ordinary code on a greenlet of its own; whenever it sleeps, others go on. The same
    calls always give the same order.
    """

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.seconds = 0.0
        self._main = greenlet.getcurrent()
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._sequence = 0

    def now(self) -> datetime:
        """The moment in virtual time."""
        return self.start + timedelta(seconds=self.seconds)

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something later, outside of any actor; it must not sleep."""
        self._sequence += 1
        heapq.heappush(self._heap, (self.seconds + max(seconds, 0.0), self._sequence, action))

    def spawn(self, work: Callable[[], object], after: float = 0.0) -> None:
        """Start an actor."""
        self.after(after, lambda: greenlet.greenlet(work, self._main).switch())

    def sleep(self, seconds: float) -> None:
        """Let others go on for so long; for actors only."""
        me = greenlet.getcurrent()
        if me is self._main:
            raise AssertionError("only actors sleep")
        self.after(seconds, me.switch)
        self._main.switch()

    def run(self, until: float, is_over: Callable[[], bool]) -> None:
        """Go on until nothing is left, `until` is reached or `is_over` says so."""
        while self._heap and not is_over():
            at, _, action = heapq.heappop(self._heap)
            if at > until:
                self.seconds = until
                return
            self.seconds = max(self.seconds, at)
            action()


class ScheduledClock(InvocationClock):
    """Virtual time, as whoever is outside of an invocation sees it."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        return self._scheduler.now()
