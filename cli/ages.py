"""How long ago something was, in a few letters."""

from __future__ import annotations

from datetime import timedelta


def age(how_long: timedelta) -> str:
    """Two units at most: 40 s, 3 min, 5 h 10 min, 2 d 4 h; of a month and more the days alone."""
    seconds = max(0, int(how_long.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return _two(seconds // 3600, "h", seconds % 3600 // 60, "min")
    days = seconds // 86400
    return f"{days} d" if days >= 30 else _two(days, "d", seconds % 86400 // 3600, "h")


def _two(first: int, unit: str, second: int, smaller: str) -> str:
    return f"{first} {unit} {second} {smaller}" if second else f"{first} {unit}"
