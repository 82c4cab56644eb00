"""A graph as HTML and SVG.

The picture is stretched to its widget, so that it needs no script to fit: lines keep their width
and words are HTML beside it. `data-graph` has the values, for the pointer and the arrow keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from local.page.figures import clock_words, number, runs, ticks, time_ticks

WIDE, HIGH = 1000.0, 100.0
COLOURS = 10
MOST_LEGEND = 12
DAY = 86400
LAST = 960.0
"""Words below the axis that are nearer to its end than this end there."""
_END = ' class="end"'


@dataclass(frozen=True)
class Line:
    """A line of a graph: (moment, value), in order."""

    label: str
    points: tuple[tuple[float, float], ...]
    unit: str = "None"
    colour: str = ""
    period: float = 300.0
    is_right: bool = False


@dataclass(frozen=True)
class Mark:
    """A horizontal line, such as an alarm's threshold."""

    value: float
    label: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Axis:
    """What an axis is fixed to; None where it follows the values."""

    lowest: float | None = None
    highest: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """What is drawn. `start` and `end` are moments; marks are of the left axis."""

    title: str
    lines: Sequence[Line]
    start: float
    end: float
    marks: Sequence[Mark] = ()
    is_stacked: bool = False
    left: Axis = Axis()
    right: Axis = Axis()
    empty: str = "No data in this range"


def drawn(graph: Graph) -> str:
    """The graph as HTML."""
    lines = [line for line in graph.lines if line.points]
    if not lines:
        return f'<p class="empty">{escape(graph.empty)}</p>'
    bases = _stacked(lines) if graph.is_stacked else [{} for _ in lines]
    scale = _scale(graph, lines, bases, is_right=False)
    right = _scale(graph, lines, bases, is_right=True)
    shapes = [
        _shape(
            position, line, base, graph, right if line.is_right else scale, filled=graph.is_stacked
        )
        for position, (line, base) in enumerate(zip(lines, bases, strict=True))
    ]
    on_the_right = [line for line in lines if line.is_right]
    has_right = " both" if on_the_right else ""
    labels = _y_labels(scale, lines[0].unit)
    if on_the_right:
        labels += _y_labels(right, on_the_right[0].unit, side="right")
    grid = [_rule("rule", _y(value, scale)) for value in scale]
    marks = [
        _rule("mark", _y(mark.value, scale), mark.colour)
        for mark in graph.marks
        if scale[0] <= mark.value <= scale[-1]
    ]
    picture = (
        f'<svg viewBox="0 0 {WIDE:g} {HIGH:g}" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(grid + shapes + marks)}</svg>"
    )
    words = escape(_in_words(graph, lines))
    return (
        f'<div class="graph{has_right}" tabindex="0" role="img" aria-label="{words}" '
        f'data-graph="{escape(_data(graph, lines))}">'
        f'<div class="plot">{labels}{picture}{_mark_labels(graph, scale)}'
        f"</div>{_x_labels(graph)}{_axis(graph)}</div>{_legend(lines)}"
    )


def single_values(lines: Sequence[Line], empty: str) -> str:
    """The newest value of each line, with its course below it."""
    shown = [line for line in lines if line.points]
    if not shown:
        return f'<p class="empty">{escape(empty)}</p>'
    return f'<div class="values">{"".join(map(_single, shown))}</div>'


def _single(line: Line) -> str:
    values = [value for _, value in line.points]
    scale = ticks(min(0.0, *values), max(values)) if len(values) > 1 else [0.0, 1.0]
    first, last = line.points[0][0], line.points[-1][0]
    graph = Graph("", [line], first, max(last, first + 1))
    course = ""
    if len(values) > 1:
        path = _shape(0, line, {}, graph, scale, filled=False)
        course = (
            f'<svg class="course" viewBox="0 0 {WIDE:g} {HIGH:g}" preserveAspectRatio="none" '
            f'aria-hidden="true">{path}</svg>'
        )
    return (
        f'<div class="value"><span class="label">{escape(line.label)}</span>'
        f"<b>{escape(number(values[-1], line.unit))}</b>{course}</div>"
    )


def _stacked(lines: Sequence[Line]) -> list[dict[float, float]]:
    """For each line what lies below it at every moment."""
    below: dict[float, float] = {}
    bases: list[dict[float, float]] = []
    for line in lines:
        bases.append({at: below.get(at, 0.0) for at, _ in line.points})
        for at, value in line.points:
            below[at] = below.get(at, 0.0) + value
    return bases


