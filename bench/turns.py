"""How long a run of the hub takes when its partners answer as slowly as they do in life."""

from __future__ import annotations

from collections.abc import Mapping

RATES = {"unleashed": 2.0, "mintsoft": 2.0, "redo": 5.0, "receiver": 5.0}
"""Requests a second, as the merchant's file has them by default."""
AWS_SECONDS = 0.004
"""An answer of DynamoDB's, or of SQS's."""


def seconds(cpu: float, calls: Mapping[str, int], delay: float) -> float:
    """Seconds of processor time and of calls one after the other.

    Args:
        cpu: Seconds of the processor.
        calls: By who is asked; who has no rate is AWS.
        delay: Seconds that a partner's answer takes.
    """
    turns = {partner: max(delay, 1 / rate) for partner, rate in RATES.items()}
    return cpu + sum(many * turns.get(whom, AWS_SECONDS) for whom, many in calls.items())
