"""When a look is due, when one is missing, and when what it found is too much. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.domain.drift.findings import Look
from returns_hub.domain.drift.settings import DriftSettings

SLACK = timedelta(minutes=10)
"""The schedule's ticks are not to the second: a look is not put off by a tick for that."""

LINT = "lint."


def is_due(last: Look | None, settings: DriftSettings, now: datetime) -> bool:
    """Whether the schedule has a look to make."""
    if not settings.enabled:
        return False
    return last is None or now - last.at >= timedelta(hours=settings.every_hours) - SLACK


def is_missing(
    last: Look | None, settings: DriftSettings, applied_at: datetime, now: datetime
) -> bool:
    """Whether looks stopped coming: two in a row and an hour are overdue.

    Args:
        last: The last look that came to its end.
        settings: The merchant's.
        applied_at: When the merchant's file was applied; before the first look that counts.
        now: The present moment.
    """
    if not settings.enabled:
        return False
    since = last.at if last is not None else applied_at
    return now - since > timedelta(hours=2 * settings.every_hours + 1)


def is_over_limit(look: Look, settings: DriftSettings) -> bool:
    """Whether more counts than the merchant's file lets pass.

    What the lint found is shown and not alarmed: nothing differs by it yet, and mending a
    catalogue takes its time.
    """
    differs = sum(number for kind, number in look.counted.items() if not kind.startswith(LINT))
    if differs > settings.limit_findings:
        return True
    worth = look.value.get(settings.prices, Decimal())
    return settings.limit_value is not None and worth > settings.limit_value
