"""Metrics of the local world: what was measured, by minute, and statistics over it.

As CloudWatch keeps them ("Metrics concepts" of its user guide): a metric is a namespace, a name
and exactly these dimensions; nothing is summed over dimensions by itself. Resolution is a minute.
"""

from __future__ import annotations

import math
import re
import threading
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.cloudwatch.clock import MINUTE

KEPT_SECONDS = 8 * 86400.0
"""As long as the longest alarm looks back (seven days), and a day."""
MOST_METRICS = 3000
MOST_MINUTES = 2_000_000
MOST_VALUES = 500
"""Values of a minute that percentiles are taken from; the other statistics are of all."""
STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


class StatisticNotHonoured(ValueError):  # noqa: N818 - told to the user in these words
    """The local world does not compute this statistic."""

    def __init__(self, statistic: str) -> None:
        super().__init__(
            f"the statistic {statistic} is not honoured here; there are {', '.join(STATISTICS)} "
            "and percentiles such as p90"
        )


@dataclass(frozen=True, order=True)
class Metric:
    """What a metric is. `dimensions` is sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> Metric:
        """A metric with its dimensions in any order."""
        return cls(namespace, name, tuple(sorted((dimensions or {}).items())))

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace} {self.name}{f' ({shown})' if shown else ''}"


@dataclass(slots=True)
class _Bucket:
    """A minute with more than one value."""

    count: int = 0
    total: float = 0.0
    least: float = math.inf
    most: float = -math.inf
    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.least = min(self.least, value)
        self.most = max(self.most, value)
        if len(self.values) < MOST_VALUES:
            self.values.append(value)


_Minute = float | _Bucket
"""A minute's one value, or its bucket: most minutes of most metrics have one value."""


@dataclass(slots=True)
class _Series:
    """A metric's minutes, in order, and what each has."""

    unit: str = "None"
    minutes: array[int] = field(default_factory=lambda: array("q"))
    content: list[_Minute] = field(default_factory=list)

    def between(self, start: float, end: float) -> tuple[int, int]:
        """The places of the minutes of [start, end)."""
        first = bisect_left(self.minutes, math.ceil(start / MINUTE))
        return first, bisect_left(self.minutes, math.ceil(end / MINUTE))

    def add(self, minute: int, values: Sequence[float]) -> int:
        """How many minutes it has more."""
        place = bisect_left(self.minutes, minute)
        is_new = place == len(self.minutes) or self.minutes[place] != minute
        if is_new and len(values) == 1:
            self.minutes.insert(place, minute)
            self.content.insert(place, float(values[0]))
            return 1
        if is_new:
            self.minutes.insert(place, minute)
            self.content.insert(place, _Bucket())
        known = self.content[place]
        if not isinstance(known, _Bucket):
            bucket = self.content[place] = _Bucket()
            bucket.add(known)
            known = bucket
        for value in values:
            known.add(value)
        return int(is_new)

    def forget_before(self, minute: int) -> int:
        """How many minutes it has less."""
        old = bisect_left(self.minutes, minute)
        if old:
            del self.minutes[:old]
            del self.content[:old]
        return old


