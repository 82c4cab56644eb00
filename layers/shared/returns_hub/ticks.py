"""What every schedule's tick over all merchants has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, TypeVar

from returns_hub.errors import Verdict
from returns_hub.ports import Telemetry

STARTED = "JobsStarted"
"""The metric, by the function's name: a job whose rule stopped is one that counts nothing."""


class RunOfHub(Protocol):
    """A run that can count."""

    @property
    def telemetry(self) -> Telemetry:
        """Counters."""


Instance = TypeVar("Instance", bound=RunOfHub)
Tick = Callable[[Instance], dict[str, Any]]


def scheduled(function: str) -> Callable[[Tick[Instance]], Tick[Instance]]:
    """Marks what a schedule's tick does: it is counted as started, whatever becomes of it.

    Args:
        function: The function's name in `functions`.
    """

    def mark(tick: Tick[Instance]) -> Tick[Instance]:
        @wraps(tick)
        def counted(run: Instance) -> dict[str, Any]:
            run.telemetry.count(STARTED, flow=function)
            return tick(run)

        return counted

    return mark


def by_turns(merchants: Sequence[str], now: datetime, every_seconds: int) -> tuple[str, ...]:
    """All of them, each tick beginning with another one, so that none is always the last."""
    first = int(now.timestamp() // every_seconds) % len(merchants) if merchants else 0
    return (*merchants[first:], *merchants[:first])


def run_failed(telemetry: Telemetry, flow: str, verdict: Verdict) -> dict[str, int]:
    """Count and log what a tick could not do, as its outcome; a later tick is the retry."""
    telemetry.count("RunsFailed", flow=flow, code=verdict.code)
    telemetry.log("run failed", code=verdict.code, reason=verdict.reason)
    return {"failed": 1}
