"""One gate for each merchant and partner, shared by all environments: the rate, and the breaker.

Every request first takes a turn. Turns are given out by one small item in DynamoDB, so that any
number of environments together keep the configured rate. The same item says when nobody may ask:
because the partner asked for it (429), or because it is away. While it is away one request now and
then finds out whether it is back; all others wait in their queue.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Protocol

from returns_hub.errors import Retryable
from returns_hub.ports import Clock

AT_A_TIME = 3
"""Turns taken from the store at once: about what one return needs of one partner."""
AT_A_TIME_WHEN_BUSY = 10
LATE_BY = 2.0
"""Seconds after which a turn that was not used is worth nothing."""
LONGEST_WAIT = 5.0
"""Seconds to wait for a turn; whoever would wait longer goes back to the queue, so that one
merchant's backlog does not hold the environments that others need."""
FAILURES_TO_OPEN = 5
SHORTEST_PAUSE = 30.0
LONGEST_PAUSE = 900.0
"""Seconds between two probes of a partner that is away: the first, and after doubling the most."""


class Gate(Protocol):
    """Lets requests through."""

    def wait(self, most: float) -> None:
        """Wait for a turn, at most so many seconds.

        Raises:
            Retryable: There is none in that time; nothing was taken.
        """

    def answered(self) -> None:
        """The partner answered: it is there."""

    def away(self) -> None:
        """The partner did not answer, or with a fault of its own."""

    def told_to_wait(self, seconds: float) -> None:
        """The partner asked for a pause."""

    def require_open(self) -> None:
        """Raise Retryable while asking is known to be no use; asks nobody to find out."""


@dataclass(frozen=True)
class Turns:
    """Turns that were taken: the first at `start` (epoch seconds), the others a gap apart.

    With `probing` it is the one request that finds out whether the partner is back.
    """

    start: float
    count: int
    probing: bool = False


@dataclass(frozen=True)
class Closed:
    """No turn now: the gate is closed until then, or all turns of the near future are taken."""

    until: float
    is_away: bool = False
    is_full: bool = False


class Gates(Protocol):
    """Where the gates of all environments meet. Times are epoch seconds."""

    def take(self, name: str, *, now: float, gap: float, count: int, most: float) -> Turns | Closed:
        """Take turns, the first at most `most` seconds from now."""

    def open_breaker(self, name: str, *, now: float, pause: float) -> None:
        """The partner is away: nobody asks for so many seconds. Open already, it stays so."""

    def close_breaker(self, name: str) -> None:
        """The partner is back."""

    def pause(self, name: str, *, until: float) -> None:
        """The partner asked for a pause until then; a longer one is kept."""


class SharedGate:
    """`Gate`, the same for every environment.

    Args:
        name: Merchant and partner.
        requests_per_second: The merchant's configured rate.
        gates: Where environments meet.
        clock: Tells the time, and waits.
    """

    def __init__(self, name: str, requests_per_second: float, gates: Gates, clock: Clock) -> None:
        self._name = name
        self._rate = requests_per_second
        self._gap = 1.0 / requests_per_second
        self._gates = gates
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: list[float] = []
        self._busy = False
        self._probing = False
        self._closed: Closed | None = None
        self._failures = 0

    def wait(self, most: float) -> None:
        """See `Gate.wait`."""
        most = min(most, LONGEST_WAIT)
        with self._lock:
            turn = self._next(most)
        now = self._now()
        if turn > now:
            self._clock.sleep(turn - now)

    def answered(self) -> None:
        """See `Gate.answered`."""
        with self._lock:
            self._failures = 0
            probing, self._probing = self._probing, False
        if probing:
            self._gates.close_breaker(self._name)

    def away(self) -> None:
        """See `Gate.away`."""
        with self._lock:
            self._failures += 1
            opens = self._failures >= FAILURES_TO_OPEN or self._probing
            self._probing = False
            if opens:
                self._failures = 0
                self._turns.clear()
        if opens:
            self._gates.open_breaker(self._name, now=self._now(), pause=SHORTEST_PAUSE)

    def told_to_wait(self, seconds: float) -> None:
        """See `Gate.told_to_wait`."""
        with self._lock:
            self._failures = 0
            probing, self._probing = self._probing, False
            self._turns.clear()
        if probing:
            self._gates.close_breaker(self._name)
        self._gates.pause(self._name, until=self._now() + seconds)

    def require_open(self) -> None:
        """See `Gate.require_open`."""
        closed = self._closed
        if closed is not None and closed.until > self._now():
            raise self._come_back(closed)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _next(self, most: float) -> float:
        now = self._now()
        while self._turns:
            turn = self._turns.pop(0)
            if turn > now - LATE_BY:
                if turn - now > most:
                    self._turns.insert(0, turn)
                    raise self._come_back(Closed(turn, is_full=True))
                return turn
        count = AT_A_TIME_WHEN_BUSY if self._busy else AT_A_TIME
        count = max(1, min(count, math.ceil(self._rate)))
        taken = self._gates.take(self._name, now=now, gap=self._gap, count=count, most=most)
        if isinstance(taken, Closed):
            raise self._come_back(taken)
        self._closed = None
        self._busy = taken.start > now
        self._probing = taken.probing
        self._turns = [taken.start + number * self._gap for number in range(1, taken.count)]
        return taken.start

    def _come_back(self, closed: Closed) -> Retryable:
        self._closed = closed
        after = max(1.0, closed.until - self._now())
        if closed.is_full:
            return Retryable(
                "partner.pace",
                "the configured rate leaves no room just now",
                after=after,
                rate=self._rate,
            )
        if closed.is_away:
            return Retryable("partner.away", "the partner is away; it is probed", after=after)
        return Retryable("partner.paused", "the partner asked for a pause", after=after)
