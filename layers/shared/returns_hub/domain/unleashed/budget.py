"""The month's calls at Unleashed: counted, foreseen, and kept for what matters.

Source: Unleashed's help page on API usage limits. A plan holds so many calls a month for one
account, and at 100 % every call is blocked until the 1st of the next month, 00:00 UTC. Webhooks
that it delivers do not count. Other programs on the same account use the same calls, and we do not
see theirs.

Three classes of calls, and where each one stops:

==========  =====================================  =================================================
class       what                                   stops
==========  =====================================  =================================================
urgent      despatches, receipts, what a webhook   never by itself; Unleashed says when it is over
            told of or a person asks for
regular     what changed, at each flow's interval  where only the reserve is left
bulk        full syncs                             where only the reserve is left, and what regular
                                                   and urgent calls will need by the month's end
==========  =====================================  =================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from returns_hub.errors import Retryable

LEAST_PACE = timedelta(days=1)
"""A pace is over at least so long: the month's first minutes would foresee anything."""
LONGEST_WAIT = timedelta(hours=1)
"""Work that waits for calls asks again after at most so long: more calls may have been bought."""
NEARLY_SPENT_PERCENT = 95
"""From here on a refusal may be the month's limit: what others use is not in our count."""


class CallClass(StrEnum):
    """What a call is made for."""

    URGENT = "urgent"
    REGULAR = "regular"
    BULK = "bulk"


@dataclass(frozen=True)
class Usage:
    """Calls that were made this month, by class."""

    urgent: int = 0
    regular: int = 0
    bulk: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.urgent + self.regular + self.bulk

    @property
    def lasting(self) -> int:
        """Those that the month's other days will need as well."""
        return self.urgent + self.regular


@dataclass(frozen=True)
class CallPlan:
    """What an account may use.

    Args:
        monthly_calls: Calls a month; None while nobody said, and then calls are only counted.
        reserve_percent: The share of them that only urgent calls may use.
    """

    monthly_calls: int | None = None
    reserve_percent: int = 10

    @property
    def reserve(self) -> int:
        """Calls that only urgent ones may use."""
        return -(-(self.monthly_calls or 0) * self.reserve_percent // 100)


def month_of(now: datetime) -> str:
    """The month that a call counts for, e.g. ``2026-03``; it begins at 00:00 UTC."""
    return now.astimezone(UTC).strftime("%Y-%m")


def began_at(now: datetime) -> datetime:
    """When this month's calls began to count."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def resets_at(now: datetime) -> datetime:
    """When the next month's calls are there."""
    return began_at(began_at(now) + timedelta(days=32))


def forecast(used: int, now: datetime) -> int:
    """How many calls it will be at the month's end, at the pace so far; never fewer than `used`."""
    so_far = max(now - began_at(now), LEAST_PACE)
    left = resets_at(now) - now
    return used - (-(used * left) // so_far)


def ceiling(plan: CallPlan, usage: Usage, kind: CallClass, now: datetime) -> int | None:
    """The most calls, of all classes together, that a call of this class may bring the month to.

    Returns:
        None when nothing stops it.
    """
    if plan.monthly_calls is None or kind is CallClass.URGENT:
        return None
    most = plan.monthly_calls - plan.reserve
    if kind is CallClass.BULK:
        most -= forecast(usage.lasting, now) - usage.lasting
    return max(0, most)


def refusal(plan: CallPlan, usage: Usage, kind: CallClass, now: datetime) -> Retryable | None:
    """Why a call of this class has to wait; None when it may be made."""
    most = ceiling(plan, usage, kind, now)
    if most is None or usage.total < most:
        return None
    resets = resets_at(now)
    return Retryable(
        "unleashed.budget",
        f"{usage.total} of the month's {plan.monthly_calls} calls to Unleashed are used and "
        f"{_kept_for(plan, kind)}; {kind.value} calls wait until {resets:%Y-%m-%d %H:%M} UTC or "
        "until monthly_calls is raised",
        after=wait_until_reset(now),
    )


def _kept_for(plan: CallPlan, kind: CallClass) -> str:
    if kind is CallClass.BULK:
        return "what is left is kept for urgent calls and for what changes every day"
    return f"the last {plan.reserve} are kept for urgent ones"


def wait_until_reset(now: datetime) -> float:
    """Seconds after which asking again pays."""
    return max(1.0, min(LONGEST_WAIT, resets_at(now) - now).total_seconds())


def is_nearly_spent(plan: CallPlan, usage: Usage) -> bool:
    """Whether the month's limit may be what Unleashed refuses for."""
    limit = plan.monthly_calls
    return limit is not None and usage.total * 100 >= limit * NEARLY_SPENT_PERCENT
