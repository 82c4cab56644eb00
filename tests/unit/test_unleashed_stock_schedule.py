"""When the stock is compared once a day: local time, with nights of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.stock_schedule import last_slot


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "daily_at", "slot"),
    [
        ("2026-01-10T02:00:00", "02:00", "2026-01-10T02:00:00"),
        ("2026-01-10T01:59:59", "02:00", "2026-01-09T02:00:00"),
        ("2026-07-10T01:30:00", "02:00", "2026-07-10T01:00:00"),
        # The night of 29 March has no 01:30: it is when it would have been, once.
        ("2026-03-29T01:29:00", "01:30", "2026-03-28T01:30:00"),
        ("2026-03-29T01:30:00", "01:30", "2026-03-29T01:30:00"),
        ("2026-03-29T12:00:00", "01:30", "2026-03-29T01:30:00"),
        ("2026-03-30T00:29:00", "01:30", "2026-03-29T01:30:00"),
        # The night of 25 October has 01:30 twice: it is the first.
        ("2026-10-25T00:30:00", "01:30", "2026-10-25T00:30:00"),
        ("2026-10-25T01:45:00", "01:30", "2026-10-25T00:30:00"),
        ("2026-10-26T01:29:00", "01:30", "2026-10-25T00:30:00"),
    ],
)
def test_the_newest_time_of_day_in_london(now: str, daily_at: str, slot: str) -> None:
    assert last_slot(utc(now), daily_at, "Europe/London") == utc(slot)


@given(
    st.integers(0, 3 * 365 * 24 * 60),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["Europe/London", "Pacific/Auckland", "America/New_York", "Pacific/Apia"]),
)
def test_every_day_has_one(minutes: int, hour: int, minute: int, zone: str) -> None:
    """Every hour of a fortnight is asked: a time of day is met once in each day."""
    now, at = utc("2025-01-01T00:00:00") + timedelta(minutes=minutes), f"{hour:02d}:{minute:02d}"
    slots = {last_slot(now + timedelta(hours=step), at, zone) for step in range(24 * 14)}
    assert len(slots) in {14, 15}
    ordered = sorted(slots)
    gaps = {later - earlier for earlier, later in pairwise(ordered)}
    assert all(timedelta(hours=23) <= gap <= timedelta(hours=25) for gap in gaps)
