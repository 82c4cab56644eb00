"""Numbers, moments and axes of graphs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

_STEPS = (1, 2, 2.5, 5, 10)
_TIME_STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_LARGE = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
MOST_LABELS = 6


def number(value: float, unit: str = "None") -> str:
    """A value for people: `1.5k`, `230 ms`, `12 %`."""
    if unit == "Milliseconds" and abs(value) >= 1000:
        return number(value / 1000, "Seconds")
    for size, letter in _LARGE:
        if abs(value) >= (size if size > 1e3 else size * 10):
            return f"{value / size:.3g}{letter}{_suffix(unit)}"
    shown = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{shown}{_suffix(unit)}"


def _suffix(unit: str) -> str:
    words = {"Milliseconds": " ms", "Seconds": " s", "Percent": " %", "Bytes": " B"}
    return words.get(unit, "")


def ticks(least: float, most: float, count: int = 4) -> list[float]:
    """Round values from at most `least` to at least `most`."""
    span = (most - least) or 1.0
    raw = span / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in _STEPS if size * factor >= raw - 1e-12)
    first = math.floor(least / step + 1e-9)
    last = math.ceil(most / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


def time_ticks(start: float, end: float) -> list[float]:
    """Full moments between two, in seconds since 1970."""
    step = next((s for s in _TIME_STEPS if (end - start) / s <= MOST_LABELS), _TIME_STEPS[-1])
    first = math.ceil(start / step)
    return [place * step for place in range(first, math.floor(end / step) + 1)]


def clock_words(moment: float, *, with_day: bool = False) -> str:
    """`14:05`, or `21 Nov 14:05`; UTC."""
    at = datetime.fromtimestamp(moment, UTC)
    return at.strftime("%d %b %H:%M" if with_day else "%H:%M")


def ago(seconds: float) -> str:
    """`just now`, `5 min`, `3 h 20 min`, `2 d 4 h`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def runs(points: Sequence[tuple[float, float]], period: float) -> list[list[tuple[float, float]]]:
    """Points in runs without a gap: nothing is drawn where nothing was measured."""
    found: list[list[tuple[float, float]]] = []
    for point in points:
        if found and point[0] - found[-1][-1][0] <= period * 1.5:
            found[-1].append(point)
        else:
            found.append([point])
    return found
