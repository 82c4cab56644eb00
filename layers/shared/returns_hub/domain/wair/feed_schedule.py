"""When every row is told, changed or not: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.unleashed.stock_schedule import last_slot

A_DAY = 24
ABOUT_DUE = timedelta(hours=2)
"""A day has 23 hours where the clocks change, and a run begins some minutes late."""


def is_full_due(
    last: datetime | None, now: datetime, *, every_hours: int, full_at: str, zone: str
) -> bool:
    """Whether every row is due.

    At the time of day that the file names, so many whole days after the last one; below a day by
    the hours alone.

    Args:
        last: When the last one began; None before the first, which is due at once.
        now: The moment.
        every_hours: ``wair.full_every_hours``.
        full_at: ``wair.full_at``.
        zone: Of the time of day.
    """
    if last is None:
        return True
    every = timedelta(hours=every_hours)
    if every_hours < A_DAY:
        return now - last >= every
    days = last_slot(now, full_at, zone) - last_slot(last, full_at, zone)
    return days >= every - ABOUT_DUE
