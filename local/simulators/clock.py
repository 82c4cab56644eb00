"""Time for the simulators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def system_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class SetClock:
    """A clock that goes only when it is told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        """Go on by so many `timedelta` units."""
        self._now += timedelta(**by)
