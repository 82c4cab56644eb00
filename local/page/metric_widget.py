"""Metric widgets: from the dashboard's short form of a metric to a graph.

Source: "Properties of a metric widget object" and "Metric widget: format for each metric in the
array" of the CloudWatch API reference. What is not honoured is told above the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from local.cloudwatch.expressions import Series, evaluate, graph_sampler, told_apart
from local.cloudwatch.metrics import Metric, MetricStore, StatisticNotHonoured
from local.cloudwatch.queries import MetricQuery
from local.cloudwatch.search import NotHonoured
from local.page.graph import Axis, Graph, Line, Mark, drawn, single_values
from local.page.layout import Widget

DEFAULT_PERIOD = 300
DEFAULT_STATISTIC = "Average"
VIEWS = frozenset({"timeSeries", "singleValue"})
HONOURED = frozenset(
    {
        *("metrics", "view", "stacked", "region", "title", "period", "stat", "yAxis"),
        *("annotations", "legend", "setPeriodToTimeRange", "liveData", "sparkline", "timezone"),
    }
)
"""Properties that are drawn, or that make no difference here."""
RENDERED = frozenset(
    {"expression", "label", "stat", "period", "id", "visible", "color", "region", "yAxis"}
)


@dataclass(frozen=True)
class Shown:
    """A widget's content, and what was not honoured."""

    html: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Style:
    """How a row's lines are drawn."""

    colour: str = ""
    is_right: bool = False


def metric_widget(widget: Widget, metrics: MetricStore, *, start: float, end: float) -> Shown:
    """A metric widget over [start, end), moments of the world."""
    properties = widget.properties
    notes = [f"{name} is not honoured" for name in sorted(set(properties) - HONOURED)]
    view = properties.get("view", "timeSeries")
    if view not in VIEWS:
        notes.append(f"the view {view} is shown as timeSeries")
    try:
        queries, styles, more = queries_of(properties)
        series = evaluate(queries, metrics, graph_sampler(metrics, start, end))
    except (NotHonoured, StatisticNotHonoured) as refused:
        return Shown('<p class="empty">Not drawn</p>', (*notes, str(refused)))
    notes += more
    periods = {query.id: query.period for query in queries}
    named = [query.metric for query in queries if query.metric and query.is_returned]
    lines = [_line(one, metrics, styles, periods, named) for one in series]
    empty = _empty(queries, metrics)
    if view == "singleValue":
        return Shown(single_values(lines, empty), tuple(notes))
    axes = properties.get("yAxis") or {}
    marks, mark_notes = _marks(properties.get("annotations") or {})
    graph = Graph(
        title=widget.title,
        lines=lines,
        start=start,
        end=end,
        marks=marks,
        is_stacked=bool(properties.get("stacked")),
        left=_axis(axes.get("left") or {}),
        right=_axis(axes.get("right") or {}),
        empty=empty,
    )
    return Shown(drawn(graph), (*notes, *mark_notes))


def _line(
    series: Series,
    metrics: MetricStore,
    styles: Mapping[str, Style],
    periods: Mapping[str, int],
    named: Sequence[Metric],
) -> Line:
    unit = metrics.unit(series.metric) if series.metric is not None else "None"
    label = series.label or (told_apart(series.metric, named) if series.metric else series.id)
    period = periods.get(series.id) or DEFAULT_PERIOD
    style = styles.get(series.id, Style())
    return Line(label, series.points, unit, style.colour, period, style.is_right)


def queries_of(
    properties: Mapping[str, Any],
) -> tuple[list[MetricQuery], dict[str, Style], list[str]]:
    """What a widget asks for, how it is drawn by its id, and what is not honoured.

    Raises:
        NotHonoured: A row is in no form that CloudWatch knows.
    """
    queries: list[MetricQuery] = []
    styles: dict[str, Style] = {}
    notes: list[str] = []
    before: list[str] = []
    for number, row in enumerate(properties.get("metrics", []), start=1):
        words, options = _split(row)
        notes += [f"{name} of a metric is not honoured" for name in sorted(set(options) - RENDERED)]
        if "${" in str(options.get("label", "")):
            notes.append("values in a label, as ${LAST}, are not honoured")
        name = str(options.get("id", f"row{number}"))
        styles[name] = Style(str(options.get("color", "")), options.get("yAxis") == "right")
        words = _spelled_out(words, before)
        before = words or before
        queries.append(_query(name, words, options, properties))
    return queries, styles, notes


def _query(
    name: str, words: Sequence[str], options: Mapping[str, Any], properties: Mapping[str, Any]
) -> MetricQuery:
    period = int(options.get("period", properties.get("period", DEFAULT_PERIOD)))
    statistic = str(options.get("stat", properties.get("stat", DEFAULT_STATISTIC)))
    is_shown = options.get("visible", True) is not False
    label = str(options.get("label", ""))
    if "expression" in options:
        return MetricQuery(name, None, "", period, str(options["expression"]), label, is_shown)
    if len(words) < 2 or len(words) % 2:
        raise NotHonoured(f"a metric is a namespace, a name and pairs of dimensions: {list(words)}")
    dimensions = dict(zip(words[2::2], words[3::2], strict=True))
    metric = Metric.of(words[0], words[1], dimensions)
    return MetricQuery(name, metric, statistic, period, label=label, is_returned=is_shown)


def _split(row: Any) -> tuple[list[str], dict[str, Any]]:
    if not isinstance(row, list) or not row:
        raise NotHonoured(f"a metric is a list: {row}")
    options = row[-1] if isinstance(row[-1], dict) else {}
    return [str(word) for word in row if not isinstance(word, dict)], options


def _spelled_out(words: list[str], before: Sequence[str]) -> list[str]:
    """A row with its dots replaced by what the row before has there: `.` for one word, `...` for
    as many as there are."""
    if "..." in words:
        place = words.index("...")
        words = [
            *words[:place],
            *before[place : len(before) - len(words) + place + 1],
            *words[place + 1 :],
        ]
    dots = [place for place, word in enumerate(words) if word == "."]
    if dots and dots[-1] >= len(before):
        raise NotHonoured(f"a dot stands for nothing in the row before: {words}")
    return [before[place] if word == "." else word for place, word in enumerate(words)]


def _axis(content: Mapping[str, Any]) -> Axis:
    return Axis(content.get("min"), content.get("max"), str(content.get("label", "")))


def _marks(content: Mapping[str, Any]) -> tuple[list[Mark], list[str]]:
    notes = [
        f"{kind} annotations are not honoured" for kind in sorted(set(content) - {"horizontal"})
    ]
    marks = []
    for row in content.get("horizontal", []):
        if not isinstance(row, dict) or "value" not in row:
            notes.append("bands of annotations are not honoured")
            continue
        marks.append(
            Mark(float(row["value"]), str(row.get("label", "")), str(row.get("color", "")))
        )
    return marks, notes


def _empty(queries: Sequence[MetricQuery], metrics: MetricStore) -> str:
    """Why there may be nothing: a name that nothing is published as is often a slip."""
    known = set(metrics.metrics())
    unknown = [query.metric for query in queries if query.metric and query.metric not in known]
    if not unknown:
        return "No data in this range"
    others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return f"Nothing was published yet as {unknown[0]}{others}"


def notes_html(notes: Sequence[str]) -> str:
    """What was not honoured, above a widget's content; nothing without."""
    if not notes:
        return ""
    rows = "".join(f"<li>{escape(note)}</li>" for note in dict.fromkeys(notes))
    return f'<ul class="notes">{rows}</ul>'
