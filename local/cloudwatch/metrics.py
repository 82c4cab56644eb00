"""Metrics of the local world: what was measured, by minute, and statistics over it.

As CloudWatch keeps them ("Metrics concepts" of its user guide): a metric is a namespace, a name
and exactly these dimensions; nothing is summed over dimensions by itself. Resolution is a minute.
"""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from local.cloudwatch.clock import MINUTE

KEPT_SECONDS = 8 * 86400.0
"""As long as the longest alarm looks back (seven days), and a day."""
MOST_METRICS = 3000
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


@dataclass
class _Bucket:
    """A minute of a metric."""

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


@dataclass
class _Series:
    unit: str = "None"
    minutes: list[int] = field(default_factory=list)
    buckets: dict[int, _Bucket] = field(default_factory=dict)

    def between(self, start: float, end: float) -> list[_Bucket]:
        first = bisect_left(self.minutes, math.ceil(start / MINUTE))
        last = bisect_left(self.minutes, math.ceil(end / MINUTE))
        return [self.buckets[minute] for minute in self.minutes[first:last]]

    def bucket(self, minute: int) -> _Bucket:
        if minute not in self.buckets:
            self.buckets[minute] = _Bucket()
            insort(self.minutes, minute)
        return self.buckets[minute]

    def forget_before(self, minute: int) -> None:
        old = bisect_left(self.minutes, minute)
        for gone in self.minutes[:old]:
            del self.buckets[gone]
        del self.minutes[:old]


class MetricStore:
    """Every metric that was published. Memory is bounded: by age, metrics, and values a minute.

    Args:
        kept: For how many seconds of the world a minute is kept after the newest.
        most: How many metrics there may be; others are dropped, and `dropped` counts their data.
    """

    def __init__(self, *, kept: float = KEPT_SECONDS, most: int = MOST_METRICS) -> None:
        self._kept = kept
        self._most = most
        self._all: dict[Metric, _Series] = {}
        self._lock = threading.Lock()
        self.dropped = 0

    def put(self, metric: Metric, at: float, *values: float, unit: str = "None") -> None:
        """Publish values of one moment."""
        with self._lock:
            series = self._all.get(metric)
            if series is None:
                if len(self._all) >= self._most:
                    self.dropped += len(values)
                    return
                series = self._all[metric] = _Series()
            series.unit = unit
            bucket = series.bucket(int(at // MINUTE))
            for value in values:
                bucket.add(value)
            newest = series.minutes[-1]
            series.forget_before(newest - int(self._kept // MINUTE))

    def statistic(self, metric: Metric, statistic: str, start: float, end: float) -> float | None:
        """A statistic over the minutes of [start, end); None without data.

        Raises:
            StatisticNotHonoured: It is none that is computed here.
        """
        with self._lock:
            series = self._all.get(metric)
            buckets = series.between(start, end) if series else []
            return compute(statistic, buckets)

    def series(
        self, metric: Metric, statistic: str, period: int, start: float, end: float
    ) -> list[tuple[float, float]]:
        """(moment, value) of every period that has data; periods begin at multiples of theirs.

        Raises:
            StatisticNotHonoured: It is none that is computed here.
        """
        first = math.floor(start / period) * period
        moments = (first + step * period for step in range(math.ceil((end - first) / period)))
        found = ((at, self.statistic(metric, statistic, at, at + period)) for at in moments)
        return [(float(at), value) for at, value in found if value is not None]

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


def compute(statistic: str, buckets: Iterable[_Bucket]) -> float | None:
    """A statistic over minutes; None without data.

    Raises:
        StatisticNotHonoured: It is none that is computed here.
    """
    of = list(buckets)
    percentile = _PERCENTILE.fullmatch(statistic)
    if percentile is None and statistic not in STATISTICS:
        raise StatisticNotHonoured(statistic)
    if not of:
        return None
    if percentile is not None:
        return _percentile(float(percentile[1]), sorted(v for b in of for v in b.values))
    count, total = sum(b.count for b in of), sum(b.total for b in of)
    return {
        "Sum": total,
        "Average": total / count,
        "Minimum": min(b.least for b in of),
        "Maximum": max(b.most for b in of),
        "SampleCount": float(count),
    }[statistic]


def is_statistic(statistic: str) -> bool:
    """Whether it is computed here."""
    return statistic in STATISTICS or _PERCENTILE.fullmatch(statistic) is not None


def _percentile(percent: float, values: list[float]) -> float:
    """The least value that so many percent are not above; CloudWatch does not tell its own way."""
    return values[max(0, math.ceil(percent / 100 * len(values)) - 1)]
