"""Logs and metrics, and the one place where both are cleared of what they must not hold."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from returns_hub.domain.privacy import PRIVATE_KEYS, REDACTED, masked

if TYPE_CHECKING:
    from returns_hub.ports import Measured, Telemetry

NAMESPACE = "ReturnsHub"
"""Of processes that no stack gave a namespace of its own; see `namespace`."""
SERVICE = "returns-hub"
MOST_VALUES = 100
"""Values of one metric in one line, and metrics in one: what CloudWatch's embedded metric format
takes."""
DIMENSIONS = frozenset({"flow", "outcome", "partner", "merchant", "code"})
"""Every distinct combination is a billed metric, so ids never become dimensions."""


def namespace() -> str:
    """The namespace of this stack's metrics: with its stage, so that two hubs in one account and
    region are told apart (docs/decisions/0034)."""
    return os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE


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
        _require_bounded(dimensions)
        if not _is_metric(dimensions):
            self._print(_figures({metric: [float(value)]}, dimensions))
            return
        with (
            self._lock,
            single_metric(
                name=metric, unit=MetricUnit.Count, value=value, namespace=namespace()
            ) as blob,
        ):
            for name, word in sorted(dimensions.items()):
                blob.add_dimension(name=name, value=word)

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""
        _require_bounded(dimensions)
        if not metrics:
            return
        # Powertools makes a line of one metric, or prints a line by itself at the 100th value.
        values = {name: list(one.values[:MOST_VALUES]) for name, one in metrics.items()}
        figures = _figures(values, dimensions)
        if not _is_metric(dimensions):
            self._print(figures)
            return
        blob: dict[str, Any] = {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": namespace(),
                        "Dimensions": [[*sorted(dimensions), "service"]],
                        "Metrics": [
                            {"Name": name, "Unit": measured.unit}
                            for name, measured in metrics.items()
                        ],
                    }
                ],
            },
            **figures,
        }
        self._print(blob)

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""
        with self._lock:
            self._logger.info(masked(message), extra={"data": redact(fields)})

    def _print(self, line: Mapping[str, Any]) -> None:
        with self._lock:
            print(json.dumps(line, separators=(",", ":")))  # noqa: T201 - as Powertools does


class LinesOfMerchant:
    """`ports.Telemetry` for work on one merchant: each line says whose it is, so that
    ``hub tail --merchant`` finds it. Metrics are told as they are given."""

    def __init__(self, telemetry: Telemetry, merchant: str) -> None:
        self._telemetry = telemetry
        self._merchant = merchant

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""
        self._telemetry.count(metric, value, **dimensions)

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""
        self._telemetry.measure(metrics, **dimensions)

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""
        self._telemetry.log(message, **{"merchant": self._merchant, **fields})


def _is_metric(dimensions: Mapping[str, str]) -> bool:
    """Whether a figure with these dimensions becomes a metric. Each metric of each merchant is
    billed; the template's `MetricsByMerchant` leaves them to the log."""
    return "merchant" not in dimensions or os.environ.get("METRICS_BY_MERCHANT") != "no"


def _figures(values: Mapping[str, list[float]], dimensions: Mapping[str, str]) -> dict[str, Any]:
    """A line's content beside the `_aws` that makes metrics of it."""
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE)
    return {**dimensions, "service": service, **values}


def _require_bounded(dimensions: Mapping[str, str]) -> None:
    unknown = dimensions.keys() - DIMENSIONS
    if unknown:
        raise ValueError(f"not a dimension: {sorted(unknown)}")
