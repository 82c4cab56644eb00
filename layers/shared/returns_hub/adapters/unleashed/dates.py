"""Unleashed's dates, as its JSON has them and as its queries want them.

Source: samples of its JSON: ``/Date(1565058541583)/``, milliseconds since 1970, UTC. Negative
numbers, an offset (which changes nothing: the milliseconds are UTC) and escaped slashes are what
the format allows; none was seen.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

IN_JSON = re.compile(r"\\*/Date\((-?\d{1,18})([+-]\d{4})?\)\\*/", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_DATE_YEAR = 1
""".NET writes a date that was never set as the first day of the year 1."""


def moment_of(value: Any) -> datetime | None:
    """A time; None for one that is not set.

    Args:
        value: ``/Date(ms)/``, or ISO 8601 as in webhooks; without a zone it is UTC.

    Raises:
        ValueError: It is no time.
    """
    if value is None or value == "":
        return None
    # What is no text is no ISO date either.
    text = str(value).strip() if isinstance(value, str) else "no text"
    found = IN_JSON.fullmatch(text)
    moment = _of_milliseconds(int(found[1])) if found else _of_iso(text)
    return None if moment.year == NO_DATE_YEAR else moment


def date_of(value: Any) -> date | None:
    """A date without a time, which comes as midnight UTC and is never shifted by a zone.

    Raises:
        ValueError: It is no date.
    """
    moment = moment_of(value)
    return None if moment is None else moment.date()


def is_date(value: Any) -> bool:
    """Whether a text is a date as Unleashed's JSON has them."""
    return isinstance(value, str) and IN_JSON.fullmatch(value.strip()) is not None


def since(moment: datetime) -> str:
    """A time for ``modifiedSince``: UTC, whole seconds, rounded down, no zone, raw colons."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def day(value: date) -> str:
    """A date for a query or a body."""
    return f"{value:%Y-%m-%d}"


def in_iso(value: str) -> str:
    """A date of Unleashed's JSON as ISO 8601: without the time when that is midnight.

    Raises:
        ValueError: It is no time.
    """
    moment = moment_of(value)
    if moment is None:
        raise ValueError("no date")
    if moment == moment.replace(hour=0, minute=0, second=0, microsecond=0):
        return day(moment.date())
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _of_milliseconds(milliseconds: int) -> datetime:
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError("a time is out of range") from None


def _of_iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is out of range") from None
