"""The clock of goods that were delivered and not booked in: which stage rings when (R18). Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from returns_hub.domain.flow_settings import Clocks

Stage = Literal["warn", "hold", "escalate"]


def stages(clocks: Clocks) -> tuple[tuple[Stage, timedelta], ...]:
    """The stages that ring, and how long after the delivery, in that order."""
    hours: dict[Stage, int | None] = {
        "warn": clocks.warn_hours,
        "hold": clocks.hold_hours,
        "escalate": clocks.escalate_hours,
    }
    found = [(stage, timedelta(hours=after)) for stage, after in hours.items() if after]
    return tuple(sorted(found, key=lambda row: row[1]))


def first_stage(clocks: Clocks) -> timedelta | None:
    """How long after its delivery goods are past their clock; None when no clock is on."""
    return stages(clocks)[0][1] if clocks.enabled else None


def next_stage(
    clocks: Clocks, since: datetime, rung: Collection[str]
) -> tuple[Stage, datetime] | None:
    """The next stage that has not rung, and when it does; None when all have or it is off."""
    if not clocks.enabled:
        return None
    left = ((stage, since + after) for stage, after in stages(clocks) if stage not in rung)
    return next(left, None)


def starts_at(delivered_at: datetime | None, scanned_at: datetime | None = None) -> datetime | None:
    """When the clock starts: at the warehouse's scan where one is known, else at the delivery.

    Mintsoft tells nothing of goods before the return is confirmed, so `scanned_at` has no source
    today; a warehouse that does tell it enters here.
    """
    return scanned_at or delivered_at
