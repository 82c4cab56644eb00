"""Logs and metrics, and the one place where both are cleared of what they must not hold."""

from __future__ import annotations

import threading
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from returns_hub.domain.privacy import PRIVATE_KEYS, REDACTED, masked

NAMESPACE = "ReturnsHub"
DIMENSIONS = frozenset({"flow", "outcome", "partner", "merchant", "code"})
"""Every distinct combination is a billed metric, so ids never become dimensions."""


def redact(value: Any, key: str = "") -> Any:
    """The value without what must not be logged: by the name of its field, and by its look."""
    if key and PRIVATE_KEYS.search(key):
        return REDACTED
    if isinstance(value, dict):
        return {name: redact(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    if isinstance(value, str):
        return masked(value)
    return value


class PowertoolsTelemetry:
    """`ports.Telemetry`: structured log lines, and metrics in CloudWatch's embedded format."""

    def __init__(self, logger: Logger | None = None) -> None:
        self._logger = logger or Logger(service="returns-hub")
        # Records of a batch are worked on side by side, and a metric is printed in two writes:
        # without the lock two lines could become one, and CloudWatch would lose both.
        self._lock = threading.Lock()

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""
        unknown = dimensions.keys() - DIMENSIONS
        if unknown:
            raise ValueError(f"not a dimension: {sorted(unknown)}")
        with (
            self._lock,
            single_metric(
                name=metric, unit=MetricUnit.Count, value=value, namespace=NAMESPACE
            ) as blob,
        ):
            for name, word in sorted(dimensions.items()):
                blob.add_dimension(name=name, value=word)

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""
        with self._lock:
            self._logger.info(message, extra={"data": redact(fields)})
