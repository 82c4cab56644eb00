"""Graphs: from a widget's short form to lines, and what is told when nothing is drawn."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from local.cloudwatch.metrics import Metric, MetricStore
from local.page.figures import ago, number, runs, ticks, time_ticks
from local.page.layout import Widget
from local.page.metric_widget import Shown, metric_widget

HOUR = 3600.0


@pytest.fixture
def metrics() -> MetricStore:
    store = MetricStore()
    for queue, size in (("one", 2.0), ("two", 30.0)):
        depth = Metric.of("AWS/SQS", "Depth", {"QueueName": queue})
        for at in (0, 300, 900):
            store.put(depth, at, size, unit="Count")
    store.put(
        Metric.of("AWS/Lambda", "Duration", {"FunctionName": "Poll"}), 0, 1500, unit="Milliseconds"
    )
    return store


def shown(metrics: MetricStore, *rows: Any, **properties: Any) -> Shown:
    content = {"title": "Queues", "metrics": list(rows), "stat": "Maximum", **properties}
    widget = Widget("widget-1", "metric", 0, 0, 6, 6, content)
    return metric_widget(widget, metrics, start=0, end=HOUR)


def lines(html: str) -> list[dict[str, Any]]:
    found = re.search(r'data-graph="([^"]+)"', html)
    assert found
    return list(json.loads(unescape(found[1]))["lines"])


ONE = ["AWS/SQS", "Depth", "QueueName", "one"]
TWO = ["AWS/SQS", "Depth", "QueueName", "two"]


@pytest.mark.parametrize(
    "second", [TWO, [".", ".", ".", "two"], ["...", "two"], ["AWS/SQS", "...", "two"]]
)
def test_dots_stand_for_what_the_row_before_has(metrics: MetricStore, second: list[str]) -> None:
    found = lines(shown(metrics, ONE, second).html)
    assert [(line["label"], line["points"][0]) for line in found] == [
        ("one", [0, 2]),
        ("two", [0, 30]),
    ]


def test_options_of_a_row_count_more_than_the_widgets(metrics: MetricStore) -> None:
    row = [*ONE, {"label": "waiting", "stat": "SampleCount", "period": 900, "color": "#123456"}]
    html = shown(metrics, row, [*TWO, {"visible": False}]).html
    (line,) = lines(html)
    assert (line["label"], line["points"]) == ("waiting", [[0, 2], [900, 1]])
    assert "--c:#123456" in html


def test_a_gap_is_no_line(metrics: MetricStore) -> None:
    html = shown(metrics, ONE).html
    ways = re.findall(r'class="line c0" d="([^"]+)"', html)
    assert len(ways) == 2
    assert ways[1].endswith("h0")


def test_a_right_axis_a_threshold_and_a_title_of_an_axis(metrics: MetricStore) -> None:
    html = shown(
        metrics,
        ONE,
        [*TWO, {"yAxis": "right"}],
        yAxis={"left": {"min": 0, "max": 10, "label": "messages"}, "right": {"min": 0}},
        annotations={"horizontal": [{"value": 5, "label": "limit"}]},
    ).html
    assert 'class="graph both"' in html
    assert '<div class="axis left">messages</div>' in html
    left = re.search(r'class="y left"[^>]*>(.*?)</div>', html)
    right = re.search(r'class="y right"[^>]*>(.*?)</div>', html)
    assert left
    assert right
    assert re.findall(r">([\d.]+)<", left[1])[-1] == "10"
    assert re.findall(r">([\d.]+)<", right[1])[-1] == "30"
    assert "limit" in html


def test_stacked_lines_stand_on_each_other(metrics: MetricStore) -> None:
    html = shown(metrics, ONE, TWO, stacked=True).html
    assert html.count('class="area') == 4
    labels = re.search(r'class="y left"[^>]*>(.*?)</div>', html)
    assert labels
    assert float(re.findall(r">([\d.]+)<", labels[1])[-1]) >= 32


def test_a_single_value_is_the_newest(metrics: MetricStore) -> None:
    html = shown(
        metrics, ["AWS/Lambda", "Duration", "FunctionName", "Poll"], view="singleValue"
    ).html
    assert "<b>1.5 s</b>" in html


def test_words_for_those_who_do_not_see_it_and_nothing_as_markup(metrics: MetricStore) -> None:
    html = shown(metrics, [*ONE, {"label": "<script>x"}], title='A "queue"').html
    assert 'aria-label="A &quot;queue&quot;, newest values: &lt;script&gt;x 2"' in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("rows", "properties", "words"),
    [
        ([ONE], {"view": "gauge"}, "the view gauge is shown as timeSeries"),
        ([ONE], {"table": {}}, "table is not honoured"),
        ([[*ONE, {"label": "${LAST}"}]], {}, "as ${LAST}, are not honoured"),
        ([[*ONE, {"accountId": "1"}]], {}, "accountId of a metric is not honoured"),
        ([ONE], {"annotations": {"vertical": []}}, "vertical annotations are not honoured"),
        ([ONE], {"annotations": {"horizontal": [[{}]]}}, "bands of annotations"),
        ([ONE], {"stat": "IQM"}, "the statistic IQM is not honoured"),
        ([["AWS/SQS"]], {}, "a namespace, a name and pairs"),
        ([["AWS/SQS", "Depth", "QueueName"]], {}, "a namespace, a name and pairs"),
        ([[".", "Depth"]], {}, "a dot stands for nothing"),
        (["Depth"], {}, "a metric is a list"),
        ([[{"expression": "RATE(m1)"}]], {}, r"RATE()"),
    ],
)
def test_what_is_not_honoured_is_told(
    metrics: MetricStore, rows: list[Any], properties: dict[str, Any], words: str
) -> None:
    assert any(words in note for note in shown(metrics, *rows, **properties).notes)


def test_a_slip_in_a_name_is_told_apart_from_quiet(metrics: MetricStore) -> None:
    assert (
        "Nothing was published yet as AWS/SQS Deepth" in shown(metrics, ["AWS/SQS", "Deepth"]).html
    )
    quiet = Widget("w", "metric", 0, 0, 6, 6, {"metrics": [ONE]})
    assert "No data in this range" in metric_widget(quiet, metrics, start=HOUR, end=2 * HOUR).html


def test_figures_for_people() -> None:
    assert [number(value) for value in (0, 0.123456, 12.0, 1234.0, 56_000, 2_500_000)] == [
        *("0", "0.123", "12", "1234", "56k", "2.5M"),
    ]
    assert number(230, "Milliseconds") == "230 ms"
    assert ticks(0, 7) == [0, 2, 4, 6, 8]
    assert ticks(0, 0.9) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert ticks(-3, 3)[0] <= -3
    assert time_ticks(100, 3700) == [600, 1200, 1800, 2400, 3000, 3600]
    words = [ago(seconds) for seconds in (5, 300, 3600, 12_000, 180_000)]
    assert words == ["just now", "5 min", "1 h", "3 h 20 min", "2 d 2 h"]
    assert runs([(0, 1), (300, 1), (900, 1)], 300) == [[(0, 1), (300, 1)], [(900, 1)]]
