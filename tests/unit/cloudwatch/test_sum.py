"""SUM of metric math: what is there is added, and what is missing takes nothing away."""

from __future__ import annotations

import pytest

from local.cloudwatch.expressions import MetricQuery, NotHonoured, evaluate, graph_sampler
from local.cloudwatch.metrics import Metric, MetricStore

ONE = Metric.of("N", "Duration", {"FunctionName": "one"})
TWO = Metric.of("N", "Duration", {"FunctionName": "two"})
AT = 1_763_726_400.0


def computed(expression: str) -> list[tuple[tuple[float, float], ...]]:
    metrics = MetricStore()
    metrics.put(ONE, AT, 10)
    metrics.put(ONE, AT + 300, 1)
    metrics.put(TWO, AT + 300, 2)
    queries = [
        MetricQuery("a", ONE, "Sum", 300, is_returned=False),
        MetricQuery("b", TWO, "Sum", 300, is_returned=False),
        MetricQuery("e", None, "", 300, expression),
    ]
    found = evaluate(queries, metrics, graph_sampler(metrics, AT, AT + 600))
    return [series.points for series in found]


def test_what_is_missing_at_a_moment_is_left_out_of_the_sum_and_ends_a_plus() -> None:
    assert computed("SUM([a, b])") == [((AT, 10.0), (AT + 300, 3.0))]
    assert computed("a + b") == [((AT + 300, 3.0),)]


def test_it_stands_in_the_midst_of_a_term_and_takes_a_search() -> None:
    assert computed("SUM([a, 2 * b]) / 5") == [((AT, 2.0), (AT + 300, 1.0))]
    found = computed("SUM(SEARCH('{N,FunctionName} MetricName=\"Duration\"', 'Sum', 300))")
    assert found == [((AT, 10.0), (AT + 300, 3.0))]


@pytest.mark.parametrize(
    "bad", ["SUM()", "SUM([a, 2])", "SUM([a", "SUM(a", "SUM(a)", "STDDEV([a, b])"]
)
def test_what_is_none_is_refused(bad: str) -> None:
    with pytest.raises(NotHonoured):
        computed(bad)
