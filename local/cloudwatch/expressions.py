"""Metric math, as far as the hub's dashboard and alarms use it: + - * / over ids, SEARCH, and SUM.

Source: "Using math expressions with CloudWatch metrics" of its user guide. A moment at which one
side has no value has none in the result, and so has one that is divided by zero; SUM over several
series adds what is there. Every other function raises `NotHonoured`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.cloudwatch.metrics import Metric, MetricStore
from local.cloudwatch.search import NotHonoured, parsed_search

__all__ = ["MetricQuery", "NotHonoured", "Series", "evaluate", "queries_of_alarm"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|'(?P<text>[^']*)'|(?P<sign>[-+*/(),\[\]]))"
)
_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@dataclass(frozen=True)
class MetricQuery:
    """A metric with its statistic, or an expression over others. `period` is in seconds."""

    id: str
    metric: Metric | None
    statistic: str
    period: int
    expression: str = ""
    label: str = ""
    is_returned: bool = True

    @property
    def words(self) -> str:
        """What it is, for people."""
        if self.metric is None:
            return self.label or self.expression
        return f"{self.statistic} of {self.metric}"


@dataclass(frozen=True)
class Series:
    """What a query came to: (moment, value), in order. `metric` is None for a result of math."""

    id: str
    label: str
    metric: Metric | None
    points: tuple[tuple[float, float], ...]


Sampler = Callable[[Metric, str, int], list[tuple[float, float]]]
"""Where values come from: of a metric, by a statistic, for each period of so many seconds."""
_Value = float | Series | list[Series]


def graph_sampler(metrics: MetricStore, start: float, end: float) -> Sampler:
    """Values of a graph: of whole periods, from `start` to `end`."""

    def sample(metric: Metric, statistic: str, period: int) -> list[tuple[float, float]]:
        return metrics.series(metric, statistic, period, start, end)

    return sample


def window_sampler(metrics: MetricStore, start: float, end: float) -> Sampler:
    """The one value of a window, whose period this is."""

    def sample(metric: Metric, statistic: str, _period: int) -> list[tuple[float, float]]:
        value = metrics.statistic(metric, statistic, start, end)
        return [] if value is None else [(start, value)]

    return sample


def evaluate(queries: Sequence[MetricQuery], metrics: MetricStore, sample: Sampler) -> list[Series]:
    """Every series that is returned, in the order of the queries.

    Raises:
        NotHonoured: An expression that the local world does not compute.
    """
    evaluation = _Evaluation({query.id: query for query in queries}, metrics, sample)
    found: list[Series] = []
    for query in queries:
        if not query.is_returned:
            continue
        value = evaluation.value_of(query.id, ())
        if isinstance(value, float):
            raise NotHonoured(f"{query.expression} is a number and no series")
        found += value if isinstance(value, list) else [value]
    return found


class _Evaluation:
    def __init__(
        self, queries: Mapping[str, MetricQuery], metrics: MetricStore, sample: Sampler
    ) -> None:
        self._queries = queries
        self._metrics = metrics
        self._sample = sample

    def value_of(self, name: str, above: tuple[str, ...]) -> _Value:
        query = self._queries.get(name)
        if query is None:
            raise NotHonoured(f"there is no {name} that this expression could mean")
        if name in above:
            raise NotHonoured(f"{name} is computed from itself")
        if query.metric is not None:
            points = self._sample(query.metric, query.statistic, query.period)
            return Series(name, query.label, query.metric, tuple(points))
        value = _Parser(query, self, (*above, name)).value()
        if isinstance(value, Series):
            return replace(value, id=name, label=query.label or query.expression)
        if isinstance(value, list) and query.label:
            return [replace(one, label=f"{query.label} {one.label}".strip()) for one in value]
        return value

    def search(self, text: str, statistic: str, period: int) -> list[Series]:
        found = parsed_search(text).find(self._metrics.metrics)
        return [
            Series("", told_apart(one, found), one, tuple(self._sample(one, statistic, period)))
            for one in found
        ]


def told_apart(metric: Metric, among: Sequence[Metric]) -> str:
    """As CloudWatch does it: what tells this one from the others."""
    others = [dict(other.dimensions) for other in among]
    differs = [
        value
        for name, value in metric.dimensions
        if len(among) > 1 and any(other.get(name) != value for other in others)
    ]
    name = [metric.name] if len({other.name for other in among}) > 1 or not differs else []
    return " ".join([*differs, *name])


class _Parser:
    """Of one expression."""

    def __init__(self, query: MetricQuery, evaluation: _Evaluation, above: tuple[str, ...]) -> None:
        self._text = query.expression
        self._period = query.period
        self._evaluation = evaluation
        self._above = above
        self._tokens = _tokens(query.expression)
        self._place = 0

    def value(self) -> _Value:
        result = self._sum()
        if self._place < len(self._tokens):
            raise self._refused(self._tokens[self._place][1])
        return result

    def _refused(self, word: str) -> NotHonoured:
        return NotHonoured(
            f"only + - * / over ids, SEARCH and SUM are honoured here: {word} in {self._text}"
        )

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise NotHonoured(f"something is missing at the end of {self._text}")
        self._place += 1
        return self._tokens[self._place - 1]

    def _sign(self, *signs: str) -> str:
        if self._place < len(self._tokens):
            kind, word = self._tokens[self._place]
            if kind == "sign" and word in signs:
                self._place += 1
                return word
        return ""

    def _sum(self) -> _Value:
        value = self._product()
        while sign := self._sign("+", "-"):
            value = _combined(sign, value, self._product())
        return value

    def _product(self) -> _Value:
        value = self._factor()
        while sign := self._sign("*", "/"):
            value = _combined(sign, value, self._factor())
        return value

    def _factor(self) -> _Value:
        if self._sign("-"):
            return _combined("-", 0.0, self._factor())
        if self._sign("("):
            value = self._sum()
            self._expect(")")
            return value
        kind, word = self._next()
        if kind == "number":
            return float(word)
        if kind == "name" and word == "SEARCH":
            return self._search()
        if kind == "name" and word == "SUM":
            return _added(self._several())
        if kind == "name":
            if self._sign("("):
                raise self._refused(f"{word}()")
            return self._evaluation.value_of(word, self._above)
        raise self._refused(word)

    def _search(self) -> list[Series]:
        self._expect("(")
        _, text = self._text_token()
        self._expect(",")
        _, statistic = self._text_token()
        period = self._period
        if self._sign(","):
            kind, word = self._next()
            if kind != "number":
                raise self._refused(word)
            period = int(word)
        self._expect(")")
        return self._evaluation.search(text, statistic, period)

    def _several(self) -> list[Series]:
        """What SUM is of: `([one, another])`, or one expression of many series."""
        self._expect("(")
        values = [self._sum()] if not self._sign("[") else self._listed()
        self._expect(")")
        found: list[Series] = []
        for value in values:
            if isinstance(value, float):
                raise NotHonoured(f"SUM adds series here, and no numbers: {self._text}")
            found += value if isinstance(value, list) else [value]
        return found

    def _listed(self) -> list[_Value]:
        values = [self._sum()]
        while self._sign(","):
            values.append(self._sum())
        self._expect("]")
        return values

    def _text_token(self) -> tuple[str, str]:
        token = self._next()
        if token[0] != "text":
            raise self._refused(token[1])
        return token

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise NotHonoured(f"a {sign} is missing in {self._text}")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if not found or found.lastgroup is None:
            raise NotHonoured(f"only + - * / over ids, SEARCH and SUM are honoured here: {text}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return tokens


def _combined(sign: str, left: _Value, right: _Value) -> _Value:
    if isinstance(left, list) and isinstance(right, list):
        raise NotHonoured("two searches cannot be combined")
    if isinstance(left, list):
        return [_of_two(sign, one, right) for one in left if not isinstance(right, list)]
    if isinstance(right, list):
        return [_of_two(sign, left, one) for one in right]
    if isinstance(left, float) and isinstance(right, float):
        return _number(sign, left, right) or 0.0
    return _of_two(sign, left, right)


def _of_two(sign: str, left: Series | float, right: Series | float) -> Series:
    model = left if isinstance(left, Series) else right
    if not isinstance(model, Series):
        raise NotHonoured("a search needs a series or a number beside it")
    lefts = dict(left.points) if isinstance(left, Series) else None
    rights = dict(right.points) if isinstance(right, Series) else None
    points: list[tuple[float, float]] = []
    for at, _ in model.points:
        one = lefts.get(at) if lefts is not None else left
        two = rights.get(at) if rights is not None else right
        if isinstance(one, float) and isinstance(two, float):
            value = _number(sign, one, two)
            points += [] if value is None else [(at, value)]
    return Series(model.id, model.label, None, tuple(points))


def _added(several: Sequence[Series]) -> Series:
    """The sum at each moment at which one of them has a value."""
    moments = sorted({at for one in several for at, _ in one.points})
    values = [dict(one.points) for one in several]
    points = tuple((at, sum(found.get(at, 0.0) for found in values)) for at in moments)
    return Series("", "", None, points)


def _number(sign: str, left: float, right: float) -> float | None:
    return None if sign == "/" and right == 0 else _OPERATORS[sign](left, right)


def queries_of_alarm(properties: Mapping[str, Any]) -> tuple[MetricQuery, ...]:
    """What an alarm watches, from its resolved properties.

    Raises:
        NotHonoured: A search, which CloudWatch refuses in alarms; periods that differ; nothing,
            or more than one series, that the alarm could be about.
    """
    if "Metrics" not in properties:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        metric = _metric(properties)
        return (MetricQuery("m1", metric, statistic, int(properties["Period"])),)
    rows = [_query(row) for row in properties["Metrics"]]
    periods = {query.period for query in rows if query.metric is not None}
    if len(periods) != 1:
        raise NotHonoured("all metrics of an alarm have to have one period")
    if any("SEARCH" in query.expression for query in rows):
        raise NotHonoured("an alarm cannot search")
    if sum(query.is_returned for query in rows) != 1:
        raise NotHonoured("exactly one of an alarm's metrics has to return data")
    (period,) = periods
    return tuple(replace(query, period=period) for query in rows)


def _query(row: Mapping[str, Any]) -> MetricQuery:
    is_returned = str(row.get("ReturnData", True)).lower() == "true"
    if "Expression" in row:
        return MetricQuery(
            row["Id"], None, "", 0, row["Expression"], row.get("Label", ""), is_returned
        )
    stat = row["MetricStat"]
    return MetricQuery(
        row["Id"],
        _metric(stat["Metric"]),
        stat["Stat"],
        int(stat["Period"]),
        label=row.get("Label", ""),
        is_returned=is_returned,
    )


def _metric(content: Mapping[str, Any]) -> Metric:
    dimensions = {row["Name"]: str(row["Value"]) for row in content.get("Dimensions", [])}
    return Metric.of(content["Namespace"], content["MetricName"], dimensions)
