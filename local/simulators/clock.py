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


def moment_of(text: str) -> datetime:
    """A time as Redo writes it."""
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def text_of(moment: datetime) -> str:
    """A time as Redo writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def later_than(text: str, now: datetime) -> str:
    """The present moment, or just after the time given: a change is always later than the last."""
    return text_of(max(now, moment_of(text) + timedelta(milliseconds=1)))
