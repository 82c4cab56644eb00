"""The time that metrics and alarms live by."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MINUTE = 60


class WorldTime:
    """Begins with the machine's time, and goes `speed` times as fast, as the schedules do.

    A period of 300 seconds takes ten on a machine's clock at 30 times its speed. What functions
    write into their logs bears the machine's time; `of` says when that was in the world.

    Args:
        speed: How many times as fast as the machine's clock.
        wall: The machine's clock, in seconds since 1970.
        ahead: Days that went by in no time before now (`local.later.WorldClock.ahead`).
    """

    def __init__(
        self,
        speed: float = 1.0,
        *,
        wall: Callable[[], float] = time.time,
        ahead: Callable[[], timedelta] = timedelta,
    ) -> None:
        self.speed = speed
        self._wall = wall
        self._ahead = ahead
        self._own = timedelta()
        self._began = wall()

    def __call__(self) -> datetime:
        """The present moment."""
        return datetime.fromtimestamp(self.moment(), UTC)

    def moment(self) -> float:
        """The present moment, in seconds since 1970."""
        return self.of(self._wall())

    def of(self, wall: float) -> float:
        """The world's moment at a moment of the machine's clock; both in seconds since 1970."""
        ahead = (self._ahead() + self._own).total_seconds()
        return self._began + (wall - self._began) * self.speed + ahead

    def go_on(self, **by: float) -> None:
        """So many `timedelta` units go by in no time."""
        self._own += timedelta(**by)
