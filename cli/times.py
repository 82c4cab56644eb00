"""Times as a person gives them: a day, a moment, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from cli.backfill_choices import written_time
from cli.filters import UNITS

AGO = re.compile(r"(\d{1,5})([mhd])", re.ASCII)


class TimeType(click.ParamType[datetime]):
    """A moment: 30d ago, 2026-03-02 or 2026-03-02T09:15:00Z; a day is its begin, or its end.

    Args:
        is_end: Whether a day that is named is meant to its end.
    """

    name = "time"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        if ago := AGO.fullmatch(value.strip()):
            return datetime.now(UTC) - timedelta(**{UNITS[ago.group(2)]: int(ago.group(1))})
        found = written_time(value.strip())
        if found is None:
            self.fail(
                f"{value!r} is no time; e.g. 30d, 12h, 2026-03-02 or 2026-03-02T09:15:00Z",
                param,
                ctx,
            )
        return found.end if self._is_end else found.moment
