"""What every schedule's tick over all merchants has in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from returns_hub.errors import Verdict
from returns_hub.ports import Telemetry


def by_turns(merchants: Sequence[str], now: datetime, every_seconds: int) -> tuple[str, ...]:
    """All of them, each tick beginning with another one, so that none is always the last."""
    first = int(now.timestamp() // every_seconds) % len(merchants) if merchants else 0
    return (*merchants[first:], *merchants[:first])


def run_failed(telemetry: Telemetry, flow: str, verdict: Verdict) -> dict[str, int]:
    """Count and log what a tick could not do, as its outcome; a later tick is the retry."""
    telemetry.count("RunsFailed", flow=flow, code=verdict.code)
    telemetry.log("run failed", code=verdict.code, reason=verdict.reason)
    return {"failed": 1}
