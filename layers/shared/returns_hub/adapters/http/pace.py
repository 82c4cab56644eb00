"""The pace at which one partner of one merchant is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from returns_hub.errors import Retryable


class Pace:
    """At most so many requests a second, in order of asking; shared by the threads of a container.

    Args:
        requests_per_second: The merchant's configured rate.
        monotonic: Seconds that never go back.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        requests_per_second: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / requests_per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, most: float) -> None:
        """Wait for the next turn.

        Raises:
            Retryable: The turn would come later than `most` seconds from now; none was taken.
        """
        with self._lock:
            now = self._monotonic()
            turn = max(self._next, now)
            if turn - now > most:
                raise Retryable(
                    "partner.pace",
                    "the configured rate leaves no room in this run",
                    after=turn - now,
                )
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)