class MetricStore:
    """Every metric that was published. Memory is bounded: by age, metrics, minutes and values.

    Args:
        kept: For how many seconds of the world a minute is kept after its metric's newest.
        most: How many metrics there may be; others are dropped, and `dropped` counts their data.
        most_minutes: How many minutes all metrics together may have; beyond, the older half of
            the time goes.
    """

    def __init__(
        self,
        *,
        kept: float = KEPT_SECONDS,
        most: int = MOST_METRICS,
        most_minutes: int = MOST_MINUTES,
    ) -> None:
        self._kept = kept
        self._most = most
        self._most_minutes = most_minutes
        self._minutes = 0
        self._all: dict[Metric, _Series] = {}
        self._lock = threading.Lock()
        self.dropped = 0

    def put(self, metric: Metric, at: float, *values: float, unit: str = "None") -> None:
        """Publish values of one moment; without any, nothing is published."""
        if not values:
            return
        with self._lock:
            series = self._all.get(metric)
            if series is None:
                if len(self._all) >= self._most:
                    self.dropped += len(values)
                    return
                series = self._all[metric] = _Series()
            series.unit = unit
            self._minutes += series.add(int(at // MINUTE), values)
            newest = series.minutes[-1]
            self._minutes -= series.forget_before(newest - int(self._kept // MINUTE))
            if self._minutes > self._most_minutes:
                self._shrink()

    def _shrink(self) -> None:
        of = [series.minutes for series in self._all.values() if series.minutes]
        oldest, newest = min(minutes[0] for minutes in of), max(minutes[-1] for minutes in of)
        middle = (oldest + newest) // 2 + 1
        self._minutes -= sum(series.forget_before(middle) for series in self._all.values())

    def statistic(self, metric: Metric, statistic: str, start: float, end: float) -> float | None:
        """A statistic over the minutes of [start, end); None without data.

        Raises:
            StatisticNotHonoured: It is none that is computed here.
        """
        with self._lock:
            series = self._all.get(metric)
            if series is None:
                return compute(statistic, [])
            first, last = series.between(start, end)
            return compute(statistic, series.content[first:last])

    def series(
        self, metric: Metric, statistic: str, period: int, start: float, end: float
    ) -> list[tuple[float, float]]:
        """(moment, value) of every period that has data; periods begin at multiples of theirs.

        Raises:
            StatisticNotHonoured: It is none that is computed here.
        """
        _check(statistic)
        found: dict[int, list[_Minute]] = {}
        with self._lock:
            series = self._all.get(metric)
            if series is None:
                return []
            begins, ends = math.floor(start / period) * period, math.ceil(end / period) * period
            first, last = series.between(begins, ends)
            rows = zip(series.minutes[first:last], series.content[first:last], strict=True)
            for minute, content in rows:
                found.setdefault(minute * MINUTE // period, []).append(content)
            values = ((place * period, compute(statistic, of)) for place, of in found.items())
            return [(float(at), value) for at, value in values if value is not None]

    def first_since(self, metric: Metric, start: float) -> float | None:
        """The first moment with data from `start` on, as the beginning of its minute."""
        with self._lock:
            series = self._all.get(metric)
            if series is None:
                return None
            place = bisect_left(series.minutes, math.ceil(start / MINUTE))
            return series.minutes[place] * MINUTE if place < len(series.minutes) else None

    def unit(self, metric: Metric) -> str:
        """The unit it was last published with."""
        with self._lock:
            return self._all[metric].unit if metric in self._all else "None"

    def metrics(self) -> list[Metric]:
        """Every metric that has data, in order."""
        with self._lock:
            return sorted(metric for metric, series in self._all.items() if series.minutes)


def compute(statistic: str, minutes: Sequence[_Minute]) -> float | None:
    """A statistic over minutes; None without data.

    Raises:
        StatisticNotHonoured: It is none that is computed here.
    """
    percentile = _check(statistic)
    if not minutes:
        return None
    buckets = [minute for minute in minutes if isinstance(minute, _Bucket)]
    values = [minute for minute in minutes if not isinstance(minute, _Bucket)]
    if percentile is not None:
        every = sorted([*values, *(value for bucket in buckets for value in bucket.values)])
        return _percentile(float(percentile[1]), every)
    match statistic:
        case "Minimum":
            return min([*values, *(bucket.least for bucket in buckets)])
        case "Maximum":
            return max([*values, *(bucket.most for bucket in buckets)])
    count = len(values) + sum(bucket.count for bucket in buckets)
    if statistic == "SampleCount":
        return float(count)
    total = math.fsum([*values, *(bucket.total for bucket in buckets)])
    return total if statistic == "Sum" else total / count


def _check(statistic: str) -> re.Match[str] | None:
    """The percentile that it is, if it is one."""
    percentile = _PERCENTILE.fullmatch(statistic)
    if percentile is None and statistic not in STATISTICS:
        raise StatisticNotHonoured(statistic)
    return percentile


def is_statistic(statistic: str) -> bool:
    """Whether it is computed here."""
    return statistic in STATISTICS or _PERCENTILE.fullmatch(statistic) is not None


def _percentile(percent: float, values: list[float]) -> float:
    """The least value that so many percent are not above; CloudWatch does not tell its own way."""
    return values[max(0, math.ceil(percent / 100 * len(values)) - 1)]
