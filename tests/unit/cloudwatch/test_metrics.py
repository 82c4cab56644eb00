"""Statistics over minutes, and that memory is bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.cloudwatch.clock import WorldTime
from local.cloudwatch.metrics import Metric, MetricStore, StatisticNotHonoured

WAITING = Metric.of("ReturnsHub", "Waiting", {"service": "returns-hub", "merchant": "example"})


def test_statistics_over_a_period() -> None:
    store = MetricStore()
    for number in range(1, 101):
        store.put(WAITING, 60.0 * (number % 5), float(number))
    found = {
        statistic: store.statistic(WAITING, statistic, 0, 300)
        for statistic in ("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99.5")
    }
    assert found == {
        "Sum": 5050.0,
        "Average": 50.5,
        "Minimum": 1.0,
        "Maximum": 100.0,
        "SampleCount": 100.0,
        "p50": 50.0,
        "p99.5": 100.0,
    }


def test_a_period_has_its_beginning_and_not_its_end() -> None:
    store = MetricStore()
    for minute in (0, 4, 5):
        store.put(WAITING, minute * 60.0 + 59, float(minute))
    assert store.statistic(WAITING, "SampleCount", 0, 300) == 2
    assert store.series(WAITING, "Maximum", 300, 0, 900) == [(0.0, 4.0), (300.0, 5.0)]
    assert store.series(WAITING, "Maximum", 300, 130, 200) == [(0.0, 4.0)]


def test_a_metric_is_exactly_its_dimensions_in_any_order() -> None:
    store = MetricStore()
    store.put(WAITING, 0, 1)
    same = Metric.of("ReturnsHub", "Waiting", {"merchant": "example", "service": "returns-hub"})
    assert store.statistic(same, "Sum", 0, 60) == 1
    assert store.statistic(Metric.of("ReturnsHub", "Waiting"), "Sum", 0, 60) is None


@pytest.mark.parametrize("statistic", ["TM(10%:90%)", "p101", "average", ""])
def test_a_statistic_that_is_not_computed_is_told_even_without_data(statistic: str) -> None:
    with pytest.raises(StatisticNotHonoured, match="is not honoured here"):
        MetricStore().statistic(WAITING, statistic, 0, 60)


def test_memory_is_bounded_by_age_metrics_and_values() -> None:
    store = MetricStore(kept=600, most=2)
    for minute in range(1000):
        store.put(WAITING, minute * 60.0, 1.0)
    assert store.statistic(WAITING, "SampleCount", 0, 60_000) == 11
    store.put(Metric.of("N", "second"), 0, *map(float, range(2000)))
    assert store.statistic(Metric.of("N", "second"), "Sum", 0, 60) == 1999 * 1000
    store.put(Metric.of("N", "third"), 0, 1, 2)
    assert store.dropped == 2
    assert len(store.metrics()) == 2


def test_beyond_so_many_minutes_the_older_half_of_the_time_goes() -> None:
    store = MetricStore(most_minutes=1000)
    for minute in range(5000):
        for name in ("a", "b"):
            store.put(Metric.of("N", name), minute * 60.0, 1.0)
    for name in ("a", "b"):
        kept = store.statistic(Metric.of("N", name), "SampleCount", 0, 300_000)
        assert 250 <= (kept or 0) <= 500
        assert store.statistic(Metric.of("N", name), "Sum", 4999 * 60, 300_000) == 1


def test_data_may_come_late() -> None:
    store = MetricStore()
    for minute in (5, 1, 3):
        store.put(WAITING, minute * 60.0, float(minute))
    assert [at for at, _ in store.series(WAITING, "Sum", 60, 0, 600)] == [60, 180, 300]
    assert store.first_since(WAITING, 61) == 180
    assert store.first_since(WAITING, 301) is None


def test_the_worlds_time_goes_as_fast_as_the_schedules() -> None:
    wall = [1000.0]
    time = WorldTime(30, wall=lambda: wall[0])
    assert time.moment() == 1000
    wall[0] += 10
    assert time.moment() == 1000 + 300
    assert time.of(1004.0) == 1000 + 120
    time.go_on(days=1)
    assert time.moment() == 1300 + 86400
    assert time().timestamp() == 1300 + 86400


def test_days_that_went_by_for_the_hub_went_by_here() -> None:
    ahead = [timedelta()]
    time = WorldTime(2, wall=lambda: 500.0, ahead=lambda: ahead[0])
    ahead[0] = timedelta(days=3)
    assert time.moment() == 500 + 3 * 86400
