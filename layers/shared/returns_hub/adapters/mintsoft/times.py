"""Mintsoft's times carry no offset; the zone is a setting, and reads overlap for it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from returns_hub.errors import Misconfigured

_DIGITS = re.compile(r"(\.\d{6})\d+")


def zone(name: str) -> ZoneInfo:
    """The zone.

    Raises:
        Misconfigured: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Misconfigured("mintsoft.time_zone", f"{name} is not a time zone") from error


def to_utc(text: str, local: ZoneInfo) -> datetime:
    """A time of Mintsoft's, with up to seven digits of a second, as UTC.

    Raises:
        ValueError: It is not a time.
    """
    moment = datetime.fromisoformat(_DIGITS.sub(r"\1", text.strip()))
    if moment.tzinfo is None:
        try:
            moment = moment.replace(tzinfo=local).astimezone(UTC)
        except OverflowError:
            moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


def to_naive(moment: datetime, local: ZoneInfo) -> str:
    """A time as Mintsoft writes it."""
    return moment.astimezone(local).strftime("%Y-%m-%dT%H:%M:%S")


def midnight_of(day: date | None) -> str | None:
    """A day as Mintsoft writes it; None for none."""
    return f"{day.isoformat()}T00:00:00" if day else None
