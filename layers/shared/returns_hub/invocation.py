"""The invocation in hand: its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class InvocationClock:
    """`ports.Clock`: real time, and the time that the invocation in hand has left."""

    def __init__(self) -> None:
        self._remaining: Callable[[], float] = lambda: 300.0

    def begin(self, remaining: Callable[[], float]) -> None:
        """A new invocation has begun."""
        self._remaining = remaining

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        return datetime.now(UTC)

    def remaining(self) -> float:
        """See `ports.Clock.remaining`."""
        return self._remaining()

    def monotonic(self) -> float:
        """See `ports.Clock.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock.sleep`."""
        time.sleep(seconds)
