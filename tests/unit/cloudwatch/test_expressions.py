"""Searches and metric math, and what is told where they are not honoured."""

from __future__ import annotations

from typing import Any

import pytest

from local.cloudwatch.expressions import evaluate, graph_sampler
from local.cloudwatch.metrics import Metric, MetricStore
from local.cloudwatch.queries import MetricQuery
from local.cloudwatch.search import NotHonoured, parsed_search

HUB = {"service": "returns-hub"}


@pytest.fixture
def metrics() -> MetricStore:
    store = MetricStore()
    for merchant, value in (("north", 2.0), ("south", 4.0)):
        lateness = Metric.of("ReturnsHub", "CursorLateness", {**HUB, "merchant": merchant})
        store.put(lateness, 0, value)
        store.put(lateness, 300, value * 10)
        open_ = Metric.of("ReturnsHub", "ParkedOpen", {**HUB, "merchant": merchant})
        store.put(open_, 0, 7)
    store.put(Metric.of("ReturnsHub", "CursorLateness", HUB), 0, 99)
    store.put(Metric.of("ReturnsHub/prod", "Worked", {**HUB, "merchant": "east"}), 0, 1)
    store.put(Metric.of("ReturnsHub/a}b,c", "Worked", HUB), 0, 1)
    store.put(Metric.of("AWS/Lambda", "Errors", {"FunctionName": "Poll"}), 0, 1, 0, 1)
    store.put(Metric.of("AWS/Lambda", "Invocations", {"FunctionName": "Poll"}), 0, 1, 1, 1)
    store.put(Metric.of("AWS/Lambda", "Invocations", {"FunctionName": "Poll"}), 300, 1)
    return store


def drawn(metrics: MetricStore, *queries: MetricQuery) -> list[tuple[str, list[Any]]]:
    found = evaluate(queries, metrics, graph_sampler(metrics, 0, 600))
    return [(series.label, list(series.points)) for series in found]


def of(name: str, metric: str, **changes: Any) -> MetricQuery:
    poll = Metric.of("AWS/Lambda", metric, {"FunctionName": "Poll"})
    return MetricQuery(name, poll, "Sum", 300, is_returned=changes.get("is_returned", False))


def expression(text: str, **changes: Any) -> MetricQuery:
    return MetricQuery("e1", None, "", 300, text, **changes)


def test_a_search_finds_what_has_exactly_these_dimensions(metrics: MetricStore) -> None:
    text = "SEARCH('{ReturnsHub,service,merchant} MetricName=\"CursorLateness\"', 'Maximum', 300)"
    assert drawn(metrics, expression(text)) == [
        ("north", [(0, 2), (300, 20)]),
        ("south", [(0, 4), (300, 40)]),
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{ReturnsHub,merchant,service}", 4),
        ('{ReturnsHub,service} MetricName="CursorLateness"', 1),
        ('MetricName="ParkedOpen" merchant="north"', 1),
        ('{ReturnsHub,service,merchant} AND "CursorLateness" AND NOT "south"', 1),
        ('{ReturnsHub,service,merchant} NOT merchant="north"', 2),
        ('Namespace="AWS/Lambda" FunctionName="Poll"', 2),
        ('{"AWS/Lambda",FunctionName} MetricName="errors"', 0),
        ('{"AWS/Lambda",FunctionName} MetricName="Errors"', 1),
        ('{AWS/Lambda, "FunctionName"} MetricName="Errors"', 1),
        ('{"ReturnsHub/prod",service,merchant}', 1),
        ('{ "ReturnsHub/a}b,c" , service }', 1),
    ],
)
def test_terms_of_a_search(metrics: MetricStore, text: str, count: int) -> None:
    assert len(parsed_search(text).find(metrics.metrics)) == count