def _scale(
    graph: Graph,
    lines: Sequence[Line],
    bases: Sequence[Mapping[float, float]],
    *,
    is_right: bool,
) -> list[float]:
    values = [
        value + base.get(at, 0.0)
        for line, base in zip(lines, bases, strict=True)
        for at, value in line.points
        if line.is_right is is_right
    ] or [0.0]
    axis = graph.right if is_right else graph.left
    most = max(values) if axis.highest is None else axis.highest
    marks = [] if is_right else [mark.value for mark in graph.marks]
    if marks and axis.highest is None and max(marks) <= 4 * max(most, 1e-9):
        most = max(most, *marks)
    least = min(0.0, *values) if axis.lowest is None else axis.lowest
    return ticks(least, most if most > least else least + 1.0)


def _x(at: float, graph: Graph) -> float:
    return (at - graph.start) / ((graph.end - graph.start) or 1.0) * WIDE


def _y(value: float, scale: Sequence[float]) -> float:
    return HIGH - (value - scale[0]) / ((scale[-1] - scale[0]) or 1.0) * HIGH


def _shape(
    position: int,
    line: Line,
    base: Mapping[float, float],
    graph: Graph,
    scale: Sequence[float],
    *,
    filled: bool,
) -> str:
    style = f' style="--c:{escape(line.colour)}"' if line.colour else ""
    kind = f"c{position % COLOURS}"
    paths = []
    for run in runs(line.points, line.period):
        tops = [(_x(at, graph), _y(value + base.get(at, 0.0), scale)) for at, value in run]
        way = "L".join(f"{x:.1f} {y:.2f}" for x, y in tops)
        if filled:
            floor = [(_x(at, graph), _y(base.get(at, 0.0), scale)) for at, _ in reversed(run)]
            back = "L".join(f"{x:.1f} {y:.2f}" for x, y in floor)
            paths.append(f'<path class="area {kind}"{style} d="M{way}L{back}Z"/>')
        end = "h0" if len(tops) == 1 else ""
        paths.append(f'<path class="line {kind}"{style} d="M{way}{end}"/>')
    return "".join(paths)


def _rule(kind: str, y: float, colour: str = "") -> str:
    style = f' style="--c:{escape(colour)}"' if colour else ""
    return f'<path class="{kind}"{style} d="M0 {y:.2f}H{WIDE:g}"/>'


def _percent(part: float, whole: float) -> str:
    return f"{part / whole * 100:.2f}%"


def _y_labels(scale: Sequence[float], unit: str, side: str = "left") -> str:
    shown = "".join(
        f'<span style="top:{_percent(_y(value, scale), HIGH)}">{escape(number(value, unit))}</span>'
        for value in scale
    )
    return f'<div class="y {side}" aria-hidden="true">{shown}</div>'


def _mark_labels(graph: Graph, scale: Sequence[float]) -> str:
    shown = "".join(
        f'<span style="top:{_percent(_y(mark.value, scale), HIGH)}">{escape(mark.label)}</span>'
        for mark in graph.marks
        if mark.label and scale[0] <= mark.value <= scale[-1]
    )
    return f'<div class="marks">{shown}</div>' if shown else ""


def _x_labels(graph: Graph) -> str:
    with_day = graph.end - graph.start > DAY
    shown = "".join(
        f'<span{_END if _x(at, graph) > LAST else ""} style="left:{_percent(_x(at, graph), WIDE)}">'
        f"{clock_words(at, with_day=with_day)}</span>"
        for at in time_ticks(graph.start, graph.end)
    )
    return f'<div class="x" aria-hidden="true">{shown}</div>'


def _axis(graph: Graph) -> str:
    shown = ((side, axis.label) for side, axis in (("left", graph.left), ("right", graph.right)))
    return "".join(
        f'<div class="axis {side}">{escape(label)}</div>' for side, label in shown if label
    )


def _legend(lines: Sequence[Line]) -> str:
    rows = []
    for position, line in enumerate(lines[:MOST_LEGEND]):
        style = f' style="--c:{escape(line.colour)}"' if line.colour else ""
        newest = number(line.points[-1][1], line.unit)
        rows.append(
            f'<li class="c{position % COLOURS}"{style}><i></i>{escape(line.label)} '
            f"<b>{escape(newest)}</b></li>"
        )
    more = len(lines) - MOST_LEGEND
    rows += [f'<li class="more">and {more} more</li>'] if more > 0 else []
    return f'<ul class="legend">{"".join(rows)}</ul>'


def _data(graph: Graph, lines: Sequence[Line]) -> str:
    """For the pointer: moments, and each line's values where it has some."""
    content = {
        "start": graph.start,
        "end": graph.end,
        "lines": [
            {"label": line.label, "points": line.points, "unit": line.unit} for line in lines
        ],
    }
    return json.dumps(content, separators=(",", ":"))


def _in_words(graph: Graph, lines: Sequence[Line]) -> str:
    newest = "; ".join(
        f"{line.label} {number(line.points[-1][1], line.unit)}" for line in lines[:MOST_LEGEND]
    )
    return f"{graph.title or 'Graph'}, newest values: {newest}"
