"""Metrics in the embedded metric format, taken from the functions' logs as they grow.

Source: "Specification: Embedded metric format" of the CloudWatch user guide. A document that breaks
it publishes nothing, as on AWS, where only a counter tells: here the first of each kind is shown.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloudwatch.metrics import Metric, MetricStore

MOST_DIMENSIONS, MOST_METRICS, MOST_VALUES = 30, 100, 100
LARGEST = 1024 * 1024
LONGEST_NAME = 255
"""Also of a namespace; a dimension's value may have 1024 (PutMetricData, API reference)."""
LONGEST_VALUE = 1024
OLDEST_SECONDS, NEWEST_SECONDS = 14 * 86400.0, 2 * 3600.0
"""Data that is older, or further ahead, CloudWatch drops ("Metrics concepts": time stamps)."""
MOST_PROBLEMS = 50
_RATES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_BITS = ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
UNITS = frozenset(
    {
        *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"),
        *(word for unit in (*_RATES, *_BITS) for word in (unit, f"{unit}/Second")),
    }
)


class Broken(ValueError):  # noqa: N818 - a state of a line, not a fault of ours
    """A document is none; the message says why, without its values."""


@dataclass(frozen=True)
class Published:
    """Values of a metric at one moment of the machine's clock, in seconds since 1970."""

    metric: Metric
    at: float
    values: tuple[float, ...]
    unit: str


def read_document(text: str, now: float) -> list[Published]:
    """What a document publishes.

    Args:
        text: A line of a log.
        now: The present moment of the machine's clock, in seconds since 1970.

    Raises:
        Broken: It is no valid document of the embedded metric format.
    """
    if len(text.encode()) > LARGEST:
        raise Broken("it is larger than 1 MB")
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Broken("it is no JSON object, or something stands beside it") from error
    root = _object(content, "the root")
    meta = _object(root.get("_aws"), "_aws")
    at = meta.get("Timestamp")
    if not isinstance(at, int) or isinstance(at, bool) or at < 0:
        raise Broken("Timestamp is no number of milliseconds")
    if not -OLDEST_SECONDS <= at / 1000 - now <= NEWEST_SECONDS:
        raise Broken("its Timestamp is more than two weeks ago or two hours ahead")
    return [
        published
        for directive in _list(meta.get("CloudWatchMetrics"), "CloudWatchMetrics")
        for published in _published(_object(directive, "a directive"), root, at / 1000)
    ]


def _published(directive: dict[str, Any], root: dict[str, Any], at: float) -> Iterator[Published]:
    namespace = _name(directive.get("Namespace"), "Namespace")
    sets = [_dimensions(one, root) for one in _list(directive.get("Dimensions"), "Dimensions")]
    if not sets:
        raise Broken("Dimensions is empty")
    definitions = _list(directive.get("Metrics"), "Metrics")
    if len(definitions) > MOST_METRICS:
        raise Broken(f"a directive has more than {MOST_METRICS} metrics")
    for one in definitions:
        definition = _object(one, "a metric's definition")
        name = _name(definition.get("Name"), "Name")
        unit = definition.get("Unit", "None")
        if not isinstance(unit, str) or unit not in UNITS:
            raise Broken(f"{name}: its Unit is none of CloudWatch's")
        if definition.get("StorageResolution", 60) not in (1, 60):
            raise Broken(f"{name}: its StorageResolution is neither 1 nor 60")
        values = _values(name, root)
        for dimensions in sets:
            yield Published(Metric.of(namespace, name, dimensions), at, values, unit)


def _dimensions(names: Any, root: dict[str, Any]) -> dict[str, str]:
    keys = [_name(name, "a dimension") for name in _list(names, "a set of dimensions")]
    if len(keys) > MOST_DIMENSIONS:
        raise Broken(f"a set has more than {MOST_DIMENSIONS} dimensions")
    for key in keys:
        value = root.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_VALUE:
            raise Broken(f"the dimension {key} has no text as its value")
    return {key: root[key] for key in keys}


def _values(name: str, root: dict[str, Any]) -> tuple[float, ...]:
    if name not in root:
        raise Broken(f"{name} has no value")
    values = root[name] if isinstance(root[name], list) else [root[name]]
    if len(values) > MOST_VALUES:
        raise Broken(f"{name} has more than {MOST_VALUES} values")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        raise Broken(f"{name} has a value that is no number")
    if not all(math.isfinite(value) for value in values):
        raise Broken(f"{name} has a value that is no number")
    return tuple(float(value) for value in values)


def _no_constant(_word: str) -> float:
    raise ValueError("NaN and Infinity are no JSON")


def _object(content: Any, what: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise Broken(f"{what} is no object")
    return content


def _list(content: Any, what: str) -> list[Any]:
    if not isinstance(content, list):
        raise Broken(f"{what} is no list")
    return content


def _name(content: Any, what: str) -> str:
    if not isinstance(content, str) or not 1 <= len(content) <= LONGEST_NAME:
        raise Broken(f"{what} is no text of 1 to {LONGEST_NAME} characters")
    return content


class LogFollower:
    """Reads every log file of a folder as it grows, and publishes what its lines say.

    Args:
        folder: With a file for each execution environment, `<function>.<id>.log`.
        metrics: Where to publish to.
        when: A moment of the world, from one of the machine's clock.
    """

    def __init__(self, folder: Path, metrics: MetricStore, when: Callable[[float], float]) -> None:
        self._folder = folder
        self._metrics = metrics
        self._when = when
        self._read: dict[Path, int] = {}
        self._rest: dict[Path, bytes] = {}
        self.documents = 0
        self.problems: Counter[tuple[str, str]] = Counter()
        """Lines that were refused: (function, why) -> how many."""

    def read(self, now: float) -> None:
        """Take in what was written since the last time.

        Args:
            now: The present moment of the machine's clock, in seconds since 1970.
        """
        for path in sorted(self._folder.glob("*.log")):
            for line in self._new_lines(path):
                self._take(path.name.split(".")[0], line, now)

    def _new_lines(self, path: Path) -> list[str]:
        begins = self._read.get(path, 0)
        try:
            with path.open("rb") as file:
                file.seek(begins)
                new = file.read()
        except OSError:
            return []
        self._read[path] = begins + len(new)
        *lines, rest = (self._rest.get(path, b"") + new).split(b"\n")
        self._rest[path] = rest
        return [line.decode("utf-8", "replace") for line in lines if b'"_aws"' in line]

    def _take(self, function: str, line: str, now: float) -> None:
        try:
            for one in read_document(line, now):
                self._metrics.put(one.metric, self._when(one.at), *one.values, unit=one.unit)
        except Broken as broken:
            if len(self.problems) < MOST_PROBLEMS or (function, str(broken)) in self.problems:
                self.problems[function, str(broken)] += 1
            return
        self.documents += 1