@pytest.mark.parametrize(
    "text",
    ["{ReturnsHub} Cursor", "MetricName=Cursor", '("a" OR "b")', '"a" OR "b"', "", "{}", "{A,}"],
)
def test_a_search_that_is_not_honoured_is_told(text: str) -> None:
    with pytest.raises(NotHonoured):
        parsed_search(text)


@pytest.mark.parametrize(
    "schema", ["ReturnsHub/prod,service", "ReturnsHub,my-dimension", 'A,"b"c', 'A,"b', 'A,"",b']
)
def test_a_name_of_a_schema_that_cloudwatch_would_misread_is_told(schema: str) -> None:
    with pytest.raises(NotHonoured, match=r"double quotes|empty name|exact terms"):
        parsed_search(f"{{{schema}}}")


def test_math_leaves_out_what_one_side_lacks_and_divisions_by_zero(metrics: MetricStore) -> None:
    rate = expression("100 * errors / calls", label="errors in percent")
    sources = (of("errors", "Errors"), of("calls", "Invocations"))
    assert drawn(metrics, rate, *sources) == [("errors in percent", [(0, 100 * 2 / 3)])]
    zero = expression("errors / (errors - errors)")
    assert drawn(metrics, zero, *sources) == [("errors / (errors - errors)", [])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("calls - errors * 2 + 1", 0.0),
        ("-(calls - errors)", -1.0),
        ("10 / calls / 2", 10 / 3 / 2),
        ("2 * (calls + errors)", 10.0),
    ],
)
def test_signs_bind_as_they_do_everywhere(metrics: MetricStore, text: str, value: float) -> None:
    sources = (of("errors", "Errors"), of("calls", "Invocations"))
    ((_, points),) = drawn(metrics, expression(text), *sources)
    assert points[0] == (0, pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SUM([errors, calls])", [(0, 5.0), (300, 1.0)]),
        ("MAX([errors, calls]) * 2", [(0, 6.0), (300, 2.0)]),
        ("MIN([errors, calls])", [(0, 2.0), (300, 1.0)]),
        ("AVG([errors, calls])", [(0, 2.5), (300, 1.0)]),
        (
            "SUM(SEARCH('{ReturnsHub,service,merchant} \"CursorLateness\"', 'Sum'))",
            [(0, 6), (300, 60)],
        ),
    ],
)
def test_several_series_become_one_of_those_that_have_a_value(
    metrics: MetricStore, text: str, values: list[tuple[float, float]]
) -> None:
    sources = (of("errors", "Errors"), of("calls", "Invocations"))
    ((_, points),) = drawn(metrics, expression(text), *sources)
    assert points == values


def test_math_over_a_search_is_of_each_of_its_lines(metrics: MetricStore) -> None:
    late = "SEARCH('{ReturnsHub,service,merchant} \"CursorLateness\"', 'Maximum', 300)"
    found = drawn(metrics, expression(f"{late} / 2", label="half"))
    assert found == [("half north", [(0, 1), (300, 10)]), ("half south", [(0, 2), (300, 20)])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SUM(errors)", r"SUM\(\) of what are not several series"),
        ("SUM([errors, 2])", "the number 2 in a list"),
        ("SUM([errors, errors)", "a \\] is missing"),
        ("METRICS()", r"METRICS\(\)|only"),
        ("FILL(errors, 0)", "FILL"),
        ("errors ^ 2", "a sign"),
        ("errors +", "missing at the end"),
        ("(errors", "a \\) is missing"),
        ("errors errors", "only"),
        ("e1 + 1", "computed from itself"),
        ("other + 1", "there is no other"),
        ("3 * 4", "a number and no series"),
        ("SEARCH('{A,b}', 'Sum') + SEARCH('{A,b}', 'Sum')", "two searches"),
        ("SEARCH({A}, 'Sum')", "a sign"),
    ],
)
def test_what_is_not_honoured_is_told(metrics: MetricStore, text: str, words: str) -> None:
    with pytest.raises(NotHonoured, match=words):
        drawn(metrics, expression(text), of("errors", "Errors"))
