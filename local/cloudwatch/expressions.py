"""Metric math, as far as the hub's dashboard and alarms use it: + - * / over ids, SEARCH, and SUM,
AVG, MIN and MAX of several series, as in SUM([m1, m2]).

Source: "Using math expressions with CloudWatch metrics" of its user guide. A moment at which one
side has no value has none in the result, and so has one that is divided by zero; a function over
several series takes those that have a value. Every other function raises `NotHonoured`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from local.cloudwatch.metrics import Metric, MetricStore
from local.cloudwatch.queries import MetricQuery
from local.cloudwatch.search import NotHonoured, parsed_search

__all__ = [
    "MetricQuery",
    "NotHonoured",
    "Series",
    "evaluate",
    "graph_sampler",
    "told_apart",
    "window_sampler",
]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|'(?P<text>[^']*)'|(?P<sign>[-+*/(),\[\]]))"
)
_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}

_OVER_SERIES: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


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
        if isinstance(value, list):
            return [
                replace(one, id=name, label=f"{query.label} {one.label}".strip()) for one in value
            ]
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
            f"only + - * / over ids, SEARCH, and SUM, AVG, MIN and MAX of several series are "
            f"honoured here: {word} in {self._text}"
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
        if self._sign("["):
            return self._list()
        kind, word = self._next()
        if kind == "number":
            return float(word)
        if kind != "name":
            raise self._refused(word)
        if word == "SEARCH":
            return self._search()
        if self._sign("("):
            return self._function(word)
        return self._evaluation.value_of(word, self._above)

    def _list(self) -> list[Series]:
        found: list[Series] = []
        while True:
            value = self._sum()
            if isinstance(value, float):
                raise self._refused(f"the number {value:g} in a list")
            found += value if isinstance(value, list) else [value]
            if not self._sign(","):
                break
        self._expect("]")
        return found

    def _function(self, name: str) -> Series:
        function = _OVER_SERIES.get(name)
        if function is None:
            raise self._refused(f"{name}()")
        value = self._sum()
        self._expect(")")
        if not isinstance(value, list):
            raise self._refused(f"{name}() of what are not several series")
        at: dict[float, list[float]] = {}
        for moment, one in (point for series in value for point in series.points):
            at.setdefault(moment, []).append(one)
        points = tuple((moment, float(function(at[moment]))) for moment in sorted(at))
        return Series("", self._text, None, points)

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
            raise NotHonoured(f"a sign that is not honoured here: {text[place:].strip()[:60]}")
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


def _number(sign: str, left: float, right: float) -> float | None:
    return None if sign == "/" and right == 0 else _OPERATORS[sign](left, right)
