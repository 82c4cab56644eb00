"""The world's clock: the machine's, and days that went by on it in no time.

Simulators, functions and the `hub` that a run holds live by one clock, so that what is said of time
is true on every side. Schedules, queues and deadlines keep the machine's time: in days that go by
like this nobody works.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from returns_hub.invocation import InvocationClock

AHEAD = Path(__file__).parent / "lambda_host" / "ahead"
"""What functions load to live by it."""


class WorldClock:
    """One world's.

    Args:
        path: Where functions read how far it is ahead.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.ahead = timedelta()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def __call__(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC) + self.ahead

    def go_on(self, **by: float) -> None:
        """So many `timedelta` units go by, and nobody does anything."""
        self.ahead += timedelta(**by)
        self._write()

    def _write(self) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(str(self.ahead.total_seconds()), encoding="utf-8")
        new.replace(self.path)


class HubClock(InvocationClock):
    """The clock of a hub that lives by the world's."""

    def __init__(self, world: WorldClock) -> None:
        super().__init__()
        self._world = world

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        return self._world()
