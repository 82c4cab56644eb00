"""What an overview is as metrics. Each merchant's are billed by themselves: no more than these.

Sums over all merchants are what alarms watch. They are told at 0 too, so that an alarm clears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import Overview, StepStanding
from returns_hub.domain.overview.standing import breakers_open, budgets_over
from returns_hub.ports import Measured, Telemetry


def tell_merchant(overview: Overview, before: Overview | None, telemetry: Telemetry) -> None:
    """Tell one merchant's gauges.

    Args:
        overview: The newest.
        before: The one before it: a currency in which nothing waits any more is told at 0.
        telemetry: Takes them.
    """
    merchant, now = overview.merchant, overview.at
    worst = max((one.lateness(now) for one in overview.freshness), default=0.0)
    parked = sum(cause.count for cause in overview.causes)
    gauges = {"CursorLateness": _value(worst, 2), "ParkedOpen": _count(parked)}
    telemetry.measure(gauges, merchant=merchant)
    earlier = {one.step: one for one in before.steps} if before is not None else {}
    for standing in overview.steps:
        hours = 0.0
        if standing.oldest_since is not None:
            hours = max((now - standing.oldest_since).total_seconds(), 0.0) / 3600
        gauges = {
            "ReturnsWaiting": _count(standing.count),
            "OldestWaitingHours": _value(hours, 2),
        }
        telemetry.measure(gauges, merchant=merchant, flow=standing.step.value)
        for currency, worth in _worth(standing, earlier.get(standing.step)):
            telemetry.measure(
                {"ValueWaiting": _value(worth, 2)},
                merchant=merchant,
                flow=standing.step.value,
                code=currency,
            )


def _worth(standing: StepStanding, before: StepStanding | None) -> Iterator[tuple[str, float]]:
    known = {*standing.value, *(before.value if before is not None else ())}
    for currency in sorted(known):
        yield currency, float(standing.value.get(currency, 0))


def sums_of(overviews: Sequence[Overview], failed: int, now: datetime) -> Mapping[str, Measured]:
    """The gauges over all merchants.

    Args:
        overviews: Of every merchant that could be looked at.
        failed: How many could not.
        now: The moment.
    """
    stale = keys = ending = breakers = budgets = late = 0
    for overview in overviews:
        stale += sum(one.is_stale(now) for one in overview.freshness)
        late += overview.past_clock
        keys += sum(bool(key.failing) for key in overview.keys)
        ending += sum(is_ending(key, now) for key in overview.keys)
        breakers += len(breakers_open(overview, now))
        budgets += len(budgets_over(overview))
    counts = {
        "CursorsStale": stale,
        "ReturnsPastClock": late,
        "BreakersOpen": breakers,
        "KeysFailing": keys,
        "KeysEnding": ending,
        "BudgetForecastOver": budgets,
        "OverviewsFailed": failed,
    }
    return {name: _count(count) for name, count in counts.items()}


def _count(number: int) -> Measured:
    return Measured((number,))


def _value(number: float, digits: int) -> Measured:
    return Measured((round(number, digits),), "None")
