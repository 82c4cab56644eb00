"""How the hub's codes are told to people."""

from __future__ import annotations

from datetime import timedelta

from returns_hub.domain.overview.overview import Freshness
from returns_hub.widgets.page import Tone

OUTCOMES: dict[str, Tone] = {
    "parked": "bad",
    "flagged": "warn",
    "withdrawn": "warn",
    "processed": "good",
    "announced": "good",
}
LATE_INTERVALS = 3.0
LATE_AT_LEAST = timedelta(minutes=15)


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").replace(".", ": ", 1)


def is_late(found: Freshness, age: timedelta | None, lateness: float) -> bool:
    """Whether a cursor counts as stale: later than 3 intervals, and at least 15 minutes."""
    least = max(LATE_AT_LEAST, timedelta(seconds=LATE_INTERVALS * found.every_seconds))
    return age is not None and age > least and lateness > LATE_INTERVALS


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
