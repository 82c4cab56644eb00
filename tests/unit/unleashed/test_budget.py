"""The month's calls: what is foreseen, who has to wait, and counting with few writes."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.unleashed.meter import AT_A_TIME, Full, Meter
from returns_hub.domain.unleashed.budget import (
    CallClass,
    CallPlan,
    Usage,
    ceiling,
    forecast,
    is_nearly_spent,
    month_of,
    refusal,
    resets_at,
    wait_until_reset,
)
from returns_hub.errors import Retryable
from tests.support import fakes
from tests.support.unleashed_wire import CallCounts, UnleashedBench

URGENT, REGULAR, BULK = CallClass.URGENT, CallClass.REGULAR, CallClass.BULK
MIDDLE = datetime(2026, 4, 16, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
USED = st.integers(0, 10**6)
USAGES = st.builds(Usage, USED, USED, USED)
PLANS = st.builds(CallPlan, st.integers(1, 10**6), st.integers(0, 90))


def test_a_month_is_utcs() -> None:
    there = timezone(timedelta(hours=-10))
    assert month_of(datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)) == "2026-03"
    assert month_of(datetime(2026, 3, 31, 20, 0, tzinfo=there)) == "2026-04"
    assert resets_at(datetime(2026, 12, 31, 23, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert resets_at(datetime(2026, 2, 1, tzinfo=UTC)) == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_forecast_is_the_pace_so_far() -> None:
    assert forecast(15_000, MIDDLE) == 30_000
    assert forecast(0, MIDDLE) == 0
    # In the first hour it is a day's, and not 720 times the hour's.
    assert forecast(100, datetime(2026, 4, 1, 1, tzinfo=UTC)) == 100 + 2996


@given(used=USED, now=MOMENTS)
def test_the_forecast_is_never_less_than_what_is_used_and_ends_there(
    used: int, now: datetime
) -> None:
    assert forecast(used, now) >= used
    assert forecast(used + 1, now) > forecast(used, now)
    last = resets_at(now) - timedelta(microseconds=1)
    assert used <= forecast(used, last) <= used + 1


@given(usage=USAGES, plan=PLANS, now=MOMENTS)
def test_what_matters_less_stops_first(usage: Usage, plan: CallPlan, now: datetime) -> None:
    waits = {kind: refusal(plan, usage, kind, now) is not None for kind in CallClass}

    assert not waits[URGENT]
    assert waits[BULK] or not waits[REGULAR]
    regular, bulk = (ceiling(plan, usage, kind, now) for kind in (REGULAR, BULK))
    assert plan.monthly_calls is not None
    assert regular is not None
    assert bulk is not None
    assert 0 <= bulk <= regular <= plan.monthly_calls
    assert plan.monthly_calls - regular >= plan.monthly_calls * plan.reserve_percent / 100
    # Full syncs never take what the other calls will need at their pace.
    if not waits[BULK]:
        need = forecast(usage.lasting, now) - usage.lasting
        assert usage.total + need < regular


@given(usage=USAGES, kind=st.sampled_from(CallClass), now=MOMENTS)
def test_nothing_waits_while_nobody_said_how_many_there_are(
    usage: Usage, kind: CallClass, now: datetime
) -> None:
    assert refusal(CallPlan(None, 50), usage, kind, now) is None
    assert not is_nearly_spent(CallPlan(None), usage)


def test_a_refusal_says_what_is_used_and_until_when() -> None:
    plan = CallPlan(1000, 10)
    refused = refusal(plan, Usage(regular=900), REGULAR, MIDDLE)

    assert refused is not None
    assert refused.code == "unleashed.budget"
    assert "900 of the month's 1000 calls" in refused.reason
    assert "the last 100 are kept" in refused.reason
    assert "2026-05-01 00:00 UTC" in refused.reason
    assert refused.after == 3600
    assert refusal(plan, Usage(regular=899), REGULAR, MIDDLE) is None
    assert wait_until_reset(datetime(2026, 4, 30, 23, 59, tzinfo=UTC)) == 60


def test_a_limit_is_near_before_our_own_count_says_so() -> None:
    assert is_nearly_spent(CallPlan(1000), Usage(bulk=950))
    assert not is_nearly_spent(CallPlan(1000), Usage(bulk=949))


# -- the meter ----------------------------------------------------------------------------------


class Month:
    """Environments that share a count."""

    def __init__(
        self, monthly: int | None = 1000, reserve: int = 10, environments: int = 1
    ) -> None:
        self.clock = fakes.TestClock(MIDDLE)
        self.counts = CallCounts()
        self.told: list[tuple[int, int, int]] = []
        self.meters = [
            Meter(
                "acc",
                CallPlan(monthly, reserve),
                self.counts,
                self.clock,
                lambda count, usage, foreseen: self.told.append((count, usage.total, foreseen)),
            )
            for _ in range(environments)
        ]

    def spend_all(self, kind: CallClass) -> int:
        """Calls that all environments together may make."""
        made = 0
        for _ in range(100_000):
            before = made
            for meter in self.meters:
                with contextlib.suppress(Retryable):
                    meter.spend(kind)
                    made += 1
            if made == before:
                return made
        raise AssertionError("no end")


def test_counting_costs_one_write_for_many_calls() -> None:
    month = Month(100_000)
    for _ in range(10 * AT_A_TIME):
        month.meters[0].spend(REGULAR)

    assert month.counts.requests == 11  # and one read at the start
    assert month.counts.counts["acc", "2026-04"] == Usage(regular=10 * AT_A_TIME)


def test_without_a_plan_calls_are_counted_and_none_waits() -> None:
    month = Month(None)
    for _ in range(1000):
        month.meters[0].spend(BULK)
    assert month.counts.counts["acc", "2026-04"].bulk == 1000


@pytest.mark.parametrize("environments", [1, 2, 7])
@pytest.mark.parametrize("monthly", [1, 10, 333, 1000])
def test_all_environments_together_leave_the_reserve(monthly: int, environments: int) -> None:
    month = Month(monthly, 10, environments)
    most = monthly - -(-monthly // 10)

    assert month.spend_all(REGULAR) <= most
    assert month.counts.counts.get(("acc", "2026-04"), Usage()).total == most
    month.meters[0].spend(URGENT)


def test_one_environment_can_use_all_that_is_not_kept() -> None:
    assert Month(1000, 10).spend_all(REGULAR) == 900


def test_a_full_sync_leaves_what_the_days_to_come_need() -> None:
    month = Month(1000, 10)
    month.counts.counts["acc", "2026-04"] = Usage(regular=300)

    # 300 in half a month: as many again are needed, and 100 are kept.
    assert month.spend_all(BULK) == 1000 - 100 - 300 - 300
    month.meters[0].spend(REGULAR)


def test_the_first_of_the_month_begins_anew() -> None:
    month = Month(100, 10)
    assert month.spend_all(REGULAR) == 90
    month.clock.moment = datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(Retryable):
        month.meters[0].spend(REGULAR)
    month.clock.advance(seconds=1)
    month.meters[0].spend(REGULAR)

    assert month.counts.counts["acc", "2026-05"] == Usage(regular=AT_A_TIME)


def test_calls_left_over_from_a_month_are_not_the_next_ones() -> None:
    month = Month(100_000)
    month.meters[0].spend(REGULAR)
    month.clock.moment = datetime(2026, 5, 1, tzinfo=UTC)
    month.meters[0].spend(REGULAR)
    assert month.counts.counts["acc", "2026-05"].regular == AT_A_TIME


def test_a_refused_class_asks_the_store_no_more() -> None:
    month = Month(100, 10)
    month.spend_all(REGULAR)
    before = month.counts.requests
    for _ in range(50):
        with pytest.raises(Retryable):
            month.meters[0].spend(REGULAR)
    assert month.counts.requests == before


def test_whoever_is_overtaken_again_and_again_comes_back() -> None:
    class Overtaken(CallCounts):
        def take(self, *_: object) -> Full:
            return Full(Usage())

    meter = Meter("acc", CallPlan(1000), Overtaken(), fakes.TestClock(MIDDLE))
    with pytest.raises(Retryable, match="faster"):
        meter.spend(REGULAR)


def test_what_is_counted_is_told() -> None:
    month = Month(1000)
    month.meters[0].spend(REGULAR)
    assert month.told == [(AT_A_TIME, AT_A_TIME, 2 * AT_A_TIME)]
    assert month.meters[0].usage() == Usage(regular=AT_A_TIME)


def test_a_forecast_above_the_plan_is_counted_for_an_alarm() -> None:
    bench = UnleashedBench(monthly_calls=100)
    bench.client().meter.spend(URGENT)

    assert bench.telemetry.total("UnleashedCalls", merchant="example") == AT_A_TIME
    assert bench.telemetry.total("UnleashedCallsForeseenOver", merchant="example") == 1
    # An alarm watches one set of dimensions: that without a merchant.
    assert ("UnleashedCallsForeseenOver", 1, {}) in bench.telemetry.counts
