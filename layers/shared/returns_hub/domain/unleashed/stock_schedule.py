"""When the stock is compared: at intervals, or once a day at a local time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def last_slot(now: datetime, daily_at: str, zone: str) -> datetime:
    """The newest moment, not after now, at which it was that time of day in the zone.

    Exactly one for every day there: in the night that has the hour twice it is the first, and
    where the hour is left out it is when it would have been.

    Args:
        now: The moment.
        daily_at: ``HH:MM``.
        zone: A time zone's name.
    """
    local = ZoneInfo(zone)
    hour, minute = daily_at.split(":")
    at = time(int(hour), int(minute))
    today = now.astimezone(local).date()
    for back in range(3):
        moment = datetime.combine(today - timedelta(days=back), at, local).astimezone(UTC)
        if moment <= now:
            return moment
    raise AssertionError("a day begins somewhere within three days")
