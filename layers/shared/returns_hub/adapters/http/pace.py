"""The pace at which one process asks one partner, where no gate is shared: the command."""

from __future__ import annotations

import threading

from returns_hub.errors import Retryable
from returns_hub.ports import Clock


class Pace:
    """`gate.Gate` without a breaker: at most so many requests a second, in order of asking.

    Args:
        requests_per_second: The merchant's configured rate.
        clock: Tells the time, and waits.
    """

    def __init__(self, requests_per_second: float, clock: Clock) -> None:
        self._gap = 1.0 / requests_per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, most: float) -> None:
        """Wait for the next turn.

        Raises:
            Retryable: The turn would come later than `most` seconds from now; none was taken.
        """
        with self._lock:
            now = self._clock.monotonic()
            turn = max(self._next, now)
            if turn - now > most:
                raise Retryable(
                    "partner.pace",
                    "the configured rate leaves no room in this run",
                    after=turn - now,
                )
            self._next = turn + self._gap
        if turn > now:
            self._clock.sleep(turn - now)

    def answered(self) -> None:
        """See `gate.Gate.answered`."""

    def away(self) -> None:
        """See `gate.Gate.away`."""

    def told_to_wait(self, seconds: float) -> None:
        """See `gate.Gate.told_to_wait`."""

    def require_open(self) -> None:
        """See `gate.Gate.require_open`."""
