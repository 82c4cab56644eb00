"""A log line as a person reads it: who wrote it and what it says; metrics are left out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.terminal import clean
from returns_hub.observability import redact

OF_THE_RUNTIME = re.compile(r"^(START|END|REPORT|INIT_START|INIT_REPORT|EXTENSION) ")
FIRST = ("merchant", "flow", "outcome", "code", "return_id")
"""Fields that are told first, where a line has them."""
SAID_ELSEWHERE = frozenset({"merchant"})
LONGEST = 2000


@dataclass(frozen=True)
class LogLine:
    """One line.

    Args:
        at: When it was written.
        function: The function's name, e.g. ``poll_mintsoft``.
        level: ``INFO``, ``ERROR``, …; empty when the line does not say.
        message: What it says.
        merchant: Whose it is; empty when it does not say.
        data: Its other fields.
    """

    at: datetime
    function: str
    level: str
    message: str
    merchant: str
    data: Mapping[str, Any]

    def in_words(self) -> str:
        """The message with the fields, in one line."""
        names = [name for name in FIRST if name in self.data]
        names += [name for name in self.data if name not in names]
        told = [f"{name}={_short(self.data[name])}" for name in names if name not in SAID_ELSEWHERE]
        return clean(" ".join([self.message, *told]).replace("\n", " "))[:LONGEST]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "at": self.at.isoformat(),
            "function": self.function,
            "level": self.level,
            "message": self.message,
            "merchant": self.merchant,
            "data": dict(self.data),
        }


def read_line(text: str, function: str, at: datetime) -> LogLine | None:
    """What a line says; None for metrics and for what the runtime says of itself.

    It is redacted once more: a library may have written it, and an earlier release's rules may
    have been laxer.

    Args:
        text: As it was written.
        function: Whose log it is in.
        at: When it was written, where it does not say itself.
    """
    text = text.strip()
    if not text or OF_THE_RUNTIME.match(text):
        return None
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        level = "ERROR" if "[ERROR]" in text or "Task timed out" in text else ""
        return LogLine(at, function, level, str(redact(text)), "", {})
    # Figures: metrics, and what METRICS_BY_MERCHANT=no leaves to the log. Said lines have a level.
    if "_aws" in content or ("service" in content and "level" not in content):
        return None
    given = content.get("data")
    data = redact(given) if isinstance(given, dict) else {}
    for name in ("exception_name", "exception"):
        if name in content:
            data[name] = redact(str(content[name]))
    return LogLine(
        at=_moment(content.get("timestamp")) or at,
        function=function,
        level=str(content.get("level", "")),
        message=str(redact(str(content.get("message", "")))),
        merchant=str(data.get("merchant", "")),
        data=data,
    )


def _moment(text: object) -> datetime | None:
    """Powertools' time: 2026-03-02 09:15:00,123+0000."""
    try:
        found = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S,%f%z")
    except ValueError:
        return None
    return found.astimezone(UTC)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
